"""Prices of machine time found on noisy floors of a plant: what decides best live, not what plans best on paper.

The search is that of engines/pricing/price_search.py (a separable evolution strategy; Ros & Hansen 2008), but each
candidate's score is its executed cost, summed over the same few floors for all candidates.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from cmaes import SepCMA

from scheduler_core.engines.pricing.price_memory import REMEMBERED_SPREAD, RememberedPrices, recalled, told
from scheduler_core.engines.pricing.price_search import SPREAD
from scheduler_core.floor.executions import Execution, Guide, by_prices, usual_prices
from scheduler_core.simulator.array_types import Float64
from scheduler_core.simulator.arrays import NEVER

if TYPE_CHECKING:
    from scheduler_core.floor.ways import NoisyFloor


def prices_on_floors(
    floor: NoisyFloor,
    seeds: range,
    generations: int,
    seed: int = 0,
    execution: Execution = by_prices,
    first: RememberedPrices = (),
    cpu_seconds: float = math.inf,
) -> RememberedPrices:
    """The prices around which the search ended after so many generations of about 16 candidates, each executed on the floors
    of all ``seeds`` by ``execution``, a way to decide that goes by prices. It starts around the ``first`` prices, if there
    are any, and begins no generation after ``cpu_seconds``; without that limit equal arguments give equal prices. One
    execution by prices alone takes about 10 ms for 500 orders."""
    types, _, usual = usual_prices(floor.arrays)
    truths = [floor.truth(one) for one in seeds]
    start, spread = recalled(types, usual, first), REMEMBERED_SPREAD if first else SPREAD
    strategy = SepCMA(mean=start, sigma=spread, seed=seed % 2**32)
    began = time.process_time()

    def cost(drawn: Float64) -> float:
        guide, total = Guide(prices=told(types, usual + drawn), noise=floor.noise), 0.0
        for truth in truths:
            begun = floor.arrays.nothing_begun()
            execution(floor.arrays, truth, guide, begun, 0, NEVER)
            total += floor.arrays.tardiness(begun)
        return total

    for _ in range(generations):
        if time.process_time() - began >= cpu_seconds:
            break
        drawn = [strategy.ask() for _ in range(strategy.population_size)]
        strategy.tell([(one, cost(one)) for one in drawn])
    return told(types, usual + strategy.mean)
