"""The floor's figures by week, and why orders were late."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from scheduler_core.actuals.late_reasons import ReleasedPlan, WhyLate, why_late
from scheduler_core.actuals.operation_actual import Between, Evidence, OperationActual, PlannedPlace
from scheduler_core.actuals.order_outcomes import OrderOutcome, Otif, Verdict
from scheduler_core.actuals.weeks import InForce, by_week, in_force
from scheduler_core.actuals.working_ranges import WorkingRanges
from scheduler_core.causes.explainer import Cause
from tests.support.plants import PLAN_START, at, job, machine, operation, plant, schedule

MONDAY = datetime(2025, 7, 14)
SHOP = plant(job("A", operation(60, 1)), machines=[machine(1)], start=MONDAY + timedelta(days=10))
RANGES = WorkingRanges(SHOP, MONDAY)


def _outcome(day: int, verdict: Verdict = Verdict.ON_TIME) -> OrderOutcome:
    late = 720.0 if verdict is Verdict.LATE else None
    return OrderOutcome("A", MONDAY + timedelta(days=day, hours=12), verdict, minutes_late=late)


def _began(day: int, setup: int) -> OperationActual:
    start = MONDAY + timedelta(days=day, hours=9)
    planned = PlannedPlace("plan", (1,), start, start + timedelta(hours=1), setup, 60, 420)
    return OperationActual("A", 1, "mill", (1,), Between(start, start), None, Evidence.RUNNING, planned=planned)


def test_orders_starts_setups_and_overtime_count_in_their_weeks() -> None:
    asked = [InForce(MONDAY + timedelta(days=d), MONDAY + timedelta(days=d + 1), 60) for d in (0, 1, 7)]
    outcomes = [_outcome(0), _outcome(6, Verdict.LATE), _outcome(8, Verdict.UNKNOWN)]
    first, second = by_week([_began(1, 30), _began(2, 60), _began(8, 15)], outcomes, asked, RANGES, MONDAY,
                            MONDAY + timedelta(days=9))  # fmt: skip
    assert (first.monday, first.sunday, first.whole) == (date(2025, 7, 14), date(2025, 7, 20), True)
    assert (first.orders, first.days_late, first.starts.hour.count) == (Otif(1, 1, 0), 0.5, 2)
    assert (first.setup_hours, first.overtime_hours) == (1.5, 2.0)
    assert (second.orders, second.days_late, second.whole) == (Otif(0, 0, 1), None, False)
    assert (second.setup_hours, second.overtime_hours) == (0.25, 1.0)


def test_a_week_of_which_nothing_is_known_is_left_out_and_what_no_plan_had_is_not_0() -> None:
    asked = [InForce(MONDAY, MONDAY + timedelta(days=1), 60)]
    assert by_week([], [], asked, RANGES, MONDAY, MONDAY + timedelta(days=9)) == ()
    [only] = by_week([], [_outcome(8)], (), RANGES, MONDAY, MONDAY + timedelta(days=9))
    assert (only.setup_hours, only.overtime_hours, only.starts.hour.estimate) == (None, None, None)


def test_a_week_that_began_today_is_no_point_of_a_trend() -> None:
    asked = [_outcome(2), _outcome(7)]
    monday = MONDAY + timedelta(days=7)
    assert len(by_week([], asked, (), RANGES, MONDAY, monday + timedelta(hours=13))) == 1
    assert len(by_week([], asked, (), RANGES, MONDAY, monday + timedelta(days=1))) == 2
    assert len(by_week([], asked[1:], (), RANGES, monday, monday + timedelta(hours=13))) == 1, "unless it is all there is"


def test_a_first_pull_within_a_week_makes_it_a_part() -> None:
    since = MONDAY + timedelta(days=1)
    first, *_ = by_week([], [_outcome(2)], (), RANGES, since, MONDAY + timedelta(days=9))
    assert not first.whole


def test_overtime_is_what_lies_in_the_span() -> None:
    """16:00 to 18:00 is overtime in the office; the plan starts at 08:00."""
    shop = plant(job("A", operation(480, 1)), job("B", operation(120, 1)), machines=[machine(1, calendar="office")])
    plan = schedule(at("A", 1, 1, 0, 540), at("B", 1, 1, 540, 600))
    whole = in_force(shop, plan, PLAN_START, PLAN_START + timedelta(days=1))
    assert whole.overtime_minutes == 120
    part = in_force(shop, plan, PLAN_START, PLAN_START + timedelta(hours=9))
    assert part.overtime_minutes == 60
    assert in_force(shop, plan, PLAN_START + timedelta(days=1), PLAN_START + timedelta(days=2)).overtime_minutes == 0


def test_late_orders_were_planned_late_or_delayed_later() -> None:
    shop = plant(
        job("planned late", operation(60, 1), due=90), job("on time", operation(60, 1), due=600),
        job("material", operation(60, 1), due=100, release=200), machines=[machine(1)],
    )  # fmt: skip
    plan = ReleasedPlan(PLAN_START, shop, schedule(
        at("on time", 1, 1, 0, 60), at("planned late", 1, 1, 60, 120), at("material", 1, 1, 200, 260),
    ))  # fmt: skip
    newer = ReleasedPlan(PLAN_START + timedelta(hours=5), shop, schedule(
        at("planned late", 1, 1, 0, 60), at("on time", 1, 1, 60, 2000), at("material", 1, 1, 2000, 2060),
    ))  # fmt: skip
    late = [OrderOutcome(name, PLAN_START + timedelta(hours=9), Verdict.LATE)
            for name in ("planned late", "on time", "material", "nowhere")]  # fmt: skip
    found = why_late([*late, OrderOutcome("kept", PLAN_START, Verdict.ON_TIME)], [plan, newer])
    assert found == WhyLate({Cause.MACHINE: 1, Cause.RELEASED_LATE: 1}, later=1, unplanned=1)
    assert found.total == 4
    too_late = [OrderOutcome("on time", PLAN_START, Verdict.LATE)]
    assert why_late(too_late, [plan]).unplanned == 1, "a plan made after the due date says nothing"
