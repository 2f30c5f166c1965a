"""The time in which each task must lie, from its job alone: release (rule 8), fixed operations, and the rest of the
chain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from scheduler_core.engines.exact.common_time import CommonTime
from scheduler_core.engines.exact.problem import Problem, Task


@dataclass(frozen=True)
class Window:
    """The common minutes [start, end] around a task that takes at least ``shortest`` of them. It may have no room."""

    start: int
    end: int
    shortest: int

    @property
    def earliest_end(self) -> int:
        return self.start + self.shortest

    @property
    def latest_start(self) -> int:
        return self.end - self.shortest


def windows(problem: Problem, time: CommonTime, latest: Mapping[str, int]) -> dict[int, Window]:
    """The window of every task. ``latest``: by job id, the common minute by which the job is to be complete."""
    found: dict[int, Window] = {}
    for job_id, tasks in groupby(problem.tasks, key=lambda t: t.job.id):
        chain = list(tasks)
        starts: list[int] = []
        ready = time.common(max(0, chain[0].job.release))
        for task in chain:
            starts.append(time.common(task.fixed.start) if task.fixed else ready)
            ready = starts[-1] + _shortest(time, task)
        end = latest[job_id]
        for task, start in zip(reversed(chain), reversed(starts), strict=True):
            shortest = _shortest(time, task)
            end = time.common(task.fixed.end) if task.fixed else end
            found[task.index] = Window(start, end, shortest)
            end -= shortest
    return found


def _shortest(time: CommonTime, task: Task) -> int:
    if task.fixed is not None:
        return time.common(task.fixed.end) - time.common(task.fixed.start)
    return min(mode.minutes for mode in task.modes)
