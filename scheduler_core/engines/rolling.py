"""A rolling horizon: a plant with very many jobs is planned window by window, the most urgent jobs first.

Every window plans a limited number of unfinished jobs. What starts before half of them are done is decided; the rest is
planned again in the next window, together with the jobs that follow (rolling-horizon decomposition, Ovacik & Uzsoy 1994).
The time of a dispatching policy grows with the square of the open jobs, that of windows only with their number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from scheduler_core.plant import Job, Machine, Plant
from scheduler_core.schedule import Assignment, Schedule

WINDOW = 2000
"""Jobs up to which one pass sees all of them."""
NO_FAMILY = "\x00none"
"""Stands for the family of jobs without one: a machine behind such a job is not a machine on which nothing ran yet."""


def plan_by_windows(plant: Plant, plan: Callable[[Plant, float], Schedule], window: int = WINDOW) -> tuple[Schedule, int]:
    """The plant's schedule, and how many windows made it.

    ``plan`` makes a complete, valid schedule of a window's plant; it is also told which share (0 to 1) of the jobs is
    decided before. The windows' plants keep the plan's start, so minutes mean the same everywhere.
    """
    # Every window must plan around what is fixed, so jobs with something fixed are all in the first one, however many.
    jobs = [job if job.family is not None else replace(job, family=NO_FAMILY) for job in plant.jobs]
    inside = [job for job in jobs if _holds_fixed(job)]
    waiting = [job for job in jobs if not _holds_fixed(job)]
    span = window * _work(jobs) / len(jobs) / len(plant.machines) if jobs else 0.0
    now = 0
    decided: list[Assignment] = []
    free_from: dict[int, int] = {}
    family: dict[int, str | None] = {}
    windows = 0
    while waiting or inside:
        room = max(0, window - len(inside))
        waiting.sort(key=lambda job: _urgency(job, now, span), reverse=True)
        inside += waiting[:room]
        waiting = waiting[room:]
        machines = tuple(_machine(m, free_from, family) for m in plant.machines)
        part = replace(plant, machines=machines, jobs=tuple(inside))
        found = plan(part, 1.0 - (len(waiting) + len(inside)) / len(plant.jobs))
        windows += 1
        until = math.inf
        if waiting:
            until = now = _half_done(part, found)
        fixed_now = sorted((a for a in found.assignments if a.start < until), key=lambda a: a.start)
        decided += fixed_now
        for a in fixed_now:
            for m in a.machines:
                free_from[m] = a.end
                family[m] = part.job_by_id[a.job].family
        inside = [rest for job in inside if (rest := _rest(job, found.by_operation, until)) is not None]
    return Schedule(tuple(decided)), windows


def _holds_fixed(job: Job) -> bool:
    return any(o.fixed is not None for o in job.operations)


def _work(jobs: Iterable[Job]) -> float:
    """Minutes of all operations together."""
    return sum(operation.minutes for job in jobs for operation in job.operations)


def _urgency(job: Job, now: int, span: float) -> float:
    """The logarithm of the apparent tardiness cost (Vepsalainen & Morton 1987): jobs that weigh much for their work come
    first, and the later the more slack they have, in units of the minutes that a window lasts."""
    work = _work([job])
    slack = math.inf if job.due is None else max(0.0, max(job.due - work, job.release) - now)
    return math.log(job.weight / work) - slack / max(1.0, span)


def _half_done(part: Plant, found: Schedule) -> int:
    """Minute at which half of the window's jobs are done."""
    ends = sorted(found.by_operation[job.id, job.operations[-1].sequence].end for job in part.jobs)
    return ends[(len(ends) - 1) // 2]


def _machine(machine: Machine, free_from: Mapping[int, int], family: Mapping[int, str | None]) -> Machine:
    """The machine behind what is decided on it."""
    if machine.id not in free_from:
        return machine
    earliest = max(free_from[machine.id], machine.available_from or 0)
    return replace(machine, available_from=earliest, initial_family=family[machine.id])


def _rest(job: Job, found: Mapping[tuple[str, int], Assignment], until: float) -> Job | None:
    """What is left of the job behind its decided operations; None if nothing is."""
    done = [o for o in job.operations if found[job.id, o.sequence].start < until]
    if len(done) == len(job.operations):
        return None
    if not done:
        return job
    ready = max(found[job.id, o.sequence].end for o in done)
    return replace(job, operations=job.operations[len(done) :], release=max(job.release, ready))
