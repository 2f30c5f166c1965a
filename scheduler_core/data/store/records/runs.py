"""Runs: requests to an engine, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from scheduler_core.engines.config import EngineConfig

MANUAL = "manual"
"""The engine's name of a plan that was changed by hand."""
STANDING = "standing"
"""The engine's name of the standing search: its runs have the lowest class (see ``runs.next_in_line``)."""


class RunState(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    OK = "ok"  # a schedule that the validator passed
    FAILED = "failed"  # an error, a dead worker, or a schedule that broke a rule; ``fail_reason`` says which
    TIMEOUT = "timeout"  # the deadline passed
    CANCELLED = "cancelled"  # somebody stopped it

    @property
    def finished(self) -> bool:
        """True if nothing more will happen to the run."""
        return self not in (RunState.QUEUED, RunState.RUNNING)


class StopRequest(StrEnum):
    """What a planner asks of a running run."""

    STOP = "stop"  # end without a plan
    KEEP = "keep"  # end now with the best plan so far


@dataclass(frozen=True)
class RunRequest:
    """What a planner or a program asks of an engine. The same ``request_id`` makes one run, however often it is submitted.

    ``deadline_seconds``: wall seconds from its start after which the run is stopped and marked timeout.
    """

    request_id: str
    snapshot_id: str
    engine: str
    config: EngineConfig = field(default_factory=EngineConfig)
    actor: str = "planner"
    deadline_seconds: int = 600


@dataclass(frozen=True)
class Run:
    """One request to an engine. ``fraction`` (0 to 1) and ``message`` are the latest progress.

    ``deadline``: when the run is stopped and marked timeout; it counts from the start (while the run waits: as if it began
    when it was asked for). ``cancel_requested``: somebody asked it to stop, and it has not stopped yet; ``keep_requested``:
    somebody asked it to end with the best so far. ``order``: a higher one was asked for later, whatever the clock said.
    ``schedule_id`` is set if state is ok, and for a failed run whose schedule was rejected.
    """

    id: str
    request_id: str
    snapshot_id: str
    engine: str
    config: EngineConfig
    state: RunState
    fraction: float
    message: str
    cancel_requested: bool
    keep_requested: bool
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    deadline: datetime
    lease_owner: str | None
    lease_until: datetime | None
    fail_reason: str | None
    schedule_id: str | None
    order: int = 0

    @property
    def allowed_seconds(self) -> float:
        """How long the run may be at work."""
        return (self.deadline - (self.started_at or self.created_at)).total_seconds()

    def waited(self) -> float | None:
        """Wall seconds from asking for it to its start; None while it waits."""
        return None if self.started_at is None else (self.started_at - self.created_at).total_seconds()

    def seconds(self, now: datetime) -> float:
        """Wall seconds from start to finish, or to ``now`` (aware) while it runs; 0 while it waits, and where the clock was
        set back meanwhile so that nobody knows."""
        if self.started_at is None:
            return 0.0
        return max(0.0, ((self.finished_at or now) - self.started_at).total_seconds())
