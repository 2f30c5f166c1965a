"""Empties the outbox: claims a release under a lease, hands it over, and notes how that went. May be killed at any time."""

from __future__ import annotations

import os
import random
import socket
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from scheduler_core.data.database import open_store
from scheduler_core.data.export.config import ExportConfig, export_secret, export_url
from scheduler_core.data.export.message import Message, NotDelivered, Receiver, message_of
from scheduler_core.data.export.table_receiver import ReceivingTable
from scheduler_core.data.export.webhook_receiver import Webhook
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import DeliveryState
from scheduler_core.data.store_errors import LeaseLost
from scheduler_core.errors import InvalidValue

NOT_AS_APPROVED = "not sent, because it is not what was approved: {reason} (see 'shopwright audit verify')"


@dataclass(frozen=True)
class Attempt:
    """One attempt: ``state`` afterwards (sent: another exporter has taken the message over) and what was said."""

    plant: str
    number: int
    state: DeliveryState
    said: str


class Exporter:
    """Several may run at once, in any process: a lease gives each message to one of them."""

    def __init__(self, store: Store, receiver: Receiver, config: ExportConfig) -> None:
        self._store, self._receiver, self._config = store, receiver, config
        self._owner = f"{socket.gethostname()[:20]}-{os.getpid()}-{uuid.uuid4().hex[:8]}"

    @property
    def store(self) -> Store:
        """Whose outbox it empties."""
        return self._store

    def deliver_next(self) -> Attempt | None:
        """One attempt for the oldest release that is due, None if none is."""
        claimed = self._store.deliveries.claim(self._owner, self._config.lease_seconds, self._config.attempts)
        if claimed is None:
            return None
        release_id, tried = claimed
        try:
            if (forged := self._store.releases.forged(release_id)) is not None:
                said = NOT_AS_APPROVED.format(reason=forged)
                state = self._store.deliveries.refuse(release_id, self._owner, said)
            else:
                state, said = self._hand_over(message_of(self._store, release_id), tried)
        except LeaseLost as lost:
            state, said = DeliveryState.SENT, str(lost)
        release = self._store.releases.get(release_id)
        return Attempt(release.plant, release.number, state, said)

    def beat(self, for_seconds: float) -> None:
        """Note in the store that this exporter lives and will be heard of again within ``for_seconds``; 0: it ends now."""
        self._store.deliveries.beat(self._owner, for_seconds)

    def deliver_due(self, stop: Callable[[], bool] = lambda: False) -> Iterator[Attempt]:
        """Attempts until nothing is due or ``stop`` says so; one that failed is due again only after its wait."""
        while not stop():
            attempt = self.deliver_next()
            if attempt is None:
                return
            yield attempt

    def _hand_over(self, message: Message, tried: int) -> tuple[DeliveryState, str]:
        release_id = message.approval_id
        try:
            said = self._receiver.deliver(message)
        except NotDelivered as failure:
            in_a_row = (tried - 1) % self._config.attempts + 1
            # Between half and all of it, so that several releases are not tried in the same moment for ever.
            wait = self._config.wait_after(in_a_row) * (0.5 + random.random() / 2)
            state = self._store.deliveries.fail(
                release_id, self._owner, str(failure), attempts=self._config.attempts, wait_seconds=wait
            )
            return state, str(failure)
        self._store.deliveries.confirm(release_id, self._owner, said)
        return DeliveryState.CONFIRMED, said


@contextmanager
def receiver_of(config: ExportConfig, stopped: Callable[[], bool] = lambda: False) -> Iterator[Receiver]:
    """The receiver that the settings and the environment name. Raises InvalidValue, and DatabaseUnavailable for a table.

    ``stopped``: says when an attempt under way shall end soon.
    """
    if config.receiver == "webhook":
        yield Webhook(export_url(), config.timeout_seconds, export_secret(), config.allow_plain_http, stopped)
    elif config.receiver == "table":
        with closing(open_store(export_url())) as database:
            yield ReceivingTable(database)
    else:
        raise InvalidValue("configs/export.yaml: receiver", config.receiver, "names nobody to export to: table or webhook")
