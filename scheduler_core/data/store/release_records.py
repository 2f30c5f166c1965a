"""What the store keeps beside a release: its delivery, a proposal that waits for a second name, a wish to roll back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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


@dataclass(frozen=True)
class RollbackRequest:
    """A decision to go back to an earlier release's schedule, as a new release.

    request_id, approver, on_top_of, override_reason: as for ``ApprovalRequest``. back_to: number of the earlier release of
    ``plant``. reason: why; must not be empty.
    """

    request_id: str
    plant: str
    back_to: int
    approver: str
    reason: str
    on_top_of: int
    override_reason: str | None = None


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
