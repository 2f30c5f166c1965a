"""What time it is in a plant: programs may leave a moment out, and then now counts."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from scheduler_core.data.store.records import SnapshotInfo, Source


def now_in(snapshot: SnapshotInfo, now: datetime) -> datetime:
    """Naive plant time of ``now`` (aware), to the minute and not before the pull; where the plant's clock stands still (jobs
    of a file, the demo) the start of its plan."""
    if snapshot.source is not Source.ERP:
        return snapshot.plan_start
    wall = now.astimezone(ZoneInfo(snapshot.timezone)).replace(tzinfo=None, second=0, microsecond=0)
    return max(wall, snapshot.plan_start)
