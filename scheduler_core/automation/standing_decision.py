"""Whether the standing search is to go on now. Pure."""

from __future__ import annotations

from datetime import timedelta

from scheduler_core.automation.config import StandingSettings
from scheduler_core.automation.situation import Situation, Verdict
from scheduler_core.data.store.records import AutomationKind
from scheduler_core.i18n.translate import mark


def due_standing(settings: StandingSettings, situation: Situation) -> Verdict:
    """Whether to search on from the newest jobs' best plan.

    Not while anybody else's run waits or is at work, nor for ``quiet_seconds`` afterwards; not from a plan from which a
    search has ended by itself without a better one; not for an old pull.
    """
    jobs, best, now = situation.jobs, situation.best, situation.now
    if not settings.enabled:
        return Verdict(why_not=mark("it is switched off"))
    if jobs is None or not jobs.from_erp or best is None:
        return Verdict(why_not=mark("there is no plan of the newest pull"))
    if situation.searching:
        return Verdict(why_not=mark("it is at work"))
    if situation.busy or situation.idle_since is None:
        return Verdict(why_not=mark("other runs need the cores"))
    if abs(now - jobs.taken_at) > timedelta(hours=settings.longest_hours):
        return Verdict(why_not=mark("the newest pull is older than longest_hours allows"))
    if best.value <= 0:
        return Verdict(why_not=mark("nothing can get better"))
    if _exhausted(situation, best.schedule_id):
        return Verdict(why_not=mark("the last search from this plan gained nothing"))
    quiet = now - situation.idle_since
    if timedelta(0) <= quiet < timedelta(seconds=settings.quiet_seconds):
        ready = situation.idle_since + timedelta(seconds=settings.quiet_seconds)
        return Verdict(why_not=mark("other runs have only just ended"), next_at=ready)
    return Verdict(mark("spare cores"))


def _exhausted(situation: Situation, schedule_id: str) -> bool:
    act, run = situation.last(AutomationKind.STANDING), situation.standing
    if act is None or run is None or act.schedule_id != schedule_id:
        return False
    return run.finished and not run.planned and not run.cut_short
