"""What the planner sees of a stream at a moment, and a plan in that snapshot's minutes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from scheduler_core.floor.events import Arrival, Durations, Outage, Stream
from scheduler_core.floor.execution import Floor
from scheduler_core.floor.snapshot import rebased, snapshot
from scheduler_core.plant import Downtime, Fixed, Plant
from scheduler_core.schedule import Schedule
from tests.support.plants import DAY, HOUR, at, job, machine, operation, plant, schedule

PLANT = plant(
    job("A", operation(60, 1, setup_minutes=10), operation(30, 2), family="A", due=500),
    job("B", operation(60, 1), family="B", release=200),
    machines=[
        machine(1, downtime=(Downtime(10, 20), Downtime(300, 400))),
        machine(2, available_from=100),
        machine(3, available_from=20),
    ],
)
STREAM = Stream(
    PLANT, (Arrival(30, job("C", operation(5, 3), due=800)),), (Outage(1, 30, 60), Outage(3, 40, 100), Outage(2, 90, 5))
)


def _at(now: int, begun: Schedule, stream: Stream = STREAM) -> Plant:
    return snapshot(stream, Floor(stream.world, stream.durations), begun, now)


def test_minutes_count_from_the_moment_of_the_snapshot() -> None:
    seen = _at(50, Schedule(()))
    assert seen.plan_start == PLANT.plan_start + timedelta(minutes=50)
    assert (seen.job_by_id["A"].due, seen.job_by_id["B"].release) == (450, 150)
    assert (seen.machine_by_id[2].available_from, seen.machine_by_id[3].available_from) == (50, None)


def test_downtime_that_is_over_is_forgotten_and_outages_are_known_once_they_have_begun() -> None:
    seen = _at(50, Schedule(()))
    assert [(d.start, d.end) for d in seen.machine_by_id[1].downtime] == [(250, 350), (-20, 40)]
    assert [(d.start, d.end) for d in seen.machine_by_id[3].downtime] == [(-10, 90)]
    assert seen.machine_by_id[2].downtime == ()


def test_orders_are_known_once_they_have_arrived() -> None:
    assert [j.id for j in _at(29, Schedule(())).jobs] == ["A", "B"]
    assert [j.id for j in _at(30, Schedule(())).jobs] == ["A", "B", "C"]
    assert _at(30, Schedule(())).job_by_id["C"].due == 770


def test_finished_operations_leave_and_their_job_with_the_last() -> None:
    begun = schedule(at("A", 1, 1, 0, 40, 10), at("B", 1, 1, 40, 45))
    seen = _at(45, begun)
    assert [o.sequence for o in seen.job_by_id["A"].operations] == [2]
    assert "B" not in seen.job_by_id
    assert [m.initial_family for m in seen.machines] == ["B", None, None]


def test_what_runs_is_fixed_until_the_end_that_its_progress_promises() -> None:
    """10 minutes of setup and 60 of processing that really take 120: in minute 70 half of the pieces are made."""
    stream = Stream(plant(job("A", operation(60, setup_minutes=10), operation(30), due=500)))
    begun = schedule(at("A", 1, 1, 0, 130, 10))
    first, second = _at(70, begun, stream).jobs[0].operations
    assert (first.minutes, first.setup_minutes, first.fixed) == (30, 0, Fixed((1,), 0, 30))
    assert second.fixed is None
    # In the setup: the rest of it and all of the processing. At the very end: a minute at least.
    assert _at(4, begun, stream).jobs[0].operations[0].fixed == Fixed((1,), 0, 66)
    assert _at(129, begun, stream).jobs[0].operations[0].fixed == Fixed((1,), 0, 1)
    assert [o.sequence for o in _at(130, begun, stream).jobs[0].operations] == [2]


def test_the_expected_end_lies_behind_the_known_outage_but_not_behind_a_later_one() -> None:
    one = plant(job("A", operation(100)), machines=[machine(1, initial_family="A")])
    stream = Stream(one, outages=(Outage(1, 50, 40), Outage(1, 120, 1000)))
    begun = Floor(stream.world, stream.durations).follow(Schedule(()), schedule(at("A", 1, 1, 0, 100)), 0)
    assert begun.assignments[0].end == 1140
    fixed = _at(60, begun, stream).jobs[0].operations[0].fixed
    assert fixed == Fixed((1,), 0, 80)  # 50 minutes are left, from minute 90 on


def test_weekday_and_time_of_day_go_on() -> None:
    """Monday 08:00; on Tuesday at 16:00 two hours are left of the working day, and Wednesday is a holiday."""
    one = plant(job("A", operation(3 * HOUR)), machines=[machine(1, calendar="office", initial_family="A")])
    stream, now = Stream(one), DAY + 8 * HOUR
    seen = _at(now, Schedule(()), stream)
    carried = rebased(schedule(at("A", 1, 1, now, now + 1)), one, seen)
    real = Floor(seen, Durations()).follow(Schedule(()), carried, 0)
    assert (real.assignments[0].start, real.assignments[0].end) == (0, 41 * HOUR)  # Thursday 09:00


def test_a_plan_is_rebased_to_the_snapshot_s_minutes_less_what_is_finished() -> None:
    plan = schedule(at("A", 1, 1, 0, 40, 10), at("A", 2, 2, 100, 130), at("B", 1, 1, 200, 260))
    seen = _at(45, schedule(at("A", 1, 1, 0, 40, 10)))
    there = rebased(plan, PLANT, seen)
    assert there == schedule(at("A", 2, 2, 55, 85), at("B", 1, 1, 155, 215))
    assert rebased(there, seen, PLANT) == schedule(*plan.assignments[1:])
    later = replace(seen, plan_start=seen.plan_start + timedelta(minutes=5))
    assert rebased(there, seen, later).assignments[0] == at("A", 2, 2, 50, 80)
