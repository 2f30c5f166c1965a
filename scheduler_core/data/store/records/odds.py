"""The odds that releases went out with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scheduler_core.floor.order_odds import PlanOdds


@dataclass(frozen=True)
class ReleaseOdds:
    """The odds of one release. Minutes of the odds pass from ``plan_start`` (naive plant time) in ``timezone``."""

    release: str
    plan_start: datetime
    timezone: str
    odds: PlanOdds


@dataclass(frozen=True)
class ReleaseWithoutOdds:
    """A release of which no odds are kept yet. ``plan_start``: of its plan, naive plant time."""

    release: str
    schedule_id: str
    plan_start: datetime
