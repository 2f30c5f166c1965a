"""The frozen zone of each plant. Each method is one transaction."""

from __future__ import annotations

from collections.abc import Mapping

from scheduler_core.data.database import Database
from scheduler_core.data.store import frozen_zones
from scheduler_core.data.store.records import FrozenZone


class FrozenZoneRepository:
    """Frozen zones by the plant's name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, plant: str) -> FrozenZone | None:
        """The plant's zone; None where it was never set."""
        with self._database.reading() as connection:
            return frozen_zones.of_plant(connection, plant)

    def set_zone(
        self,
        plant: str,
        hours: float,
        by_type: Mapping[int, float],
        actor: str = "planner",
        seen: frozen_zones.Seen = frozen_zones.anything,
    ) -> bool:
        """Set the plant's hours, and those of work centres (machine types) with their own; False if it is so already.

        ``seen`` is called with the zone before, in the transaction, and what it raises leaves the zone as it is.
        Raises InvalidValue for hours that are not between 0 and ``frozen_zones.LONGEST_HOURS``.
        """
        return self._database.writing(lambda connection: frozen_zones.change(connection, plant, hours, by_type, actor, seen))
