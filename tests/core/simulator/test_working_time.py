"""Working-time tables against the wall clock, minute by minute, also far beyond the minutes that a table lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import count
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from scheduler_core.errors import Unschedulable
from scheduler_core.plant import MINUTES_PER_WEEK, Calendar, Downtime, Holiday, Plant, WorkWindow
from scheduler_core.simulator import kernel
from scheduler_core.simulator.arrays import NEVER, PlantArrays, pack
from scheduler_core.simulator.calendar_lookup import open_until
from scheduler_core.simulator.working_time import MIN_WEEKS, horizon_of
from tests.support.plants import ALWAYS, DAY, HOUR, OFFICE, job, machine, operation, plant
from tests.support.random_plants import small_plant
from tests.support.wall_clock import works

BEYOND = 3 * MINUTES_PER_WEEK
"""Minutes looked at after a table's horizon."""


def assert_table_counts(arrays: PlantArrays, table: int, naive: npt.NDArray[np.bool_], rng: np.random.Generator) -> None:
    """``naive`` tells the working minutes from plan_start on; the table must say the same wherever that is known."""
    numbers, before = np.flatnonzero(naive), np.concatenate([[0], np.cumsum(naive)])
    edges = np.flatnonzero(np.diff(naive.astype(np.int8)))
    chosen = np.concatenate([edges[:60], rng.permutation(edges)[:60], edges[-60:]])
    minutes = {int(e) + d for e in chosen for d in (0, 1, 2)} | {int(t) for t in rng.integers(len(naive), size=200)}
    for t in sorted({0, arrays.horizon, len(naive) - 1, *minutes}):
        assert kernel.worked_before(arrays, table, t) == before[t]
        if before[t] < len(numbers):
            assert kernel.first_working(arrays, table, t) == numbers[before[t]]
        if naive[t]:
            assert_open_until(arrays, table, naive, t)
    for c in {0, len(numbers) - 1, *(int(c) for c in rng.integers(max(1, len(numbers)), size=300))} if len(numbers) else ():
        assert kernel.minute_of_work(arrays, table, c) == numbers[c]


def assert_open_until(arrays: PlantArrays, table: int, naive: npt.NDArray[np.bool_], t: int) -> None:
    """The end of t's interval, or the end of a week of those that repeat."""
    until = open_until(arrays, table, t)
    week_ends = until >= arrays.horizon and (until - arrays.horizon) % MINUTES_PER_WEEK == 0
    assert until > t
    assert naive[t:until].all()
    assert week_ends or until >= len(naive) or not naive[until]


def schedulable_plants(seed: int) -> tuple[Plant, PlantArrays]:
    """The first schedulable random plant from the seed on."""
    for n in count(seed):
        try:
            return small_plant(n), pack(small_plant(n))
        except Unschedulable:
            continue
    raise AssertionError("counted to the end")


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 100, 200, 400, 600])
def test_tables_count_as_the_wall_clock_does(seed: int) -> None:
    shop, arrays = schedulable_plants(seed)
    rng = np.random.default_rng(seed)
    masks = [np.array([works(shop, m.id, t) for t in range(arrays.horizon + BEYOND)]) for m in shop.machines[:2]]
    for i, naive in enumerate(masks):
        assert_table_counts(arrays, int(arrays.machine_table[i]), naive, rng)


@pytest.mark.parametrize("calendar", [ALWAYS, OFFICE])
def test_working_minutes_before_due_dates_are_those_of_the_kernel(calendar: Calendar) -> None:
    horizon = MIN_WEEKS * MINUTES_PER_WEEK
    dues = [None, -500, 0, 1, 239, 240, 241, 540, DAY, horizon - 1, horizon, horizon + 1, horizon + 50_000]
    jobs = [job(f"J{i}", operation(1), due=due, release=-900) for i, due in enumerate(dues)]
    arrays = pack(plant(*jobs, machines=[machine(1, calendar=calendar.id)], calendars=[calendar]))
    assert arrays.horizon == horizon
    counted = [kernel.worked_before(arrays, arrays.plant_table, int(due)) for due in arrays.job_due]
    assert arrays.job_worked_due.tolist() == counted


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_table_of_several_machines_is_their_intersection(seed: int) -> None:
    early = Calendar("early", (WorkWindow(1, 5 * HOUR, 13 * HOUR), WorkWindow(3, 11 * HOUR, 12 * HOUR)))
    shop = plant(
        job("J", operation(30, 1, 2, requires_all=True)),
        machines=[
            machine(1, calendar="office", downtime=(Downtime(30, 90),)),
            machine(2, calendar="early", available_from=45),
        ],
        calendars=[ALWAYS, OFFICE, early],
    )
    arrays = pack(shop)
    naive = np.array([all(works(shop, m.id, t) for m in shop.machines) for t in range(arrays.horizon + BEYOND)])
    assert_table_counts(arrays, int(arrays.op_table[0]), naive, np.random.default_rng(seed))


