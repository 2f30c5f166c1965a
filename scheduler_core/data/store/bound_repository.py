"""What no plan of a snapshot is below, found after a run has ended. Each method is one transaction."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.database import Database
from scheduler_core.data.store import serialization
from scheduler_core.data.store.tables import SNAPSHOT_BOUND
from scheduler_core.objectives import Objective


class BoundRepository:
    """Lower bounds by snapshot and objective, in the objective's unit. A bound that is there stays."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, snapshot_id: str) -> dict[Objective, float]:
        """The bounds of a snapshot by their objectives."""
        wanted = sa.select(SNAPSHOT_BOUND.c.objective, SNAPSHOT_BOUND.c.value)
        with self._database.reading() as connection:
            rows = connection.execute(wanted.where(SNAPSHOT_BOUND.c.snapshot_id == snapshot_id)).all()
        return {Objective.parse(row.objective): float(row.value) for row in rows}

    def save(self, snapshot_id: str, objective: Objective, value: float) -> None:
        """Keep a bound; one that is there already stays."""

        def work(connection: Connection) -> None:
            key = {"snapshot_id": snapshot_id, "objective": objective.value}
            same = sa.and_(*(SNAPSHOT_BOUND.c[name] == told for name, told in key.items()))
            if connection.execute(sa.select(SNAPSHOT_BOUND.c.value).where(same)).first() is None:
                connection.execute(sa.insert(SNAPSHOT_BOUND).values(**key, value=value, found_us=serialization.now_us()))

        self._database.writing_once(work)
