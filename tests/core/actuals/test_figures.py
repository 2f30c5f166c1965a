"""Adherence, durations, deviations and noise: counted from actuals whose uncertainty is stated."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from scheduler_core.actuals.adherence import Kept, adherence, by_day
from scheduler_core.actuals.deviations import LateOrder, late_orders, most_deviating
from scheduler_core.actuals.durations import Ratio, by_machine, by_process, real_minutes
from scheduler_core.actuals.operation_actual import Between, Evidence, Minutes, OperationActual, PlannedPlace
from scheduler_core.actuals.plant_noise import noise_of
from scheduler_core.errors import InvalidValue
from scheduler_core.floor.noise import DurationNoise
from scheduler_core.floor.noise_fit import ENOUGH

NINE = datetime(2025, 7, 21, 9, 0)
PLANNED = PlannedPlace("plan", (1,), NINE, NINE + timedelta(minutes=110), 10, 60, 420)


def _actual(job: str = "A", late: Minutes | None = None, **more: Any) -> OperationActual:
    whole = OperationActual(
        job, 1, "mill", (1,), Between(NINE, NINE), Between(NINE, NINE), Evidence.RUNNING, minutes=100, planned=PLANNED,
        start_late=late or Minutes(0, 0), end_late=Minutes(0, 0), worked=Minutes(110, 110),
    )  # fmt: skip
    return replace(whole, **more)


@pytest.mark.parametrize(
    ("late", "quarter", "hour", "shift"),
    [
        (Minutes(-15, 15), True, True, True),
        (Minutes(-16, 15), None, True, True),
        (Minutes(16, 60), False, True, True),
        (Minutes(61, 419), False, False, True),
        (Minutes(61, 420), False, False, None),
        (Minutes(420, 600), False, False, False),
        (Minutes(-200, -61), False, False, False),
        (Minutes(-720, 720), None, None, None),
        (Minutes(None, -61), False, False, False),
        (Minutes(None, 0), None, None, None),
    ],
)
def test_a_start_is_kept_missed_or_unknown(
    late: Minutes, quarter: bool | None, hour: bool | None, shift: bool | None
) -> None:
    found = adherence([_actual(late=late)])
    for kept, told in ((found.quarter, quarter), (found.hour, hour), (found.shift, shift)):
        assert kept == Kept(int(told is True), int(told is False), int(told is None))


def test_what_is_not_known_leaves_the_share_between_two_bounds() -> None:
    kept, missed, unknown = Minutes(0, 5), Minutes(90, 95), Minutes(0, 1000)
    found = adherence([_actual(late=late) for late in (kept, missed, unknown, unknown)]).quarter
    assert (found.at_least, found.at_most, found.share, found.unknown, found.total) == (0.25, 0.75, None, 2, 4)
    close = adherence([_actual(late=late) for late in (*[kept] * 8, missed, unknown)]).quarter
    assert (close.at_least, close.at_most) == (0.8, 0.9)
    assert close.share == pytest.approx(0.85)
    nothing = adherence([]).quarter
    assert (nothing.at_least, nothing.at_most, nothing.share) == (0.0, 1.0, None)


def test_pulls_an_hour_apart_show_no_start_as_kept_to_a_quarter_of_an_hour_and_no_share_of_it() -> None:
    hourly = [_actual(late=Minutes(low, low + 60)) for low in range(-60, 61, 5)]
    found = adherence(hourly).quarter
    assert (found.kept, found.at_least, found.share) == (0, 0.0, None)
    assert found.at_most > 0.5


def test_only_what_has_surely_begun_counts() -> None:
    cancelled = _actual(evidence=Evidence.ORDER_GONE)
    unplanned = _actual(planned=None, start_late=None)
    elsewhere = _actual(machines=(2,))
    nowhere = _actual(machines=())
    found = adherence([cancelled, unplanned, elsewhere, nowhere])
    assert found.quarter.total == 2
    assert (found.unplanned, found.other_machine, found.machine_known) == (1, 1, 1)


def test_adherence_by_the_day_of_the_planned_start() -> None:
    next_day = replace(PLANNED, start=NINE + timedelta(days=1))
    days = by_day([_actual(planned=next_day), _actual(late=Minutes(100, 100))])
    assert [(day.day, one.hour.share) for day, one in days.items()] == [(21, 0.0), (22, 1.0)]


def test_a_real_duration_is_the_middle_less_the_planned_setup() -> None:
    assert real_minutes(_actual(worked=Minutes(100, 127))) == 103.5
    assert real_minutes(_actual(worked=Minutes(100, 128))) is None, "more than a quarter of 110 planned minutes"
    for unknown in (
        {"ended": None}, {"interrupted": True}, {"planned": None}, {"minutes": None}, {"worked": None},
        {"worked": Minutes(100, None)}, {"evidence": Evidence.ORDER_GONE},
    ):  # fmt: skip
        assert real_minutes(_actual(**unknown)) is None


def test_durations_by_process_and_by_machine() -> None:
    found = [_actual(worked=Minutes(w, w)) for w in (90, 130)] + [_actual(process="grind", machines=(2,))]
    ratio = Ratio(2, 1.0, pytest.approx(math.sqrt(0.08)))  # type: ignore[arg-type]
    assert by_process(found) == {"mill": ratio, "grind": Ratio(1, 1.0, None)}
    assert list(by_machine(found)) == [(1,), (2,)]


def test_what_deviated_most_is_what_surely_did() -> None:
    late = {"A": Minutes(-5, 500), "B": Minutes(30, 40), "C": Minutes(45, 50)}
    found = [_actual(job, end_late=minutes) for job, minutes in late.items()]
    found.append(_actual("D", end_late=Minutes(90, 90), evidence=Evidence.ORDER_GONE))
    assert [a.job for a in most_deviating(found)] == ["C", "B"]
    assert [a.job for a in most_deviating(found, 1)] == ["C"]


def test_an_order_that_ends_late_costs_what_its_due_date_no_longer_forgives() -> None:
    def order(name: str, due_in: int | None, **more: Any) -> OperationActual:
        due = None if due_in is None else PLANNED.end + timedelta(minutes=due_in)
        return _actual(name, end_late=Minutes(40, 70), last=True, due=due, **more)

    found = late_orders([order("room", 30), order("ample", 300), order("late already", -60), order("no due date", None),
                         _actual("not the last", end_late=Minutes(40, 70))])  # fmt: skip
    assert found == (LateOrder("late already", 40, 40), LateOrder("room", 40, 10), LateOrder("ample", 40, 0),
                     LateOrder("no due date", 40, 0))  # fmt: skip


def test_the_plants_own_noise_counts_from_enough_durations_on() -> None:
    draw = random.Random(1)
    spread = math.sqrt(math.log1p(0.4**2))
    real = [10 + round(100 * draw.lognormvariate(-(spread**2) / 2, spread)) for _ in range(400)]
    each = [_actual(str(i), worked=Minutes(r, r), machines=(i % 7,)) for i, r in enumerate(real)]
    found = noise_of([*each, _actual(worked=Minutes(0, 1440))])
    assert (found.is_fitted, found.used, found.ended) == (True, 400, 401)
    assert found.noise.by_process["mill"] == pytest.approx(0.4, abs=0.06)
    few = noise_of(each[: ENOUGH - 1])
    assert (few.is_fitted, few.used, few.noise) == (False, ENOUGH - 1, DurationNoise())


def test_a_range_that_is_upside_down_is_refused() -> None:
    with pytest.raises(InvalidValue, match="low"):
        Minutes(2, 1)
