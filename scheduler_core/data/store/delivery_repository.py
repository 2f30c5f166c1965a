"""Deliveries of releases to the ERP's side. Each method is one transaction; claim, confirm, fail, refuse: an exporter's."""

from __future__ import annotations

import time

from scheduler_core.data.database import Database
from scheduler_core.data.store import heartbeat, outbox, serialization
from scheduler_core.data.store.records import Delivery, DeliveryState
from scheduler_core.data.store.silence import SilenceWatch


class DeliveryRepository:
    """Deliveries by their release's id. Unknown ids raise NotFound."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._watch = SilenceWatch()

    def claim(self, owner: str, lease_seconds: float, attempts: int) -> tuple[str, int] | None:
        """Lease the oldest release that is to be delivered now; its id and the attempt's number, or None.

        A message that another exporter holds is taken over when this repository has seen it held for a lease, or at once
        where the lease was over by the clock when it was first seen.
        """
        lease = round(lease_seconds * 1_000_000)
        with self._database.reading() as connection:
            held = outbox.under_way(connection)
        now = serialization.now_us()
        silent = self._watch.silent(held, time.monotonic(), lambda message: 0.0 if held[message] < now else lease_seconds)
        return self._database.writing(lambda connection: outbox.claim(connection, owner, lease, attempts, silent))

    def confirm(self, release_id: str, owner: str, receipt: str) -> None:
        """Note that the receiver has the release. Raises LeaseLost."""
        self._database.writing(lambda connection: outbox.confirm(connection, release_id, owner, receipt))

    def fail(self, release_id: str, owner: str, reason: str, *, attempts: int, wait_seconds: float) -> DeliveryState:
        """Note a failed attempt; returns pending, or dead after every ``attempts``-th. Raises LeaseLost."""
        wait = round(wait_seconds * 1_000_000)
        return self._database.writing(lambda c: outbox.fail(c, release_id, owner, reason, attempts, wait))

    def refuse(self, release_id: str, owner: str, reason: str) -> DeliveryState:
        """Give a release up at once, because it must not be sent: returns dead. Raises LeaseLost."""
        return self._database.writing(lambda connection: outbox.refuse(connection, release_id, owner, reason))

    def retry(self, release_id: str, actor: str) -> None:
        """Let a delivery that was given up be tried again. Raises NotFound, and Refused for any other."""
        self._database.writing(lambda connection: outbox.retry(connection, release_id, actor))

    def newest(self, plant: str | None = None, limit: int = 50) -> tuple[Delivery, ...]:
        """How far releases have come on their way to the ERP, newest first; ``plant`` None: of all plants."""
        with self._database.reading() as connection:
            return outbox.deliveries(connection, plant, limit)

    def of_release(self, release_id: str) -> Delivery:
        """How far one release has come on its way to the ERP. Raises NotFound."""
        with self._database.reading() as connection:
            return outbox.of_release(connection, release_id)

    def beat(self, owner: str, for_seconds: float) -> None:
        """Note that an exporter lives and will be heard of again within ``for_seconds``; 0: it ends now."""
        self._database.writing_once(lambda connection: heartbeat.beat(connection, owner, round(for_seconds * 1_000_000)))
