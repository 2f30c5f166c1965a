"""Two plans of different jobs: who leaves and why, who comes in, and the figures of both over the jobs that both have.

A plan with fewer jobs has fewer late ones and fewer setups: only figures over the same jobs say which plan is better.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from scheduler_core.judge.kpis import Kpis, job_lateness, measure
from scheduler_core.plant import Job, Plant
from scheduler_core.schedule import Schedule


class LeavesBecause(StrEnum):
    """Why a job of the earlier plan is not in the later one."""

    FINISHED = "finished"  # no longer open, and its last operation was to have begun before the later plan's start
    QUARANTINED = "quarantined"  # still open, but the later pull could not use its data
    DROPPED = "dropped"  # no longer open, though the earlier plan had work left for it


@dataclass(frozen=True)
class LeavingJob:
    """A job of the earlier plan that the later one does not have; ``planned_end`` in naive plant time, None if unplanned."""

    job: Job
    because: LeavesBecause
    planned_end: datetime | None

    @property
    def is_loss(self) -> bool:
        """Whether somebody has to know of it: what finished in the ordinary way is no loss."""
        return self.because is not LeavesBecause.FINISHED


@dataclass(frozen=True)
class CommonFigures:
    """The figures of two plans over the jobs that both have.

    left, came: ids of the jobs that only the earlier or only the later plan has. late_before, late_after: late jobs among
    the ``jobs`` that both have.
    """

    jobs: int
    left: tuple[str, ...]
    came: tuple[str, ...]
    before: Kpis
    after: Kpis
    late_before: int
    late_after: int

    @property
    def same_jobs(self) -> bool:
        """Whether both plans have exactly the same jobs."""
        return not self.left and not self.came


def leaving_jobs(
    before_plant: Plant, before: Schedule, after_plant: Plant, quarantined: Collection[str]
) -> tuple[LeavingJob, ...]:
    """The jobs of ``before`` that ``after_plant`` does not have, in the order of the earlier plant.

    ``quarantined``: ids of the jobs that the later pull could not use.
    """
    starts: dict[str, int] = {}
    ends: dict[str, int] = {}
    for a in before.assignments:
        starts[a.job] = max(starts.get(a.job, a.start), a.start)
        ends[a.job] = max(ends.get(a.job, a.end), a.end)
    held_back = set(quarantined)

    def because(job: str) -> LeavesBecause:
        if job in held_back:
            return LeavesBecause.QUARANTINED
        begun = job in starts and before_plant.time_of(starts[job]) < after_plant.plan_start
        return LeavesBecause.FINISHED if begun else LeavesBecause.DROPPED

    return tuple(
        LeavingJob(job, because(job.id), before_plant.time_of(ends[job.id]) if job.id in ends else None)
        for job in before_plant.jobs
        if job.id not in after_plant.job_by_id
    )


def losses(leaving: Iterable[LeavingJob]) -> tuple[LeavingJob, ...]:
    """Those that did not leave because they were finished."""
    return tuple(job for job in leaving if job.is_loss)


def on_common_jobs(before_plant: Plant, before: Schedule, after_plant: Plant, after: Schedule) -> CommonFigures:
    """Measure both plans over the jobs that both have, each within its own plant and from its own plan start."""
    common = before_plant.job_by_id.keys() & after_plant.job_by_id.keys()
    old_plant, old = _restricted(before_plant, before, common)
    new_plant, new = _restricted(after_plant, after, common)
    return CommonFigures(
        jobs=len(common),
        left=tuple(j.id for j in before_plant.jobs if j.id not in common),
        came=tuple(j.id for j in after_plant.jobs if j.id not in common),
        before=measure(old_plant, old),
        after=measure(new_plant, new),
        late_before=_late(old_plant, old),
        late_after=_late(new_plant, new),
    )


def _restricted(plant: Plant, schedule: Schedule, jobs: Collection[str]) -> tuple[Plant, Schedule]:
    """The plant and its schedule with these jobs only; setups stay as they were planned."""
    if len(jobs) == len(plant.jobs):
        return plant, schedule
    kept = tuple(a for a in schedule.assignments if a.job in jobs)
    return replace(plant, jobs=tuple(j for j in plant.jobs if j.id in jobs)), replace(schedule, assignments=kept)


def _late(plant: Plant, schedule: Schedule) -> int:
    return sum(minutes is not None and minutes > 0 for minutes in job_lateness(plant, schedule).values())
