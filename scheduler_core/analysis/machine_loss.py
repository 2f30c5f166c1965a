"""Machines that a plan counted on and that do not work now, and the jobs that cannot be planned without them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from scheduler_core.plant import Job, Machine, Operation, Plant
from scheduler_core.schedule import Schedule


@dataclass(frozen=True)
class StrandedJob:
    """A job that left the plan because ``operation`` needs one of ``machines`` (with requires_all: all of them), or, with
    ``running``, was at work on them when they failed."""

    job: Job
    operation: Operation
    machines: tuple[Machine, ...]
    running: bool = False


@dataclass(frozen=True)
class MachineLoss:
    """``down``: machines that do not work now, by name. ``stranded``: in the order of the earlier plant."""

    down: tuple[Machine, ...]
    stranded: tuple[StrandedJob, ...]


def machine_loss(
    before: Plant, after: Plant, now: datetime, plan: Schedule | None = None, recorded: Collection[int] = ()
) -> MachineLoss:
    """What ``after`` lacks of the machines of ``before`` at ``now`` (naive plant time), and whom that stops.

    ``plan``: the plan in force on ``before``, which says what was at work on a machine, and what has ended by now: an order
    that is no longer open and had nothing left to do is finished. ``recorded``: machines (ids) that a planner has recorded
    as down now, whatever ``after`` says.
    """
    gone = [m for m in before.machines if m.id not in after.machine_by_id]
    minute = after.minute_of(now)
    broken = [m for m in after.machines if m.id in recorded or any(d.start <= minute < d.end for d in m.downtime)]
    begins = before.minute_of(after.plan_start)
    lost = [j for j in before.jobs if gone and j.id not in after.job_by_id and not _finished(j, plan, begins)]
    stranded = (_stranded(before, after, job) or _interrupted(before, after, job, plan) for job in lost)
    return MachineLoss(
        tuple(sorted([*gone, *broken], key=lambda m: m.name)), tuple(found for found in stranded if found is not None)
    )


def _finished(job: Job, plan: Schedule | None, begins: int) -> bool:
    """By the plan all its operations had ended when the later plant begins."""
    if plan is None:
        return False
    ends = [a.end for o in job.operations if (a := plan.by_operation.get((job.id, o.sequence))) is not None]
    return len(ends) == len(job.operations) and max(ends) <= begins


def _stranded(before: Plant, after: Plant, job: Job) -> StrandedJob | None:
    for operation in job.operations:
        machines = [before.machine_by_id[m] for m in before.eligible_machines(operation)]
        missing = tuple(m for m in machines if m.id not in after.machine_by_id)
        if missing and (operation.requires_all or len(missing) == len(machines)):
            return StrandedJob(job, operation, missing)
    return None


def _interrupted(before: Plant, after: Plant, job: Job, plan: Schedule | None) -> StrandedJob | None:
    """By the plan it was at work on a machine that is gone when the later plant begins; the ERP names no other to go on."""
    begins = before.minute_of(after.plan_start)
    for operation in job.operations:
        a = None if plan is None else plan.by_operation.get((job.id, operation.sequence))
        if a is None or not a.start <= begins < a.end or (a.start == begins and operation.fixed is None):
            continue
        missing = tuple(before.machine_by_id[m] for m in a.machines if m not in after.machine_by_id)
        if missing:
            return StrandedJob(job, operation, missing, running=True)
    return None
