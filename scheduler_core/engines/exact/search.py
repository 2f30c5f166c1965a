"""The solver's run: in a thread of its own, so that progress is reported and a wish to stop is heard at any time."""

from __future__ import annotations

import math
import time as clock
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from ortools.sat.python import cp_model

from scheduler_core.engines.config import EngineConfig, Progress
from scheduler_core.engines.exact.model import Model
from scheduler_core.engines.exact.semi_active import Choice
from scheduler_core.errors import KeepBest

REPORT_SECONDS = 0.25
PROVING_SHARE = 0.4
"""Share of the time for finding and proving, where machines or setups are to be chosen; the rest is for improving."""


@dataclass(frozen=True)
class Found:
    """What the solver knows at the end: its best choices by task index, and a bound in the objective's unit."""

    choices: dict[int, Choice] | None
    bound: float | None
    proven: bool
    infeasible: bool


def search(model: Model, config: EngineConfig, deadline: float | None, progress: Progress) -> Found:
    """Runs the solver until it has a proof, the deadline (of ``time.perf_counter``) passes or ``progress`` raises KeepBest.

    Where machines or setups are to be chosen, proofs rarely come late: from some time on it only improves what it has.
    """
    began = clock.perf_counter()
    state = _State(model, began, deadline)
    if deadline is None or not model.has_choices:
        return _solve(model, config, deadline, progress, state, improve_only=False)
    found = _solve(model, config, began + PROVING_SHARE * (deadline - began), progress, state, improve_only=False)
    if found.proven or found.infeasible or state.enough or clock.perf_counter() >= deadline:
        return found
    better = _solve(model, config, deadline, progress, state, improve_only=found.choices is not None)
    return found if better.choices is None and not better.infeasible else better


def _solve(
    model: Model, config: EngineConfig, deadline: float | None, progress: Progress, state: _State, improve_only: bool
) -> Found:
    """One run of the solver, which leaves its best solution as the model's hint."""
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = max(1, config.workers)
    solver.parameters.use_lns_only = improve_only
    # The solver's own handler of Ctrl-C takes it away from Python and ends the process when it comes twice.
    solver.parameters.catch_sigint_signal = False
    solver.parameters.random_seed = config.seed % 2**31
    if deadline is not None:
        solver.parameters.max_time_in_seconds = max(0.01, deadline - clock.perf_counter())
    solver.best_bound_callback = state.set_bound
    with ThreadPoolExecutor(1, thread_name_prefix="exact") as pool:
        running = pool.submit(solver.solve, model.model, state)
        try:
            while not running.done():
                wait([running], timeout=REPORT_SECONDS)
                progress(state.fraction, state.message)
        except KeepBest:
            state.enough = True
        finally:
            # Also when progress raises Cancelled.
            _stop(solver, running)
        status = running.result()
    solved = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    if solved:
        state.set_bound(solver.best_objective_bound)
        model.hint_at(solver)
    return Found(
        choices=_choices(model, solver) if solved else None,
        bound=None if state.bound is None else model.value_of(_whole(state.bound)),
        proven=status == cp_model.OPTIMAL,
        infeasible=status == cp_model.INFEASIBLE,
    )


class _State(cp_model.CpSolverSolutionCallback):
    """The best value and bound so far, written by the solver's thread and read for messages."""

    def __init__(self, model: Model, began: float, deadline: float | None) -> None:
        super().__init__()
        self._model = model
        self._began = began
        self._deadline = deadline
        self.best: float | None = None
        self.bound: float | None = None
        self.enough = False

    def on_solution_callback(self) -> None:
        self.best = self.objective_value

    def set_bound(self, bound: float) -> None:
        """Keeps the highest lower bound, whichever run of the solver it came from."""
        self.bound = bound if self.bound is None else max(self.bound, bound)

    @property
    def fraction(self) -> float:
        """Share of the time used, or without a deadline of the gap between best and bound that is closed."""
        if self._deadline is not None:
            return min(1.0, (clock.perf_counter() - self._began) / max(1e-9, self._deadline - self._began))
        if self.best is None or self.bound is None:
            return 0.0
        return 1.0 if self.best == 0 else max(0.0, min(1.0, self.bound / self.best))

    @property
    def message(self) -> str:
        if self.best is None:
            return "looking for a schedule"
        best = self._model.value_of(round(self.best))
        if self.bound is None:
            return f"best {best:.2f}"
        return f"best {best:.2f}, none can be below {self._model.value_of(_whole(self.bound)):.2f}"


def _stop(solver: cp_model.CpSolver, running: Future[Any]) -> None:
    # A wish to stop that comes before the solver's thread has begun is lost, hence the loop.
    while not running.done():
        solver.stop_search()
        wait([running], timeout=0.05)


def _whole(bound: float) -> int:
    """The model's objective is a whole number, at least 0, so its bound can be rounded up."""
    return max(0, math.ceil(bound - 1e-6))


def _choices(model: Model, solver: cp_model.CpSolver) -> dict[int, Choice]:
    found: dict[int, Choice] = {}
    for task in model.problem.free:
        presents = model.present[task.index]
        mode = next(m for m, present in zip(task.modes, presents, strict=True) if solver.value(present))
        found[task.index] = Choice(mode, solver.value(model.start[task.index]))
    return found
