"""The objectives as numbers for the solver to make small."""

from __future__ import annotations

from collections.abc import Callable

from scheduler_core.engines.exact.problem import Task
from scheduler_core.engines.exact.variables import Expression, Variable, Variables
from scheduler_core.errors import InvalidValue
from scheduler_core.objectives import Objective
from scheduler_core.plant import MINUTES_PER_DAY


def minimise(v: Variables, objective: Objective) -> Callable[[int], float]:
    """States the objective. Returns what turns the solver's whole number into the unit of ``objectives.py``."""
    last = [t for t in v.problem.tasks if t.is_last]
    due = [t for t in last if t.job.due is not None]
    match objective:
        case Objective.TARDINESS:
            v.model.minimize(sum(int(t.job.weight) * _tardiness(v, t) for t in due))
            return lambda minutes: minutes / MINUTES_PER_DAY
        case Objective.ON_TIME:
            v.model.minimize(sum(_late(v, t) for t in due))
            return lambda late: late / len(due) if due else 0.0
        case Objective.MAKESPAN:
            end = v.integer(0, v.time.horizon, "makespan")
            for task in last:
                v.model.add(end >= v.end[task.index])
            _shared_load(v, end)
            if v.first is not None:
                v.model.add_hint(end, max(at.end for at in v.first.values()))
            v.model.minimize(end)
            fixed = max((t.fixed.end for t in v.problem.tasks if t.fixed), default=0)
            return lambda common: max(v.time.wall_end(common), fixed) / 60
        case _:
            raise InvalidValue("objective", objective.value, "is not one that this engine states")


def _late(v: Variables, last: Task) -> Expression:
    """1 if the task's job, of which it is the last, is late."""
    assert last.job.due is not None
    if last.fixed is not None:
        return int(last.fixed.end > last.job.due)
    due = v.time.common(last.job.due)
    late = v.model.new_bool_var(f"job of {last.index} is late")
    v.model.add(v.end[last.index] <= due).only_enforce_if(~late)
    at = v.at(last)
    v.hint(late, at and at.end > due)
    return late


def _tardiness(v: Variables, last: Task) -> Expression:
    """Wall-clock minutes by which the task's job, of which it is the last, is late."""
    assert last.job.due is not None
    wall_due = last.job.due
    if last.fixed is not None:
        return max(0, last.fixed.end - wall_due)
    end, latest = v.end[last.index], v.windows[last.index].end
    due = v.time.common(wall_due)
    if latest <= due:
        return 0
    # Beyond the due date the wall clock runs with the common one and jumps wherever that pauses.
    jumps = [(due, v.time.wall_start(due) - wall_due)]
    jumps += [(at, length) for at, length in v.time.pauses if due < at < latest]
    jumps = [(at, length) for at, length in jumps if length > 0]
    v.count_pieces(len(jumps))
    place = v.at(last)
    jumped: list[Expression] = []
    previous = v.true
    for at, length in jumps:
        beyond = v.model.new_bool_var(f"{last.index} ends after {at}")
        v.model.add(end <= at).only_enforce_if(~beyond)
        v.model.add(end >= at + 1).only_enforce_if(beyond)
        v.model.add_implication(beyond, previous)
        v.hint(beyond, place and place.end > at)
        jumped.append(length * beyond)
        previous = beyond
    tardiness = v.integer(0, max(0, v.time.wall_end(latest) - wall_due), f"tardiness of {last.index}")
    v.model.add(tardiness >= end - due + sum(jumped))
    v.hint(tardiness, place and max(0, v.time.wall_end(place.end) - wall_due))
    return tardiness


def _shared_load(v: Variables, end: Variable) -> None:
    """Implied by rule 6: what only the same n machines may run, they run by the makespan, n minutes a minute.

    The solver cannot see this from the machines one by one; it bounds the makespan where machines are interchangeable.
    """
    groups: dict[frozenset[int], list[Task]] = {frozenset(v.problem.visitors): []}
    for task in v.problem.free:
        groups.setdefault(frozenset(m for mode in task.modes for m in mode.machines), []).append(task)
    for machines in groups:
        inside = [t for group, tasks in groups.items() if group <= machines for t in tasks]
        v.model.add(len(machines) * end >= sum(v.working[t.index] for t in inside))
