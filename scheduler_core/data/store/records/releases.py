"""Releases with what leads to them (approvals, proposals, roll-backs) and what follows (dispatch rows, deliveries)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

DELIVERY_OVERDUE = timedelta(minutes=15)
"""A release that has waited this long for its first attempt has no exporter: Today and health tell it."""


@dataclass(frozen=True)
class ApprovalRequest:
    """A planner's decision to release a schedule.

    request_id: minted when the button is drawn; the same id again returns the first approval.
    on_top_of: number of the release that the planner saw as current, None if there was none; if another one has been
    released meanwhile, the approval is refused.
    content_sha256: hash of the schedule that the planner saw.
    override_reason: why the plan is released although the ERP has changed since its snapshot; None to be refused then.
    acknowledged: ids of exactly the orders of the release in force that this plan no longer has and that were not finished
    (``ReleaseRepository.leaving``).
    """

    request_id: str
    schedule_id: str
    content_sha256: str
    approver: str
    comment: str = ""
    on_top_of: int | None = None
    override_reason: str | None = None
    acknowledged: tuple[str, ...] = ()


@dataclass(frozen=True)
class Release:
    """An approved schedule. ``number`` rises by 1 per plant, from 1 on; ``override_reason`` is set if the ERP had changed.

    epoch: 0, or in a store that has gone on from an older backup the number of its ``ReleaseEpoch``, at whose beginning
    ``number`` leaps over those that the receiver may know.
    order: a plan with a higher one was stored after the release, whatever the clock said.
    """

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
    order: int = 0
    epoch: int = 0


@dataclass(frozen=True)
class ReleaseEpoch:
    """From when and from which number on releases count that were made after a restore from an older backup.

    ``number``: seconds since 1970 UTC of its beginning, rising. ``first_number``: the least number of a release in it.
    """

    number: int
    first_number: int
    actor: str
    begun_at: datetime


@dataclass(frozen=True)
class KnownRelease:
    """A release that a receiver or a store holds: its approval's id, number and epoch (0: none has begun)."""

    approval_id: str
    number: int
    epoch: int


@dataclass(frozen=True)
class ExporterSign:
    """The newest sign of life of an exporter, which said that it would be heard of again by ``alive_until``."""

    owner: str
    seen_at: datetime
    alive_until: datetime


@dataclass(frozen=True)
class DispatchRow:
    """One line of the shop floor's list: an operation on one machine, in plant wall-clock time.

    ``position`` counts from 1 per machine. ``due`` is None for a job without due date. Times are naive; one that the plant's
    clock shows twice has its offset from UTC.
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
class RollbackRequest:
    """A decision to go back to an earlier release's schedule, as a new release.

    request_id, approver, on_top_of, override_reason, acknowledged: as for ``ApprovalRequest``. back_to: number of the
    earlier release of ``plant``. reason: why; must not be empty.
    """

    request_id: str
    plant: str
    back_to: int
    approver: str
    reason: str
    on_top_of: int
    override_reason: str | None = None
    acknowledged: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProposalRequest:
    """A wish that somebody else releases a schedule on top of release ``on_top_of`` (None: the first one).

    back_to: number of the earlier release if it is a roll-back. remark: the comment, or a roll-back's reason.
    """

    request_id: str
    schedule_id: str
    content_sha256: str
    proposer: str
    remark: str = ""
    on_top_of: int | None = None
    back_to: int | None = None


@dataclass(frozen=True)
class Proposal:
    """A stored proposal; ``back_to`` is the number of the release to go back to, None for a new plan."""

    id: str
    plant: str
    schedule_id: str
    content_sha256: str
    on_top_of: int | None
    back_to: int | None
    proposer: str
    remark: str
    proposed_at: datetime


class DeliveryState(StrEnum):
    """Where a release stands on its way to the ERP."""

    PENDING = "pending"  # waits for its first or its next attempt
    SENT = "sent"  # an exporter holds it under a lease: handed over, and not acknowledged yet
    CONFIRMED = "confirmed"  # the receiver has acknowledged it; final
    DEAD = "dead"  # given up after the last attempt, until somebody asks for a retry


@dataclass(frozen=True)
class Delivery:
    """The delivery of one release. ``attempts`` counts on over retries; ``last_error`` is the newest failure's reason."""

    release_id: str
    plant: str
    number: int
    state: DeliveryState
    attempts: int
    released_at: datetime
    confirmed_at: datetime | None
    next_try_at: datetime | None
    last_error: str | None
