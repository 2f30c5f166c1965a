"""The rules of a schedule as constraints of CP-SAT, one method per rule. Times are common minutes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ortools.sat.python import cp_model

from scheduler_core.engines.exact.common_time import CommonTime, Pieces
from scheduler_core.engines.exact.objective_terms import minimise
from scheduler_core.engines.exact.problem import Mode, Problem, Task
from scheduler_core.engines.exact.semi_active import Place
from scheduler_core.engines.exact.setups import Setups
from scheduler_core.engines.exact.variables import Expression, Variable, Variables
from scheduler_core.objectives import Objective


class Model(Variables):
    """A problem as a model of CP-SAT, with an optional first schedule as a hint.

    latest: by job id, a common minute that the job's completion need not exceed in some optimal schedule.
    deadline: the ``time.perf_counter`` at which building stops with OutOfTime, or None. Raises TooManyPieces.
    """

    def __init__(
        self,
        problem: Problem,
        time: CommonTime,
        objective: Objective,
        latest: Mapping[str, int],
        first: Mapping[int, Place] | None = None,
        deadline: float | None = None,
    ) -> None:
        super().__init__(problem, time, latest, first, deadline)
        self.eligibility()
        self.completeness()
        self.setup()
        self.duration()
        self.working_time()
        self.no_overlap()
        self.precedence()
        self.value_of = minimise(self, objective)
        """Turns the model's whole-number objective into the unit of ``objectives.py``."""

    @property
    def has_choices(self) -> bool:
        """Whether anything but the order of the operations is to be decided."""
        return any(len(t.modes) > 1 for t in self.problem.free) or any(self.problem.order_decides_setup.values())

    def hint_at(self, solver: cp_model.CpSolver) -> None:
        """Makes the solver's solution the hint of its next run."""
        self.model.clear_hints()  # type: ignore[no-untyped-call]  # OR-Tools does not annotate it
        for index, value in enumerate(solver.response_proto.solution):
            self.model.add_hint(self.model.get_int_var_from_proto_index(index), value)

    # ------------------------------------------------------------------ the rules
    def eligibility(self) -> None:
        """Rule 2: exactly one mode."""
        for task in self.problem.tasks:
            if len(task.modes) == 1:
                self.present[task.index] = (self.true,)
                continue
            literals = tuple(self.model.new_bool_var(f"task {task.index} on {mode.machines}") for mode in task.modes)
            at = self.at(task)
            for mode, literal in zip(task.modes, literals, strict=True):
                self.hint(literal, at and at.mode == mode)
            self.model.add_exactly_one(literals)
            self.present[task.index] = literals

    def completeness(self) -> None:
        """Rule 1: every task has a start and an end. Their domains hold rule 8, and constants rule 9."""
        for task in self.problem.tasks:
            if task.fixed is not None:
                self.start[task.index] = self.time.common(task.fixed.start)
                self.end[task.index] = self.time.common(task.fixed.end)
                continue
            window, shortest = self.windows[task.index], min(mode.minutes for mode in task.modes)
            at = self.at(task)
            start = self.integer(window.start, window.end - shortest, f"start of {task.index}")
            self.hint(start, at and at.start)
            self.start[task.index] = start
            length = self._constant_length(task)
            if length is not None:
                self.end[task.index] = start + length
                self.model.add(start + length <= window.end)
            else:
                end = self.integer(window.start + shortest, window.end, f"end of {task.index}")
                self.hint(end, at and at.end)
                self.end[task.index] = end

    def setup(self) -> None:
        """Rule 5: see ``setups.py``."""
        self.setups = Setups(self)

    def duration(self) -> None:
        """Rule 4: setup and processing minutes, of several machines at once the larger."""
        for task in self.problem.free:
            modes = task.modes
            if len(modes) == 1:
                self.working[task.index] = modes[0].minutes + self._largest_setup(task, modes[0])
            else:
                self.working[task.index] = sum(
                    mode.minutes * present + self.setups.minutes[task.index, mode.machines[0]]
                    for mode, present in zip(modes, self.present[task.index], strict=True)
                )

    def working_time(self) -> None:
        """Rule 3: from start to end as many working minutes as the task takes, the first and the last included."""
        for task in self.problem.free:
            self.check_deadline()
            if self._constant_length(task) is not None:
                continue
            groups: dict[int, tuple[Pieces, list[Variable]]] = {}
            for mode, present in zip(task.modes, self.present[task.index], strict=True):
                pieces = self.time.pieces[mode.machines]
                groups.setdefault(id(pieces), (pieces, []))[1].append(present)
            length = self.end[task.index] - self.start[task.index]
            for pieces, presents in groups.values():
                literal = self.true if len(groups) == 1 else self._any(task, pieces, presents)
                if pieces.is_whole:
                    self.model.add(length == self.working[task.index]).only_enforce_if(literal)
                else:
                    pauses = self._pauses(task, pieces, literal)
                    self.model.add(length == self.working[task.index] + pauses).only_enforce_if(literal)

    def no_overlap(self) -> None:
        """Rule 6: a machine holds one task at a time, also while that pauses."""
        for machine, visitors in self.problem.visitors.items():
            self.check_deadline()
            intervals = [self._interval(task, machine) for task in visitors]
            begun = self.setups.held.get((machine, None), self.begun_until(machine))
            intervals.append(self.model.new_interval_var(0, begun, begun, f"begun on {machine}"))
            self.model.add_no_overlap(intervals)

    def precedence(self) -> None:
        """Rule 7: each task starts at or after the end of the one before in its job."""
        for before, after in zip(self.problem.tasks, self.problem.tasks[1:], strict=False):
            if before.job is after.job and (before.fixed is None or after.fixed is None):
                self.model.add(self.start[after.index] >= self.end[before.index])

    # ------------------------------------------------------------------ parts of the rules
    def _largest_setup(self, task: Task, mode: Mode) -> Expression:
        setups = [self.setups.minutes[task.index, m] for m in mode.machines]
        if len(setups) == 1:
            return setups[0]
        most = max(self.problem.most_setup(m, task) for m in mode.machines)
        largest = self.integer(0, most, f"setup of {task.index}")
        self.model.add_max_equality(largest, setups)
        at = self.at(task)
        self.hint(largest, at and at.setup)
        return largest

    def _constant_length(self, task: Task) -> int | None:
        """Common minutes from the task's start to its end, if they are the same in every mode and order."""
        lengths: set[int] = set()
        for mode in task.modes:
            if not self.time.pieces[mode.machines].is_whole:
                return None
            if any(self.problem.order_decides_setup[m] for m in mode.machines):
                return None
            lengths.add(self.problem.longest_minutes(mode, task))
        return lengths.pop() if len(lengths) == 1 else None

    def _pauses(self, task: Task, pieces: Pieces, literal: Variable) -> Expression:
        """Common minutes in which the task pauses, if it runs on these pieces of working time, which ``literal`` tells."""
        window, at = self.windows[task.index], self.at(task)
        here = at is not None and self._runs_on(at, pieces)
        starts: list[Variable] = []
        ends: list[Variable] = []
        paused: list[Expression] = []
        for k, (low, high) in enumerate(zip(pieces.start, pieces.end, strict=True)):
            not_worked = low - pieces.before[k]
            if low <= window.latest_start and high > window.start:
                inside = self.model.new_bool_var(f"{task.index} starts in {low}-{high}")
                self.model.add_linear_constraint(self.start[task.index], low, high - 1).only_enforce_if(inside)
                self.hint(inside, at and (here and low <= at.start < high))
                starts.append(inside)
                paused.append(-not_worked * inside)
            if low < window.end and high >= window.earliest_end:
                inside = self.model.new_bool_var(f"{task.index} ends in {low}-{high}")
                self.model.add_linear_constraint(self.end[task.index], low + 1, high).only_enforce_if(inside)
                self.hint(inside, at and (here and low < at.end <= high))
                ends.append(inside)
                paused.append(not_worked * inside)
        self.count_pieces(len(starts) + len(ends))
        self.model.add(sum(starts) == literal)
        self.model.add(sum(ends) == literal)
        return sum(paused)

    def _runs_on(self, at: Place, pieces: Pieces) -> bool:
        return self.time.pieces.get(at.mode.machines) is pieces

    def _any(self, task: Task, pieces: Pieces, presents: Sequence[Variable]) -> Variable:
        """A literal that says whether one of the modes is chosen, of which at most one can be."""
        if len(presents) == 1:
            return presents[0]
        literal = self.model.new_bool_var(f"task {task.index} on one of {len(presents)} modes")
        self.model.add(sum(presents) == literal)
        at = self.at(task)
        self.hint(literal, at and self._runs_on(at, pieces))
        return literal

    def _interval(self, task: Task, machine: int) -> Variable:
        """The time in which the task holds the machine, if it runs there."""
        start, end, name = self.start[task.index], self.end[task.index], f"{task.index} on {machine}"
        present = self.on(task, machine)
        held = self.setups.held.get((machine, task.index))
        if held is not None:
            longest = max(1, self.time.horizon - self.windows[task.index].start)
            length = self.integer(0, longest, f"length of {name}")
            self.model.add(length == held - start)
            if self.first is not None:
                self.model.add_hint(length, self.setups.held_hint[machine, task.index] - self.first[task.index].start)
            return self.model.new_optional_interval_var(start, length, held, present, name)
        if task.fixed is not None:
            return self.model.new_fixed_size_interval_var(start, end - start, name)
        mode = next(m for m in task.modes if machine in m.machines)
        if self.time.pieces[mode.machines].is_whole and not any(self.problem.order_decides_setup[m] for m in mode.machines):
            length = self.problem.longest_minutes(mode, task)
            return self.model.new_optional_fixed_size_interval_var(start, length, present, name)
        return self.model.new_optional_interval_var(start, self.length(task), end, present, name)
