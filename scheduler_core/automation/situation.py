"""What decisions are made from: the moment, the newest jobs and plans, and what was done already. Plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler_core.data.store.records import AutomationAct, AutomationKind

CLOCK_SLACK = timedelta(minutes=1)
"""What is dated further in the future than this was done before the clock was set back."""


@dataclass(frozen=True)
class Jobs:
    """The newest snapshot. ``taken_at``: when its jobs were pulled; ``first_id``: the snapshot that the pull itself made,
    before facts, downtimes or pins were put in. ``from_erp``: False for a file, which nothing is planned from by itself."""

    id: str
    first_id: str
    taken_at: datetime
    from_erp: bool


@dataclass(frozen=True)
class Best:
    """The newest jobs' best plan, and by whom it was asked for."""

    schedule_id: str
    value: float
    asked_by: str


@dataclass(frozen=True)
class LastRun:
    """What became of a run that automation asked for. ``finished``: it has ended; ``planned``: with a plan;
    ``cut_short``: it was asked to end early."""

    finished: bool
    planned: bool
    cut_short: bool


@dataclass(frozen=True)
class Situation:
    """Everything at one moment.

    now: aware. acts: the newest of each kind. jobs: None before the first pull. in_force: the released plan.
    busy: a run that is no standing search waits or is at work; searching: a standing search does. idle_since: the end of the
    newest run that was no standing search, where none ever was that of the pull. standing: what became of the last standing
    search. later_by: by how many weighted days the last check found the plan in force later than it was planned, None while
    that is not known. lost: runs that automation asked for on the newest jobs, whose worker died and which are to be
    asked for again.
    """

    now: datetime
    zone: ZoneInfo
    acts: Mapping[AutomationKind, AutomationAct] = field(default_factory=dict)
    jobs: Jobs | None = None
    in_force: str | None = None
    best: Best | None = None
    busy: bool = False
    searching: bool = False
    idle_since: datetime | None = None
    standing: LastRun | None = None
    later_by: float | None = None
    lost: tuple[str, ...] = ()

    def last(self, kind: AutomationKind) -> AutomationAct | None:
        """The newest act of the kind."""
        return self.acts.get(kind)

    def since(self, moment: datetime, at: datetime | None) -> bool:
        """Whether ``at`` is at or after ``moment``; what lies in the future was before the clock was set back."""
        return at is not None and moment <= at <= self.now + CLOCK_SLACK

    def last_at(self, kind: AutomationKind) -> datetime | None:
        """When the newest act of the kind was done."""
        act = self.acts.get(kind)
        return None if act is None else act.at

    def counts(self, moment: datetime) -> bool:
        """Whether automation was on at the moment already, so that it could miss it."""
        begun = self.last_at(AutomationKind.BEGIN)
        return begun is not None and (moment >= begun or begun > self.now + CLOCK_SLACK)


@dataclass(frozen=True)
class Verdict:
    """Whether something is due. ``cause``: why, None if it is not; ``why_not``: what it waits for; ``next_at``: when it is
    due at the latest, as far as that is known."""

    cause: str | None = None
    why_not: str = ""
    next_at: datetime | None = None

    @property
    def due(self) -> bool:
        """Whether it is to be done now."""
        return self.cause is not None
