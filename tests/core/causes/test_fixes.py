"""Fixes do what they promise: on plants whose fix is known, and judged afresh on random plants."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from scheduler_core.causes.explainer import Explainer
from scheduler_core.causes.extra_hours import extra_hours, with_extra_hours
from scheduler_core.causes.fixes import FixKind, try_fixes
from scheduler_core.causes.trial_plan import TrialPlan
from scheduler_core.engines import greedy
from scheduler_core.engines.config import EngineConfig
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.errors import Cancelled, InvalidValue
from scheduler_core.judge.kpis import job_lateness, measure
from scheduler_core.judge.validator import violations
from scheduler_core.judge.working_minutes import PlantTime
from scheduler_core.plant import Calendar, Plant, WorkWindow
from scheduler_core.schedule import Schedule
from tests.support.own_time import own_time
from tests.support.plants import at, job, machine, operation, plant, schedule
from tests.support.random_plans import random_plans


def held(factory: Plant, plan: Schedule) -> frozenset[tuple[str, int]]:
    why = Explainer(factory, plan)
    return frozenset(a.key for a in plan.assignments if why.link(a).held_back > 0)


# ---------------------------------------------------------------- plants whose fix is known
def test_the_swap_with_the_job_in_the_way() -> None:
    p = plant(job("slow", operation(300, 1), due=2000), job("urgent", operation(60, 1), due=100))
    s = schedule(at("slow", 1, 1, 0, 300), at("urgent", 1, 1, 300, 360))
    (fix,) = try_fixes(p, s, "urgent")
    assert (fix.kind, fix.operation, fix.passed, fix.machines) == (FixKind.SWAP, 1, "slow", (1,))
    assert (fix.before.lateness, fix.after.lateness, fix.on_time) == (260, -40, True)
    assert (fix.before.late_jobs, fix.after.late_jobs, fix.after.weighted_tardiness_days) == (1, 0, 0.0)
    assert fix.schedule.by_operation["slow", 1].start == 60
    assert (fix.became_late, fix.recovered) == ((), ())


def test_the_other_machine_that_stands_idle() -> None:
    # Neither may come before the other: both have the same due date, but machine 2 is free.
    p = plant(
        job("first", operation(100, 1), due=100, important=True),
        job("second", operation(100, 1, 2), due=100),
        machines=[machine(1), machine(2)],
    )
    s = schedule(at("first", 1, 1, 0, 100), at("second", 1, 1, 100, 200))
    (fix,) = try_fixes(p, s, "second")
    assert (fix.kind, fix.machines, fix.after.lateness) == (FixKind.OTHER_MACHINE, (2,), 0)


def test_overtime_on_the_day_on_which_it_pauses() -> None:
    # Monday 08:00 to 18:00 less lunch makes 540 minutes; the last 60 of 600 are left for Tuesday.
    p = plant(job("long", operation(600, 1), due=700), machines=[machine(1, calendar="office")])
    s = schedule(at("long", 1, 1, 0, 1440 + 60))
    assert violations(p, s) == ()
    (fix,) = try_fixes(p, s, "long")
    assert fix.kind is FixKind.EXTRA_HOURS
    (hours,) = fix.hours
    assert (hours.date, hours.start, hours.end) == (datetime(2025, 7, 21).date(), 18 * 60, 21 * 60)
    assert (fix.before.lateness, fix.after.lateness) == (800, -40)


def test_a_job_that_was_left_lying_starts_as_soon_as_it_can() -> None:
    p = plant(job("lazy", operation(50, 1), due=60), job("next", operation(50, 1), due=2000))
    s = schedule(at("lazy", 1, 1, 40, 90), at("next", 1, 1, 90, 140))
    (fix,) = try_fixes(p, s, "lazy")
    assert (fix.kind, fix.after.lateness) == (FixKind.NO_HOLDING_BACK, -10)


def test_going_first_everywhere_where_one_swap_is_not_enough() -> None:
    p = plant(
        job("a", operation(200, 1), due=5000), job("d", operation(60, 2), due=5000), job("b", operation(600, 2), due=5000),
        job("urgent", operation(50, 1), operation(50, 2), due=120),
        machines=[machine(1), machine(2)],
    )  # fmt: skip
    s = schedule(
        at("a", 1, 1, 0, 200), at("d", 1, 2, 0, 60), at("b", 1, 2, 60, 660), at("urgent", 1, 1, 200, 250),
        at("urgent", 2, 2, 660, 710),
    )  # fmt: skip
    first, *others = try_fixes(p, s, "urgent")
    assert (first.kind, first.operation, first.after.lateness) == (FixKind.GO_FIRST, None, -10)
    assert [f.kind for f in others] == [FixKind.SWAP]
    assert not others[0].on_time


def test_nothing_is_offered_where_nothing_helps_or_nothing_is_late() -> None:
    p = plant(job("hopeless", operation(60, 1), due=10), job("fine", operation(5, 2), due=500),
              machines=[machine(1), machine(2)])  # fmt: skip
    s = schedule(at("hopeless", 1, 1, 0, 60), at("fine", 1, 2, 0, 5))
    assert try_fixes(p, s, "hopeless") == ()
    assert try_fixes(p, s, "fine") == ()


def test_priority_that_costs_the_others_more_than_it_is_worth_is_offered_only_for_the_due_date_and_with_its_price() -> None:
    def factory(due: int) -> Plant:
        return plant(
            job("tight", operation(300, 1), due=300, important=True), job("late", operation(210, 1), due=due),
        )  # fmt: skip

    s = schedule(at("tight", 1, 1, 0, 300), at("late", 1, 1, 300, 510))
    (fix,) = try_fixes(factory(480), s, "late")
    assert (fix.kind, fix.on_time, fix.became_late, fix.hours) == (FixKind.PRIORITY, True, ("tight",), ())
    assert fix.after.weighted_tardiness_days == pytest.approx(3 * 210 / 1440)
    # Where even priority leaves it late, the others do not pay for it.
    assert try_fixes(factory(200), s, "late") == ()


def test_overtime_joins_priority_where_that_alone_harms_others() -> None:
    """A day of 540 minutes for 600 of work, both orders wanted tonight: three hours more are enough for both."""
    p = plant(
        job("first", operation(300, 1), due=840), job("late", operation(300, 1), due=660),
        machines=[machine(1, calendar="office")],
    )  # fmt: skip
    s = schedule(at("first", 1, 1, 0, 360), at("late", 1, 1, 360, 1500))
    assert violations(p, s) == ()
    fixes = {fix.kind: fix for fix in try_fixes(p, s, "late")}
    helped = fixes[FixKind.PRIORITY_OVERTIME] if FixKind.PRIORITY_OVERTIME in fixes else fixes[FixKind.EXTRA_HOURS]
    assert helped.on_time
    assert helped.became_late == ()
    assert helped.overtime_minutes == 180
    assert violations(helped.plant, helped.schedule) == ()


def test_wrong_questions_are_refused_by_name() -> None:
    p = plant(job("a", operation(60, 1), due=10))
    with pytest.raises(InvalidValue, match="nobody"):
        try_fixes(p, schedule(at("a", 1, 1, 0, 60)), "nobody")
    with pytest.raises(InvalidValue, match="duration"):
        try_fixes(p, schedule(at("a", 1, 1, 0, 61)), "a")


def test_it_tells_its_progress_and_stops_when_asked() -> None:
    p = plant(job("slow", operation(300, 1), due=2000), job("urgent", operation(60, 1), due=100))
    s = schedule(at("slow", 1, 1, 0, 300), at("urgent", 1, 1, 300, 360))
    shares: list[float] = []
    try_fixes(p, s, "urgent", lambda share, what: shares.append(share))
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)

    def stop(share: float, what: str) -> None:
        if share > 0.4:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        try_fixes(p, s, "urgent", stop)


# ---------------------------------------------------------------- random plants
@pytest.mark.slow
def test_every_fix_of_random_plans_is_valid_and_measured_as_the_kpis_do() -> None:
    kinds = set[FixKind]()
    for factory, plan in random_plans()[::2]:
        for late in Explainer(factory, plan).late_jobs()[:2]:
            for fix in try_fixes(factory, plan, late.job.id):
                kinds.add(fix.kind)
                assert violations(fix.plant, fix.schedule) == ()
                for figures, shown, plant_then in ((fix.before, plan, factory), (fix.after, fix.schedule, fix.plant)):
                    lateness = job_lateness(plant_then, shown)
                    assert figures.lateness == lateness[late.job.id]
                    assert figures.late_jobs == sum((x or 0) > 0 for x in lateness.values())
                    assert figures.weighted_tardiness_days == pytest.approx(
                        measure(plant_then, shown).weighted_tardiness_days
                    )
                assert fix.after.lateness is not None
                assert fix.before.lateness is not None
                assert fix.after.lateness < fix.before.lateness
                if not fix.hours:
                    assert fix.plant is factory
    assert kinds >= {FixKind.EXTRA_HOURS, FixKind.SWAP, FixKind.OTHER_MACHINE}


def test_a_board_gives_the_plan_back_as_it_was() -> None:
    for factory, plan in random_plans():
        trial_plan = TrialPlan(factory, plan, held(factory, plan))
        assert set(trial_plan.schedule().assignments) == set(plan.assignments)


def test_a_held_back_operation_keeps_its_start_while_others_move() -> None:
    p = plant(
        job("lazy", operation(50, 2), due=500), job("x", operation(50, 1)), job("y", operation(50, 1), due=60),
        machines=[machine(1), machine(2)],
    )  # fmt: skip
    s = schedule(at("lazy", 1, 2, 40, 90), at("x", 1, 1, 0, 50), at("y", 1, 1, 50, 100))
    (fix,) = try_fixes(p, s, "y")
    assert fix.kind is FixKind.SWAP
    assert fix.schedule.by_operation["lazy", 1].start == 40


@pytest.mark.slow
def test_a_factory_is_tried_within_two_seconds() -> None:
    factory = random_plant(5, PlantShape(jobs=500, machines=152))
    plan = greedy.schedule(factory, EngineConfig(rule="ATC")).schedule
    assert plan is not None
    late = Explainer(factory, plan).late_jobs()
    longest = max(late, key=lambda one: len(one.job.operations))
    # What is compiled is loaded before the clock runs.
    assert try_fixes(factory, plan, late[0].job.id)
    for one in (late[0], longest):
        with own_time() as took:
            try_fixes(factory, plan, one.job.id)
        assert took.seconds < 2.0


# ---------------------------------------------------------------- extra hours
def test_extra_hours_open_exactly_their_one_date() -> None:
    p = plant(job("a", operation(60, 1)), machines=[machine(1, calendar="office"), machine(2, calendar="office")])
    saturday = extra_hours(p, (1,), 5)
    assert saturday is not None
    assert (saturday.is_shift, saturday.start, saturday.end) == (True, 8 * 60, 16 * 60)
    changed = with_extra_hours(p, (saturday,))
    before, after = PlantTime(p), PlantTime(changed)
    start, end = -14 * 1440, 40 * 1440
    # Eight hours less the lunch of every day.
    assert after.of((1,)).between(start, end) - before.of((1,)).between(start, end) == 7 * 60
    assert after.of((1,)).between(5 * 1440, 5 * 1440 + 480) == 7 * 60
    assert after.of((2,)).spans(start, end) == before.of((2,)).spans(start, end)


def test_no_extra_hours_on_a_holiday_a_full_day_or_a_day_gone() -> None:
    p = plant(job("a", operation(60, 1)), machines=[machine(1, calendar="office"), machine(2)])
    assert extra_hours(p, (1,), 2) is None
    assert extra_hours(p, (2,), 1) is None
    assert extra_hours(p, (1,), -1) is None
    monday = extra_hours(replace(p, plan_start=datetime(2025, 7, 21, 20)), (1,), 0)
    assert monday is not None
    assert not monday.is_shift


def test_extra_hours_where_shifts_run_over_midnight() -> None:
    nights = Calendar("nights", tuple(WorkWindow(day, 22 * 60, 30 * 60) for day in (1, 2, 3, 4, 5)))
    p = plant(job("a", operation(60, 1)), machines=[machine(1, calendar="nights")], calendars=[nights])
    tuesday, sunday = extra_hours(p, (1,), 1), extra_hours(p, (1,), 6)
    assert tuesday is not None
    assert (tuesday.start, tuesday.end, tuesday.is_shift) == (6 * 60, 9 * 60, False), "after the night that ends on Tuesday"
    assert sunday is not None
    assert (sunday.start, sunday.end, sunday.is_shift) == (22 * 60, 30 * 60, True)
    time = PlantTime(with_extra_hours(p, (tuesday, sunday))).of((1,))
    assert time.between(0, 7 * 1440) == 5 * 480 + 180 + 480
