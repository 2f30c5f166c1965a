"""Calm: the plan in force carried over, then improved by a search that may move only so many operations of the next days.

A move is a start within NEAR_HOURS that right-shift would leave and that changes by more than NOTICEABLE_MINUTES or to another
machine. The search refuses whatever would go beyond ``most_moves`` (annealing/staying.py), so that nothing has to be put back;
what starts later is free. A limit on what may change instead of a price for it: the planner can say the number.
"""

from __future__ import annotations

from scheduler_core.engines import time_limit_clock
from scheduler_core.engines.annealing.population import Improvement, improve, improve_by_moves
from scheduler_core.engines.annealing.staying import Homes
from scheduler_core.engines.config import EngineConfig, Progress, no_progress
from scheduler_core.engines.repair.carry_over import CarriedOver, carry_over, homes_of
from scheduler_core.engines.rules import SEEDS
from scheduler_core.engines.search_curve import thinned
from scheduler_core.judge.kpis import measure
from scheduler_core.objectives import objective_value
from scheduler_core.plant import Plant
from scheduler_core.reports import RepairReport
from scheduler_core.schedule import Result, Schedule, Status
from scheduler_core.simulator import costs
from scheduler_core.simulator.arrays import PlantArrays, pack
from scheduler_core.simulator.simulator import to_schedule, to_state

USUAL_SECONDS = 6.0
"""How long the search goes on where no time limit is given."""
USUAL_SHARE = 0.05
"""Share of the operations due to start within a day that may move where no number is given."""
WORTHWHILE = 0.01
"""Share of the objective that a new plan must gain where the plan in force still holds as it is."""
WARMTH = 0.1
"""Factor of the first temperature of a search from nothing: the plan in force is a good start, and a hotter search forgets
it (benchmarks/results/replans.md)."""


def schedule(plant: Plant, config: EngineConfig, progress: Progress = no_progress) -> Result:
    """The plan in ``config.warm_start`` carried over to ``plant`` and improved for ``config.time_limit`` seconds; at most
    ``config.most_moves`` moves (None: USUAL_SHARE of the next day's operations), and never worse, by the objective, than
    carried over. Where the plan holds as it is and less than WORTHWHILE is to be gained, it comes back as it is.

    Raises InvalidValue without a plan to start from, Unschedulable for a plant without any schedule, Cancelled on request;
    KeepBest, raised by ``progress``, ends the search early with the best so far.
    """
    began = time_limit_clock.now()
    arrays = pack(plant)
    carried = carry_over(plant, arrays, config)
    most = usual_moves(plant, carried) if config.most_moves is None else config.most_moves
    homes = homes_of(plant, arrays, carried, config.with_most_moves(most))
    improvement = _search(plant, arrays, carried.schedule, homes, config, progress)
    start_cost = _cost(plant, config, carried.schedule)
    found, cost = carried.schedule, start_cost
    if improvement is not None:
        searched = to_schedule(plant, arrays, improvement.state)
        searched_cost = _cost(plant, config, searched)
        if searched_cost < cost and not (carried.unchanged and searched_cost > (1 - WORTHWHILE) * cost):
            found, cost = searched, searched_cost
    return Result(
        engine="repair",
        status=Status.FEASIBLE,
        schedule=found,
        objective=cost,
        seconds=time_limit_clock.now() - began,
        report=RepairReport(
            held=0 if homes is None else int((homes.stay > 0).sum()),
            start_cost=start_cost,
            moves=improvement.moves if improvement else 0,
            curve=thinned(improvement.curve) if improvement else (),
            most_moves=most,
            stays=found is carried.schedule and carried.unchanged,
        ),
    )


def usual_moves(plant: Plant, carried: CarriedOver) -> int:
    """The moves that are allowed where nobody says a number."""
    from scheduler_core.engines.repair.carry_over import now_of

    until = now_of(plant) + 1440
    return int(USUAL_SHARE * sum(carried.before.by_operation[key].start < until for key in carried.homes))


def _search(
    plant: Plant, arrays: PlantArrays, start: Schedule, homes: Homes | None, config: EngineConfig, progress: Progress
) -> Improvement | None:
    """Annealing from the carried plan; None where nothing can move."""
    if (arrays.op_reserved_pair >= 0).all():
        return None
    limit = USUAL_SECONDS if config.time_limit is None else config.time_limit
    prices = costs.prices_of(config.objective, arrays)
    state = to_state(plant, arrays, start)
    seed = config.seed % SEEDS
    # A fresh process takes seconds to load the compiled search; they are not the search's.
    improve_by_moves(arrays, state, prices, 1, seed)
    deadline = time_limit_clock.now() + limit
    workers = max(1, config.workers)
    return improve(arrays, state, prices, deadline, workers, seed, progress, homes=homes, warmth=WARMTH)


def _cost(plant: Plant, config: EngineConfig, plan: Schedule) -> float:
    return objective_value(config.objective, measure(plant, plan))
