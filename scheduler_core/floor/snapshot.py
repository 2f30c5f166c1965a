"""The plant as the planner sees it at a moment of a stream, like a pull from the ERP at that moment.

The new snapshot's plan_start is that moment. Finished operations and jobs are gone; what runs is fixed from plan_start to
the end that is to be expected from its progress; orders that have arrived and machines that stand still are known. Outages
and real durations to come are not.
"""

from __future__ import annotations

from dataclasses import replace

from scheduler_core.floor.events import Stream
from scheduler_core.floor.execution import Floor, WorkingHours
from scheduler_core.plant import Downtime, Fixed, Job, Machine, Operation, Plant
from scheduler_core.schedule import Assignment, Schedule


def snapshot(stream: Stream, floor: Floor, begun: Schedule, now: int) -> Plant:
    """The plant at minute ``now`` of the stream, at which ``begun`` (real places, in the stream's minutes) has begun.

    ``floor`` carries out the stream's plans.
    """
    start = stream.plant.time_of(now)
    known = Stream(stream.plant, outages=stream.outages_known(now)).world
    families = _families(stream, begun)
    machines = tuple(_machine(m, families.get(m.id, m.initial_family), now) for m in known.machines)
    empty = replace(stream.plant, plan_start=start, machines=machines, jobs=())
    progress = _Progress(floor, WorkingHours(empty), begun, now)
    gone = stream.orders_cancelled(now)
    jobs = (progress.rest(job, job.id in gone) for job in stream.orders_known(now))
    return replace(empty, jobs=tuple(job for job in jobs if job is not None))


def rebased(schedule: Schedule, old: Plant, new: Plant) -> Schedule:
    """The schedule of the snapshot ``old`` in minutes of the snapshot ``new``, less the operations that ``new`` no longer
    has."""
    there = {(job.id, op.sequence) for job in new.jobs for op in job.operations}
    moved = schedule.on_clock(old.clock, new.clock)
    return Schedule(tuple(a for a in moved.assignments if a.key in there))


class _Progress:
    """How far the jobs are at minute ``now``. ``ahead``: the working hours that are known then, in minutes from now."""

    def __init__(self, floor: Floor, ahead: WorkingHours, begun: Schedule, now: int) -> None:
        self._floor, self._ahead, self._begun, self._now = floor, ahead, begun, now

    def rest(self, job: Job, cancelled: bool = False) -> Job | None:
        """What is left of the job, in minutes from now; None where nothing is. Of a cancelled one only what has begun."""
        operations = [left for op in job.operations if (left := self._left(job, op)) is not None]
        if cancelled:
            operations = [op for op in operations if op.fixed is not None]
        if not operations:
            return None
        due = None if job.due is None else job.due - self._now
        return replace(job, operations=tuple(operations), release=job.release - self._now, due=due)

    def _left(self, job: Job, op: Operation) -> Operation | None:
        real = self._begun.by_operation.get((job.id, op.sequence))
        if real is None:
            return op
        if real.end <= self._now:
            return None
        minutes = self._remaining(op, real)
        fixed = Fixed(real.machines, 0, self._ahead.span(real.machines, 0, minutes)[1])
        return replace(op, minutes=minutes, minutes_by_machine={}, setup_minutes=0, fixed=fixed)

    def _remaining(self, op: Operation, real: Assignment) -> int:
        """Working minutes that the rest takes by plan: of the setup, and of the share of the pieces that is not yet made."""
        worked = self._floor.hours.worked(real.machines, real.start, self._now)
        processing = self._floor.hours.worked(real.machines, real.start, real.end) - real.setup_minutes
        done = max(0, worked - real.setup_minutes)
        planned = op.processing_minutes(real.machines)
        left = -(-planned * (processing - done) // processing) if processing > 0 else planned
        return max(0, real.setup_minutes - worked) + max(1, left)


def _families(stream: Stream, begun: Schedule) -> dict[int, str | None]:
    """The family that each machine is set up for, where something has begun on it."""
    family = {job.id: job.family for job in stream.world.jobs}
    return {m: family[rows[-1].job] for m, rows in begun.by_machine.items()}


def _machine(machine: Machine, family: str | None, now: int) -> Machine:
    """The machine in minutes from now; downtime that is over is forgotten."""
    down = tuple(Downtime(d.start - now, d.end - now, d.reason) for d in machine.downtime if d.end > now)
    free = machine.available_from
    available = None if free is None or free <= now else free - now
    return replace(machine, initial_family=family, downtime=down, available_from=available)
