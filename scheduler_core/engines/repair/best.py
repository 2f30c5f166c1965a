"""Best: the plan in force carried over, then searched without any limit on what moves.

Where the plan in force is so poor that a first schedule by machine prices beats it, the plan is made from nothing.
"""

from __future__ import annotations

import math
from dataclasses import replace

from scheduler_core.engines import learned, time_limit_clock
from scheduler_core.engines.config import EngineConfig, Progress, no_progress
from scheduler_core.engines.pricing.price_search import PriceSearch
from scheduler_core.engines.repair.carry_over import CarriedOver, carry_over
from scheduler_core.engines.repair.warm_search import USUAL_SECONDS, Search, result, search, value, with_fixed_setups
from scheduler_core.plant import Plant
from scheduler_core.reports import LearnedReport
from scheduler_core.schedule import Result
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
    if _first_by_prices(plant, arrays, config, carried) < value(plant, config, carried.schedule):
        limit = USUAL_SECONDS if config.time_limit is None else config.time_limit
        left = max(0.0, limit - (time_limit_clock.now() - began))
        made = learned.schedule(plant, replace(config, warm_start=None, time_limit=left), progress)
        assert isinstance(made.report, LearnedReport)
        searched = Search(made.schedule, made.report.moves, made.report.curve, made.report.prices)
    else:
        searched = search(plant, arrays, carried.schedule, None, config, progress)
    return result("best", plant, config, carried, None, searched, began)


def _first_by_prices(plant: Plant, arrays: PlantArrays, config: EngineConfig, carried: CarriedOver) -> float:
    """What the first schedule by machine prices costs: some milliseconds."""
    if (arrays.op_reserved_pair >= 0).all():
        return math.inf
    search = PriceSearch(
        plant, arrays, costs.prices_of(config.objective, arrays), config.seed, 1, remembered=config.first_prices
    )
    search.run(1, lambda: False, lambda: None)
    found = to_schedule(plant, arrays, search.state)
    return value(plant, config, with_fixed_setups(plant, found, carried.schedule))
