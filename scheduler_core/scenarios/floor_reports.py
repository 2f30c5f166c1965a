"""What is reported from the floor before the ERP knows it: an operation has started, is finished, or pieces were scrapped.

A report tells of a moment ``at`` (minute of the plant, 0 or negative: before its plan_start). In the plant it is an ordinary
fixed or missing operation, so that engines and judge need no rule for it. What an order has open in front of an operation
that is finished is finished too; an operation that has started behind an open one is refused, because both cannot
be true in a plan.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from scheduler_core.errors import InvalidValue
from scheduler_core.plant import Fixed, Job, Operation, Plant
from scheduler_core.scenarios.frozen_zone import loosened
from scheduler_core.scenarios.order_changes import known_job, scaled
from scheduler_core.scenarios.running_time import RunningTime


@dataclass(frozen=True)
class OperationStarted:
    """Operation ``sequence`` of ``job`` has been at work on ``machine`` (id) since minute ``at``, its setup first."""

    job: str
    sequence: int
    machine: int
    at: int

    def apply(self, plant: Plant, now: int = 0) -> Plant:
        """The plant in which it is fixed there until its setup and processing minutes are worked; of one that began before
        plan_start only what is left, one minute at least, and no setup, as of the ERP's running operations. Operations that
        are fixed in its way and have not begun by then are set free.

        Raises InvalidValue for an unknown operation, a machine that it cannot run on, an open operation in front of it, and
        a machine that is at work on something else then.
        """
        job = known_job(plant, self.job)
        op = known_operation(job, self.sequence)
        machines = self._machines(plant, op)
        position = job.operations.index(op)
        begin = max(0, self.at)
        for front in job.operations[:position]:
            if front.fixed is None:
                raise InvalidValue("sequence", self.sequence, f"follows operation {front.sequence}, which is not finished")
            if front.fixed.end > begin:
                reason = f"follows operation {front.sequence}, which runs until {_said(plant, front.fixed.end)} in the plan"
                raise InvalidValue("sequence", self.sequence, f"{reason}: report that one as finished first")
        time = RunningTime(plant, machines, self.at)
        left = time.left(op.setup_minutes + op.processing_minutes(machines))
        fixed = Fixed(machines, begin, max(left.end, begin + 1))
        running = replace(op, fixed=fixed)
        if self.at <= 0:
            running = replace(running, setup_minutes=0, minutes=max(1, left.minutes), minutes_by_machine={})
        _refuse_busy(plant, fixed, (job.id, op.sequence))
        plant = _set_free(plant, fixed, (job.id, op.sequence))
        return _with_job(plant, _behind_free(_with_operation(job, running), position, fixed.end))

    def _machines(self, plant: Plant, op: Operation) -> tuple[int, ...]:
        if self.machine not in plant.machine_by_id:
            raise InvalidValue("machine", self.machine, "is not a known machine")
        able = plant.eligible_machines(op)
        if self.machine not in able:
            names = ", ".join(plant.machine_by_id[m].name for m in able)
            raise InvalidValue("machine", self.machine, f"cannot run operation {self.sequence} of {self.job}: {names} can")
        return able if op.requires_all else (self.machine,)


@dataclass(frozen=True)
class OperationFinished:
    """Operation ``sequence`` of ``job`` was finished at minute ``at``, with ``good`` pieces (None: as many as were to be
    made).

    ``of``: the order's pieces when it was said, by which a later pull tells whether the ERP counts anew; None: not known.
    """

    job: str
    sequence: int
    at: int
    good: int | float | None = None
    of: int | float | None = None

    def __post_init__(self) -> None:
        _check_pieces("good", self.good)
        _check_pieces("of", self.of)

    def apply(self, plant: Plant, now: int = 0) -> Plant:
        """The plant without it and without what its order has open in front of it; what comes behind may begin from then
        on. One that runs in the plan keeps its machine until then. With fewer good pieces than the order has, the operations
        behind have as many.

        Raises InvalidValue for an unknown operation, good pieces of an order that states no quantity, none at all, and where
        nothing would be left to plan.
        """
        job = known_job(plant, self.job)
        is_open = job.operations[0].sequence <= self.sequence
        if self.sequence > job.operations[-1].sequence or not (is_open or self._is_short(job)):
            known_operation(job, self.sequence)
        if self.good is not None and not job.quantity:
            raise InvalidValue("good", self.good, f"cannot be counted: order {self.job} states no quantity")
        if self.good == 0:
            raise InvalidValue("good", self.good, "leaves nothing to make: report the order as not made instead")
        behind = tuple(op for op in job.operations if op.sequence > self.sequence)
        kept = self._kept(job)
        release = job.release if not is_open or (kept and kept[-1].sequence == self.sequence) else max(job.release, self.at)
        if not kept and not behind:
            if len(plant.jobs) == 1:
                raise InvalidValue("job", self.job, "is the only one: nothing would be left to plan")
            return replace(plant, jobs=tuple(j for j in plant.jobs if j.id != self.job))
        left = replace(job, operations=(*kept, *behind), release=release)
        if kept and kept[-1].fixed is not None:
            left = _behind_free(left, len(kept) - 1, kept[-1].fixed.end)
        if self.good is not None and self._is_short(job):
            left = with_pieces(left, self.sequence, self.good, self.at)
        for op in kept:
            assert op.fixed is not None  # only what has a place is kept
            plant = _set_free(plant, op.fixed, (job.id, op.sequence))
        return _with_job(plant, left)

    def _is_short(self, job: Job) -> bool:
        return self.good is not None and job.quantity is not None and self.good < job.quantity

    def _kept(self, job: Job) -> tuple[Operation, ...]:
        """What ran until then, cut off at its end: the operation itself and those in front of it, the last at last."""
        kept: list[Operation] = []
        limit = self.at
        for op in reversed(job.operations):
            if op.sequence > self.sequence or op.fixed is None or op.fixed.start >= limit or limit <= 0:
                continue
            end = limit if op.sequence == self.sequence else min(op.fixed.end, limit)
            kept.append(replace(op, fixed=replace(op.fixed, end=end)))
            limit = op.fixed.start
        return tuple(reversed(kept))


@dataclass(frozen=True)
class PiecesScrapped:
    """``pieces`` of ``job`` were scrapped at operation ``sequence`` at minute ``at``: the operations behind have fewer.

    ``of``: the order's pieces when it was said, as in ``OperationFinished``.
    """

    job: str
    sequence: int
    at: int
    pieces: int | float
    of: int | float | None = None

    def __post_init__(self) -> None:
        _check_pieces("pieces", self.pieces)
        _check_pieces("of", self.of)
        if not self.pieces:
            raise InvalidValue("pieces", self.pieces, "is not above 0")

    def apply(self, plant: Plant, now: int = 0) -> Plant:
        """The plant in which the operations behind make the pieces that are left; the operation itself, in which the
        scrapped ones have cost their time, stays.

        Raises InvalidValue for an unknown order, one that states no quantity, a number behind its last operation, and where
        no good piece is left.
        """
        job = known_job(plant, self.job)
        if not job.quantity:
            reason = "states no quantity: how many good pieces are left is not known"
            raise InvalidValue("job", self.job, reason)
        if self.sequence > job.operations[-1].sequence:
            known_operation(job, self.sequence)
        left = job.quantity - self.pieces
        if left <= 0:
            reason = f"are all of the {job.quantity:g} that order {self.job} has left: report the order as not made instead"
            raise InvalidValue("pieces", self.pieces, reason)
        return _with_job(plant, with_pieces(job, self.sequence, left, self.at))


FloorReport = OperationStarted | OperationFinished | PiecesScrapped


def known_operation(job: Job, sequence: int) -> Operation:
    """The open operation of that number. Raises InvalidValue for one that the job does not have (any more)."""
    found = next((op for op in job.operations if op.sequence == sequence), None)
    if found is None:
        named = ", ".join(str(op.sequence) for op in job.operations)
        raise InvalidValue("sequence", sequence, f"is no open operation of order {job.id}: it has {named}")
    return found


def with_pieces(job: Job, sequence: int, pieces: int | float, at: int) -> Job:
    """The job with so many good pieces behind operation ``sequence``: processing minutes in proportion, rounded up. What has
    begun by minute ``at`` stays whole; the job states a quantity."""
    assert job.quantity
    factor = pieces / job.quantity
    begun = max(1, at)

    def fewer(op: Operation) -> Operation:
        stays = op.sequence <= sequence or (op.fixed is not None and op.fixed.start < begun)
        return op if stays else replace(scaled(op, factor), fixed=None)

    return replace(job, operations=tuple(fewer(op) for op in job.operations), quantity=pieces)


def _check_pieces(where: str, pieces: int | float | None) -> None:
    if pieces is not None and not (math.isfinite(pieces) and pieces >= 0):
        raise InvalidValue(where, pieces, "is not a number of pieces, 0 or more")


def _refuse_busy(plant: Plant, fixed: Fixed, key: tuple[str, int]) -> None:
    """Refuse a start while the machine is at work on something else, which has begun before."""
    for job in plant.jobs:
        for op in job.operations:
            other = op.fixed
            if other is None or (job.id, op.sequence) == key or not set(other.machines) & set(fixed.machines):
                continue
            if other.start <= fixed.start < other.end:
                name = plant.machine_by_id[next(m for m in fixed.machines if m in other.machines)].name
                reason = f"({name}) is at work on operation {op.sequence} of {job.id} until {_said(plant, other.end)}"
                raise InvalidValue("machine", fixed.machines[0], f"{reason}: report that one as finished first")


def _set_free(plant: Plant, fixed: Fixed, key: tuple[str, int]) -> Plant:
    """The plant in which nothing that has not begun is fixed in the way of ``fixed``, the place of ``key``."""

    def in_the_way(job: Job, op: Operation) -> bool:
        other = op.fixed
        if other is None or (job.id, op.sequence) == key or other.start <= fixed.start:
            return False
        return bool(set(other.machines) & set(fixed.machines)) and other.start < fixed.end

    jobs = []
    for job in plant.jobs:
        first = next((i for i, op in enumerate(job.operations) if in_the_way(job, op)), None)
        jobs.append(job if first is None else loosened(job, first, fixed.start + 1))
    return replace(plant, jobs=tuple(jobs))


def _behind_free(job: Job, position: int, end: int) -> Job:
    """The job whose operations behind a position are free where one of them is fixed before ``end``."""
    if any(op.fixed is not None and op.fixed.start < end for op in job.operations[position + 1 :]):
        return replace(
            job,
            operations=tuple(replace(op, fixed=None) if i > position else op for i, op in enumerate(job.operations)),
        )
    return job


def _with_operation(job: Job, op: Operation) -> Job:
    return replace(job, operations=tuple(op if o.sequence == op.sequence else o for o in job.operations))


def _with_job(plant: Plant, job: Job) -> Plant:
    return replace(plant, jobs=tuple(job if j.id == job.id else j for j in plant.jobs))


def _said(plant: Plant, minute: int) -> str:
    return plant.time_of(minute).strftime("%Y-%m-%d %H:%M")
