"""Machines that a plan counted on and that are away, and the jobs that need them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from scheduler_core.analysis.machine_loss import machine_loss
from scheduler_core.schedule import Assignment, Schedule
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


def test_a_job_at_work_on_a_machine_that_failed_is_stranded_though_others_could_do_it() -> None:
    later = replace(
        BEFORE,
        machines=(BEFORE.machine_by_id[2],),
        jobs=tuple(j for j in BEFORE.jobs if j.id == "D"),
        plan_start=BEFORE.plan_start + timedelta(minutes=30),
    )

    def stranded(start: int, at: int) -> list[tuple[str, bool]]:
        plan = Schedule((Assignment("B", 1, (at,), start, start + 60, 0),))
        return [(s.job.id, s.running) for s in machine_loss(BEFORE, later, later.plan_start, plan).stranded]

    assert stranded(0, 1) == [("A", False), ("B", True), ("C", False)]
    for start, at in ((0, 2), (30, 1), (-30, 1)):
        assert stranded(start, at) == [("A", False), ("C", False)], "it ran elsewhere, or not at that time"


def test_a_job_that_had_nothing_left_to_do_is_finished_and_not_stranded() -> None:
    later = replace(
        BEFORE, machines=(BEFORE.machine_by_id[2],), jobs=(), plan_start=BEFORE.plan_start + timedelta(minutes=60)
    )
    plan = Schedule((Assignment("A", 1, (1,), 0, 60, 0), Assignment("C", 1, (1, 2), 1, 61, 0)))
    assert [s.job.id for s in machine_loss(BEFORE, later, later.plan_start, plan).stranded] == ["C"]
