"""What every part of the model uses: the solver's model, the variables of the tasks, hints and the deadline."""

from __future__ import annotations

import time as clock
from collections.abc import Mapping
from typing import Any

from ortools.sat.python import cp_model

from scheduler_core.engines.exact.common_time import CommonTime
from scheduler_core.engines.exact.problem import MAX_PIECES, Problem, Task
from scheduler_core.engines.exact.semi_active import Place
from scheduler_core.engines.exact.time_windows import windows

Variable = Any  # OR-Tools' own types do not survive strict checking
Expression = Any


class TooManyPieces(Exception):
    """The working time falls into more pieces than the engine models."""


class OutOfTime(Exception):
    """The deadline passed while the model was being built."""


class Variables:
    """The variables of a problem's tasks by task index, in common minutes; ``model.py`` fills them in.

    first: a schedule to hint at, or None. latest, deadline: see ``Model``.
    """

    def __init__(
        self,
        problem: Problem,
        time: CommonTime,
        latest: Mapping[str, int],
        first: Mapping[int, Place] | None,
        deadline: float | None,
    ) -> None:
        self.problem = problem
        self.time = time
        self.first = first
        self.windows = windows(problem, time, latest)
        self.model = cp_model.CpModel()
        self.true = self.model.new_constant(1)
        self.present: dict[int, tuple[Variable, ...]] = {}  # one literal per mode
        self.start: dict[int, Expression] = {}
        self.end: dict[int, Expression] = {}
        self.working: dict[int, Expression] = {}  # working minutes, of free tasks
        self._lengths: dict[int, Variable] = {}
        self._deadline = deadline
        self._pieces = 0

    def on(self, task: Task, machine: int) -> Variable:
        """The literal that says whether the task runs on the machine."""
        for mode, present in zip(task.modes, self.present[task.index], strict=True):
            if machine in mode.machines:
                return present
        raise ValueError(f"task {task.index} never runs on machine {machine}")

    def length(self, task: Task) -> Variable:
        """A variable of the common minutes from the task's start to its end."""
        if task.index not in self._lengths:
            window = self.windows[task.index]
            length = self.integer(
                window.shortest, max(window.shortest, window.end - window.start), f"length of {task.index}"
            )
            at = self.at(task)
            self.hint(length, at and at.end - at.start)
            self._lengths[task.index] = length
        return self._lengths[task.index]

    def begun_until(self, machine: int) -> int:
        """Common minute until which an operation that began before plan_start holds the machine."""
        begun = (t.fixed.end for t in self.problem.tasks if t.fixed and t.fixed.start < 0 and machine in t.fixed.machines)
        return self.time.common(max(begun, default=0))

    def at(self, task: Task) -> Place | None:
        """Where the first schedule has the task."""
        return None if self.first is None else self.first[task.index]

    def hint(self, variable: Variable, value: int | None) -> None:
        """Tells the solver the variable's value in the first schedule."""
        if value is not None:
            self.model.add_hint(variable, int(value))

    def integer(self, low: int, high: int, name: str) -> Variable:
        """A whole-number variable from low to high."""
        if low > high:
            # Windows that leave no room: the problem has no solution, and the solver shall say so.
            self.model.add_bool_or([])
            high = low
        return self.model.new_int_var(low, high, name)

    def count_pieces(self, pieces: int) -> None:
        """Counts pieces of working time. Raises TooManyPieces beyond the limit, and OutOfTime."""
        self._pieces += pieces
        if self._pieces > MAX_PIECES:
            raise TooManyPieces
        self.check_deadline()

    def check_deadline(self) -> None:
        """Raises OutOfTime after the deadline."""
        if self._deadline is not None and clock.perf_counter() > self._deadline:
            raise OutOfTime
