"""Plans of different jobs are compared over the jobs that both have, and who leaves is told by its reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler_core.analysis.job_sets import LeavesBecause, leaving_jobs, losses, on_common_jobs
from scheduler_core.judge.kpis import measure
from scheduler_core.plant import MINUTES_PER_DAY
from scheduler_core.schedule import Assignment, Schedule
from tests.support.plants import job, machine, operation, plant

BEFORE = plant(
    job("A", operation(60, 1), due=30),
    job("B", operation(60, 1), due=500),
    job("C", operation(60, 2), due=10),
    machines=(machine(1), machine(2)),
)
PLANNED = Schedule((
    Assignment("A", 1, (1,), 0, 60), Assignment("B", 1, (1,), 60, 120), Assignment("C", 1, (2,), 1000, 1060),
))  # fmt: skip


def test_who_leaves_is_finished_quarantined_or_dropped() -> None:
    after = replace(BEFORE, jobs=(), plan_start=BEFORE.plan_start + timedelta(minutes=60))
    found = leaving_jobs(BEFORE, PLANNED, after, {"B"})
    assert [(j.job.id, j.because) for j in found] == [
        ("A", LeavesBecause.FINISHED), ("B", LeavesBecause.QUARANTINED), ("C", LeavesBecause.DROPPED),
    ]  # fmt: skip
    assert [j.job.id for j in losses(found)] == ["B", "C"]
    assert found[2].planned_end == BEFORE.time_of(1060)


def test_nobody_leaves_a_plan_of_the_same_jobs() -> None:
    assert leaving_jobs(BEFORE, PLANNED, BEFORE, {"A"}) == ()


def test_a_plan_that_lost_a_late_job_is_no_better_over_the_common_ones() -> None:
    after = replace(BEFORE, jobs=(BEFORE.jobs[0], replace(BEFORE.jobs[1], id="D")))
    plan = Schedule((Assignment("A", 1, (1,), 0, 60), Assignment("D", 1, (1,), 60, 120)))
    found = on_common_jobs(BEFORE, PLANNED, after, plan)
    assert (found.jobs, found.left, found.came) == (1, ("B", "C"), ("D",))
    assert (found.late_before, found.late_after) == (1, 1)
    assert found.before.weighted_tardiness_days == pytest.approx(found.after.weighted_tardiness_days)
    assert found.after.weighted_tardiness_days == pytest.approx(BEFORE.jobs[0].weight * 30 / MINUTES_PER_DAY)
    assert measure(BEFORE, PLANNED).weighted_tardiness_days > found.before.weighted_tardiness_days
    assert not found.same_jobs


def test_the_figures_of_the_same_jobs_are_the_plans_own() -> None:
    found = on_common_jobs(BEFORE, PLANNED, BEFORE, PLANNED)
    assert found.same_jobs
    assert found.before == found.after == measure(BEFORE, PLANNED)
