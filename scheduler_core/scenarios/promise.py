"""The promise date of a rush order under a plan, and what the other orders pay for it."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler_core.judge.kpis import job_lateness
from scheduler_core.plant import MINUTES_PER_DAY, Plant
from scheduler_core.schedule import Schedule


@dataclass(frozen=True)
class Promise:
    """``completion``: minute from plan_start by which the job is done. The rest is what every other job pays against the
    plan without it: jobs that end later, that become late, and weighted days of tardiness (negative: less)."""

    job: str
    completion: int
    later: int
    became_late: int
    weighted_days: float


def promise(job: str, before_plant: Plant, before: Schedule, after_plant: Plant, after: Schedule) -> Promise:
    """What ``after`` promises for ``job``. Both plants count from the same plan_start; jobs that only one has are left out.

    With ``after`` from right-shift nothing else ends later: the earliest promise that hurts nobody. Raises KeyError for a
    job that ``after`` does not have.
    """
    was, becomes = job_lateness(before_plant, before), job_lateness(after_plant, after)
    was_end, end = _completions(before), _completions(after)
    others = [j for j in after_plant.jobs if j.id != job and j.id in was_end]
    tardiness = [(max(0, was[j.id] or 0), max(0, becomes[j.id] or 0), j.weight) for j in others]
    return Promise(
        job=job,
        completion=end[job],
        later=sum(end[j.id] > was_end[j.id] for j in others),
        became_late=sum(old == 0 < new for old, new, _ in tardiness),
        weighted_days=sum(weight * (new - old) for old, new, weight in tardiness) / MINUTES_PER_DAY,
    )


def _completions(schedule: Schedule) -> dict[str, int]:
    ends: dict[str, int] = {}
    for a in schedule.assignments:
        ends[a.job] = max(ends.get(a.job, a.end), a.end)
    return ends
