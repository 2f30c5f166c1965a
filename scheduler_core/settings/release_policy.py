"""Which plants' releases need two names: ``configs/release.yaml``."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from scheduler_core.settings import locations
from scheduler_core.settings.load import load_settings


class ReleasePolicy(BaseModel):
    """The settings of ``configs/release.yaml``; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    four_eyes: list[str] = []
    """Names of plants (as in ``configs/erp.yaml``) whose releases one proposes and another one approves. Health warns of a
    name that no plant of the board has."""


def load_release_policy(path: Path | None = None) -> ReleasePolicy:
    """Read the YAML file (default: the environment's or the source tree's). Raises InvalidValue."""
    return load_settings(path or locations.release_config(), ReleasePolicy)
