"""Machines that a plan counted on and that are away, and the jobs that need them."""

from __future__ import annotations

from dataclasses import replace

from scheduler_core.analysis.machine_loss import machine_loss
from tests.support.plants import job, machine, operation, plant

BEFORE = plant(
    job("A", operation(60, 1)),
    job("B", operation(60, 1, 2)),
    job("C", operation(60, 1, 2, requires_all=True)),
    job("D", operation(60, 2)),
    machines=(machine(1), machine(2)),
)


def test_jobs_that_need_a_machine_out_of_service_are_named_with_it() -> None:
    left = tuple(j for j in BEFORE.jobs if j.id == "D")
    found = machine_loss(BEFORE, replace(BEFORE, machines=(BEFORE.machine_by_id[2],), jobs=left), BEFORE.plan_start)
    assert [m.id for m in found.down] == [1]
    assert [(s.job.id, [m.id for m in s.machines]) for s in found.stranded] == [("A", [1]), ("C", [1])]


def test_a_job_that_left_for_another_reason_is_not_stranded() -> None:
    found = machine_loss(BEFORE, replace(BEFORE, jobs=BEFORE.jobs[:1]), BEFORE.plan_start)
    assert (found.down, found.stranded) == ((), ())
