"""The key figures of schedules small enough to count by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from scheduler_core.judge.kpis import job_lateness, measure
from scheduler_core.plant import Downtime, Fixed, Plant, SetupEntry
from scheduler_core.schedule import Schedule
from tests.support.plants import DAY, HOUR, at, job, machine, operation, plant, schedule
from tests.support.strategies import plants

OFFICE_PLANT = plant(
    job("J", operation(300, 1, setup_minutes=30), operation(120, 2), important=True, due=9 * HOUR),
    job("K", operation(200, 1, setup_minutes=99), family="B", due=DAY),
    job("L", operation(60, 2)),
    machines=[machine(m, calendar="office") for m in (1, 2, 3)],
    setups=[SetupEntry(1, "A", "B", 45)],
)
OFFICE_PLAN = schedule(
    at("J", 1, 1, 0, 390, 30),  # Monday 08:00 to 14:30: 330 minutes and lunch
    at("J", 2, 2, 390, 510),  # 14:30 to 16:30
    at("K", 1, 1, 390, 1475, 45),  # 14:30 to 18:00 and Tuesday 08:00 to 08:35: 245 minutes
    at("L", 1, 2, 510, 570),  # 16:30 to 17:30
)


def test_figures_of_a_plan_by_hand() -> None:
    figures = measure(OFFICE_PLANT, OFFICE_PLAN)
    one, two = 575 / 575, 180 / 575  # machine 3 has no operation to run
    assert figures.as_dict() == pytest.approx(
        {
            "makespan_hours": 1475 / 60,
            "mean_days_late": 35 / 1440 / 2,
            "mean_days_late_of_late": 35 / 1440,
            "weighted_tardiness_days": 35 / 1440,
            "on_time_rate": 0.5,
            "important_on_time_rate": 1.0,
            "utilization_mean": (one + two) / 2,
            "utilization_std": (one - two) / 2,
            "setup_hours": 75 / 60,
            "overtime_hours": (30 + 120 + 60) / 60,
            "completion_rate": 1.0,
        }
    )


def test_lateness_is_signed_and_absent_without_a_due_date() -> None:
    assert job_lateness(OFFICE_PLANT, OFFICE_PLAN) == {"J": -30, "K": 35, "L": None}


def test_important_jobs_weigh_three() -> None:
    shop = plant(job("J", operation(60), important=True, due=0), job("K", operation(60), due=0))
    figures = measure(shop, schedule(at("J", 1, 1, 0, 60), at("K", 1, 1, 60, 120)))
    assert figures.weighted_tardiness_days == pytest.approx((3 * 60 + 120) / 1440)
    assert figures.important_on_time_rate == 0


def test_a_job_that_ends_when_due_is_on_time() -> None:
    shop = plant(job("J", operation(60), due=60))
    assert measure(shop, schedule(at("J", 1, 1, 0, 60))).on_time_rate == 1
    assert measure(shop, schedule(at("J", 1, 1, 1, 61))).on_time_rate == 0


def test_without_due_dates_nothing_is_late() -> None:
    shop = plant(job("J", operation(60), important=True))
    figures = measure(shop, schedule(at("J", 1, 1, 0, 60)))
    assert (figures.on_time_rate, figures.important_on_time_rate) == (None, None)
    assert (figures.mean_days_late, figures.mean_days_late_of_late, figures.weighted_tardiness_days) == (0, 0, 0)


def test_an_incomplete_job_is_never_on_time_and_ends_with_the_plan() -> None:
    shop = plant(job("J", operation(60), operation(60), due=5 * DAY), job("K", operation(60), due=30))
    partial = schedule(at("J", 1, 1, 0, 60), at("K", 1, 1, 60, 120))
    figures = measure(shop, partial)
    assert figures.on_time_rate == 0
    assert figures.completion_rate == pytest.approx(2 / 3)
    assert figures.weighted_tardiness_days == pytest.approx(90 / 1440)  # K only: the plan ends long before J is due
    assert job_lateness(shop, partial) == {"J": 120 - 5 * DAY, "K": 90}


def test_an_empty_schedule_has_figures() -> None:
    figures = measure(OFFICE_PLANT, Schedule(()))
    assert (figures.makespan_hours, figures.completion_rate, figures.on_time_rate) == (0, 0, 0)
    assert (figures.utilization_mean, figures.utilization_std, figures.overtime_hours) == (0, 0, 0)


def test_only_the_first_usable_assignment_of_a_known_operation_counts() -> None:
    shop = plant(job("J", operation(60)))
    wrong = (at("J", 1, 99, 0, 600), at("J", 1, (), 0, 600), at("X", 1, 1, 0, 600), at("J", 7, 1, 0, 600))
    right = at("J", 1, 1, 0, 60)
    again = at("J", 1, 1, 60, 600)
    assert measure(shop, schedule(*wrong, right, again)) == measure(shop, schedule(right))


def test_setup_is_the_stated_one_of_fixed_operations_and_the_ruled_one_of_others() -> None:
    given = Fixed((1,), 0, 60)
    shop = plant(
        job("J", operation(60, setup_minutes=50, fixed=given), family="A"),
        job("K", operation(60, setup_minutes=20), family="B"),
    )
    figures = measure(shop, schedule(at("J", 1, 1, 0, 60, 7), at("K", 1, 1, 60, 140, 999)))
    assert figures.setup_hours == pytest.approx((7 + 20) / 60)


def test_setup_counts_once_for_an_operation_on_several_machines() -> None:
    shop = plant(
        job("J", operation(60, 1, 2, requires_all=True, setup_minutes=30)),
        machines=[machine(1, initial_family="A"), machine(2)],
    )
    figures = measure(shop, schedule(at("J", 1, (1, 2), 0, 90, 30)))
    assert figures.setup_hours == pytest.approx(0.5)


def test_a_minute_is_busy_where_all_machines_of_the_operation_work() -> None:
    shop = plant(
        job("J", operation(60, 1, 2, requires_all=True)),
        machines=[machine(1), machine(2, downtime=(Downtime(30, 90),))],
    )
    figures = measure(shop, schedule(at("J", 1, (1, 2), 0, 120)))
    # Machine 1 works 120 minutes and is busy for 60 of them; machine 2 works 60 and is busy for all.
    assert figures.utilization_mean == pytest.approx((60 / 120 + 60 / 60) / 2)


def test_overtime_counts_on_every_machine_that_is_held() -> None:
    shop = plant(
        job("J", operation(60, 1, 2, requires_all=True)),
        machines=[machine(1, calendar="office"), machine(2, calendar="office")],
    )
    figures = measure(shop, schedule(at("J", 1, (1, 2), 8 * HOUR, 9 * HOUR)))  # 16:00 to 17:00
    assert figures.overtime_hours == pytest.approx(2)


def test_a_machine_that_never_works_is_not_used() -> None:
    shop = plant(
        job("J", operation(60, 1, 2)),
        machines=[machine(1), machine(2, available_from=10 * DAY)],
    )
    figures = measure(shop, schedule(at("J", 1, 1, 0, 60)))
    assert figures.utilization_mean == pytest.approx(0.5)
    assert figures.utilization_std == pytest.approx(0.5)


def test_utilization_looks_at_the_plan_only() -> None:
    shop = plant(job("J", operation(60, fixed=Fixed((1,), -60, 30))), job("K", operation(30)))
    figures = measure(shop, schedule(at("J", 1, 1, -60, 30), at("K", 1, 1, 60, 90)))
    assert figures.utilization_mean == pytest.approx(60 / 90)


def test_operations_that_overlap_do_not_make_a_machine_busy_twice() -> None:
    shop = plant(job("J", operation(60)), job("K", operation(60)), job("L", operation(60, 2)), machines=[
        machine(1), machine(2),
    ])  # fmt: skip
    clash = schedule(at("J", 1, 1, 0, 60), at("K", 1, 1, 30, 90), at("L", 1, 2, 0, 60))
    assert measure(shop, clash).utilization_mean == pytest.approx((90 / 90 + 60 / 90) / 2)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(plants())
def test_figures_do_not_depend_on_the_order_of_assignments(shop: Plant) -> None:
    rows = [
        at(j.id, o.sequence, shop.eligible_machines(o)[0], 500 * i, 500 * i + 400)
        for j in shop.jobs
        for i, o in enumerate(j.operations)
    ]
    apart = [replace(a, start=a.start + n, end=a.end + n) for n, a in enumerate(rows)]  # no two alike
    forward, backward = measure(shop, schedule(*apart)), measure(shop, schedule(*reversed(apart)))
    assert forward.as_dict() == pytest.approx(backward.as_dict())
    assert forward.completion_rate == 1
    assert 0 <= forward.utilization_mean <= 1
