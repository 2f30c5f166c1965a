"""An operation as it really ran, and what the plan in force had said of it.

A pull is a look at the floor, no clock at each machine: it tells only that an operation waits, runs or is finished *now*. A
beginning or an end is therefore known as a range between two pulls, and no minute in it is likelier than another.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scheduler_core.errors import InvalidValue


@dataclass(frozen=True)
class Between:
    """A moment from ``after`` (None: nobody knows since when) to ``until``, both included; naive plant time."""

    after: datetime | None
    until: datetime


@dataclass(frozen=True)
class Minutes:
    """A number of minutes from ``low`` to ``high``, both included; None: not bounded on that side."""

    low: int | None
    high: int | None

    def __post_init__(self) -> None:
        if self.low is not None and self.high is not None and self.low > self.high:
            raise InvalidValue("low", self.low, f"must not exceed high, which is {self.high}")

    @property
    def middle(self) -> float | None:
        """The middle of the range; None where it has none."""
        return None if self.low is None or self.high is None else (self.low + self.high) / 2

    @property
    def width(self) -> int | None:
        """How uncertain the number is; None without bound."""
        return None if self.low is None or self.high is None else self.high - self.low


class Evidence(StrEnum):
    """How it is known that an operation has begun."""

    RUNNING = "running"  # a pull showed it at work
    FINISHED = "finished"  # it was gone from an order that is still open: begun and finished between two pulls
    ORDER_GONE = "order-gone"  # it was gone together with its order, which may have been finished or cancelled


@dataclass(frozen=True)
class PlannedPlace:
    """What the plan in force had said of an operation when it began.

    plan: the schedule's id. start, end: naive plant time. setup_minutes: setup inside [start, end).
    shift_before, shift_after: minutes from the beginning of the shift of the planned start to that start, and from there to
    the beginning of the next shift.
    """

    plan: str
    machines: tuple[int, ...]
    start: datetime
    end: datetime
    setup_minutes: int
    shift_before: int
    shift_after: int


@dataclass(frozen=True)
class OperationActual:
    """One operation of an order.

    machines: ids where it ran; empty where no pull showed it and more than one machine could have been it.
    ended: None while it runs. last: it is its order's last operation. due: its order's due date, naive plant time.
    minutes: planned processing minutes on its machine; None where only a rest of them was ever seen, or the machine is not
    known.
    planned: None where no plan in force had it, or nobody knows which plan was in force when it began.
    start_late, end_late: minutes after the planned start and end (negative: before), with ``planned`` only.
    worked: working minutes of its machines between beginning and end (so far, while it runs), setup included, time in which
    the machine was down excluded; None where the machine is not known.
    interrupted: it was not at work all the time, changed its machine, or was out of sight in a pull between: ``worked`` is
    no duration then.
    """

    job: str
    sequence: int
    process: str
    machines: tuple[int, ...]
    began: Between
    ended: Between | None
    evidence: Evidence
    last: bool = False
    due: datetime | None = None
    minutes: int | None = None
    planned: PlannedPlace | None = None
    start_late: Minutes | None = None
    end_late: Minutes | None = None
    worked: Minutes | None = None
    interrupted: bool = False

    @property
    def key(self) -> tuple[str, int]:
        """(job id, sequence): identifies the operation."""
        return (self.job, self.sequence)

    @property
    def certain(self) -> bool:
        """Whether it has surely begun: what went together with its order may have been cancelled."""
        return self.evidence is not Evidence.ORDER_GONE


@dataclass(frozen=True)
class Progress:
    """What runs at a pull, and what has ended since the pull before, each in the order of the plants' jobs."""

    running: tuple[OperationActual, ...]
    ended: tuple[OperationActual, ...]
