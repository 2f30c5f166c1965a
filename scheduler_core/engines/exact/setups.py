"""Rule 5: the setup minutes on each machine, by the order of the tasks there."""

from __future__ import annotations

from collections.abc import Sequence

from scheduler_core.engines.exact.problem import Task
from scheduler_core.engines.exact.variables import Expression, Variable, Variables


class Setups:
    """Setup minutes by task index and machine (0 where the task runs elsewhere), and until when tasks hold machines.

    ``held``: by machine and task (None: what was there at plan_start) the common minute until which the task holds the
    machine, wherever that may be later than its end.
    """

    def __init__(self, variables: Variables) -> None:
        self._variables = variables
        self.minutes: dict[tuple[int, int], Expression] = {}
        self.held: dict[tuple[int, int | None], Variable] = {}
        self.held_hint: dict[tuple[int, int | None], int] = {}
        problem = variables.problem
        for machine, visitors in problem.visitors.items():
            variables.check_deadline()
            if problem.order_decides_setup[machine]:
                self._savings(machine, visitors)
                continue
            for task in visitors:
                if task.fixed is None:
                    self.minutes[task.index, machine] = problem.most_setup(machine, task) * variables.on(task, machine)

    def _savings(self, machine: int, visitors: Sequence[Task]) -> None:
        """The setups on a machine where the order of its visitors decides them.

        Each task pays the largest setup that it can need there, less what it saves by coming right after a certain other
        one. To be followed right away, that one holds the machine until the task starts. A solution may leave a saving
        unused; its operations are then placed anew by their order, and end no later.
        """
        v = self._variables
        savings: dict[int, list[Variable]] = {}
        saved: dict[int, list[Expression]] = {}
        for before in (None, *visitors):
            family = v.problem.initial[machine] if before is None else before.job.family
            followers: list[tuple[Task, Variable]] = []
            for task in visitors:
                if task.fixed is not None or (before is not None and not self._may_follow(before, task)):
                    continue
                minutes = v.problem.most_setup(machine, task) - v.problem.setup_minutes(machine, family, task)
                if minutes > 0:
                    literal = v.model.new_bool_var(f"{task.index} right after {before and before.index} on {machine}")
                    at = v.at(task)
                    v.hint(literal, at and (machine in at.before and at.before[machine] is before))
                    v.model.add_implication(literal, v.on(task, machine))
                    self._not_across(literal, before, task, machine)
                    followers.append((task, literal))
                    savings.setdefault(task.index, []).append(literal)
                    saved.setdefault(task.index, []).append(minutes * literal)
            if followers:
                self._hold(machine, before, followers)
        for task in visitors:
            if task.fixed is None:
                most = v.problem.most_setup(machine, task)
                if task.index in savings:
                    v.model.add_at_most_one(savings[task.index])
                self.minutes[task.index, machine] = most * v.on(task, machine) - sum(saved.get(task.index, ()))

    def _not_across(self, literal: Variable, before: Task | None, after: Task, machine: int) -> None:
        """Nothing comes right after a task with a fixed one between them, also one in hours that nobody works.

        Such a fixed task has no length in common time, so it may lie where another ends or starts without overlapping it;
        which of them comes first must be said here.
        """
        v = self._variables
        for between in v.problem.visitors[machine]:
            if between.fixed is None or between is before:
                continue
            moment = v.time.common(between.fixed.start)
            if v.time.common(between.fixed.end) > moment:
                continue
            if before is not None and before.fixed is not None and before.fixed.start >= between.fixed.end:
                continue
            ahead = v.model.new_bool_var(f"{after.index} starts before {between.index}")
            v.model.add(v.start[after.index] < moment).only_enforce_if(ahead)
            v.model.add(v.start[after.index] >= moment).only_enforce_if(~ahead)
            place = v.at(after)
            v.hint(ahead, None if place is None else place.start < moment)
            if before is None or before.fixed is not None:
                v.model.add_implication(literal, ahead)
            else:
                v.model.add(v.start[before.index] >= moment).only_enforce_if([literal, ~ahead])

    def _hold(self, machine: int, before: Task | None, followers: Sequence[tuple[Task, Variable]]) -> None:
        """The end of the time for which a task (None: what was there at plan_start) holds the machine."""
        v = self._variables
        literals = [literal for _, literal in followers]
        earliest = v.begun_until(machine) if before is None else v.windows[before.index].earliest_end
        latest = max(
            earliest if before is None else v.windows[before.index].end,
            *(v.windows[task.index].latest_start for task, _ in followers),
        )
        held = v.integer(earliest, latest, f"{before and before.index} holds {machine}")
        self.held[machine, None if before is None else before.index] = held
        v.model.add_at_most_one(literals)
        for task, literal in followers:
            v.model.add(held == v.start[task.index]).only_enforce_if(literal)
        end = earliest if before is None else v.end[before.index]
        v.model.add(held >= end)
        if before is not None:
            for literal in literals:
                v.model.add_implication(literal, v.on(before, machine))
        if v.first is not None:
            hint = self._hinted_hold(machine, before, [task for task, _ in followers], earliest)
            self.held_hint[machine, None if before is None else before.index] = hint
            v.model.add_hint(held, hint)

    def _hinted_hold(self, machine: int, before: Task | None, followers: Sequence[Task], earliest: int) -> int:
        v = self._variables
        assert v.first is not None
        for task in followers:
            at = v.first[task.index]
            if machine in at.before and at.before[machine] is before:
                return at.start
        return earliest if before is None else v.first[before.index].end

    def _may_follow(self, before: Task, after: Task) -> bool:
        """Whether the one task can run just before the other on a machine, as far as job and windows tell."""
        v = self._variables
        if before is after or (before.job is after.job and before.position > after.position):
            return False
        if before.fixed is not None and after.fixed is not None:
            return before.fixed.start < after.fixed.start
        return v.windows[before.index].earliest_end <= v.windows[after.index].latest_start
