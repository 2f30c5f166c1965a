"""Starts that kept to the plan, estimated: no worse and no better than the pulls leave possible."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from scheduler_core.actuals.expected_starts import Share, starts, starts_by_day
from scheduler_core.actuals.operation_actual import Between, Evidence, OperationActual, PlannedPlace
from scheduler_core.actuals.working_ranges import WorkingRanges
from tests.support.plants import job, machine, operation, plant

NINE = datetime(2025, 7, 21, 9, 0)
PLANNED = PlannedPlace("plan", (1,), NINE, NINE + timedelta(minutes=110), 10, 60, 420)
LATER = date(2025, 7, 28)
ROUND_THE_CLOCK = WorkingRanges(plant(job("A", operation(60, 1)), machines=[machine(1)]), NINE)
OFFICE = WorkingRanges(plant(job("A", operation(60, 1)), machines=[machine(1, calendar="office")]), NINE)


def _began(after: int | None, until: int, **more: object) -> OperationActual:
    began = Between(None if after is None else NINE + timedelta(minutes=after), NINE + timedelta(minutes=until))
    one = OperationActual("A", 1, "mill", (1,), began, None, Evidence.RUNNING, planned=PLANNED)
    return replace(one, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("after", "until", "quarter", "hour", "shift"),
    [(0, 10, 1.0, 1.0, 1.0), (-10, 20, 25 / 30, 1.0, 1.0), (40, 80, 0.0, 0.5, 1.0), (60, 60, 0.0, 1.0, 1.0),
     (400, 440, 0.0, 0.0, 0.5), (-120, -60, 0.0, 0.0, 0.0)],
)  # fmt: skip
def test_a_start_counts_by_the_part_of_its_range(after: int, until: int, quarter: float, hour: float, shift: float) -> None:
    found = starts([_began(after, until)], ROUND_THE_CLOCK)
    assert (found.quarter.estimate, found.hour.estimate, found.shift.estimate) == pytest.approx((quarter, hour, shift))


def test_least_and_most_are_told_beside_the_estimate() -> None:
    found = starts([_began(0, 60), _began(30, 90), _began(100, 160), _began(200, 260)], ROUND_THE_CLOCK)
    assert found.hour == Share(4, 0.375, 0.25, 0.5)


def test_the_estimate_stays_near_the_truth_where_counting_what_is_proven_does_not() -> None:
    draw = random.Random(3)
    real = [round(draw.gauss(0, 60)) for _ in range(4000)]
    hour, quarter = (sum(abs(minute) <= most for minute in real) / len(real) for most in (60, 15))
    for apart in (10, 30, 60):
        offsets = [draw.randrange(apart) for _ in real]
        seen = [(minute - offset, minute - offset + apart) for minute, offset in zip(real, offsets, strict=True)]
        found = starts([_began(*one) for one in seen], ROUND_THE_CLOCK)
        for estimated, truth in ((found.hour, hour), (found.quarter, quarter)):
            assert estimated.estimate == pytest.approx(truth, abs=0.05)
            assert estimated.least is not None
            assert estimated.most is not None
            assert estimated.least <= truth <= estimated.most
    assert found.quarter.least == 0.0, "a pull an hour proves no start to a quarter of an hour"
    assert quarter > 0.15


def test_a_night_is_no_part_of_a_range() -> None:
    """From 17:30 to 08:30 the office works for an hour; half of it lies in the shift of the planned start."""
    late = PlannedPlace("plan", (1,), NINE.replace(hour=17, minute=30), NINE.replace(hour=18), 0, 570, 870)
    found = starts([_began(510, 1410, planned=late)], OFFICE)
    assert found.shift.estimate is not None
    assert found.shift.estimate == pytest.approx(870 / 900), "Tuesday 08:00 opens the next shift"


def test_only_operations_count_that_surely_began_and_were_planned() -> None:
    others = [_began(0, 1, evidence=Evidence.ORDER_GONE), _began(0, 1, planned=None), _began(None, 1)]
    assert starts(others, ROUND_THE_CLOCK).hour == Share(0, None, None, None)
    assert starts_by_day(others, ROUND_THE_CLOCK, LATER) == {}


def test_days_are_those_of_the_planned_start() -> None:
    next_day = replace(PLANNED, start=NINE + timedelta(days=1))
    found = starts_by_day([_began(1440, 1445, planned=next_day), _began(100, 110)], ROUND_THE_CLOCK, LATER)
    assert [(day.day, one.hour.estimate) for day, one in found.items()] == [(21, 0.0), (22, 1.0)]


def test_a_day_that_is_not_over_is_left_out() -> None:
    """Of the starts planned for today and tomorrow only those are known that came too early."""
    tomorrow = replace(PLANNED, start=NINE + timedelta(days=1))
    found = starts_by_day([_began(-600, -590), _began(-60, -50, planned=tomorrow)], ROUND_THE_CLOCK, NINE.date())
    assert found == {}
    assert list(starts_by_day([_began(0, 10)], ROUND_THE_CLOCK, NINE.date() + timedelta(days=1))) == [NINE.date()]
