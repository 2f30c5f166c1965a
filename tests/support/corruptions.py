"""Valid schedules made wrong, one rule at a time: for the tests of the validator and for its study."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from scheduler_core.judge.validator import Rule
from scheduler_core.judge.working_minutes import PlantTime
from scheduler_core.plant import MINUTES_PER_DAY, MINUTES_PER_WEEK, Job, Operation, Plant
from scheduler_core.schedule import Assignment, Schedule
from tests.support.wall_clock import kind_at

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


def begun_where_only_other_days_work(plant: Plant, schedule: Schedule) -> Iterator[Schedule]:
    """Operations moved into a minute that works on other dates: one that a half day closes, one beside a night shift,
    or that of extra hours a week later. Which minutes those are is read off the calendar, not counted by the judge."""
    for i, a, _, operation in rows(plant, schedule):
        if operation.fixed is None:
            for minute in _closed_on_one_date(plant, a.machines[0]):
                yield with_row(schedule, i, replace(a, start=minute, end=minute + a.end - a.start))


def _closed_on_one_date(plant: Plant, machine: int) -> Iterator[int]:
    calendar = plant.calendar_by_id[plant.machine_by_id[machine].calendar]
    found = [(h.date, minute) for h in calendar.holidays for minute in (h.start, h.end - 1)]
    found += [(e.date + timedelta(days=7), minute) for e in calendar.extra for minute in (e.start, e.end - 1)]
    first = plant.plan_start.date()
    nights = [
        (w, first + timedelta(days=(w.day - first.isoweekday()) % 7)) for w in calendar.week if w.end > MINUTES_PER_DAY
    ]
    found += [(day, minute) for w, day in nights for minute in (w.start - 1, w.end)]
    for day, of_day in found:
        minute = plant.midnight(day) + of_day
        if minute >= 0 and kind_at(calendar, plant.time_of(minute)) is None:
            yield minute


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
    (begun_where_only_other_days_work, Rule.WORKING_TIME),
    (a_minute_longer, Rule.DURATION),
    (a_minute_shorter, Rule.DURATION),
    (with_another_setup, Rule.SETUP),
    (onto_its_neighbour, Rule.NO_OVERLAP),
    (before_its_predecessor_ends, Rule.PRECEDENCE),
    (before_its_release, Rule.RELEASE),
    (fixed_but_moved, Rule.FIXED),
]
"""Each way with the rule under which it must be caught; together they break every rule."""
