"""What pulls told of operations. Each method is one transaction."""

from __future__ import annotations

from datetime import datetime

from scheduler_core.actuals.operation_actual import OperationActual, Progress
from scheduler_core.data.database import Database
from scheduler_core.data.store import actuals
from scheduler_core.data.store.records import ReadPull, SnapshotInfo, UnreadPull


class ActualRepository:
    """Actuals by the plant's name. ``services.floor_actuals`` derives them at each pull."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_plant(self, plant: str, since: datetime | None = None) -> tuple[OperationActual, ...]:
        """Operations that have ended, in the order in which pulls told it, and what ran at the newest pull.

        ``since`` (naive plant time): of the ended ones only those that a pull at or after that moment told.
        """
        with self._database.reading() as connection:
            return actuals.of_plant(connection, plant, since)

    def pulls(self, plant: str) -> int:
        """How many pulls have been compared; two or more tell something."""
        with self._database.reading() as connection:
            return actuals.pulls(connection, plant)

    def last(self, plant: str) -> ReadPull | None:
        """The newest pull that has been compared with the one before it; None before the first."""
        with self._database.reading() as connection:
            return actuals.last(connection, plant)

    def first(self, plant: str) -> SnapshotInfo | None:
        """The oldest pull that has been compared: before it nothing is known. None before there is one."""
        with self._database.reading() as connection:
            return actuals.first(connection, plant)

    def unread(self, plant: str) -> tuple[UnreadPull, ...]:
        """What was pulled since, in the order in which it was kept."""
        with self._database.reading() as connection:
            return actuals.unread(connection, plant)

    def add(self, plant: str, snapshot_id: str, on_top_of: str | None, found: Progress) -> bool:
        """Keep what a pull tells, compared with the pull ``on_top_of`` (its snapshot; None: it is the first).

        False where somebody else has kept it, or a later one, meanwhile.
        """
        return self._database.writing_once(lambda c: actuals.add(c, plant, snapshot_id, on_top_of, found))
