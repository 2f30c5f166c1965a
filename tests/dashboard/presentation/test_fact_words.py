"""What a fact does to late orders, in one true sentence; and what is said of facts in tables."""

from __future__ import annotations

from datetime import datetime

import pytest

from dashboard.presentation import fact_words
from scheduler_core.scenarios.changes import DueChanged
from scheduler_core.scenarios.floor_changes import Noted
from scheduler_core.services.facts import Effect, Fact, LateChange, Origin, Outcome
from tests.support.plants import PLAN_START, job, operation, plant

DAY = 1440


def effect(before: int, after: int, *orders: tuple[str, int, int]) -> Effect:
    return Effect(before, after, 0.0, 0.0, tuple(LateChange(*order) for order in orders))


def fact(name: str, change: object, reason: str = "why", person: str = "Ana") -> Fact:
    return Fact(name, Origin.FACT, "due", change, PLAN_START, None, reason, person, datetime(2025, 7, 1))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (effect(12, 9, ("A", 10 * DAY, 0), ("B", DAY, 0), ("C", 2 * DAY, 0), ("D", DAY, DAY // 2)),
         "3 orders fewer late (12 → 9). Total lateness falls by 13.5 days."),
        (effect(1, 2, ("A", 0, 60)), "1 order more late (1 → 2). Total lateness stays the same."),
        (effect(1, 2, ("A", 0, DAY)), "1 order more late (1 → 2). Total lateness rises by 1.0 days."),
        (effect(2, 2, ("A", DAY, 3 * DAY)), "As before, 2 orders are late. Total lateness rises by 2.0 days."),
        (effect(1, 1), "As before, 1 order is late. Total lateness stays the same."),
    ],
)  # fmt: skip
def test_an_effect_is_told_with_its_figures(found: Effect, words: str) -> None:
    assert fact_words.effect_sentence(found) == words


def test_the_orders_that_change_sides_are_named_up_to_a_number() -> None:
    found = effect(3, 2, ("A", DAY, 0), ("B", DAY, 0), ("C", 0, DAY), ("D", DAY, 2 * DAY))
    assert fact_words.effect_orders(found) == "Become late: C. No longer late: A, B."
    assert fact_words.effect_orders(found, most=1) == "Become late: C. No longer late: A and 1 more."
    assert fact_words.effect_orders(effect(1, 1)) == ""


def test_a_plan_keeps_a_fact_or_says_why_not() -> None:
    made = plant(job("J1", operation(60)))
    kept, note, idle, new = (
        fact("kept", DueChanged("J1", DAY)), fact("note", Noted("check", 1)), fact("idle", DueChanged("J9", DAY)),
        fact("new", Noted("check", 1)),
    )  # fmt: skip
    told = fact_words.on_plan([kept, note], [Outcome(idle, "job: 'J9' is not a known job")], [new])
    assert told == {
        "kept": "kept", "note": "shown there", "idle": "no effect: job: 'J9' is not a known job",
        "new": "not in this plan yet",
    }  # fmt: skip
    assert fact_words.line(made, kept) == "J1 is due by Tue 22 Jul 08:00 (why), says Ana"
    assert fact_words.line(made, note, missing=True) == "M1: check (why), says Ana (not in this plan yet)"
