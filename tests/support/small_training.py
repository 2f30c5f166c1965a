"""A configuration for the fixture ``small_runs``, and what a run leaves."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import torch
import yaml

UPDATE = 4 * 16
"""Steps of an update: 4 environments, 16 steps."""


def configured(folder: Path, **more: Any) -> Path:
    """Four updates in two stages, validated after every second one."""
    settings = {
        **SMALL, "environments": 4, "steps_per_update": 16, "batch_size": 32, "hidden": 8, "validate_every": 2,
        "total_steps": 4 * UPDATE, "validation": [{"size": "tiny", "plants": 2, "samples": 2}], **more,
    }  # fmt: skip
    path = folder / f"{settings['name']}.yaml"
    path.write_text(yaml.safe_dump(settings))
    return path


def curve(folder: Path) -> list[dict[str, str]]:
    """The rows of a run's learning curve."""
    with (folder / "curve.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def steps_of(folder: Path) -> list[int]:
    """The steps at which it was validated."""
    return [int(row["steps"]) for row in curve(folder)]


def kept(path: Path) -> dict[str, Any]:
    """A kept state."""
    found: dict[str, Any] = torch.load(path, weights_only=True)
    return found


def silent(message: str) -> None:
    """A Report that nobody reads."""


SMALL: dict[str, Any] = {
    "name": "small",
    "description": "for tests",
    "total_steps": 100,
    "stages": [
        {"until": 0.5, "plants": [{"chance": 1, "machines": [2, 3], "jobs_per_machine": [2, 4]}]},
        {"until": 1.0, "plants": [{"chance": 1, "machines": [5, 5], "jobs_per_machine": [2, 2], "tightness": [0.9, 1]}]},
    ],
}
