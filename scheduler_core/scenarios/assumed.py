"""Which changes of a what-if assume something about the floor, and when such an assumption has passed."""

from __future__ import annotations

from datetime import timedelta

from scheduler_core.plant import Plant
from scheduler_core.scenarios.breakdown import Breakdown
from scheduler_core.scenarios.changes import Change, MaterialLate
from scheduler_core.scenarios.order_changes import OrderHeld
from scheduler_core.scenarios.single_changes import Expedited, HoursOpened, Pinned


def is_assumed(change: Change) -> bool:
    """Whether the change may turn out to be untrue; where an operation stands, or who goes first, is decided by the plan."""
    return not isinstance(change, Expedited | Pinned)


def passes_at(plant: Plant, change: Change) -> int | None:
    """The minute of ``plant`` from which nothing is assumed any more; None for a change that stands as long as the plan."""
    match change:
        case Breakdown():
            return None if change.minutes is None else change.end
        case MaterialLate():
            return change.release
        case OrderHeld():
            return change.until
        case HoursOpened():
            return plant.hours(plant.plan_start.date() + timedelta(days=change.day), change.start, change.end)[1]
        case _:
            return None
