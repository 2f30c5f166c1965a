"""What a planner does with one order: it is held, or split into two."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from scheduler_core.errors import InvalidValue
from scheduler_core.limits import MAX_TEXT
from scheduler_core.plant import Job, Operation, Plant
from scheduler_core.scenarios.frozen_zone import loosened

HELD_MINUTES = 4 * 7 * 1440
"""So long from now an order stays out of the plan that is held until someone releases it."""


@dataclass(frozen=True)
class OrderHeld:
    """The order does not begin before minute ``until``; None: until it is released, planned as HELD_MINUTES from now."""

    job: str
    until: int | None = None

    def apply(self, plant: Plant, now: int = 0) -> Plant:
        """The plant in which it waits. Raises InvalidValue for an unknown order and for one that has begun: what is left of
        that is split off first."""
        job = known_job(plant, self.job)
        if any(_begun(op, now) for op in job.operations):
            raise InvalidValue("job", self.job, "has begun: split off what is left, and hold that")
        until = now + HELD_MINUTES if self.until is None else self.until
        return _with(plant, self.job, (loosened(replace(job, release=max(job.release, until)), 0, now),))


@dataclass(frozen=True)
class OrderSplit:
    """The order becomes two: ``quantity`` pieces keep its name, with due date ``due`` (minute, None: none) and their own
    importance; the others become the order ``rest`` with the due date and importance that it had.

    Processing minutes are shared in proportion, rounded up; each part has its own setups. Operations that have begun stay
    whole with the first part, and the rest follows behind them.
    """

    job: str
    quantity: int | float
    rest: str
    due: int | None
    important: bool

    def apply(self, plant: Plant, now: int = 0) -> Plant:
        """The plant with both parts. Raises InvalidValue for an unknown order, one without a quantity or with nothing left
        to begin, a quantity that is no part of it, and a name that is taken."""
        job = known_job(plant, self.job)
        if not job.quantity:
            raise InvalidValue("job", self.job, "states no quantity to split")
        if not (math.isfinite(self.quantity) and 0 < self.quantity < job.quantity):
            raise InvalidValue("quantity", self.quantity, f"is not between 0 and the order's {job.quantity:g}")
        if not 0 < len(self.rest) <= MAX_TEXT:
            raise InvalidValue("rest", self.rest, f"is empty or longer than {MAX_TEXT} characters")
        if self.rest in plant.job_by_id:
            raise InvalidValue("rest", self.rest, "is a job of the plant already")
        begun = tuple(op for op in job.operations if _begun(op, now))
        left = tuple(op for op in job.operations if not _begun(op, now))
        if not left:
            raise InvalidValue("job", self.job, "has begun its last operation: there is nothing to split")
        others = job.quantity - self.quantity
        first = replace(job, operations=(*begun, *(scaled(op, self.quantity / job.quantity) for op in left)),
                        quantity=self.quantity, due=self.due, important=self.important)  # fmt: skip
        behind = max((op.fixed.end for op in begun if op.fixed is not None), default=job.release)
        rest = replace(job, id=self.rest, operations=tuple(scaled(op, others / job.quantity) for op in left),
                       quantity=others, release=max(job.release, behind))  # fmt: skip
        return _with(plant, self.job, (loosened(first, 0, now), loosened(rest, 0, now)))


def scaled(op: Operation, factor: float) -> Operation:
    """The operation with ``factor`` times its processing minutes, rounded up, one at least; its setup stays."""

    def minutes(of: int) -> int:
        # Rounding first keeps 10 x 1.1 from becoming 12 by the last bit.
        return max(1, math.ceil(round(of * factor, 6)))

    return replace(
        op, minutes=minutes(op.minutes), minutes_by_machine={m: minutes(t) for m, t in op.minutes_by_machine.items()}
    )


def _begun(op: Operation, now: int) -> bool:
    return op.fixed is not None and op.fixed.start < now


def known_job(plant: Plant, job: str) -> Job:
    """The job of that number. Raises InvalidValue for one that the plant does not have."""
    if job not in plant.job_by_id:
        raise InvalidValue("job", job, "is not a known job")
    return plant.job_by_id[job]


def _with(plant: Plant, job: str, instead: tuple[Job, ...]) -> Plant:
    jobs = [(one,) if one.id != job else instead for one in plant.jobs]
    return replace(plant, jobs=tuple(one for parts in jobs for one in parts))
