"""The audit trail: one line per act, chained by hashes. Each method is one transaction."""

from __future__ import annotations

from collections.abc import Mapping

from scheduler_core.data.database import Database
from scheduler_core.data.store import audit, audit_verification
from scheduler_core.data.store.records import AuditEntry, Broken, Verification


class AuditRepository:
    """The lines of the audit trail, newest first."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self, limit: int = 200) -> tuple[AuditEntry, ...]:
        """Newest first."""
        with self._database.reading() as connection:
            return audit.entries(connection, limit)

    def first_broken(self) -> int | None:
        """Sequence of the first line whose hash does not follow from the line before; None if the trail is whole."""
        with self._database.reading() as connection:
            return audit.first_broken(connection)

    def verify(self) -> Broken | None:
        """The first line of the audit trail, or the first act in the tables, that does not agree; None if all do."""
        with self._database.reading() as connection:
            return audit_verification.verify(connection)

    def examine(self) -> Verification:
        """The same, and how many lines of older versions hold less than is compared now."""
        with self._database.reading() as connection:
            return audit_verification.examine(connection)

    def name_token(self, actor: str, token: str) -> None:
        """Which token the lines of ``actor`` are told to be by, from here on in this thread or task. See ``audit``."""
        audit.name_token(actor, token)

    def record_act(self, actor: str, action: str, subject: str, detail: Mapping[str, object]) -> None:
        """A line in the audit trail for an act that leaves no other trace in the store, such as choosing a checkpoint."""
        self._database.writing(lambda connection: audit.record(connection, actor, action, subject, detail))
