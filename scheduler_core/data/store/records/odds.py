"""The odds that a release went out with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scheduler_core.floor.order_odds import PlanOdds


@dataclass(frozen=True)
class ReleaseOdds:
    """The odds of one release. ``approved_at``: aware UTC; minutes of the odds pass from ``plan_start`` (naive plant time)
    in ``timezone``."""

    release: str
    approved_at: datetime
    plan_start: datetime
    timezone: str
    odds: PlanOdds
