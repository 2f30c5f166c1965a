"""An engine for tests that works until somebody has had enough."""

from __future__ import annotations

import time

from scheduler_core.engines.config import EngineConfig, Progress, no_progress
from scheduler_core.engines.registry import ENGINES
from scheduler_core.errors import KeepBest
from scheduler_core.plant import Plant
from scheduler_core.schedule import Result


def until_enough(plant: Plant, config: EngineConfig, progress: Progress = no_progress) -> Result:
    """Works until somebody has had enough, and then has a plan."""
    while True:
        try:
            progress(0.5, "working")
        except KeepBest:
            return ENGINES["greedy"](plant, config)
        time.sleep(0.02)
