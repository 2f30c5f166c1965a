"""A file of settings as an argument of a command."""

from __future__ import annotations

from pathlib import Path


def config_file(text: str) -> Path:
    """The file of that name, or the one that came with this version: ``configs/train/standard.yaml`` works in any folder."""
    from scheduler_core.settings import locations

    return locations.named_config(Path(text))
