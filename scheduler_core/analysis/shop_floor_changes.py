"""What happened on the floor between two snapshots, and what the released plan expected meanwhile.

The snapshots may have different plan starts: everything is compared on the plant's wall clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from scheduler_core.plant import Job, Machine, Operation, Plant
from scheduler_core.schedule import NOTICEABLE_MINUTES, Schedule

_MINUTE = timedelta(minutes=1)


class JobFact(StrEnum):
    """What may change about an open job; the values are the words that a planner reads."""

    DUE = "due date"
    IMPORTANT = "importance"
    QUANTITY = "quantity"
    MATERIAL = "material date"


class MachineEvent(StrEnum):
    """What became of a machine."""

    DOWN = "down"
    BACK = "back"
    OUTAGE = "outage planned"


@dataclass(frozen=True)
class FactChange:
    """One fact of one job that differs; dates on the plant's wall clock, None: not stated."""

    job: Job
    fact: JobFact
    before: datetime | bool | float | None
    after: datetime | bool | float | None


@dataclass(frozen=True)
class JobStep:
    """One operation of a job."""

    job: Job
    operation: Operation


@dataclass(frozen=True)
class Overdue:
    """An operation that should have begun and has not: ``planned`` is its released start, on the plant's wall clock."""

    job: Job
    operation: Operation
    machines: tuple[int, ...]
    planned: datetime
    minutes: int


@dataclass(frozen=True)
class MachineChange:
    """A machine that went down, came back or got an outage ahead; ``start`` and ``end`` (None: not known) of that span."""

    machine: Machine
    event: MachineEvent
    start: datetime | None = None
    end: datetime | None = None
    reason: str = ""


@dataclass(frozen=True)
class ShopFloorChanges:
    """Everything that differs. ``gone``: jobs that are no longer open or no longer usable; which of these, nobody says.

    ``finished``: operations that are no longer open, of jobs that still are; ``added``: operations that such a job did not
    have. ``begun``: operations that run now and did not. ``overdue``: the longest first.
    """

    arrived: tuple[Job, ...] = ()
    gone: tuple[Job, ...] = ()
    finished: tuple[JobStep, ...] = ()
    added: tuple[JobStep, ...] = ()
    begun: tuple[JobStep, ...] = ()
    overdue: tuple[Overdue, ...] = ()
    facts: tuple[FactChange, ...] = ()
    machines: tuple[MachineChange, ...] = ()

    @property
    def count(self) -> int:
        """How many things changed in all."""
        parts = (self.arrived, self.gone, self.finished, self.added, self.begun, self.overdue, self.facts, self.machines)
        return sum(len(part) for part in parts)


def changes(before: Plant, after: Plant, released: Schedule | None, now: datetime) -> ShopFloorChanges:
    """What changed from ``before`` to ``after``, at ``now`` (naive plant time).

    ``released``: the plan in force, in minutes from ``before``'s plan start; None: nothing is overdue. An operation
    counts as overdue when it is open, does not run, and its released start is more than NOTICEABLE_MINUTES ago.
    """
    both = [(before.job_by_id[j.id], j) for j in after.jobs if j.id in before.job_by_id]
    return ShopFloorChanges(
        arrived=tuple(j for j in after.jobs if j.id not in before.job_by_id),
        gone=tuple(j for j in before.jobs if j.id not in after.job_by_id),
        finished=tuple(s for was, now_ in both for s in _missing(was, now_)),
        added=tuple(s for was, now_ in both for s in _missing(now_, was)),
        begun=tuple(s for was, now_ in both for s in _begun(was, now_)),
        overdue=() if released is None else _overdue(before, after, released, now),
        facts=tuple(f for was, now_ in both for f in _facts(before, was, after, now_)),
        machines=tuple(_machines(before, after, now)),
    )


def _missing(of: Job, in_: Job) -> Iterator[JobStep]:
    """The operations of one state of a job that the other does not have."""
    known = {o.sequence for o in in_.operations}
    return (JobStep(of, o) for o in of.operations if o.sequence not in known)


def _begun(before: Job, after: Job) -> Iterator[JobStep]:
    ran = {o.sequence for o in before.operations if o.fixed is not None}
    return (JobStep(after, o) for o in after.operations if o.fixed is not None and o.sequence not in ran)


def _overdue(before: Plant, after: Plant, released: Schedule, now: datetime) -> tuple[Overdue, ...]:
    found = []
    for job in after.jobs:
        for operation in job.operations:
            place = released.by_operation.get((job.id, operation.sequence))
            if place is None or operation.fixed is not None:
                continue
            planned = before.time_of(place.start)
            minutes = (now - planned) // _MINUTE
            if minutes > NOTICEABLE_MINUTES:
                found.append(Overdue(job, operation, place.machines, planned, minutes))
    return tuple(sorted(found, key=lambda o: (-o.minutes, o.job.id, o.operation.sequence)))


def _facts(before: Plant, was: Job, after: Plant, job: Job) -> Iterator[FactChange]:
    due = tuple(None if d is None else p.time_of(d) for p, d in ((before, was.due), (after, job.due)))
    if due[0] != due[1]:
        yield FactChange(job, JobFact.DUE, *due)
    if was.important != job.important:
        yield FactChange(job, JobFact.IMPORTANT, was.important, job.important)
    if was.quantity != job.quantity:
        yield FactChange(job, JobFact.QUANTITY, was.quantity, job.quantity)
    # A job without a material date is released at its snapshot's plan start: what has passed already is no news.
    material = (before.time_of(was.release), after.time_of(job.release))
    if material[0] != material[1] and max(material) > after.plan_start:
        yield FactChange(job, JobFact.MATERIAL, *material)


def _machines(before: Plant, after: Plant, now: datetime) -> Iterator[MachineChange]:
    """The ERP leaves out a machine that is not active; a plant may also say when one is down."""
    for machine in before.machines:
        if machine.id not in after.machine_by_id:
            yield MachineChange(machine, MachineEvent.DOWN)
    for machine in after.machines:
        was = before.machine_by_id.get(machine.id)
        if was is None:
            yield MachineChange(machine, MachineEvent.BACK)
            continue
        known = _outages(before, was)
        was_down = any(start <= now < end for start, end, _ in known)
        outages = _outages(after, machine)
        current = [o for o in outages if o[0] <= now < o[1]]
        if current and not was_down:
            start, end, reason = max(current, key=lambda o: o[1])
            yield MachineChange(machine, MachineEvent.DOWN, start, end, reason)
        elif was_down and not current:
            yield MachineChange(machine, MachineEvent.BACK)
        spans = {(start, end) for start, end, _ in known}
        for start, end, reason in outages:
            if start > now and (start, end) not in spans:
                yield MachineChange(machine, MachineEvent.OUTAGE, start, end, reason)


def _outages(plant: Plant, machine: Machine) -> list[tuple[datetime, datetime, str]]:
    """(start, end, reason) of every span in which the machine is said not to work."""
    spans = [(plant.time_of(d.start), plant.time_of(d.end), d.reason) for d in machine.downtime]
    if machine.available_from is not None:
        spans.append((datetime.min, plant.time_of(machine.available_from), "not available yet"))
    return spans
