"""The ends of orders in a plan of an earlier pull, by the due dates of now."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from scheduler_core.analysis.planned_ends import PlannedEnd, planned_ends
from scheduler_core.schedule import Assignment, Schedule
from tests.support.plants import PLAN_START, job, operation, plant

HOUR = 60


def test_a_later_pull_keeps_the_moments_and_counts_by_its_own_due_dates() -> None:
    before = plant(job("A", operation(60), operation(60), due=10 * HOUR), job("B", operation(60)), job("C", operation(60)))
    plan = Schedule(
        (
            Assignment("A", 1, (1,), 0, HOUR, 0), Assignment("A", 2, (1,), HOUR, 4 * HOUR, 0),
            Assignment("B", 1, (1,), 4 * HOUR, 5 * HOUR, 0), Assignment("C", 1, (1,), 5 * HOUR, 6 * HOUR, 0),
        )
    )  # fmt: skip
    later = plant(
        job("A", operation(60), due=HOUR), job("B", operation(60)), job("new", operation(60)),
        start=PLAN_START + timedelta(hours=2),
    )  # fmt: skip
    assert planned_ends(before, plan, later) == {
        "A": PlannedEnd(PLAN_START + timedelta(hours=4), HOUR), "B": PlannedEnd(PLAN_START + timedelta(hours=5), None),
    }  # fmt: skip
    assert planned_ends(before, plan, replace(before, jobs=before.jobs[:1]))["A"].lateness == -6 * HOUR
