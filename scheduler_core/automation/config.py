"""What is done without anybody asking: ``configs/automation.yaml``."""

from __future__ import annotations

import re
from datetime import time
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from scheduler_core.errors import InvalidValue
from scheduler_core.objectives import Objective
from scheduler_core.settings import locations
from scheduler_core.settings.load import load_settings

LONGEST_SECONDS = 3600
"""How long a search that automation asks for may go on."""
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def _time_of_day(text: str) -> str:
    if not _TIME.fullmatch(text):
        raise ValueError("must be a time of day in quotes, such as '05:45'")
    return text


def _objective(text: str) -> str:
    try:
        Objective.parse(text)
    except InvalidValue as error:
        raise ValueError(error.reason) from None
    return text


TimeOfDay: TypeAlias = Annotated[str, AfterValidator(_time_of_day)]
Way: TypeAlias = Literal["greedy", "learned", "exact", "keep", "calm", "best"]
FROM_PLAN_IN_FORCE = frozenset({"keep", "calm", "best"})
"""Ways that begin with the plan in force."""
Seconds: TypeAlias = Annotated[float, Field(ge=1, le=LONGEST_SECONDS)]
Moves: TypeAlias = Annotated[int, Field(ge=0)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class PullSettings(_Strict):
    """When to pull. Times of day are plant time."""

    at: list[TimeOfDay] = []
    every_minutes: Annotated[int, Field(ge=1, le=7 * 24 * 60)] | None = None
    on_fact: bool = False


class PlanSettings(_Strict):
    """What plans a new pull. ``seconds`` of each search; ``most_moves`` of calm, None: its usual number."""

    ways: list[Way] = []
    seconds: Seconds = 60.0
    most_moves: Moves | None = None


class ReplanSettings(_Strict):
    """When to plan the newest jobs again from the plan in force, and with what."""

    on_fact: bool = False
    at: list[TimeOfDay] = []
    later_by_days: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    ways: list[Literal["keep", "calm", "best"]] = ["keep", "calm", "best"]
    seconds: Seconds = 30.0
    most_moves: Moves | None = None


class StandingSettings(_Strict):
    """The standing search. ``cores``: its threads; ``longest_hours``: the age of a pull up to which it goes on."""

    enabled: bool = False
    cores: Annotated[int, Field(ge=1, le=64)] = 1
    quiet_seconds: Annotated[float, Field(ge=0, le=3600)] = 60.0
    store_minutes: Annotated[float, Field(ge=1, le=240)] = 30.0
    longest_hours: Annotated[float, Field(gt=0, le=168)] = 12.0


class AutomationSettings(_Strict):
    """The settings of ``configs/automation.yaml``; unknown keys are refused. What is left out is off."""

    enabled: bool = False
    objective: Annotated[str, AfterValidator(_objective)] = "tardiness"
    pull: PullSettings = PullSettings()
    plan: PlanSettings = PlanSettings()
    replan: ReplanSettings = ReplanSettings()
    standing_search: StandingSettings = StandingSettings()


def load_automation(path: Path | None = None) -> AutomationSettings:
    """Read the YAML file (default: the environment's or the source tree's). Raises InvalidValue."""
    return load_settings(path or locations.automation_config(), AutomationSettings)


def times(texts: list[str]) -> tuple[time, ...]:
    """The times of day, each once, the earliest first."""
    return tuple(sorted({time.fromisoformat(text) for text in texts}))
