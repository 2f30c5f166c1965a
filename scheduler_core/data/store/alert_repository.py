"""Incidents, the messages about them, and who sends these. Each method is one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from scheduler_core.data.database import Database
from scheduler_core.data.store import alert_events, alert_hosts, alert_messages
from scheduler_core.data.store.records import AlertMessage, HostSign, Incident, IncidentChanges, IncidentEvent


class AlertRepository:
    """Incidents by id. Times are aware; ``now`` is the clock of whoever looks, so that fast motion is possible."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # ---------------------------------------------------------------- incidents
    def opened(self) -> tuple[Incident, ...]:
        """The open incidents, the oldest first."""
        with self._database.reading() as connection:
            return alert_events.opened(connection)

    def newest(
        self, limit: int = 50, *, after: tuple[int, str] | None = None, only_open: bool = False
    ) -> tuple[Incident, ...]:
        """Incidents that began last, open or over: the newest first; ``after``: order and id of the last of a page."""
        with self._database.reading() as connection:
            return alert_events.newest(connection, limit, None if after is None else after[0], only_open)

    def get(self, incident_id: str) -> Incident:
        """One incident. Raises NotFound."""
        with self._database.reading() as connection:
            return alert_events.get(connection, incident_id)

    def change(self, changes: IncidentChanges, now: datetime) -> None:
        """Keep what one look found; what is open already does not begin again."""
        self._database.writing(lambda connection: alert_events.change(connection, changes, now))

    def acknowledge(self, incident_id: str, actor: str) -> bool:
        """Note who has seen an open incident, with its line in the audit trail; False if somebody has already.

        Raises NotFound, and Refused for an incident that is over.
        """
        return self._database.writing(lambda connection: alert_events.acknowledge(connection, incident_id, actor))

    # ---------------------------------------------------------------- messages
    def untold(self, receiver: str, since: datetime) -> tuple[IncidentEvent, ...]:
        """Events for a receiver that no message to it tells of, from ``since`` on, the oldest first."""
        with self._database.reading() as connection:
            return alert_events.untold(connection, receiver, since)

    def write(self, receiver: str, title: str, body: str, events: Sequence[int], now: datetime) -> AlertMessage | None:
        """Keep a message about these events before it is sent; None where one of them is told already."""
        return self._database.writing(
            lambda connection: alert_messages.write(connection, receiver, title, body, events, now)
        )  # fmt: skip

    def tried(self, message_id: str, *, arrived: bool, reason: str, now: datetime) -> None:
        """Note what an attempt to deliver a message came to."""
        self._database.writing_once(lambda connection: alert_messages.tried(connection, message_id, arrived, reason, now))

    def unarrived(self, receiver: str, since: datetime) -> tuple[AlertMessage, ...]:
        """Messages to a receiver, written from ``since`` on, that have not arrived: the oldest first."""
        with self._database.reading() as connection:
            return alert_messages.unarrived(connection, receiver, since)

    def messages_about(self, incidents: Sequence[str]) -> tuple[AlertMessage, ...]:
        """The messages about these incidents (ids), the oldest first."""
        with self._database.reading() as connection:
            return alert_messages.about(connection, incidents)

    def messages(self, limit: int = 50) -> tuple[AlertMessage, ...]:
        """The newest messages with what came of them, the newest first."""
        with self._database.reading() as connection:
            return alert_messages.newest(connection, limit)

    # ---------------------------------------------------------------- who sends, and who lives
    def take_turn(self, owner: str, now: datetime, lease: timedelta) -> bool:
        """Whether ``owner`` is the one that sends until ``now + lease``."""
        return self._database.writing_once(lambda connection: alert_hosts.take_turn(connection, owner, now, lease))

    def give_up_turn(self, owner: str) -> None:
        """Let another process send at once."""
        self._database.writing(lambda connection: alert_hosts.give_up_turn(connection, owner))

    def beat(self, host: str, now: datetime, until: datetime | None) -> None:
        """Note that a process lives and will be heard of again by ``until``; None: it ends by itself."""
        self._database.writing_once(lambda connection: alert_hosts.beat(connection, host, now, until))

    def hosts(self) -> tuple[HostSign, ...]:
        """Every process that was ever heard of, by name."""
        with self._database.reading() as connection:
            return alert_hosts.signs(connection)
