"""What the store keeps, as frozen records.

Times are aware UTC unless a field says plant time (naive).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from scheduler_core.engines.config import EngineConfig
from scheduler_core.judge.kpis import Kpis
from scheduler_core.schedule import Status


class Source(StrEnum):
    """Where a snapshot came from."""

    ERP = "erp"  # a live pull
    DEMO = "demo"  # a pull from the demo ERP, whose clock stands still
    FILE = "file"  # a snapshot or benchmark file that somebody opened


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


class Wish(StrEnum):
    """What a planner asks of a running run."""

    STOP = "stop"  # end without a plan
    KEEP = "keep"  # end now with the best plan so far


@dataclass(frozen=True)
class QuarantinedRow:
    """A source row that cannot be used, and why. With a ``job``, that whole job is left out of the plan.

    ``row`` identifies the row inside ``table`` (such as ``TxnId_i=7, RowId_i=2``); ``value`` is the field's content as text.
    """

    table: str
    row: str
    field: str
    value: str
    reason: str
    job: str | None = None


@dataclass(frozen=True)
class PullNote:
    """Something about a row that was used that a planner should know (an assigned machine out of service, no due date)."""

    table: str
    row: str
    message: str
    job: str | None = None


@dataclass(frozen=True)
class PullCounts:
    """How many jobs and rows were read; accepted + quarantined = read, for jobs and for rows.

    ``beyond_horizon``: open jobs due after the pull's horizon, which are not read at all.
    """

    jobs_read: int
    jobs_accepted: int
    jobs_quarantined: int
    rows_read: int
    rows_accepted: int
    rows_quarantined: int
    beyond_horizon: int = 0


@dataclass(frozen=True)
class SnapshotInfo:
    """A stored snapshot without its plant (see ``Store.plant``).

    ``plan_start`` is naive plant time. ``fingerprint`` is the SHA-256 of the source rows, None for a file. ``banner`` is a
    sentence to show on every page (the demo's clock), or None. ``sha256`` is the hash of the canonical snapshot JSON.
    """

    id: str
    plant: str
    source: Source
    taken_at: datetime
    plan_start: datetime
    timezone: str
    counts: PullCounts
    operation_count: int
    sha256: str
    fingerprint: str | None
    banner: str | None

    def age_minutes(self, now: datetime) -> int:
        """Whole minutes from taking the snapshot to ``now`` (aware)."""
        return int((now - self.taken_at).total_seconds() // 60)


MANUAL = "manual"
"""The engine's name of a plan that was changed by hand."""


@dataclass(frozen=True)
class Run:
    """One request to an engine. ``fraction`` (0 to 1) and ``message`` are the latest progress.

    ``deadline``: when the run is stopped and marked timeout; it counts from the start (while the run waits: as if it began
    when it was asked for). ``cancel_requested``: somebody asked it to stop, and it has not stopped yet; ``keep_requested``:
    somebody asked it to end with the best so far. ``schedule_id`` is set if state is ok, and for a failed run whose schedule
    was rejected.
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

    @property
    def allowed_seconds(self) -> float:
        """How long the run may be at work."""
        return (self.deadline - (self.started_at or self.created_at)).total_seconds()

    def waited(self) -> float | None:
        """Wall seconds from asking for it to its start; None while it waits."""
        return None if self.started_at is None else (self.started_at - self.created_at).total_seconds()

    def seconds(self, now: datetime) -> float:
        """Wall seconds from start to finish, or to ``now`` (aware) while it runs; 0 while it waits."""
        if self.started_at is None:
            return 0.0
        return ((self.finished_at or now) - self.started_at).total_seconds()


@dataclass(frozen=True)
class Fault:
    """A violation as stored: the rule's name (see ``scheduler_core.judge.validator.Rule``) and where it is broken."""

    rule: str
    job: str
    sequence: int | None
    machine: int | None
    message: str


@dataclass(frozen=True)
class StoredSchedule:
    """A schedule's facts without its assignments (see ``Store.schedule``).

    ``fault_count`` = 0: a plan. Otherwise it was rejected: it is kept with its faults as evidence and can't be loaded as a
    plan or approved; its ``kpis`` is None. ``content_sha256`` is the hash of the stored assignments.
    """

    id: str
    run_id: str
    snapshot_id: str
    engine: str
    status: Status
    content_sha256: str
    fault_count: int
    kpis: Kpis | None
    objective: float | None
    lower_bound: float | None
    seconds: float
    detail: Mapping[str, object]
    created_at: datetime

    @property
    def rejected(self) -> bool:
        """True if the validator found a fault."""
        return self.fault_count > 0


@dataclass(frozen=True)
class ApprovalRequest:
    """A planner's decision to release a schedule.

    request_id: minted when the button is drawn; the same id again returns the first approval.
    on_top_of: number of the release that the planner saw as current, None if there was none; if another one has been
    released meanwhile, the approval is refused.
    content_sha256: hash of the schedule that the planner saw.
    override_reason: why the plan is released although the ERP has changed since its snapshot; None to be refused then.
    """

    request_id: str
    schedule_id: str
    content_sha256: str
    approver: str
    comment: str = ""
    on_top_of: int | None = None
    override_reason: str | None = None


@dataclass(frozen=True)
class Release:
    """An approved schedule. ``number`` counts from 1 per plant; ``override_reason`` is set if the ERP had changed."""

    id: str
    plant: str
    number: int
    schedule_id: str
    snapshot_id: str
    content_sha256: str
    approver: str
    comment: str
    approved_at: datetime
    override_reason: str | None


@dataclass(frozen=True)
class DispatchRow:
    """One line of the shop floor's list: an operation on one machine, in plant wall-clock time.

    ``position`` counts from 1 per machine. ``due`` is None for a job without due date.
    """

    machine: int
    machine_name: str
    position: int
    job: str
    sequence: int
    process: str
    product: str | None
    quantity: int | float | None
    setup_minutes: int
    start: datetime
    end: datetime
    due: datetime | None


@dataclass(frozen=True)
class AuditEntry:
    """One line of the audit trail; ``row_hash`` covers the line and the hash of the line before."""

    sequence: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, object] = field(default_factory=dict)
    row_hash: str = ""
