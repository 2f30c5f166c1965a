"""The frozen zone of runs: the hours that are stored for a plant, and the judge's count of what a plan keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.registry import has_zone
from scheduler_core.judge.frozen_zone import FrozenZone, frozen_zone
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule

if TYPE_CHECKING:
    from scheduler_core.data.store import Store

FrozenHours = tuple[float, tuple[tuple[int, float], ...]]
"""Hours of the plant, and (machine type, hours) of work centres with hours of their own."""


def stored_hours(store: Store, plant: str) -> FrozenHours:
    """The frozen hours that are set for the plant of this name; none where none were ever set."""
    zone = store.frozen_zones.of(plant)
    return (0.0, ()) if zone is None else (zone.hours, zone.by_type)


def judged_zone(plant: Plant, config: EngineConfig, new: Schedule) -> FrozenZone | None:
    """The frozen zone that a run's settings ask for, judged in the plan that it made; None where they ask for none."""
    if config.warm_start is None or not has_zone(config):
        return None
    hours = {kind.id: config.frozen_hours_of(kind.id) for kind in plant.machine_types}
    return frozen_zone(plant, config.warm_start, new, hours)
