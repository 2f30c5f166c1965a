"""The store's side of proposals, roll-backs and deliveries. Part of ``Store``, each method one transaction."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TypeVar

from sqlalchemy.engine import Connection

from scheduler_core.data.database import Database
from scheduler_core.data.store import approvals, audit_verification, outbox, proposals
from scheduler_core.data.store.audit_verification import Broken
from scheduler_core.data.store.records import Release
from scheduler_core.data.store.release_records import Delivery, DeliveryState, Proposal, ProposalRequest, RollbackRequest

T = TypeVar("T")


class ReleaseStore(ABC):
    """See the module's text. ``_database`` and ``_once`` are the store's."""

    _database: Database

    @abstractmethod
    def _once(self, work: Callable[[Connection], T]) -> T:
        """Do the work in one transaction."""

    # ---------------------------------------------------------------- roll-back and the second name
    def roll_back(self, request: RollbackRequest, current_fingerprint: str | None, four_eyes: bool = False) -> Release:
        """Release an earlier release's schedule once more, as a new release; like ``approve`` in everything else."""
        return self._once(lambda connection: approvals.roll_back(connection, request, current_fingerprint, four_eyes))

    def rolled_back(self, plant: str) -> Mapping[int, int]:
        """Of each roll-back of a plant: its number, and the number of the release that it went back to."""
        with self._database.reading() as connection:
            return approvals.rolled_back(connection, plant)

    def propose(self, request: ProposalRequest) -> Proposal:
        """Ask for the second name; the same request id again returns the first proposal. Raises Refused, NotFound."""
        return self._once(lambda connection: proposals.propose(connection, request))

    def waiting_proposals(self, plant: str) -> tuple[Proposal, ...]:
        """What waits for a second name on top of the current release, newest first."""
        with self._database.reading() as connection:
            return proposals.waiting(connection, plant)

    def verify_audit(self) -> Broken | None:
        """The first line of the audit trail, or the first act in the tables, that does not agree; None if all do."""
        with self._database.reading() as connection:
            return audit_verification.verify(connection)

    # ---------------------------------------------------------------- delivery; claim, confirm and fail are an exporter's
    def claim_delivery(self, owner: str, lease_seconds: float, attempts: int) -> tuple[str, int] | None:
        """Lease the oldest release that is to be delivered now; its id and the attempt's number, or None."""
        lease = round(lease_seconds * 1_000_000)
        return self._database.writing(lambda connection: outbox.claim(connection, owner, lease, attempts))

    def confirm_delivery(self, release_id: str, owner: str, receipt: str) -> None:
        """Note that the receiver has the release. Raises LeaseLost."""
        self._database.writing(lambda connection: outbox.confirm(connection, release_id, owner, receipt))

    def fail_delivery(
        self, release_id: str, owner: str, reason: str, *, attempts: int, wait_seconds: float
    ) -> DeliveryState:
        """Note a failed attempt; returns pending, or dead after every ``attempts``-th. Raises LeaseLost."""
        wait = round(wait_seconds * 1_000_000)
        return self._database.writing(lambda c: outbox.fail(c, release_id, owner, reason, attempts, wait))

    def retry_delivery(self, release_id: str, actor: str) -> None:
        """Let a delivery that was given up be tried again. Raises NotFound, and Refused for any other."""
        self._database.writing(lambda connection: outbox.retry(connection, release_id, actor))

    def deliveries(self, plant: str | None = None, limit: int = 50) -> tuple[Delivery, ...]:
        """How far releases have come on their way to the ERP, newest first; ``plant`` None: of all plants."""
        with self._database.reading() as connection:
            return outbox.deliveries(connection, plant, limit)
