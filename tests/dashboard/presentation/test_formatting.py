"""Numbers, times and reasons in words."""

from __future__ import annotations

from datetime import datetime

import pytest

from dashboard.presentation import formatting, safe_text
from scheduler_core.causes import Explainer
from tests.support.plants import at, job, machine, operation, plant, schedule


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(0, "±0:00 h"), (59, "+0:59 h"), (60, "+1 h"), (-61, "−1 h"), (1440, "+1 d 0 h"), (3000, "+2 d 2 h"),
     (-4500, "−3 d 3 h"), (None, "–")],
)  # fmt: skip
def test_lateness_is_signed_days_and_hours(minutes: int | None, text: str) -> None:
    assert formatting.signed_days(minutes) == text


@pytest.mark.parametrize(("minutes", "text"), [(0, "0:00"), (5, "0:05"), (95, "1:35"), (6000, "100:00"), (-65, "−1:05")])
def test_durations_are_hours_and_minutes(minutes: int, text: str) -> None:
    assert formatting.hours_minutes(minutes) == text


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (-90, "at an unknown time"),
        (-1, "just now"),
        (0, "just now"),
        (1, "1 min ago"),
        (119, "119 min ago"),
        (120, "2 h ago"),
        (2880, "2 days ago"),
    ],
)
def test_age(minutes: int, text: str) -> None:
    assert formatting.age(minutes) == text


def test_numbers_and_changes() -> None:
    assert formatting.number(12345.678, 1) == "12\u202f345.7"
    assert formatting.number(None) == "–"
    assert [formatting.signed_number(v, 1) for v in (1.25, -1.25, 0.04)] == ["+1.2", "−1.2", "±0.0"]
    assert formatting.metric_change(-3.0, 0, " h") == "−3 h"
    assert (formatting.percent(0.125, 1), formatting.percent(None)) == ("12.5 %", "–")
    assert (formatting.count(1, "job"), formatting.count(2, "job"), formatting.count(2, "day off", "days off")) == (
        "1 job", "2 jobs", "2 days off",
    )  # fmt: skip
    assert formatting.stamp(datetime(2025, 7, 1, 6, 5)) == "Tue 1 Jul 06:05"
    assert formatting.stamp(None) == "–"


def test_markdown_loses_its_power() -> None:
    escaped = safe_text.escape_markdown("**a** [b](c)\n# <i>$x$ :red[y]")
    assert "\n" not in escaped
    plain = escaped.replace("\\", "")
    assert plain == "**a** [b](c) # <i>$x$ :red[y]"
    for sign in "*[]()#<>$:":
        assert f"\\{sign}" in escaped


def test_reasons_name_machine_part_and_moment() -> None:
    p = plant(
        job("big", operation(600, 1), product="XX-9"),
        job("late", operation(30, 1), operation(30, 2), due=60),
        machines=[machine(1, calendar="office"), machine(2)],
    )
    # big: Monday 08:00 to Tuesday 09:00 (9 open hours on Monday).
    s = schedule(at("big", 1, 1, 0, 1500), at("late", 1, 1, 1500, 1530), at("late", 2, 2, 1530, 1560))
    why = Explainer(p, s)
    (late,) = why.late_jobs()
    assert formatting.cause_words(p, late) == "Waited 10 h of working time for M1 (type 1), mostly behind XX-9 · big"
    assert formatting.cause_words(p, late, brief=True) == "Waited 10 h of working time for M1 (type 1)"
    told = [formatting.link_words(p, link) for link in why.chain(s.by_operation["late", 2])]
    assert told == [
        "Waits for operation 1 of the same job until then",
        "M1 is busy with XX-9 · big until then",
        "It starts as soon as M1 is open",
    ]


def test_waiting_for_the_next_shift_is_said() -> None:
    p = plant(job("a", operation(30, 1), operation(30, 2)), machines=[machine(1), machine(2, calendar="office")])
    s = schedule(at("a", 1, 1, 600, 660), at("a", 2, 2, 1440, 1470))
    link = Explainer(p, s).link(s.by_operation["a", 2])
    assert (
        formatting.link_words(p, link) == "Waits for operation 1 of the same job until Mon 21 Jul 19:00; M2 opens again then"
    )


@pytest.mark.parametrize(
    ("minutes", "words"), [(None, "–"), (0, "on time"), (-540, "9 h early"), (540, "9 h late"), (1500, "1 d 1 h late")]
)
def test_lateness_in_words_has_no_sign_to_interpret(minutes: int | None, words: str) -> None:
    assert formatting.early_or_late(minutes) == words
