"""The engines by name. Each is imported when it is first used: torch and OR-Tools take seconds to load.

Called by its name, every engine keeps the frozen zone that its settings ask for (``pinned_zone.py``)."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Protocol, cast

from scheduler_core.engines.config import EngineConfig, Progress, no_progress
from scheduler_core.plant import Plant
from scheduler_core.schedule import Result


class Engine(Protocol):
    """A way to schedule a plant."""

    def __call__(self, plant: Plant, config: EngineConfig, progress: Progress = no_progress) -> Result:
        """Raises Unschedulable, InvalidValue (a setting) or Cancelled."""


LEARNED = "scheduler_core.engines.learned"
ROBUST = "scheduler_core.floor.robust_plan"
"""What makes the learned engine's plan where durations vary. It plays plans on the floor, a room above this one, so it is
known here by its name alone."""


class _Lazy:
    def __init__(self, module: str) -> None:
        self._module = module

    def __call__(self, plant: Plant, config: EngineConfig, progress: Progress = no_progress) -> Result:
        robust = config.variation > 0 and self._module == LEARNED
        engine = cast(Engine, import_module(ROBUST if robust else self._module).schedule)
        if not has_zone(config):
            return engine(plant, config, progress)
        from scheduler_core.engines.pinned_zone import plan_around_zone

        return plan_around_zone(engine, plant, config, progress)


def has_zone(config: EngineConfig) -> bool:
    """Whether the settings ask for a frozen zone: a plan in force, and hours in which what it starts stays."""
    return config.warm_start is not None and (config.frozen_hours > 0 or any(h > 0 for _, h in config.frozen_by_type))


ENGINES: Mapping[str, Engine] = MappingProxyType(
    {name: _Lazy(f"scheduler_core.engines.{name}") for name in ("greedy", "learned", "exact")}
)

REPAIRS: Mapping[str, Engine] = MappingProxyType(
    {
        "right_shift": _Lazy("scheduler_core.engines.repair.right_shift"),
        "repair": _Lazy("scheduler_core.engines.repair.calm"),
        "best": _Lazy("scheduler_core.engines.repair.best"),
        "standing": _Lazy("scheduler_core.engines.repair.standing"),
    }
)
"""Engines that begin with a plan (``EngineConfig.warm_start``): keep, calm, best, and the standing search. Their names stand
in stored runs."""
ALL_ENGINES: Mapping[str, Engine] = MappingProxyType({**ENGINES, **REPAIRS})
REPAIR_CHOICES = ("right_shift", "repair", "best")
"""The three answers to a change, from what moves least to what moves most: keep, calm, best."""
REPLANS: Mapping[str, str] = MappingProxyType({"keep": "right_shift", "calm": "repair", "best": "best"})
"""What people call them, and their names."""
REPAIR_SECONDS = 3.5
"""Seconds that each of their searches may take: with a worker's start each answer is there within ten."""
