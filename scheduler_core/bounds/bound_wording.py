"""A bound in a planner's words: plain text, the same on the pages and in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from scheduler_core.bounds.job_alone import JobBound
from scheduler_core.bounds.lower_bound import Bound
from scheduler_core.objectives import Objective
from scheduler_core.plant import MINUTES_PER_DAY, Job, Plant

MOST_NAMED = 3
"""Jobs or groups of machines that a sentence names."""


def bound_line(plant: Plant, bound: Bound) -> str:
    """What no plan can be better than."""
    if bound.objective == Objective.MAKESPAN:
        end = plant.time_of(round(bound.value * 60))
        return f"No plan can finish all jobs before {end:%a} {end.day} {end:%b %H:%M}, {bound.value:.1f} h after its start."
    if bound.objective == Objective.ON_TIME:
        due = sum(job.due is not None for job in plant.jobs)
        return f"In every plan at least {round(bound.value * due)} of {due} jobs with a due date are late."
    return f"No plan can have less weighted tardiness than {bound.value:.1f} d."


def binding_lines(plant: Plant, bound: Bound) -> list[str]:
    """What makes the bound what it is: jobs by themselves, and machines for which jobs have to wait."""
    if bound.objective == Objective.MAKESPAN:
        return _makespan_lines(plant, bound)
    lines = []
    if bound.jobs:
        worst = ", ".join(_late_words(job) for job in bound.jobs[:MOST_NAMED])
        more = "" if len(bound.jobs) <= MOST_NAMED else f", and {len(bound.jobs) - MOST_NAMED} more"
        lines.append(f"Late even with the whole plant to themselves: {worst}{more}.")
    if bound.groups:
        where = ", ".join(f"{group_name(plant, g.machines)} {g.share:.0%}" for g in bound.groups[:MOST_NAMED])
        lines.append(f"Jobs have to wait for each other, most of all for: {where}.")
    if not lines:
        lines.append("Alone in the plant every job would be on time, and capacity does not prove that any has to be late.")
    return lines


def group_name(plant: Plant, machines: Sequence[int]) -> str:
    """Machines (ids) in a planner's words: a work centre, part of one, or machines by name."""
    rows = [plant.machine_by_id[m] for m in machines]
    types = sorted({m.type for m in rows})
    names = [plant.machine_type_by_id[t].name for t in types]
    every = sum(len(plant.machines_by_type[t]) for t in types)
    if len(rows) == 1:
        return rows[0].name if every > 1 or rows[0].name == names[0] else f"{names[0]} ({rows[0].name})"
    if every == len(rows) and len(types) <= MOST_NAMED:
        return f"{' + '.join(names)} ({len(rows)} machines)"
    if len(types) == 1:
        return f"{len(rows)} of {every} machines of {names[0]}"
    named = ", ".join(m.name for m in rows[:MOST_NAMED])
    return named if len(rows) <= MOST_NAMED else f"{named} and {_count(len(rows) - MOST_NAMED, 'more machine')}"


def _makespan_lines(plant: Plant, bound: Bound) -> list[str]:
    if bound.groups:
        group = bound.groups[0]
        work = f"{_count(group.operations, 'operation')} with {group.work / 60:.1f} h of work"
        return [f"{group_name(plant, group.machines)}: {work}, with what comes before and after them, take as long."]
    return [f"{_job_name(job.job)} alone takes as long." for job in bound.jobs]


def _late_words(bound: JobBound) -> str:
    return f"{_job_name(bound.job)} by {bound.minutes_late / MINUTES_PER_DAY:.1f} d"


def _job_name(job: Job) -> str:
    return f"{job.product} {job.id}" if job.product else job.id


def _count(amount: int, one: str) -> str:
    return f"{amount} {one}" if amount == 1 else f"{amount} {one}s"
