"""One order sooner: small cases by hand, and random plants with every constraint before the judge."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from scheduler_core.engines import greedy
from scheduler_core.engines.config import EngineConfig
from scheduler_core.errors import Cancelled, InvalidValue, Unschedulable
from scheduler_core.judge.kpis import job_lateness
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Fixed, Job, Plant
from scheduler_core.scenarios.changes import RushOrder, apply_all
from scheduler_core.scenarios.expedite import ExpediteCurve, expedite
from scheduler_core.schedule import Assignment, Schedule
from tests.support.plants import job, machine, operation, plant
from tests.support.random_plants import schedulable

LINE = plant(
    job("A", operation(60, 1), due=500),
    job("B", operation(60, 1), due=120),
    job("C", operation(60, 1), due=150),
    job("D", operation(60, 1)),
    machines=(machine(1),),
)
"""Four orders of an hour on one machine. A has time, B has none, C is late by half an hour, D is wanted at no date."""
PLAN = Schedule(tuple(Assignment(name, 1, (1,), 60 * i, 60 * i + 60) for i, name in enumerate("ABCD")))


def ends(curve: ExpediteCurve) -> list[tuple[int, float]]:
    return [(p.end, round(p.price * 1440)) for p in curve.points]


def test_an_order_goes_before_what_has_time_and_the_rest_of_the_curve_is_dearer() -> None:
    """D may go before nobody for nothing: even behind B it makes C an hour later, and first of all it makes B late too."""
    curve = expedite(LINE, PLAN, "D")
    assert curve.before == 240
    assert curve.right_shift is None
    assert curve.bound.completion == 60
    # A gives way: D, B, C, A costs nobody anything, as A has until 500.
    assert ends(curve) == [(60, 0)]
    assert [(p.job.id, p.before, p.end, p.extra) for p in curve.least_harm.payers] == [("A", 60, 240, 0)]
    assert curve.least_harm.moved == 1


def test_what_the_others_pay_is_counted_order_by_order() -> None:
    """With A in a hurry as well, an hour on the machine comes from somebody."""
    tight = replace(LINE, jobs=(replace(LINE.jobs[0], due=60), *LINE.jobs[1:]))
    curve = expedite(tight, PLAN, "D")
    assert ends(curve) == [(60, 180), (120, 120), (180, 60), (240, 0)]
    first = curve.points[0]
    assert [(p.job.id, p.newly_late, p.extra) for p in first.payers] == [("A", True, 60), ("B", True, 60), ("C", False, 60)]
    assert (first.newly_late, len(first.paying), first.moved, first.moved_near) == (2, 3, 3, 3)
    assert curve.none_newly_late.end == 180
    assert curve.least_harm.schedule == PLAN


def test_late_orders_may_be_later_by_the_tolerance() -> None:
    tight = replace(LINE, jobs=(replace(LINE.jobs[0], due=60), *LINE.jobs[1:]))
    assert expedite(tight, PLAN, "D", tolerance=59).least_harm.end == 240
    kind = expedite(tight, PLAN, "D", tolerance=60)
    assert kind.least_harm.end == 180
    assert [(p.job.id, p.extra) for p in kind.least_harm.payers] == [("C", 60)]
    assert kind.least_harm.paying == ()


def test_a_rush_order_goes_in_where_right_shift_would_not_put_it() -> None:
    """The first gap is behind all; pushing A, which has time, harms nobody."""
    rush = RushOrder(job("R", operation(30, 1), due=60, important=True))
    curve = expedite(apply_all(LINE, (rush,)), PLAN, "R")
    assert curve.before is None
    assert curve.right_shift == 270
    assert curve.bound.completion == 30
    # R before A would push B and C by 30 minutes; with A behind all of them, nobody is later than before.
    assert ends(curve) == [(30, 0)]


def test_an_important_order_pays_three_times() -> None:
    both = plant(
        job("A", operation(60, 1), due=60, important=True), job("B", operation(60, 1)), machines=(machine(1),)
    )  # fmt: skip
    plan = Schedule((Assignment("A", 1, (1,), 0, 60), Assignment("B", 1, (1,), 60, 120)))
    assert ends(expedite(both, plan, "B")) == [(60, 180), (120, 0)]


def test_fixed_operations_stay_and_what_is_all_fixed_cannot_be_expedited() -> None:
    held = LINE.jobs[0]
    held = replace(held, operations=(replace(held.operations[0], fixed=Fixed((1,), 0, 60)),))
    shop = replace(LINE, jobs=(held, *LINE.jobs[1:]))
    curve = expedite(shop, PLAN, "D")
    assert curve.points[0].end == 120
    assert all(p.schedule.by_operation["A", 1] == PLAN.by_operation["A", 1] for p in curve.points)
    with pytest.raises(InvalidValue, match="job: 'A' has no operation left that could move"):
        expedite(shop, PLAN, "A")


def test_what_is_asked_must_make_sense() -> None:
    with pytest.raises(InvalidValue, match="job: 'X' is not a known job"):
        expedite(LINE, PLAN, "X")
    with pytest.raises(InvalidValue, match="tolerance: -1 is not between 0"):
        expedite(LINE, PLAN, "D", tolerance=-1)


def test_it_can_be_cancelled_and_tells_how_far_it_is() -> None:
    told: list[float] = []

    def progress(share: float, what: str) -> None:
        told.append(share)
        if share > 0.3:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        expedite(LINE, PLAN, "D", progress=progress)
    assert told == sorted(told)
    assert len(told) > 2


def obeys_its_promises(shop: Plant, plan: Schedule, wanted: str) -> int:
    """Checks the curve of one order; returns its number of points."""
    curve = expedite(shop, plan, wanted)
    late = job_lateness(shop, plan)
    for point in curve.points:
        assert violations(shop, point.schedule) == ()
        assert curve.bound.completion <= point.end
        after = job_lateness(shop, point.schedule)
        extra = {j.id: max(0, after[j.id] or 0) - max(0, late.get(j.id) or 0) for j in shop.jobs if j.id != wanted}
        assert {p.job.id: p.extra for p in point.payers if p.extra} == {j: e for j, e in extra.items() if e > 0}
        assert point.newly_late == sum((late.get(j) or 0) <= 0 < (after[j] or 0) for j in extra)
        assert point.price == pytest.approx(sum(shop.job_by_id[j].weight * e / 1440 for j, e in extra.items() if e > 0))
    for earlier, later in pairwise(curve.points):
        assert earlier.end < later.end
        assert earlier.price > later.price
    assert curve.least_harm.price == 0
    assert curve.least_harm.newly_late == 0
    assert curve.before is None or curve.least_harm.end <= curve.before
    assert curve.right_shift is None or curve.least_harm.end <= curve.right_shift
    return len(curve.points)


def without_slack(shop: Plant, plan: Schedule) -> Plant:
    """Every second order is wanted when the plan has it complete, so that any delay is one that it pays for."""
    end = {j.id: max(a.end for a in plan.assignments if a.job == j.id) for j in shop.jobs}
    return replace(shop, jobs=tuple(replace(j, due=end[j.id]) if i % 2 else j for i, j in enumerate(shop.jobs)))


def _planned(shop: Plant) -> Schedule | None:
    try:
        return greedy.schedule(shop, EngineConfig(rule="EDD")).schedule
    except Unschedulable:
        return None


def test_on_random_plants_every_point_is_a_plan_and_keeps_its_promise() -> None:
    points, tried = 0, 0
    for shop in schedulable(40):
        plan = _planned(shop)
        if plan is None or violations(shop, plan):
            continue
        free = [a for a in plan.assignments if shop.job_by_id[a.job].operations[-1].fixed is None]
        if free:
            points += obeys_its_promises(without_slack(shop, plan), plan, max(free, key=lambda a: a.end).job)
            tried += 1
    assert tried > 30
    assert points > tried + 10  # the curves are no single points throughout


def test_on_random_plants_a_rush_order_keeps_the_promises_too() -> None:
    tried = 0
    for shop in schedulable(30):
        plan = _planned(shop)
        like = next((j for j in shop.jobs if not any(op.fixed for op in j.operations)), None)
        if plan is None or like is None or violations(shop, plan):
            continue
        rush = Job("RUSH", like.operations, like.family, due=600, important=True)
        obeys_its_promises(apply_all(shop, (RushOrder(rush),)), plan, "RUSH")
        tried += 1
    assert tried > 15


def test_the_same_question_has_the_same_answer() -> None:
    shop = next(s for s in schedulable(30) if len(s.jobs) == 7)
    plan = _planned(shop)
    assert plan is not None
    free = next(j.id for j in shop.jobs if not any(op.fixed for op in j.operations))
    assert expedite(shop, plan, free) == expedite(shop, plan, free)
