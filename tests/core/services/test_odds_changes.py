"""What a change does to the odds: both plans meet the same durations, and only what the change moves has other odds."""

from __future__ import annotations

import pytest

from scheduler_core.errors import InvalidValue
from scheduler_core.floor.noise import DurationNoise
from scheduler_core.floor.odds_change import odds_change
from scheduler_core.floor.odds_change_wording import chance_words, odds_change_document, others_chance_words
from scheduler_core.floor.order_odds import AssumedNoise
from scheduler_core.services.odds import odds_of_plan
from scheduler_core.services.odds_changes import odds_changes
from tests.support.plants import at, job, machine, operation, plant, schedule

TWO = (machine(1), machine(2))
PLANT = plant(
    job("A", operation(100, 1), due=105),
    job("B", operation(100, 1), due=205),
    job("C", operation(100, 2), due=100),
    machines=TWO,
)
PLAN = schedule(at("A", 1, 1, 0, 100), at("B", 1, 1, 100, 200), at("C", 1, 2, 0, 100))
SWAPPED = schedule(at("B", 1, 1, 0, 100), at("A", 1, 1, 100, 200), at("C", 1, 2, 0, 100))


def test_an_order_that_goes_first_gains_and_the_one_behind_it_pays() -> None:
    (change,) = odds_changes(PLANT, PLAN, [(PLANT, SWAPPED)], "B")
    assert change.before is not None
    assert change.before < 0.7
    assert change.after == 1.0
    assert (change.worse, change.better) == (("A",), ()), "the other machine's order meets the same durations in both"
    assert change.late_after > change.late_before
    assert chance_words(change) == f"{round(100 * change.before)} → 100 of 100"
    assert others_chance_words(PLANT, change) == "1 other order gets worse (A)"
    assert odds_change_document(change)["stated"] is True


def test_the_same_plan_changes_nothing() -> None:
    (change,) = odds_changes(PLANT, PLAN, [(PLANT, PLAN)], "A")
    assert (change.before, change.worse, change.better) == (change.after, (), ())
    assert others_chance_words(PLANT, change) == "no other order's chance changes by 5 of 100 or more"


def test_a_rush_order_has_no_chance_before_and_others_are_compared_without_it() -> None:
    more = plant(*PLANT.jobs, job("R", operation(50, 1), due=60), machines=TWO)
    rush = schedule(at("R", 1, 1, 0, 50), at("A", 1, 1, 50, 150), at("B", 1, 1, 150, 250), at("C", 1, 2, 0, 100))
    (change,) = odds_changes(more, PLAN, [(more, rush)], "R", runs=50)
    assert change.before is None
    assert change.after is not None
    assert set(change.worse) == {"A", "B"}
    assert chance_words(change).endswith("of 100")
    assert "→" not in chance_words(change)


def test_odds_of_other_runs_or_another_noise_cannot_be_compared() -> None:
    few, many = odds_of_plan(PLANT, PLAN, runs=10), odds_of_plan(PLANT, PLAN, runs=20)
    with pytest.raises(InvalidValue, match="must have the 10 runs"):
        odds_change(few, many, "A")
    with pytest.raises(InvalidValue, match="and the noise of the odds before"):
        odds_change(few, odds_of_plan(PLANT, PLAN, AssumedNoise(DurationNoise(0.3)), runs=10), "A")
