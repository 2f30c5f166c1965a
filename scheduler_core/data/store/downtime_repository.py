"""Recorded downtimes: machines that a planner has said are down. Each method is one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

import sqlalchemy as sa

from scheduler_core.data.database import Database, open_store
from scheduler_core.data.store import downtimes, store_stats
from scheduler_core.data.store.records import DowntimeChange, NewDowntime, RecordedDowntime
from scheduler_core.data.store.tables import RECORDED_DOWNTIME


def look(url: str, plant: str) -> tuple[RecordedDowntime, ...]:
    """The recorded downtimes of a plant for who only looks: a store that is not there is not made, and one of an earlier
    version, which has none, is not upgraded. Raises DatabaseUnavailable."""
    if not store_stats.is_there(url):
        return ()
    with closing(open_store(url)) as database, database.reading() as connection:
        known = sa.inspect(connection).has_table(RECORDED_DOWNTIME.name)
        return downtimes.of_plant(connection, plant) if known else ()


class DowntimeRepository:
    """Recorded downtimes by plant. Unknown ids raise NotFound."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_plant(self, plant: str) -> tuple[RecordedDowntime, ...]:
        """All that were ever recorded of a plant, as they are known now, in the order in which they were recorded."""
        with self._database.reading() as connection:
            return downtimes.of_plant(connection, plant)

    def get(self, downtime_id: str) -> RecordedDowntime:
        """One downtime."""
        with self._database.reading() as connection:
            return downtimes.get(connection, downtime_id)

    def served(self, request_id: str) -> str | None:
        """The downtime that a request id has recorded or changed; None if there was no such request."""
        with self._database.reading() as connection:
            return downtimes.served(connection, request_id)

    def record(self, new: NewDowntime, seen: Sequence[RecordedDowntime] | None = None) -> str:
        """Record a downtime, with its line in the audit trail, and return its id; the same request id again returns the
        first one's. ``seen``: the plant's downtimes as they were when it was decided (None: that does not matter).

        Raises InvalidValue for an empty or long reason or name, Refused where ``seen`` is out of date.
        """
        return self._database.writing_once(lambda connection: downtimes.record(connection, new, seen))

    def change(self, said: DowntimeChange, seen: Sequence[RecordedDowntime] | None = None) -> bool:
        """Another end of a downtime, or that the machine is back; False if that is known already. ``seen`` as for
        ``record``. Raises Refused for one that is over because the machine is back, and where ``seen`` is out of date."""
        return self._database.writing_once(lambda connection: downtimes.change(connection, said, seen))
