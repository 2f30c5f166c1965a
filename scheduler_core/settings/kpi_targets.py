"""What a plant aims at, week by week: ``configs/targets.yaml``. Without a target a figure is shown alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from scheduler_core.settings import locations
from scheduler_core.settings.load import load_settings

Share = Annotated[float, Field(ge=0, le=1)]
Amount = Annotated[float, Field(ge=0)]


class KpiTargets(BaseModel):
    """The settings of ``configs/targets.yaml``; unknown keys are refused. None: no target.

    Shares are least values from 0 to 1, all others are most values: days late of the late orders, hours of a whole week.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    otif: Share | None = None
    adherence: Share | None = None
    days_late: Amount | None = None
    setup_hours: Amount | None = None
    overtime_hours: Amount | None = None


def load_kpi_targets(path: Path | None = None) -> KpiTargets:
    """Read the YAML file (default: the environment's or the source tree's). Raises InvalidValue."""
    return load_settings(path or locations.targets_config(), KpiTargets)
