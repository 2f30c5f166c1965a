"""Valid schedules made wrong, one rule at a time: for the tests of the validator and for its study."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise

from scheduler_core.judge.validator import Rule
from scheduler_core.judge.working_minutes import PlantTime
from scheduler_core.plant import MINUTES_PER_WEEK, Job, Operation, Plant
from scheduler_core.schedule import Assignment, Schedule

Row = tuple[int, Assignment, Job, Operation]
"""Place in the schedule, the assignment, its job and operation."""


def rows(plant: Plant, schedule: Schedule) -> Iterator[Row]:
    for i, a in enumerate(schedule.assignments):
        job = plant.job_by_id[a.job]
        yield i, a, job, next(o for o in job.operations if o.sequence == a.sequence)


def with_row(schedule: Schedule, place: int, *new: Assignment) -> Schedule:
    """The schedule with other assignments in the place of one."""
    return Schedule((*schedule.assignments[:place], *new, *schedule.assignments[place + 1 :]))


def left_out(plant: Plant, schedule: Schedule) -> Iterator[Schedule]:
    return (with_row(schedule, i) for i, *_ in rows(plant, schedule))


def given_twice(plant: Plant, schedule: Schedule) -> Iterator[Schedule]:
    return (with_row(schedule, i, a, a) for i, a, *_ in rows(plant, schedule))


def on_a_wrong_machine(plant: Plant, schedule: Schedule) -> Iterator[Schedule]:
    for i, a, _, operation in rows(plant, schedule):
        for m in plant.machine_by_id.keys() - set(plant.eligible_machines(operation)):
            yield with_row(schedule, i, replace(a, machines=(m,)))


def on_some_of_all_machines(plant: Plant, schedule: Schedule) -> Iterator[Schedule]:
    return (with_row(schedule, i, replace(a, machines=a.machines[1:])) for i, a, _, o in rows(plant, schedule)
            if o.requires_all)  # fmt: skip


def ended_in_a_pause(plant: Plant, schedule: Schedule) -> Iterator[Schedule]:
    time = PlantTime(plant)
    for i, a, _, operation in rows(plant, schedule):
        week = range(a.end, a.end + MINUTES_PER_WEEK)
        pause = next((t for t in week if not time.of(a.machines).works(t)), None)
        if operation.fixed is None and pause is not None:
            yield with_row(schedule, i, replace(a, end=pause + 1))


def started_in_a_pause(plant: Plant, schedule: Schedule) -> Iterator[Schedule]:
    time = PlantTime(plant)
    for i, a, _, operation in rows(plant, schedule):
        if operation.fixed is None and not time.of(a.machines).works(a.start - 1):
            yield with_row(schedule, i, replace(a, start=a.start - 1))


def a_minute_longer(plant: Plant, schedule: Schedule) -> Iterator[Schedule]:
    time = PlantTime(plant)
    for i, a, _, operation in rows(plant, schedule):
        if operation.fixed is None and time.of(a.machines).works(a.end):
            yield with_row(schedule, i, replace(a, end=a.end + 1))


def a_minute_shorter(plant: Plant, schedule: Schedule) -> Iterator[Schedule]:
    return (with_row(schedule, i, replace(a, end=a.end - 1)) for i, a, _, o in rows(plant, schedule) if o.fixed is None)


def with_another_setup(plant: Plant, schedule: Schedule) -> Iterator[Schedule]:
    for i, a, _, operation in rows(plant, schedule):
        if operation.fixed is None:
            yield with_row(schedule, i, replace(a, setup_minutes=a.setup_minutes + 1))


def onto_its_neighbour(plant: Plant, schedule: Schedule) -> Iterator[Schedule]:
    for line in schedule.by_machine.values():
        for before, after in pairwise(line):
            place = schedule.assignments.index(after)
            shift = after.start - before.end + 1
            yield with_row(schedule, place, replace(after, start=after.start - shift, end=after.end - shift))


def before_its_predecessor_ends(plant: Plant, schedule: Schedule) -> Iterator[Schedule]:
    for i, a, job, operation in rows(plant, schedule):
        if operation is not job.operations[0]:
            earlier = job.operations[job.operations.index(operation) - 1]
            shift = a.start - schedule.by_operation[job.id, earlier.sequence].end + 1
            yield with_row(schedule, i, replace(a, start=a.start - shift, end=a.end - shift))


def before_its_release(plant: Plant, schedule: Schedule) -> Iterator[Schedule]:
    for i, a, job, operation in rows(plant, schedule):
        if operation is job.operations[0] and operation.fixed is None:
            shift = a.start - max(0, job.release) + 1
            yield with_row(schedule, i, replace(a, start=a.start - shift, end=a.end - shift))


def fixed_but_moved(plant: Plant, schedule: Schedule) -> Iterator[Schedule]:
    for i, a, _, operation in rows(plant, schedule):
        if operation.fixed is not None:
            yield with_row(schedule, i, replace(a, end=a.end + 1))
            yield with_row(schedule, i, replace(a, start=a.start + 1, end=a.end + 1))


Corrupt = Callable[[Plant, Schedule], Iterator[Schedule]]
"""All schedules that one way of corrupting makes of a valid one; none where the plant gives no occasion."""

CORRUPTIONS: list[tuple[Corrupt, Rule]] = [
    (left_out, Rule.COMPLETENESS),
    (given_twice, Rule.COMPLETENESS),
    (on_a_wrong_machine, Rule.ELIGIBILITY),
    (on_some_of_all_machines, Rule.ELIGIBILITY),
    (ended_in_a_pause, Rule.WORKING_TIME),
    (started_in_a_pause, Rule.WORKING_TIME),
    (a_minute_longer, Rule.DURATION),
    (a_minute_shorter, Rule.DURATION),
    (with_another_setup, Rule.SETUP),
    (onto_its_neighbour, Rule.NO_OVERLAP),
    (before_its_predecessor_ends, Rule.PRECEDENCE),
    (before_its_release, Rule.RELEASE),
    (fixed_but_moved, Rule.FIXED),
]
"""Each way with the rule under which it must be caught; together they break every rule."""
