"""The store's side of what follows a release: its delivery. Part of ``Store``, each method one transaction."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.engine import Connection

from scheduler_core.data import outbox
from scheduler_core.data.database import Database
from scheduler_core.data.release_records import Delivery, DeliveryState

T = TypeVar("T")


class ReleaseStore(ABC):
    """See the module's text. ``_database`` and ``_once`` are the store's."""

    _database: Database

    @abstractmethod
    def _once(self, work: Callable[[Connection], T]) -> T:
        """Do the work in one transaction."""

    # ---------------------------------------------------------------- delivery; claim, confirm and fail are an exporter's
    def claim_delivery(self, owner: str, lease_seconds: float, attempts: int) -> tuple[str, int] | None:
        """Lease the oldest release that is to be delivered now; its id and the attempt's number, or None. See ``outbox.claim``."""
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
