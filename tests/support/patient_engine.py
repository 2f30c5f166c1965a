"""Engines for tests that work, report and have a plan."""

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


def counts_until_enough(plant: Plant, config: EngineConfig, progress: Progress = no_progress) -> Result:
    """Works until somebody has had enough, and counts its steps aloud."""
    step = 0
    while True:
        try:
            progress(0.5, f"step {step}")
        except KeepBest:
            return ENGINES["greedy"](plant, config)
        step += 1
        time.sleep(0.06)


def soon_done(plant: Plant, config: EngineConfig, progress: Progress = no_progress) -> Result:
    """Reports some steps and has a plan."""
    for step in range(8):
        progress(step / 8, "working")
        time.sleep(0.06)
    return ENGINES["greedy"](plant, config)
