"""Machines that a plan counted on and that do not work now, and the jobs that cannot be planned without them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from scheduler_core.plant import Job, Machine, Operation, Plant


@dataclass(frozen=True)
class StrandedJob:
    """A job that left the plan because ``operation`` needs one of ``machines`` (with requires_all: all of them)."""

    job: Job
    operation: Operation
    machines: tuple[Machine, ...]


@dataclass(frozen=True)
class MachineLoss:
    """``down``: machines that do not work now, by name. ``stranded``: in the order of the earlier plant."""

    down: tuple[Machine, ...]
    stranded: tuple[StrandedJob, ...]


def machine_loss(before: Plant, after: Plant, now: datetime, recorded: Collection[int] = ()) -> MachineLoss:
    """What ``after`` lacks of the machines of ``before`` at ``now`` (naive plant time), and whom that stops.

    ``recorded``: machines (ids) that a planner has recorded as down now, whatever ``after`` says.
    """
    gone = [m for m in before.machines if m.id not in after.machine_by_id]
    minute = after.minute_of(now)
    broken = [m for m in after.machines if m.id in recorded or any(d.start <= minute < d.end for d in m.downtime)]
    stranded = (_stranded(before, after, job) for job in before.jobs if gone and job.id not in after.job_by_id)
    return MachineLoss(
        tuple(sorted([*gone, *broken], key=lambda m: m.name)), tuple(found for found in stranded if found is not None)
    )


def _stranded(before: Plant, after: Plant, job: Job) -> StrandedJob | None:
    for operation in job.operations:
        machines = [before.machine_by_id[m] for m in before.eligible_machines(operation)]
        missing = tuple(m for m in machines if m.id not in after.machine_by_id)
        if missing and (operation.requires_all or len(missing) == len(machines)):
            return StrandedJob(job, operation, missing)
    return None
