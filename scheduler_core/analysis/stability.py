"""How much of the next days a new plan leaves as the floor has been told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scheduler_core.analysis.plan_diff import share_moved
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule


@dataclass(frozen=True)
class Stability:
    """Shares (0 to 1) of the operations due to start in the next 24 h and 72 h that move (see ``share_moved``); None where
    nothing was due to start."""

    moved_24h: float | None
    moved_72h: float | None


def stability(before_plant: Plant, before: Schedule, after_plant: Plant, after: Schedule, now: datetime) -> Stability:
    """What moves if ``after`` takes the place of ``before`` at ``now`` (naive plant time)."""
    day, three_days = (share_moved(before_plant, before, after_plant, after, now, hours) for hours in (24, 72))
    return Stability(day, three_days)
