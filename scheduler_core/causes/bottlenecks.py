"""Which work centres hold the plan up, and why: how long late jobs wait for them, how long all jobs do, how full they are.

The bottleneck is the work centre that costs the most late hours: open hours in which late jobs wait for it. A full work
centre that nobody waits for costs nothing, and waiting that makes no job late costs little, so the three rank in this order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from scheduler_core.analysis.load import WorkCentreLoad
from scheduler_core.causes import Explainer


@dataclass(frozen=True)
class Bottleneck:
    """One work centre. ``waiting``: open minutes in which operations of the whole plan were ready and its machines busy;
    ``late_waiting``: those of late jobs. ``late_jobs``: late jobs with an operation there; ``jobs``: all jobs with one."""

    load: WorkCentreLoad
    waiting: int
    late_waiting: int
    jobs: int
    late_jobs: int


def ranked(
    explainer: Explainer, loads: Sequence[WorkCentreLoad], counted: Collection[str] | None = None
) -> tuple[Bottleneck, ...]:
    """The work centres of ``loads`` that the plan uses, the one that costs the most late hours first.

    ``counted``: ids of the jobs whose waiting counts, None for all jobs of the plan.
    """
    type_of = {m.id: m.type for m in explainer.plant.machines}
    through: dict[str, set[int]] = {}
    for a in explainer.schedule.assignments:
        through.setdefault(a.job, set()).update(type_of[m] for m in a.machines)
    waiting, late_waiting, jobs, late_jobs = (Counter[int]() for _ in range(4))
    for job in explainer.plant.jobs:
        if job.id not in through or (counted is not None and job.id not in counted):
            continue
        lead = explainer.lead_time(job)
        late = (lead.lateness or 0) > 0
        jobs.update(through[job.id])
        late_jobs.update(through[job.id] if late else ())
        for wait in lead.waits:
            centre = type_of[wait.machine]
            waiting[centre] += wait.minutes
            late_waiting[centre] += wait.minutes if late else 0
    found = [
        Bottleneck(load, waiting[t], late_waiting[t], jobs[t], late_jobs[t])
        for load in loads
        if jobs[t := load.machine_type.id]
    ]
    return tuple(sorted(found, key=_cost))


def _cost(one: Bottleneck) -> tuple[int, int, float, str]:
    return -one.late_waiting, -one.waiting, -one.load.utilization, one.load.machine_type.name
