"""Annealing from a plan that has been carried over, shared by the repairs that search."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler_core.engines import time_limit_clock
from scheduler_core.engines.annealing.population import improve, improve_by_moves
from scheduler_core.engines.annealing.staying import Homes
from scheduler_core.engines.config import EngineConfig, Progress
from scheduler_core.engines.pricing.price_memory import RememberedPrices
from scheduler_core.engines.repair.carry_over import CarriedOver
from scheduler_core.engines.rules import SEEDS
from scheduler_core.engines.search_curve import thinned
from scheduler_core.judge.kpis import measure
from scheduler_core.objectives import objective_value
from scheduler_core.plant import Plant
from scheduler_core.reports import Curve, RepairReport
from scheduler_core.schedule import Result, Schedule, Status
from scheduler_core.simulator import costs
from scheduler_core.simulator.arrays import PlantArrays
from scheduler_core.simulator.simulator import to_schedule, to_state

USUAL_SECONDS = 6.0
"""How long the search goes on where no time limit is given."""
WARMTH = 0.4
"""Factor of the first temperature of a search from nothing: the plan in force is a good start, which a hotter search forgets
and a colder one does not leave (benchmarks/results/replans.md)."""
WORTHWHILE = 0.01
"""Share of the objective that a new plan must gain where the plan in force still holds as it is."""


@dataclass(frozen=True)
class Search:
    """What a search from the carried plan came to: its plan (None: nothing could move), moves tried, its curve, and prices
    for the plant's next search (pricing/price_memory.py)."""

    schedule: Schedule | None = None
    moves: int = 0
    curve: Curve = ()
    prices: RememberedPrices = ()


def search(
    plant: Plant,
    arrays: PlantArrays,
    start: Schedule,
    homes: Homes | None,
    config: EngineConfig,
    progress: Progress,
    warmth: float = WARMTH,
) -> Search:
    """Annealing from the plan ``start``; no plan where nothing can move. Raises Cancelled through ``progress``."""
    if (arrays.op_reserved_pair >= 0).all():
        return Search()
    limit = USUAL_SECONDS if config.time_limit is None else config.time_limit
    prices = costs.prices_of(config.objective, arrays)
    state = to_state(plant, arrays, start)
    seed = config.seed % SEEDS
    # A fresh process takes seconds to load the compiled search; they are not the search's.
    improve_by_moves(arrays, state, prices, 1, seed)
    deadline = time_limit_clock.now() + limit
    found = improve(
        arrays, state, prices, deadline, max(1, config.workers), seed, progress, homes=homes, warmth=warmth
    )  # fmt: skip
    return Search(to_schedule(plant, arrays, found.state), found.moves, thinned(found.curve))


def value(plant: Plant, config: EngineConfig, plan: Schedule) -> float:
    """The plan's objective."""
    return objective_value(config.objective, measure(plant, plan))


def result(
    engine: str,
    plant: Plant,
    config: EngineConfig,
    carried: CarriedOver,
    homes: Homes | None,
    searched: Search,
    began: float,
    most_moves: int | None = None,
) -> Result:
    """The searched plan where it is worth the change, else the carried one. ``began``: on the clock of time limits."""
    start_cost = value(plant, config, carried.schedule)
    found, cost = carried.schedule, start_cost
    if searched.schedule is not None:
        better = with_fixed_setups(plant, searched.schedule, carried.schedule)
        searched_cost = value(plant, config, better)
        if worthwhile(searched_cost, cost, carried.unchanged):
            found, cost = better, searched_cost
    return Result(
        engine=engine,
        status=Status.FEASIBLE,
        schedule=found,
        objective=cost,
        seconds=time_limit_clock.now() - began,
        report=RepairReport(
            held=0 if homes is None else int((homes.stay > 0).sum()),
            start_cost=start_cost,
            moves=searched.moves,
            curve=searched.curve,
            most_moves=most_moves,
            stays=carried.unchanged and found is carried.schedule,
            prices=searched.prices,
        ),
    )


def with_fixed_setups(plant: Plant, plan: Schedule, carried: Schedule) -> Schedule:
    """The plan with the setups that the carried plan states of fixed operations, which are part of the objective and which a
    search does not know."""
    fixed = {(job.id, op.sequence) for job in plant.jobs for op in job.operations if op.fixed is not None}
    return Schedule(tuple(carried.by_operation[a.key] if a.key in fixed else a for a in plan.assignments)) if fixed else plan


def worthwhile(found: float, before: float, unchanged: bool) -> bool:
    """Whether a plan is worth the change: it is better and, where the plan before holds as it is (``unchanged``), by
    WORTHWHILE at least."""
    return found < before and not (unchanged and found > (1 - WORTHWHILE) * before)
