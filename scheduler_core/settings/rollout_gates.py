"""When a rollout may go on, pauses and rolls back: ``configs/rollout.yaml``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from scheduler_core.settings import locations
from scheduler_core.settings.load import load_settings

Count = Annotated[int, Field(ge=1, le=100_000)]
OpenShare = Annotated[float, Field(gt=0, lt=1)]
Error = Annotated[float, Field(gt=0, le=0.2)]
STAGES: Final = ("shadow", "10", "25", "50", "100")
MOST_KPIS = 10


class DayLimits(BaseModel):
    """Days with pairs that a stage takes at least, and after which it pauses if its evidence is still inconclusive."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    least_days: Count
    longest_days: Count

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.longest_days < self.least_days:
            raise ValueError(f"longest_days ({self.longest_days}) must be at least least_days ({self.least_days})")
        return self


class RolloutGates(BaseModel):
    """The settings of ``configs/rollout.yaml``; every key must be there and unknown keys are refused.

    Shares and errors are numbers between 0 and 1: 0.02 stands for 2 %.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    kpis: Annotated[dict[str, Literal["lower", "higher"]], Field(min_length=1, max_length=MOST_KPIS)]
    """Key figures by name, with the better direction."""
    primary: str
    """The key figure that the challenger must improve; the others must not get worse."""
    error: Error
    """Probability that any interval over the whole rollout ever misses its true value, all key figures together."""
    stage_error: Error
    """The same for the intervals over one stage."""
    cap: OpenShare
    """Largest relative difference of a pair that counts; a larger one counts as this one."""
    tolerance: OpenShare
    """Relative difference to the worse side that every other key figure must be shown to be within."""
    least_plans: Count
    """Challenger's plans without a violation before the first promotion."""
    fallback_limit: OpenShare
    """Largest share of the challenger's runs that may end in the greedy fallback."""
    most_missing: OpenShare
    """Largest share of pairs with a missing value."""
    erp_hours: Annotated[float, Field(gt=0)]
    """Hours after which the newest pull from the ERP is too old."""
    stages: dict[str, DayLimits]
    """Days of each stage; at 100 % ``longest_days`` has no effect, as nothing is left to decide."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.primary not in self.kpis:
            raise ValueError(f"primary ({self.primary}) must be one of the kpis: {', '.join(self.kpis)}")
        if set(self.stages) != set(STAGES):
            raise ValueError(f"stages must have the keys {', '.join(STAGES)}; found: {', '.join(self.stages)}")
        if self.tolerance >= self.cap:
            raise ValueError(f"tolerance ({self.tolerance:g}) must be below cap ({self.cap:g})")
        return self


def load_rollout_gates(path: Path | None = None) -> RolloutGates:
    """Read the YAML file (default: the one in force). Raises InvalidValue."""
    return load_settings(path or locations.rollout_config(), RolloutGates)
