"""A computation as its caller sees it, and why one is not taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scheduler_core.api.computations.questions import (
    ExpediteQuestion,
    FixesQuestion,
    OddsQuestion,
    PerformanceQuestion,
)
from scheduler_core.data.store_errors import NotFound
from scheduler_core.errors import ShopwrightError

AnyQuestion = FixesQuestion | ExpediteQuestion | OddsQuestion | PerformanceQuestion


class State(StrEnum):
    """Where a computation stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self not in (State.QUEUED, State.RUNNING)


@dataclass(frozen=True)
class Answer:
    """What a process found: ``document`` for the caller, and ``kept`` (pickled) for what the caller may ask next."""

    document: dict[str, object]
    kept: bytes = b""


@dataclass(frozen=True)
class Computation:
    """One question of ``owner``. ``fraction`` (0 to 1) and ``message`` are the latest progress.

    ``answer`` is set if it is done, ``error`` if it failed. Moments are aware UTC.
    """

    id: str
    owner: str
    question: AnyQuestion
    state: State
    created_at: datetime
    fraction: float = 0.0
    message: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    answer: Answer | None = None
    error: Exception | None = None


class UnknownComputation(NotFound):
    """A computation that this process does not hold: it never was, is another caller's, has been dropped, or was lost with a
    restart."""

    def __init__(self, computation_id: str) -> None:
        self.id = computation_id
        super().__init__(
            f"there is no computation {computation_id}: it was dropped after a while or with a restart of the API; ask again"
        )


class TooManyComputations(ShopwrightError):
    """A question that is not taken as too many are waiting; ``own``: of this caller, otherwise of all. ``seconds``: when to
    ask again."""

    def __init__(self, own: bool, most: int, seconds: int) -> None:
        self.own, self.seconds = own, seconds
        whose = "of this caller" if own else "of all callers"
        super().__init__(f"{most} computations {whose} wait or are at work: ask again when one of them has ended")


class ComputationFailed(ShopwrightError):
    """The process that computed ended without an answer, or was ended after the longest time that it may take."""
