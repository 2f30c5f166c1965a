"""Releases of plans, roll-backs, and proposals that wait for a second name. Each method is one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from scheduler_core.analysis.job_sets import LeavingJob
from scheduler_core.data.database import Database
from scheduler_core.data.store import acknowledgements, approvals, proposals, release_contents, release_numbers
from scheduler_core.data.store.records import (
    ApprovalRequest,
    DispatchRow,
    Proposal,
    ProposalRequest,
    Release,
    ReleaseEpoch,
    RollbackRequest,
)


class ReleaseRepository:
    """Releases by id, newest first. Unknown ids raise NotFound."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def approve(
        self,
        request: ApprovalRequest,
        current_fingerprint: str | None,
        four_eyes: bool = False,
        approved_at: datetime | None = None,
    ) -> Release:
        """Release a schedule in one transaction: approval, dispatch rows, outbox and audit, or nothing at all.

        ``current_fingerprint``: of the ERP's rows now (``releasing.approve`` reads it), None for a snapshot from a file.
        Raises Refused (violations in the stored rows, another content hash, another release meanwhile, already current, no
        approver's name; with ``four_eyes`` also no proposal by somebody else), Unacknowledged and StaleSnapshot. Pages call
        ``authorized.approve``, which reads the fingerprint first. ``approved_at`` (aware): None for now; another time is
        only for a simulated history (``services.demo_history``), and the audit line has the real one beside it.
        """
        return self._database.writing_once(
            lambda connection: approvals.approve(connection, request, current_fingerprint, four_eyes, approved_at)
        )

    def roll_back(self, request: RollbackRequest, current_fingerprint: str | None, four_eyes: bool = False) -> Release:
        """Release an earlier release's schedule once more, as a new release; like ``approve`` in everything else."""
        return self._database.writing_once(
            lambda connection: approvals.roll_back(connection, request, current_fingerprint, four_eyes)
        )

    def current(self, plant: str) -> Release | None:
        """The latest release of a plant (by ``SnapshotInfo.plant``), None before the first."""
        with self._database.reading() as connection:
            return approvals.current(connection, plant)

    def newest(self, plant: str, limit: int = 50, below: int | None = None) -> tuple[Release, ...]:
        """Newest first; ``below``: only those with a smaller number."""
        with self._database.reading() as connection:
            return approvals.newest(connection, plant, limit, below)

    def of_request(self, request_id: str) -> Release | None:
        """The release to which a request has led, None if it has led to none."""
        with self._database.reading() as connection:
            return approvals.of_request(connection, request_id)

    def proposal_of_request(self, request_id: str) -> Proposal | None:
        """The proposal to which a request has led, None if it has led to none."""
        with self._database.reading() as connection:
            return proposals.of_request(connection, request_id)

    def next_number(self, plant: str) -> int:
        """The number that a plant's next release gets."""
        with self._database.reading() as connection:
            return release_numbers.following(connection, plant).number

    def begin_epoch(self, first_number: int, above: int, actor: str) -> ReleaseEpoch:
        """Let releases of all plants go on from a number, in a new epoch: see ``release_numbers.begin_epoch``."""
        return self._database.writing(lambda c: release_numbers.begin_epoch(c, first_number, above, actor))

    def get(self, release_id: str) -> Release:
        """One release by its id."""
        with self._database.reading() as connection:
            return approvals.get(connection, release_id)

    def dispatch_rows(self, release_id: str) -> tuple[DispatchRow, ...]:
        """What was written for the shop floor, by machine and position."""
        with self._database.reading() as connection:
            return approvals.dispatch_rows(connection, release_id)

    def forged(self, release_id: str) -> str | None:
        """Why a release does not hold what the audit trail says was approved, and must not be sent; None if it does."""
        with self._database.reading() as connection:
            return release_contents.forged(connection, release_id)

    def leaving(self, plant: str, snapshot_id: str) -> tuple[LeavingJob, ...]:
        """The orders of the release in force that a snapshot's plans do not have; those that are a loss need to be
        acknowledged by who approves one of these plans."""
        with self._database.reading() as connection:
            return acknowledgements.leaving(connection, approvals.current(connection, plant), snapshot_id)

    def acknowledged(self, release_id: str) -> Mapping[str, str]:
        """Job by job, why it left the plan (``quarantined`` or ``dropped``), as acknowledged with a release."""
        with self._database.reading() as connection:
            return acknowledgements.of_release(connection, release_id)

    def rolled_back(self, plant: str) -> Mapping[int, int]:
        """Of each roll-back of a plant: its number, and the number of the release that it went back to."""
        with self._database.reading() as connection:
            return approvals.rolled_back(connection, plant)

    def propose(self, request: ProposalRequest) -> Proposal:
        """Ask for the second name; the same request id again returns the first proposal. Raises Refused, NotFound."""
        return self._database.writing_once(lambda connection: proposals.propose(connection, request))

    def waiting_proposals(self, plant: str) -> tuple[Proposal, ...]:
        """What waits for a second name on top of the current release, newest first."""
        with self._database.reading() as connection:
            return proposals.waiting(connection, plant)
