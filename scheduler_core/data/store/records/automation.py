"""Automation: what was done without anybody asking, and the host that does it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AutomationKind(StrEnum):
    """What was done."""

    BEGIN = "begin"  # automation was switched on for the plant: times of day before it were not missed
    PULL = "pull"  # the ERP's jobs were pulled
    PLAN = "plan"  # runs were asked for on a new pull
    CHECK = "check"  # the plan in force was pushed back on a new pull, to see how much later it is
    REPLAN = "replan"  # runs from the plan in force were asked for
    STANDING = "standing"  # a standing search was asked for


@dataclass(frozen=True)
class AutomationAct:
    """One thing that was done. ``cause``: why, as in ``at 05:45``.

    snapshot_id: the pull that it made or acted on; schedule_id: the plan that it began with (standing search, check);
    run_id: the run that it asked for, the last of several. ``number`` rises by one, whatever the clock says.
    """

    number: int
    plant: str
    kind: AutomationKind
    cause: str
    at: datetime
    snapshot_id: str | None = None
    schedule_id: str | None = None
    run_id: str | None = None


@dataclass(frozen=True)
class AutomationHost:
    """The host that holds the lease. ``owner``: its name, empty where it left in order; ``beat`` rises with each sign of
    life; ``said``: what it last said of itself, empty if nothing is wrong."""

    owner: str
    beat: int
    seen_at: datetime
    said: str
