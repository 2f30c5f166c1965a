"""One run of the exact engine: first schedule, model, search under a deadline, and the result with its lower bound."""

from __future__ import annotations

import time as clock
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from scheduler_core.engines.config import EngineConfig, Progress, no_progress
from scheduler_core.engines.exact.common_time import MAX_WEEKS, CommonTime, weeks_needed
from scheduler_core.engines.exact.initial_schedule import first_places
from scheduler_core.engines.exact.problem import MAX_PIECES, Problem, reasons_too_large
from scheduler_core.engines.exact.semi_active import place, to_schedule
from scheduler_core.errors import InvalidValue
from scheduler_core.judge.kpis import measure
from scheduler_core.objectives import PURE, Objective, objective_value
from scheduler_core.plant import MINUTES_PER_DAY, Plant
from scheduler_core.reports import ExactReport
from scheduler_core.schedule import Assignment, Result, Schedule, Status

if TYPE_CHECKING:
    from scheduler_core.engines.exact.search import Found

ENGINE = "exact"
TOLERANCE = 1e-6
"""How far two sums of the same minutes, in the objective's unit, may lie apart by rounding."""


def schedule(plant: Plant, config: EngineConfig, progress: Progress = no_progress) -> Result:
    """The best schedule that the time limit allows, with a lower bound on every schedule.

    The time limit covers everything, the building of the model too; None means until optimality is proven. The search
    begins at ``config.warm_start``, or else at a greedy schedule. Raises InvalidValue for an objective that is a mix,
    Unschedulable for an operation that can never run, and Cancelled on request; KeepBest, raised by ``progress`` once the
    search runs, ends it with the best so far.
    """
    if config.objective not in PURE.values():
        raise InvalidValue(
            "objective",
            config.objective.value,
            f"is a mix, which this engine does not plan for: give it one of {', '.join(PURE)}",
        )
    run = _Run(plant, config, progress)
    too_large = reasons_too_large(plant)
    if too_large is not None:
        return run.without(Status.TOO_LARGE, too_large.reason, too_large.sizes)
    problem = Problem(plant)
    if not problem.free:
        return run.done(_only_fixed(problem), Status.OPTIMAL, None)
    weeks = weeks_needed(problem)
    if weeks > MAX_WEEKS:
        reason = f"{weeks} weeks that a plan may take exceed the limit of {MAX_WEEKS}"
        return run.without(Status.TOO_LARGE, reason, {"weeks": weeks, "limit": MAX_WEEKS})
    progress(0.0, "building the model")
    time = CommonTime(problem, weeks)
    first, run.report = first_places(problem, time, config, progress)

    from scheduler_core.engines.exact.model import Model
    from scheduler_core.engines.exact.search import search
    from scheduler_core.engines.exact.variables import OutOfTime, TooManyPieces

    best = None if first is None else to_schedule(problem, time, first)
    try:
        model = Model(problem, time, config.objective, _latest(problem, time, config.objective, best), first, run.deadline)
    except TooManyPieces:
        reason = f"its working time falls into more pieces than the limit of {MAX_PIECES}"
        return run.without(Status.TOO_LARGE, reason, {"limit": MAX_PIECES})
    except OutOfTime:
        run.report = replace(run.report, stopped="the time limit passed while the model was being built")
        return run.without(Status.NO_SOLUTION) if best is None else run.done(best, Status.FEASIBLE, None)
    found = search(model, config, run.deadline, progress)
    if found.choices is not None:
        solved = to_schedule(problem, time, place(problem, time, found.choices))
        if best is None or run.value(solved) <= run.value(best):
            best = solved
    return _result(run, best, found)


def _result(run: _Run, best: Schedule | None, found: Found) -> Result:
    if found.infeasible and best is not None:
        raise AssertionError("the model has no solution although a valid schedule exists")
    if best is not None:
        # The proof is of the model; the schedule must keep what the model promised.
        proven = found.proven and found.bound is not None and run.value(best) <= found.bound + TOLERANCE
        return run.done(best, Status.OPTIMAL if proven else Status.FEASIBLE, found.bound)
    if found.infeasible:
        return run.without(Status.INFEASIBLE, "no schedule respects every fixed operation")
    return run.without(Status.NO_SOLUTION, "the time limit passed before any schedule was found")


@dataclass
class _Run:
    """What a run was asked, when it began, and what it has to tell."""

    plant: Plant
    config: EngineConfig
    progress: Progress
    began: float = field(default_factory=clock.perf_counter)
    report: ExactReport = field(default_factory=ExactReport)

    @property
    def deadline(self) -> float | None:
        return None if self.config.time_limit is None else self.began + self.config.time_limit

    def value(self, found: Schedule) -> float:
        return objective_value(self.config.objective, measure(self.plant, found))

    def done(self, found: Schedule, status: Status, bound: float | None) -> Result:
        value = self.value(found)
        if status is Status.OPTIMAL:
            bound = value
        seconds = clock.perf_counter() - self.began
        return Result(ENGINE, status, found, value, None if bound is None else min(bound, value), seconds, self.report)

    def without(self, status: Status, reason: str | None = None, sizes: Mapping[str, int] | None = None) -> Result:
        report = replace(self.report, reason=reason, sizes=sizes or {})
        return Result(ENGINE, status, None, seconds=clock.perf_counter() - self.began, report=report)


def _latest(problem: Problem, time: CommonTime, objective: Objective, first: Schedule | None) -> dict[str, int]:
    """By job id, a common minute that its completion need not exceed to be at least as good as the first schedule."""
    horizon = {j.id: time.horizon for j in problem.plant.jobs}
    if first is None or objective == Objective.ON_TIME:
        return horizon
    if objective == Objective.MAKESPAN:
        return dict.fromkeys(horizon, time.common(first.end))
    tardiness = round(measure(problem.plant, first).weighted_tardiness_days * MINUTES_PER_DAY)
    return {
        j.id: time.horizon if j.due is None else time.common(j.due + tardiness // int(j.weight)) for j in problem.plant.jobs
    }


def _only_fixed(problem: Problem) -> Schedule:
    return Schedule(
        tuple(
            Assignment(t.job.id, t.operation.sequence, t.fixed.machines, t.fixed.start, t.fixed.end)
            for t in problem.tasks
            if t.fixed is not None
        )
    )
