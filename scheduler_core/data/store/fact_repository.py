"""Planners' facts by plant. Each method is one transaction."""

from __future__ import annotations

from contextlib import closing

import sqlalchemy as sa

from scheduler_core.data.database import Database, open_store
from scheduler_core.data.store import facts, store_stats
from scheduler_core.data.store.records import NewFact, StoredFact
from scheduler_core.data.store.tables import FACT


def look(url: str, plant: str) -> tuple[StoredFact, ...]:
    """The facts of a plant for who only looks: a store that is not there is not made, and one of an earlier version, which
    has none, is not upgraded. Raises DatabaseUnavailable."""
    if not store_stats.is_there(url):
        return ()
    with closing(open_store(url)) as database, database.reading() as connection:
        return facts.of_plant(connection, plant) if sa.inspect(connection).has_table(FACT.name) else ()


class FactRepository:
    """Facts by plant. Unknown ids raise NotFound."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_plant(self, plant: str) -> tuple[StoredFact, ...]:
        """All that were ever recorded of a plant, undone ones too, in the order in which they were recorded."""
        with self._database.reading() as connection:
            return facts.of_plant(connection, plant)

    def get(self, fact_id: str) -> StoredFact:
        """One fact."""
        with self._database.reading() as connection:
            return facts.get(connection, fact_id)

    def served(self, request_id: str) -> str | None:
        """The fact that a request id has recorded or undone; None if there was no such request."""
        with self._database.reading() as connection:
            return facts.served(connection, request_id)

    def record(self, new: NewFact) -> str:
        """Record a fact, with its line in the audit trail, and return its id; the same request id again returns the first
        one's. Raises InvalidValue for a life without length, or an empty or long name."""
        return self._database.writing_once(lambda connection: facts.record(connection, new))

    def undo(self, fact_id: str, *, request_id: str, actor: str, reason: str = "") -> bool:
        """Undo a fact, with a line in the audit trail; False if this request did so before. Raises Refused for one that is
        undone already."""
        return self._database.writing_once(lambda connection: facts.undo(connection, fact_id, request_id, actor, reason))
