"""Prices of machine time found on noisy floors of a plant: what decides best live, not what plans best on paper.

The search is that of engines/pricing/price_search.py (a separable evolution strategy; Ros & Hansen 2008), but each
candidate's score is its executed cost, summed over the same few floors for all candidates.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from cmaes import SepCMA

from scheduler_core.engines.pricing.price_memory import RememberedPrices, told
from scheduler_core.engines.pricing.price_search import SPREAD
from scheduler_core.floor.events import Arrival, Stream, days_later
from scheduler_core.floor.executions import Execution, Guide, by_prices, usual_prices
from scheduler_core.floor.ways import NoisyFloor
from scheduler_core.plant import MINUTES_PER_DAY, Plant
from scheduler_core.simulator.array_types import Float64
from scheduler_core.simulator.arrays import NEVER


def with_orders_like_its_own(plant: Plant, days: int, orders_a_day: float, seed: int) -> Stream:
    """The plant as it is known, with orders to come on ``days`` days that are copies of its own, drawn at random: as if the
    weeks to come were like today's order book. No breakdowns. Equal arguments give equal streams."""
    rng = np.random.default_rng((seed, days))
    arrivals: list[Arrival] = []
    for day, count in enumerate(rng.poisson(orders_a_day, size=days)):
        for _ in range(int(count)):
            job = plant.jobs[int(rng.integers(len(plant.jobs)))]
            unpinned = tuple(replace(op, fixed=None) for op in job.operations)
            later = days_later(replace(job, id=f"{job.id}~{len(arrivals) + 1}", operations=unpinned), day)
            arrivals.append(Arrival(day * MINUTES_PER_DAY + int(rng.integers(MINUTES_PER_DAY)), later))
    return Stream(plant, tuple(sorted(arrivals, key=lambda a: (a.minute, a.job.id))))


def prices_on_floors(
    floor: NoisyFloor, seeds: range, generations: int, seed: int = 0, execution: Execution = by_prices
) -> RememberedPrices:
    """The prices around which the search ended after so many generations of about 16 candidates, each executed on the floors
    of all ``seeds`` by ``execution``, a way to decide that goes by prices. Equal arguments give equal prices. One
    execution by prices alone takes about 10 ms for 500 orders."""
    types, _, usual = usual_prices(floor.arrays)
    truths = [floor.truth(one) for one in seeds]
    strategy = SepCMA(mean=np.zeros(len(usual)), sigma=SPREAD, seed=seed % 2**32)

    def cost(drawn: Float64) -> float:
        guide, total = Guide(prices=told(types, usual + drawn), noise=floor.noise), 0.0
        for truth in truths:
            begun = floor.arrays.nothing_begun()
            execution(floor.arrays, truth, guide, begun, 0, NEVER)
            total += floor.arrays.tardiness(begun)
        return total

    for _ in range(generations):
        drawn = [strategy.ask() for _ in range(strategy.population_size)]
        strategy.tell([(one, cost(one)) for one in drawn])
    return told(types, usual + strategy.mean)
