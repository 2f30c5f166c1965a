"""The latest snapshot as routes of the floor need it: its plant, and what time it is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scheduler_core.api.calls import Call
from scheduler_core.api.documents import wall_time
from scheduler_core.api.plant_clock import now_in
from scheduler_core.data.store.records import SnapshotInfo
from scheduler_core.plant import Plant


@dataclass(frozen=True)
class Latest:
    """The latest snapshot with its plant; ``now``: naive plant time."""

    info: SnapshotInfo
    plant: Plant
    now: datetime

    def wall(self, moment: datetime) -> datetime:
        """An aware time as naive plant time, in whole minutes (rounded down)."""
        return wall_time(self.info.timezone, moment).replace(second=0, microsecond=0)


def latest_of(call: Call) -> Latest:
    """The latest snapshot. Raises NotFound where there is none."""
    info = call.store.snapshots.needed_latest()
    return Latest(info, call.store.snapshots.plant(info.id), now_in(info, call.now))
