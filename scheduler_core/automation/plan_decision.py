"""Whether a new pull is to be planned now, whether the plan in force is to be replanned, and with which ways. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from scheduler_core.automation.config import FROM_PLAN_IN_FORCE, PlanSettings, ReplanSettings, times
from scheduler_core.automation.pull_decision import FACT, fact_since
from scheduler_core.automation.situation import Jobs, Situation, Verdict
from scheduler_core.automation.times_of_day import first_after, last_before
from scheduler_core.data.store.records import AutomationAct, AutomationKind
from scheduler_core.i18n.translate import mark

K = AutomationKind
LOST = mark("a worker was lost in mid-run")
"""Why runs are asked for again."""


def ways_now(ways: Sequence[str], situation: Situation) -> tuple[str, ...]:
    """The ways that can plan now: those from the plan in force only while there is one."""
    return tuple(way for way in dict.fromkeys(ways) if situation.in_force is not None or way not in FROM_PLAN_IN_FORCE)


def due_plan(settings: PlanSettings, situation: Situation) -> Verdict:
    """Whether to plan the newest pull: each once, whoever pulled, and what a lost worker has left again. One from before
    automation was switched on stays."""
    jobs = situation.jobs
    if situation.lost:
        return Verdict(why_not=mark("other runs need the cores")) if situation.busy else Verdict(LOST)
    if not settings.ways:
        return Verdict(why_not=mark("no way is set"))
    if jobs is None:
        return Verdict(why_not=mark("nothing has been pulled yet"))
    if not jobs.from_erp:
        return Verdict(why_not=mark("the newest jobs come from a file"))
    if _done(situation.last(K.PLAN), jobs.first_id):
        return Verdict(why_not=mark("the newest pull was planned already"))
    if not situation.counts(jobs.taken_at):
        return Verdict(why_not=mark("the newest pull is older than the automation"))
    if not ways_now(settings.ways, situation):
        return Verdict(why_not=mark("keep, calm and best wait for a released plan"))
    return Verdict(mark("a new pull"))


def due_check(settings: ReplanSettings, situation: Situation) -> Verdict:
    """Whether to look how much later the newest pull makes the plan in force."""
    jobs = situation.jobs
    if settings.later_by_days is None:
        return Verdict(why_not=mark("no lateness is set"))
    if jobs is None or not jobs.from_erp or situation.in_force is None:
        return Verdict(why_not=mark("no plan is in force for the newest pull"))
    last = situation.last(K.CHECK)
    if last is not None and (last.snapshot_id, last.schedule_id) == (jobs.id, situation.in_force):
        return Verdict(why_not=mark("looked at already for the newest jobs"))
    return Verdict(mark("new jobs beside the plan in force"))


def due_replan(settings: ReplanSettings, situation: Situation, planned: Sequence[str] = ()) -> Verdict:
    """Whether to replan: after a fact, at a time of day, or because the plan in force is late by more than is allowed.

    ``planned``: the ways that plan each new pull. Where a fact asked for that pull, they may replan already.
    Without a plan in force only a fact counts: the newest jobs have no plan since.
    """
    jobs = situation.jobs
    if jobs is None or not jobs.from_erp:
        return Verdict(why_not=mark("no jobs are pulled"))
    # What was known already when automation was switched on is no news.
    if settings.on_fact and not _done(situation.last(K.BEGIN), jobs.id):
        cause = fact_since(situation, K.REPLAN)
        if not set(settings.ways) <= set(planned) and _pulled_for_a_fact(jobs, situation):
            cause = FACT
        if cause is not None:
            return Verdict(cause)
    if situation.in_force is None:
        return Verdict(why_not=mark("no plan is in force"))
    wanted = times(settings.at)
    at = last_before(wanted, situation.now, situation.zone)
    if at is not None and situation.counts(at) and not situation.since(at, situation.last_at(K.REPLAN)):
        return Verdict(f"at {at.astimezone(situation.zone):%H:%M}")
    if settings.later_by_days is not None and situation.later_by is not None:
        check, last = situation.last(K.CHECK), situation.last(K.REPLAN)
        fresh = check is not None and (last is None or last.number < check.number)
        if fresh and situation.later_by > settings.later_by_days:
            return Verdict(f"the plan in force is {situation.later_by:.1f} weighted days later than planned")
    return Verdict(why_not=mark("nothing asks for it"), next_at=first_after(wanted, situation.now, situation.zone))


def _pulled_for_a_fact(jobs: Jobs, situation: Situation) -> bool:
    """Whether the newest pull was made because of a fact, and the plan in force was not replanned on it."""
    pull = situation.last(K.PULL)
    asked = pull is not None and (pull.snapshot_id, pull.cause) == (jobs.id, FACT)
    return asked and situation.in_force is not None and not _done(situation.last(K.REPLAN), jobs.id)


def _done(act: AutomationAct | None, snapshot_id: str) -> bool:
    return act is not None and act.snapshot_id == snapshot_id