def table_of(calendar: Calendar, **more: Any) -> tuple[PlantArrays, int]:
    """A plant with one machine that follows the calendar, and the number of its table."""
    shop = plant(job("J", operation(1)), machines=[machine(1, calendar=calendar.id, **more)], calendars=[calendar])
    arrays = pack(shop)
    return arrays, int(arrays.machine_table[0])


@pytest.mark.parametrize(
    ("minute", "worked"),
    [(0, 0), (1, 1), (4 * HOUR, 240), (5 * HOUR, 240), (5 * HOUR + 1, 241), (10 * HOUR, 540), (DAY, 540), (2 * DAY, 1080),
     (3 * DAY, 1080), (7 * DAY, 4 * 540)],
)  # fmt: skip
def test_office_hours_by_hand(minute: int, worked: int) -> None:
    """Monday 08:00 on: nine hours a day with overtime, lunch at 12:00, Wednesday off."""
    arrays, table = table_of(OFFICE)
    assert kernel.worked_before(arrays, table, minute) == worked


def test_first_working_minute_by_hand() -> None:
    arrays, table = table_of(OFFICE)
    assert kernel.first_working(arrays, table, 4 * HOUR) == 5 * HOUR
    assert kernel.first_working(arrays, table, 10 * HOUR) == DAY
    assert kernel.first_working(arrays, table, 2 * DAY) == 3 * DAY, "Wednesday is off"


def test_decades_after_the_last_listed_minute() -> None:
    arrays, table = table_of(OFFICE)
    weeks = 2000
    monday = weeks * MINUTES_PER_WEEK
    assert kernel.worked_before(arrays, table, monday) == weeks * 5 * 540 - 540
    assert kernel.first_working(arrays, table, monday - 1) == monday
    assert kernel.minute_of_work(arrays, table, weeks * 5 * 540 - 540 + 240) == monday + 5 * HOUR


def test_minutes_before_the_plan_count_nothing() -> None:
    arrays, table = table_of(ALWAYS)
    assert kernel.worked_before(arrays, table, -500) == 0
    assert kernel.first_working(arrays, table, -500) == 0


def test_a_machine_that_never_works_is_never_free() -> None:
    never = Calendar("never", ())
    shop = plant(job("J", operation(5, 2)), machines=[machine(1, calendar="never"), machine(2)], calendars=[ALWAYS, never])
    arrays = pack(shop)
    table = int(arrays.machine_table[0])
    assert kernel.worked_before(arrays, table, 10**6) == 0
    assert kernel.first_working(arrays, table, 0) == NEVER


@pytest.mark.parametrize(
    "calendar",
    [
        Calendar("far", OFFICE.week, (), (Holiday(date(2026, 3, 2)),)),
        Calendar("near", OFFICE.week, (), (Holiday(date(2024, 3, 2)),)),
        Calendar("last day of a week", OFFICE.week, (), (Holiday(date(2025, 7, 27)), Holiday(date(2025, 10, 12)))),
    ],
    ids=lambda c: c.id,
)
def test_tables_list_a_week_beyond_every_holiday(calendar: Calendar) -> None:
    shop = plant(job("J", operation(1)), machines=[machine(1, calendar=calendar.id)], calendars=[calendar])
    horizon = horizon_of(shop)
    assert horizon % MINUTES_PER_WEEK == 0
    assert horizon >= MIN_WEEKS * MINUTES_PER_WEEK
    last = max((h.date - shop.plan_start.date()).days + 1 for h in calendar.holidays) * DAY - 8 * HOUR
    assert horizon >= last + MINUTES_PER_WEEK


@pytest.mark.parametrize("more", [{"downtime": (Downtime(5, 200_000),)}, {"available_from": 200_000}])
def test_tables_list_a_week_beyond_every_outage(more: dict[str, object]) -> None:
    arrays, table = table_of(ALWAYS, **more)
    assert arrays.horizon >= 200_000 + MINUTES_PER_WEEK
    free_before = 5 if "downtime" in more else 0
    assert kernel.first_working(arrays, table, 10) == 200_000
    assert kernel.worked_before(arrays, table, 500_000) == free_before + 300_000


def test_machines_with_equal_working_time_share_a_table() -> None:
    numbers: Sequence[int] = pack(
        plant(
            job("J", operation(1)),
            machines=[machine(1), machine(2, available_from=-5), machine(3, downtime=(Downtime(5, 6),)), machine(4, type=2)],
        )
    ).machine_table.tolist()
    assert numbers == [0, 0, 1, 0]
