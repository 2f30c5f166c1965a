"""Plants at the edge of what a factory can be, by name. Each is a random plant with one thing driven to its extreme.

Every one of them has a schedule, so an engine must plan all of it without breaking a rule, however bad the figures are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.plant import MINUTES_PER_DAY, Holiday, Job, Operation, Plant

MACHINES, JOBS = 20, 80
"""Size of the plants that do not say otherwise."""
ONE_OPERATION_JOBS = 1000
CLOSED_DAYS = 21
GIANT_OPERATIONS = 60
ONE_TYPE_WORK = 4
LATEST_RELEASE = 60 * MINUTES_PER_DAY


def all_due_today(seed: int, jobs: int = JOBS) -> Plant:
    """Every job is due at the end of the first day: nearly all are late whatever is done."""
    plant = _usual(seed, jobs)
    end_of_day = MINUTES_PER_DAY - plant.plan_start.hour * 60 - plant.plan_start.minute - 1
    return _with_jobs(plant, lambda job: replace(job, due=end_of_day))


def one_machine(seed: int, jobs: int = JOBS) -> Plant:
    """One machine does everything: the whole plan is one sequence."""
    return random_plant(seed, PlantShape(jobs, machines=1, tightness=0.8, simultaneous_share=0.0))


def one_type(seed: int, jobs: int = JOBS) -> Plant:
    """All machines are alike and may do every operation, which is long: the most choices that a decision can have."""
    plant = _usual(seed, jobs)
    only = plant.machine_types[0]

    def free(operation: Operation) -> Operation:
        # Without bottlenecks the plant would have idle machines to spare, hence the longer work.
        work = replace(operation, minutes=ONE_TYPE_WORK * operation.minutes, minutes_by_machine={})
        return work if operation.requires_all else replace(work, machine_types=(only.id,))

    machines = tuple(replace(m, type=only.id) for m in plant.machines)
    return _with_operations(replace(plant, machine_types=(only,), machines=machines, jobs=()), plant.jobs, free)


def one_operation_jobs(seed: int, jobs: int = ONE_OPERATION_JOBS) -> Plant:
    """A great many jobs of a single operation each."""
    plant = random_plant(seed, PlantShape(jobs, MACHINES, tightness=0.8))
    return _with_jobs(plant, lambda job: replace(job, operations=job.operations[:1]))


def all_on_holiday(seed: int, jobs: int = JOBS) -> Plant:
    """The plant is closed for its first three weeks: no minute of work exists before."""
    plant = _usual(seed, jobs)
    closed = {plant.plan_start.date() + timedelta(days=d): "closed" for d in range(CLOSED_DAYS)}
    calendars = []
    for calendar in plant.calendars:
        days = {**{h.date: h.name for h in calendar.holidays}, **closed}
        calendars.append(replace(calendar, holidays=tuple(Holiday(d, days[d]) for d in sorted(days))))
    return replace(plant, name=f"{plant.name}-closed", calendars=tuple(calendars))


def zero_slack(seed: int, jobs: int = JOBS) -> Plant:
    """Every job is due when it would end if the work could be done around the clock without setup or waiting."""

    def tight(job: Job) -> Job:
        return replace(job, due=max(job.release, 0) + sum(o.minutes for o in job.operations))

    return _with_jobs(_usual(seed, jobs), tight)


def simultaneous(seed: int, jobs: int = JOBS) -> Plant:
    """Three operations in ten hold several machines at once."""
    return random_plant(seed, PlantShape(jobs, MACHINES, tightness=0.8, simultaneous_share=0.3))


def all_released_late(seed: int, jobs: int = JOBS) -> Plant:
    """No material comes before the sixtieth day, then all of it at once; every job is overdue by then."""
    return _with_jobs(_usual(seed, jobs), lambda job: replace(job, release=LATEST_RELEASE))


def all_important(seed: int, jobs: int = JOBS) -> Plant:
    """Every job is important, so that importance tells nothing."""
    return _with_jobs(_usual(seed, jobs), lambda job: replace(job, important=True))


def one_giant_job(seed: int, jobs: int = JOBS) -> Plant:
    """One job has as many operations as many others together, all of them long."""
    plant = _usual(seed, jobs)
    first = plant.jobs[0]
    steps = [replace(o, sequence=i) for i, o in enumerate((first.operations * GIANT_OPERATIONS)[:GIANT_OPERATIONS], 1)]
    giant = replace(first, operations=tuple(replace(o, minutes=4 * o.minutes, minutes_by_machine={}) for o in steps))
    return replace(plant, name=f"{plant.name}-giant", jobs=(giant, *plant.jobs[1:]))


def one_family(seed: int, jobs: int = JOBS) -> Plant:
    """All jobs belong to one setup family, and every machine is set up for it: there is no setup at all."""
    plant = _usual(seed, jobs)
    machines = tuple(replace(m, initial_family="F") for m in plant.machines)
    return _with_jobs(replace(plant, machines=machines), lambda job: replace(job, family="F"))


def all_families_differ(seed: int, jobs: int = JOBS) -> Plant:
    """Every job has a setup family of its own: hardly an operation goes without setup."""
    plant = _usual(seed, jobs)
    return _with_jobs(plant, lambda job: replace(job, family=f"family of {job.id}"))


CASES: Mapping[str, Callable[..., Plant]] = MappingProxyType({
    "all due today": all_due_today,
    "one machine": one_machine,
    "one type": one_type,
    "a thousand one-operation jobs": one_operation_jobs,
    "all on holiday": all_on_holiday,
    "zero slack": zero_slack,
    "30 % simultaneous": simultaneous,
    "all released late": all_released_late,
    "all important": all_important,
    "one giant job": one_giant_job,
    "one family": one_family,
    "all families differ": all_families_differ,
})  # fmt: skip
"""Each case by its name: (seed, jobs) -> Plant; without ``jobs`` at its full size."""


def _usual(seed: int, jobs: int) -> Plant:
    return random_plant(seed, PlantShape(jobs, MACHINES, tightness=0.8))


def _with_jobs(plant: Plant, change: Callable[[Job], Job]) -> Plant:
    return replace(plant, jobs=tuple(change(job) for job in plant.jobs))


def _with_operations(plant: Plant, jobs: tuple[Job, ...], change: Callable[[Operation], Operation]) -> Plant:
    changed = (replace(job, operations=tuple(change(o) for o in job.operations)) for job in jobs)
    return replace(plant, jobs=tuple(changed))
