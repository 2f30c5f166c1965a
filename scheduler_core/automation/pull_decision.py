"""Whether the ERP's jobs are to be pulled now. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from scheduler_core.automation.config import PullSettings, times
from scheduler_core.automation.situation import CLOCK_SLACK, Situation, Verdict
from scheduler_core.automation.times_of_day import first_after, last_before
from scheduler_core.data.store.records import AutomationKind
from scheduler_core.i18n.translate import mark

ONLY_IF_CHANGED = "every "
"""What the cause of a look begins with that pulls only where the ERP's rows have changed."""
FACT = mark("a fact, a downtime or a pin was recorded")


def due_pull(settings: PullSettings, situation: Situation, looked_at: datetime | None) -> Verdict:
    """Whether to pull. ``looked_at``: when the ERP was last looked at for changes.

    A time of day is due from its moment on until something was pulled after it, by anybody; of several that were missed,
    the last alone counts. One before automation was switched on was not missed.
    """
    wanted = times(settings.at)
    at = last_before(wanted, situation.now, situation.zone)
    following = first_after(wanted, situation.now, situation.zone)
    if at is not None and situation.counts(at) and not _pulled_since(situation, at):
        return Verdict(f"at {at.astimezone(situation.zone):%H:%M}")
    if settings.on_fact and (cause := fact_since(situation, AutomationKind.PULL)) is not None:
        return Verdict(cause)
    if settings.every_minutes is not None:
        interval = timedelta(minutes=settings.every_minutes)
        newest = max((m for m in (looked_at, _taken_at(situation)) if m is not None), default=None)
        ahead = newest is not None and newest > situation.now + CLOCK_SLACK
        if newest is None or ahead or situation.now - newest >= interval:
            return Verdict(f"{ONLY_IF_CHANGED}{settings.every_minutes} minutes")
        following = min(m for m in (following, newest + interval) if m is not None)
    if following is not None:
        return Verdict(why_not=mark("not yet time"), next_at=following)
    return Verdict(why_not=mark("no time is set"))


def fact_since(situation: Situation, kind: AutomationKind) -> str | None:
    """The cause where something was recorded after the newest pull, and no act of the kind knows of it."""
    jobs, last = situation.jobs, situation.last(kind)
    if jobs is None or not jobs.from_erp or jobs.id == jobs.first_id:
        return None
    return None if last is not None and last.snapshot_id == jobs.id else FACT


def _taken_at(situation: Situation) -> datetime | None:
    return None if situation.jobs is None or not situation.jobs.from_erp else situation.jobs.taken_at


def _pulled_since(situation: Situation, moment: datetime) -> bool:
    """Whether anybody has pulled since."""
    return any(situation.since(moment, at) for at in (_taken_at(situation), situation.last_at(AutomationKind.PULL)))
