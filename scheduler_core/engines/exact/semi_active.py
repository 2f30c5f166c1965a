"""Operations placed as early as a given order on the machines and given modes allow (a semi-active schedule)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

from scheduler_core.engines.exact.common_time import CommonTime
from scheduler_core.engines.exact.problem import Mode, Previous, Problem, Task
from scheduler_core.schedule import Assignment, Schedule


@dataclass(frozen=True)
class Choice:
    """Where a free task runs, and a common minute by which it is ordered among the others."""

    mode: Mode
    start: int


@final
@dataclass(frozen=True)
class Place:
    """A task's place in common minutes, with its setup minutes. ``before``: the task just before it on each machine."""

    mode: Mode
    start: int
    end: int
    setup: int
    before: Mapping[int, Task | None]


def place(problem: Problem, time: CommonTime, choices: Mapping[int, Choice]) -> dict[int, Place]:
    """The place of every task, by task index.

    choices: by task index, for every free task. In the order that they give, no two tasks on one machine and none of one
    job may be at odds; then none ends later than it would have where ``choices`` came from.
    """
    free_from: dict[int, int] = {m.id: 0 for m in problem.plant.machines}
    previous: dict[int, Previous] = dict(problem.initial)
    before: dict[int, Task | None] = dict.fromkeys(free_from)
    # Rule 8.
    job_ready: dict[str, int] = {j.id: time.common(max(0, j.release)) for j in problem.plant.jobs}
    places: dict[int, Place] = {}
    for task in sorted(problem.tasks, key=lambda t: _order(time, choices, t)):
        if task.fixed is not None:
            # A fixed operation goes on where it is; rule 5 asks nothing of it.
            mode, setup = task.modes[0], 0
            start, end = time.common(task.fixed.start), time.common(task.fixed.end)
        else:
            mode = choices[task.index].mode
            setup = max(problem.setup_minutes(m, previous[m], task) for m in mode.machines)
            ready = max(job_ready[task.job.id], *(free_from[m] for m in mode.machines))
            start, end = time.pieces[mode.machines].place(ready, setup + mode.minutes)
        places[task.index] = Place(mode, start, end, setup, {m: before[m] for m in mode.machines})
        job_ready[task.job.id] = end
        for m in mode.machines:
            free_from[m], previous[m] = end, task.job.family
            if task.fixed is None or task.fixed.start >= 0:
                before[m] = task
    return places


def choices_of(problem: Problem, time: CommonTime, schedule: Schedule) -> dict[int, Choice]:
    """The choices that a valid schedule made."""
    found: dict[int, Choice] = {}
    for task in problem.free:
        assignment = schedule.by_operation[(task.job.id, task.operation.sequence)]
        machines = set(assignment.machines)
        mode = next(mode for mode in task.modes if set(mode.machines) == machines)
        found[task.index] = Choice(mode, time.common(assignment.start))
    return found


def to_schedule(problem: Problem, time: CommonTime, places: Mapping[int, Place]) -> Schedule:
    """The places as a schedule in minutes from plan_start."""
    return Schedule(tuple(_assignment(time, task, places[task.index]) for task in problem.tasks))


def _assignment(time: CommonTime, task: Task, at: Place) -> Assignment:
    fixed = task.fixed
    if fixed is not None:
        return Assignment(task.job.id, task.operation.sequence, fixed.machines, fixed.start, fixed.end, at.setup)
    start, end = time.wall_start(at.start), time.wall_end(at.end)
    return Assignment(task.job.id, task.operation.sequence, at.mode.machines, start, end, at.setup)


def _order(time: CommonTime, choices: Mapping[int, Choice], task: Task) -> tuple[int, bool, int, int]:
    # A fixed operation may have no length in common time; it then comes before what starts at the same common minute.
    if task.fixed is not None:
        return time.common(task.fixed.start), False, task.fixed.start, task.index
    return choices[task.index].start, True, 0, task.index
