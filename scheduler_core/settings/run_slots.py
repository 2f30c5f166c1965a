"""How many runs may be at work at once, and how many workers wait for them: ``configs/runs.yaml``."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from scheduler_core.settings import locations
from scheduler_core.settings.load import load_settings

LEAST = 2
"""Greedy and RL side by side."""
MOST = 64


@dataclass(frozen=True)
class RunSlots:
    """How many runs may be at work at once: any ``runs``, ``what_if`` more that answer a what-if, and ``short`` more that
    are greedy and have no time limit."""

    runs: int
    what_if: int = 0
    short: int = 0


class RunSettings(BaseModel):
    """The settings of ``configs/runs.yaml``; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    at_once: Annotated[int, Field(ge=1, le=MOST)] | None = None
    """Runs at work; None: as many as the machine has cores, at least LEAST."""
    what_if_beside: Annotated[int, Field(ge=0, le=MOST)] = 1
    """More that answer a what-if."""
    short_beside: Annotated[int, Field(ge=0, le=MOST)] = 1
    """More that are greedy and have no time limit."""
    warm_workers: Annotated[int, Field(ge=0, le=MOST)] = 2
    """Worker processes that each supervisor keeps ready for runs to come."""


def load_run_slots(path: Path | None = None) -> RunSlots:
    """Read the YAML file (default: the environment's or the source tree's). Raises InvalidValue."""
    found = load_settings(path or locations.runs_config(), RunSettings)
    runs = found.at_once or max(LEAST, min(MOST, os.cpu_count() or LEAST))
    return RunSlots(runs, found.what_if_beside, found.short_beside)


def load_warm_workers(path: Path | None = None) -> int:
    """How many worker processes a supervisor keeps ready, from the same file. Raises InvalidValue."""
    return load_settings(path or locations.runs_config(), RunSettings).warm_workers
