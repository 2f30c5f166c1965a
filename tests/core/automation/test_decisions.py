"""What is due by itself: each decision fires where it should and is silent otherwise, whatever the clock does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler_core.automation.config import PlanSettings, PullSettings, ReplanSettings, StandingSettings
from scheduler_core.automation.plan_decision import due_check, due_plan, due_replan, ways_now
from scheduler_core.automation.pull_decision import due_pull
from scheduler_core.automation.situation import Best, Jobs, LastRun, Situation
from scheduler_core.automation.standing_decision import due_standing
from scheduler_core.automation.times_of_day import first_after, last_before
from scheduler_core.data.store.records import AutomationAct, AutomationKind

K = AutomationKind
SINGAPORE, BERLIN = ZoneInfo("Asia/Singapore"), ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 3, 2, 6, 0, tzinfo=SINGAPORE)
DAY = timedelta(days=1)
AT = PullSettings(at=["05:45", "13:45"])
EVERY = PullSettings(every_minutes=10)
PULLED = Jobs("pull", "pull", MONDAY - timedelta(minutes=15), True)


def act(
    kind: AutomationKind, at: datetime, number: int = 2, snapshot: str | None = None, plan: str | None = None
) -> AutomationAct:  # fmt: skip
    return AutomationAct(number, "plant", kind, "a cause", at, snapshot, plan, None)


def now(at: datetime = MONDAY, *acts: AutomationAct, **fields: object) -> Situation:
    """Automation has been on for a month."""
    told = (act(K.BEGIN, MONDAY - 30 * DAY, 1, "old"), *acts)
    whole = Situation(at, SINGAPORE, {one.kind: one for one in told}, PULLED, idle_since=at - timedelta(hours=1))
    return replace(whole, **fields)  # type: ignore[arg-type]


# ---------------------------------------------------------------- times of day
def test_a_time_of_day_that_the_clock_shows_twice_counts_once() -> None:
    wanted = (time(2, 30),)
    once = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 02:30 summer time; 02:30 winter time is an hour later
    for minutes in (0, 30, 60, 61, 120, 23 * 60):
        assert last_before(wanted, once + timedelta(minutes=minutes), BERLIN) == once
    assert first_after(wanted, once, BERLIN) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_a_time_of_day_that_the_clock_leaves_out_still_comes_by() -> None:
    found = last_before((time(2, 30),), datetime(2026, 3, 29, 12, tzinfo=UTC), BERLIN)
    assert found == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # 03:30, as 02:30 does not exist
    assert last_before((), MONDAY, BERLIN) is first_after((), MONDAY, BERLIN) is None


# ---------------------------------------------------------------- pulling
def test_a_pull_is_due_at_its_time_of_day_and_once() -> None:
    early = replace(PULLED, taken_at=MONDAY - DAY)
    due = due_pull(AT, now(jobs=early), None)
    assert due.cause == "at 05:45"
    before = due_pull(AT, now(MONDAY - timedelta(minutes=16), act(K.PULL, MONDAY - DAY), jobs=early), None)
    assert not before.due or before.cause == "at 13:45"  # yesterday afternoon's, as nothing was pulled since
    done = due_pull(AT, now(MONDAY, act(K.PULL, MONDAY), jobs=early), None)
    assert (done.cause, done.next_at) == (None, MONDAY.replace(hour=13, minute=45))
    assert not due_pull(AT, now(), None).due, "somebody pulled at 05:45"


def test_of_many_missed_times_the_last_is_made_up_and_none_from_before_automation_was_on() -> None:
    stopped = replace(PULLED, taken_at=MONDAY - 10 * DAY)
    assert due_pull(AT, now(jobs=stopped), None).cause == "at 05:45"
    assert not due_pull(AT, now(MONDAY + timedelta(minutes=1), act(K.PULL, MONDAY), jobs=stopped), None).due
    fresh = Situation(MONDAY, SINGAPORE, {K.BEGIN: act(K.BEGIN, MONDAY - timedelta(minutes=5))}, None)
    assert not due_pull(AT, fresh, None).due
    assert due_pull(AT, replace(fresh, now=MONDAY + timedelta(hours=8)), None).cause == "at 13:45"


def test_a_clock_that_was_set_back_or_forward_makes_one_pull_and_not_none_or_ten() -> None:
    ahead = now(MONDAY, act(K.PULL, MONDAY + 3 * DAY), jobs=replace(PULLED, taken_at=MONDAY + 3 * DAY))
    assert due_pull(AT, ahead, None).cause == "at 05:45"  # the clock was three days ahead when it pulled last
    after = replace(ahead, acts=ahead.acts | {K.PULL: act(K.PULL, MONDAY, 3)})
    assert not due_pull(AT, after, None).due
    future = replace(now(jobs=None), acts={K.BEGIN: act(K.BEGIN, MONDAY + 3 * DAY)})
    assert due_pull(AT, future, None).due
    assert due_pull(EVERY, now(jobs=replace(PULLED, taken_at=MONDAY + DAY)), None).due
    forward = now(MONDAY + 300 * DAY)
    assert due_pull(AT, forward, None).cause == "at 05:45"


def test_every_so_many_minutes_since_anybody_pulled_or_automation_looked() -> None:
    assert due_pull(EVERY, now(), None).cause == "every 10 minutes"
    looked = MONDAY - timedelta(minutes=9)
    waits = due_pull(EVERY, now(), looked)
    assert (waits.due, waits.next_at) == (False, looked + timedelta(minutes=10))
    assert due_pull(EVERY, now(jobs=None), None).due
    assert not due_pull(PullSettings(), now(jobs=None), None).due


def test_a_fact_pulls_once_where_it_shall() -> None:
    told = replace(PULLED, id="with-fact")
    assert due_pull(PullSettings(on_fact=True), now(jobs=told), None).cause == "a fact, a downtime or a pin was recorded"
    assert not due_pull(PullSettings(), now(jobs=told), None).due
    assert not due_pull(PullSettings(on_fact=True), now(), None).due
    known = now(MONDAY, act(K.PULL, MONDAY, snapshot="with-fact"), jobs=told)
    assert not due_pull(PullSettings(on_fact=True), known, None).due


# ---------------------------------------------------------------- planning
WAYS = PlanSettings(ways=["learned", "keep", "best"])


def test_each_pull_is_planned_once_whoever_pulled() -> None:
    assert due_plan(WAYS, now()).cause == "a new pull"
    assert not due_plan(WAYS, now(MONDAY, act(K.PLAN, MONDAY, snapshot="pull"))).due
    known = now(MONDAY, act(K.PLAN, MONDAY, snapshot="pull"), jobs=replace(PULLED, id="with-fact"))
    assert not due_plan(WAYS, known).due, "a fact is no pull"
    assert due_plan(WAYS, now(MONDAY, act(K.PLAN, MONDAY, snapshot="earlier"))).due


@pytest.mark.parametrize(
    ("settings", "change", "why"),
    [
        (PlanSettings(), {}, "no way"),
        (WAYS, {"jobs": None}, "nothing has been pulled"),
        (WAYS, {"jobs": replace(PULLED, from_erp=False)}, "file"),
        (WAYS, {"jobs": replace(PULLED, taken_at=MONDAY - 40 * DAY)}, "older than the automation"),
        (PlanSettings(ways=["keep"]), {}, "wait for a released plan"),
    ],
)
def test_a_pull_is_not_planned_and_the_reason_is_said(settings: PlanSettings, change: dict[str, object], why: str) -> None:
    found = due_plan(settings, now(**change))
    assert not found.due
    assert why in found.why_not


def test_what_a_lost_worker_has_left_is_planned_again_once_nobody_needs_the_cores() -> None:
    planned = act(K.PLAN, MONDAY, snapshot="pull")
    assert due_plan(PlanSettings(), now(MONDAY, planned, lost=("run",))).cause == "a worker was lost in mid-run"
    waiting = due_plan(WAYS, now(MONDAY, planned, lost=("run",), busy=True))
    assert (waiting.due, waiting.why_not) == (False, "other runs need the cores")


def test_ways_from_the_plan_in_force_wait_for_one() -> None:
    assert ways_now(WAYS.ways, now()) == ("learned",)
    assert ways_now(["best", "learned", "best"], now(in_force="plan")) == ("best", "learned")


# ---------------------------------------------------------------- replanning
def test_a_fact_replans_once_and_what_was_known_before_is_no_news() -> None:
    told, on_fact = replace(PULLED, id="with-fact"), ReplanSettings(on_fact=True)
    assert due_replan(on_fact, now(jobs=told, in_force="plan")).cause == "a fact, a downtime or a pin was recorded"
    assert due_replan(on_fact, now(jobs=told)).due, "the newest jobs have no plan, also where none is in force"
    assert not due_replan(on_fact, now(MONDAY, act(K.REPLAN, MONDAY, snapshot="with-fact"), jobs=told, in_force="p")).due
    assert not due_replan(on_fact, now(in_force="plan")).due
    assert not due_replan(ReplanSettings(), now(jobs=told, in_force="plan")).due
    assert not due_replan(on_fact, now(MONDAY, act(K.BEGIN, MONDAY - DAY, snapshot="with-fact"), jobs=told)).due


def test_a_fact_that_asked_for_a_pull_still_replans_unless_each_new_pull_is_planned_so() -> None:
    on_fact = ReplanSettings(on_fact=True)
    pulled = replace(act(K.PULL, MONDAY, snapshot="pull"), cause="a fact, a downtime or a pin was recorded")
    assert due_replan(on_fact, now(MONDAY, pulled, in_force="plan"), ["greedy", "learned"]).cause == pulled.cause
    assert not due_replan(on_fact, now(MONDAY, pulled, in_force="plan"), ["learned", "keep", "calm", "best"]).due
    done = act(K.REPLAN, MONDAY, snapshot="pull")
    assert not due_replan(on_fact, now(MONDAY, pulled, done, in_force="plan"), ["greedy"]).due
    assert not due_replan(on_fact, now(MONDAY, pulled), ["greedy"]).due, "there is no plan to begin with"
    assert not due_replan(on_fact, now(MONDAY, replace(pulled, cause="at 05:45"), in_force="plan"), ["greedy"]).due
    assert not due_replan(ReplanSettings(), now(MONDAY, pulled, in_force="plan"), ["greedy"]).due


def test_a_time_of_day_replans_where_a_plan_is_in_force() -> None:
    at = ReplanSettings(at=["05:55"])
    assert due_replan(at, now(in_force="plan")).cause == "at 05:55"
    assert not due_replan(at, now()).due
    done = due_replan(at, now(MONDAY, act(K.REPLAN, MONDAY), in_force="plan"))
    assert (done.due, done.next_at) == (False, MONDAY.replace(minute=55, hour=5) + DAY)


def test_lateness_that_grew_by_more_than_allowed_replans_once() -> None:
    later = ReplanSettings(later_by_days=2.0)
    assert due_check(later, now(in_force="plan")).due
    checked = act(K.CHECK, MONDAY, 5, "pull", "plan")
    known = now(MONDAY, checked, in_force="plan")
    assert not due_check(later, known).due
    assert due_check(later, replace(known, in_force="another")).due
    assert not due_check(later, now()).due
    assert not due_check(ReplanSettings(), now(in_force="plan")).due
    assert (
        due_replan(later, replace(known, later_by=2.5)).cause == "the plan in force is 2.5 weighted days later than planned"
    )
    for quiet in (None, -1.0, 2.0):
        assert not due_replan(later, replace(known, later_by=quiet)).due
    assert not due_replan(ReplanSettings(), replace(known, later_by=9.0)).due
    done = now(MONDAY, checked, act(K.REPLAN, MONDAY, 6, "pull", "plan"), in_force="plan", later_by=9.0)
    assert not due_replan(later, done).due


# ---------------------------------------------------------------- the standing search
ON = StandingSettings(enabled=True)
BEST = Best("plan", 12.0, "Ann")
SEARCHED = act(K.STANDING, MONDAY, 7, "pull", "plan")


def test_the_standing_search_uses_spare_cores() -> None:
    assert due_standing(ON, now(best=BEST)).cause == "spare cores"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"best": None}, "no plan"),
        ({"jobs": None}, "no plan"),
        ({"jobs": replace(PULLED, from_erp=False)}, "no plan"),
        ({"busy": True}, "need the cores"),
        ({"searching": True}, "at work"),
        ({"idle_since": MONDAY - timedelta(seconds=59)}, "only just ended"),
        ({"jobs": replace(PULLED, taken_at=MONDAY - timedelta(hours=13))}, "older than longest_hours"),
        ({"best": Best("plan", 0.0, "Ann")}, "nothing can get better"),
    ],
)
def test_the_standing_search_waits_and_says_for_what(change: dict[str, object], why: str) -> None:
    found = due_standing(ON, now(**{"best": BEST, **change}))
    assert not found.due
    assert why in found.why_not
    assert "switched off" in due_standing(StandingSettings(), now(best=BEST)).why_not


@pytest.mark.parametrize(
    ("last", "plan", "due"),
    [
        (LastRun(True, False, False), "plan", False),  # it ended by itself and gained nothing
        (LastRun(True, False, True), "plan", True),  # a person's run ended it
        (LastRun(True, True, False), "plan", True),  # it found a better plan, which was withdrawn since
        (LastRun(True, False, False), "better", True),  # somebody has found a better plan since
    ],
)
def test_the_standing_search_does_not_begin_again_where_it_gained_nothing(last: LastRun, plan: str, due: bool) -> None:
    assert due_standing(ON, now(MONDAY, SEARCHED, best=replace(BEST, schedule_id=plan), standing=last)).due is due


def test_a_run_that_ended_in_the_future_does_not_hold_the_standing_search_up_for_ever() -> None:
    assert due_standing(ON, now(best=BEST, idle_since=MONDAY + DAY)).due  # the clock was set back
