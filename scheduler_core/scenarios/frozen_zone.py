"""What of a plan stays: operations that have begun, start within the frozen hours, or are pinned by the planner."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from scheduler_core.errors import InvalidValue
from scheduler_core.plant import MAX_DURATION, Fixed, Job, Machine, Operation, Plant
from scheduler_core.schedule import Schedule


def freeze(plant: Plant, schedule: Schedule, now: int, hours: float = 0.0, pins: Collection[tuple[str, int]] = ()) -> Plant:
    """The plant in which an operation is fixed where ``schedule`` has it if it starts before minute ``now``, within
    ``hours`` of it, or stands in ``pins`` as (job, sequence). Nothing else may start before ``now``.

    Raises InvalidValue for hours below 0 or for a pin that the schedule does not know.
    """
    if not 0 <= hours * 60 <= MAX_DURATION:
        raise InvalidValue("frozen_hours", hours, f"is not between 0 and {MAX_DURATION // 60}")
    for pin in pins:
        if pin not in schedule.by_operation:
            raise InvalidValue("pins", pin, "is no operation of the plan")
    until = now + round(hours * 60)

    def frozen(job: Job, op: Operation) -> Operation:
        place = schedule.by_operation.get((job.id, op.sequence))
        if op.fixed is not None or place is None or not (place.start < until or place.key in pins):
            return op
        return replace(op, fixed=Fixed(place.machines, place.start, place.end))

    return replace(
        plant,
        jobs=tuple(replace(job, operations=tuple(frozen(job, op) for op in job.operations)) for job in plant.jobs),
        machines=tuple(_from(machine, now) for machine in plant.machines),
    )


def _from(machine: Machine, now: int) -> Machine:
    """The machine, free for what is not fixed from ``now`` on."""
    if now <= (machine.available_from or 0):
        return machine
    return replace(machine, available_from=now)


def loosened(job: Job, first: int, now: int) -> Job:
    """The job whose operations from position ``first`` on are free to move, except those that began before ``now``."""
    return replace(
        job,
        operations=tuple(
            replace(op, fixed=None) if i >= first and op.fixed is not None and op.fixed.start >= now else op
            for i, op in enumerate(job.operations)
        ),
    )
