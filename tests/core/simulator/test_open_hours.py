"""Open hours agree with counting minutes one by one, before and after plan_start."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler_core.plant import Downtime, Plant
from scheduler_core.schedule import Schedule
from scheduler_core.simulator.open_hours import OpenHours
from tests.support.plants import at, job, machine, operation, plant, schedule
from tests.support.strategies import plants
from tests.support.wall_clock import works


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(plants(max_jobs=2), st.integers(-2000, 12000), st.integers(0, 3000))
def test_working_minutes_are_those_counted_one_by_one(plant: Plant, start: int, length: int) -> None:
    hours = OpenHours(plant, schedule(at("any", 1, plant.machines[0].id, -2500, -2400)))
    for one in plant.machines:
        counted = sum(works(plant, one.id, m) for m in range(start, start + length))
        assert hours.working((one.id,), start, start + length) == counted
    both = tuple(m.id for m in plant.machines[:2])
    together = sum(all(works(plant, i, m) for i in both) for m in range(start, start + length))
    assert hours.working(both, start, start + length) == together


@settings(max_examples=30, deadline=None)
@given(plants(max_jobs=2), st.lists(st.tuples(st.integers(-9000, 90000), st.integers(-50, 90000)), max_size=20))
def test_many_spans_at_once_are_answered_as_one_by_one(plant: Plant, asked: list[tuple[int, int]]) -> None:
    hours = OpenHours(plant, schedule(at("any", 1, plant.machines[0].id, -2500, -2400)))
    starts = np.array([start for start, _ in asked], dtype=np.int64)
    ends = starts + np.array([length for _, length in asked], dtype=np.int64)
    for machines in ((plant.machines[0].id,), tuple(m.id for m in plant.machines[:2])):
        each = [hours.working(machines, start, start + length) for start, length in asked]
        assert hours.working_each(machines, starts, ends).tolist() == each


@settings(max_examples=40, deadline=None)
@given(plants(max_jobs=2), st.integers(0, 12000), st.integers(1, 600))
def test_after_working_inverts_working_and_next_working_opens(plant: Plant, start: int, minutes: int) -> None:
    hours = OpenHours(plant, Schedule(()))
    own = (plant.machines[0].id,)
    opens = hours.next_working(own, start)
    assert works(plant, own[0], opens)
    assert hours.working(own, start, opens) == 0
    end = hours.after_working(own, start, minutes)
    if end <= hours.last:
        assert hours.working(own, start, end) == minutes
        assert hours.working(own, start, end - 1) == minutes - 1


@settings(max_examples=30, deadline=None)
@given(plants(max_jobs=2), st.lists(st.tuples(st.integers(-3000, 60000), st.integers(-5, 900)), min_size=1, max_size=20))
def test_many_at_once_are_as_one_by_one(plant: Plant, asked: list[tuple[int, int]]) -> None:
    hours = OpenHours(plant, Schedule(()))
    rows = [((m.id,), start, minutes) for m in plant.machines for start, minutes in asked]
    tables, starts, minutes = (np.array(c) for c in zip(*((hours.table(m), s, w) for m, s, w in rows), strict=True))
    found = hours.after_working_each(tables, starts, minutes)
    assert found.tolist() == [hours.after_working(m, s, w) for m, s, w in rows]


def test_machines_with_one_pattern_share_a_table_and_downtime_makes_another() -> None:
    p = plant(
        job("a", operation(10)),
        machines=[machine(1), machine(2), machine(3, downtime=(Downtime(60, 120, "belt"),))],
    )
    hours = OpenHours(p, Schedule(()))
    assert hours.table((1,)) == hours.table((2,)) == hours.calendar_table("always")
    assert hours.table((3,)) not in (hours.table((1,)), hours.calendar_table("always"))
    assert hours.table((1, 3)) == hours.table((3,))
    starts, ends = hours.spans(hours.table((3,)))
    assert (starts[1], ends[0]) == (120, 60)


def test_time_outside_the_known_range_counts_as_open_so_that_durations_add_up() -> None:
    hours = OpenHours(plant(job("a", operation(10)), machines=[machine(1, calendar="office")]), Schedule(()))
    assert hours.working((1,), hours.last, hours.last + 7) == 7
    assert hours.working((1,), hours.first - 5, hours.first) == 5
    assert hours.next_working((1,), hours.last + 3) == hours.last + 3
    assert hours.after_working((1,), hours.last + 3, 4) == hours.last + 7


@pytest.mark.parametrize("minutes", [0, -5])
def test_nothing_to_work_ends_at_once(minutes: int) -> None:
    hours = OpenHours(plant(job("a", operation(10))), Schedule(()))
    assert hours.after_working((1,), 33, minutes) == 33
    assert hours.working((1,), 40, 33) == 0
