"""Best: the plan in force carried over, then searched without any limit on what moves; what is frozen stays.

Where the plan in force is so poor that a first schedule by machine prices beats it, the plan is made from nothing.
"""

from __future__ import annotations

import math
from dataclasses import replace

from scheduler_core.engines import learned, time_limit_clock
from scheduler_core.engines.config import EngineConfig, Progress, no_progress
from scheduler_core.engines.pricing.price_search import PriceSearch
from scheduler_core.engines.repair.carry_over import Limits, carry_over, homes_of
from scheduler_core.engines.repair.warm_search import USUAL_SECONDS, search, value, worthwhile
from scheduler_core.engines.search_curve import thinned
from scheduler_core.plant import Plant
from scheduler_core.reports import Curve, LearnedReport, RepairReport
from scheduler_core.schedule import Result, Status
from scheduler_core.simulator import costs
from scheduler_core.simulator.arrays import PlantArrays, pack
from scheduler_core.simulator.simulator import to_schedule


def schedule(plant: Plant, config: EngineConfig, progress: Progress = no_progress) -> Result:
    """The plan in ``config.warm_start`` carried over to ``plant`` and searched for ``config.time_limit`` seconds; by the
    objective never worse than carried over. ``config.most_moves`` does not count. Where the plan holds as it is and less
    than WORTHWHILE is to be gained, it comes back as it is.

    Raises InvalidValue without a plan to start from, Unschedulable for a plant without any schedule, Cancelled on request;
    KeepBest, raised by ``progress``, ends the search early with the best so far.
    """
    began = time_limit_clock.now()
    arrays = pack(plant)
    carried = carry_over(plant, arrays, config)
    homes = homes_of(plant, arrays, carried, config, Limits(None))
    start_cost = value(plant, config, carried.schedule)
    moves, searched = 0, None
    curve: Curve = ()
    if homes is None and _first_by_prices(plant, arrays, config) < start_cost:
        limit = USUAL_SECONDS if config.time_limit is None else config.time_limit
        left = max(0.0, limit - (time_limit_clock.now() - began))
        made = learned.schedule(plant, replace(config, warm_start=None, time_limit=left), progress)
        assert isinstance(made.report, LearnedReport)
        moves, curve, searched = made.report.moves, made.report.curve, made.schedule
    else:
        improvement = search(plant, arrays, carried.schedule, homes, config, progress)
        if improvement is not None:
            searched = to_schedule(plant, arrays, improvement.state)
            moves, curve = improvement.moves, thinned(improvement.curve)
    found, cost = carried.schedule, start_cost
    if searched is not None:
        searched_cost = value(plant, config, searched)
        if worthwhile(searched_cost, cost, carried.unchanged):
            found, cost = searched, searched_cost
    return Result(
        engine="best",
        status=Status.FEASIBLE,
        schedule=found,
        objective=cost,
        seconds=time_limit_clock.now() - began,
        report=RepairReport(
            held=0 if homes is None else int((homes.stay > 0).sum()),
            start_cost=start_cost,
            moves=moves,
            curve=curve,
            stays=carried.unchanged and found is carried.schedule,
        ),
    )


def _first_by_prices(plant: Plant, arrays: PlantArrays, config: EngineConfig) -> float:
    """What the first schedule by machine prices costs: some milliseconds."""
    if (arrays.op_reserved_pair >= 0).all():
        return math.inf
    search = PriceSearch(plant, arrays, costs.prices_of(config.objective, arrays), config.seed, 1)
    search.run(1, lambda: False, lambda: None)
    return value(plant, config, to_schedule(plant, arrays, search.state))
