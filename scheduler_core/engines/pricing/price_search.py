"""Finds the machine types' prices that a plant's schedules come out best with (bottleneck_dynamics.py).

A separable evolution strategy (Ros & Hansen 2008, A simple modification in CMA-ES achieving linear time and space
complexity) draws a generation of prices, a schedule is made by each, and the next generation is drawn around what came out
best. It is worth most where the plant is too large to anneal: with 2,000 jobs one schedule takes a tenth of a second. Where
no annealing follows, the best prices stay after so many schedules, and it is tried whom to favour (weight_perturbation.py).
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

import numpy as np
import numpy.typing as npt
from cmaes import SepCMA

from scheduler_core.engines.pricing.bottleneck_dynamics import (
    PricedOperations,
    ResourcePrices,
    loads,
    price_operations,
    run_priced,
)
from scheduler_core.engines.pricing.price_memory import REMEMBERED_SPREAD, RememberedPrices, names, recalled, told
from scheduler_core.engines.pricing.trusted_prices import trusted, within_reach
from scheduler_core.engines.pricing.weight_perturbation import favoured
from scheduler_core.engines.rules import STOPPED, WORSE
from scheduler_core.plant import Plant
from scheduler_core.simulator import costs
from scheduler_core.simulator.arrays import Float64, PlantArrays, State, new_state

BUSY, IDLE = 0.85, 0.5
"""Load, as a share of the busiest type's, from which a type has a bottleneck's price, and up to which that of the others."""
BUSY_PRICE, IDLE_PRICE, AT_ONCE = 2.2, 0.4, 0.3
LOOK_AHEAD, SETUP_SCALE, LATER_SHARE = 1.6, 10.0, 0.5
"""Where the search begins: the mean of what it ended at on 34 generated plants of 40 x 100 and 152 x 500."""
SPREAD = 0.3
"""Standard deviation of the first generation, in logarithms."""
LOOK_SECONDS = 0.3
"""How often it looks at the clock and reports at least."""
EVOLVED = 128
"""Schedules after which the best prices may stay and favours be drawn instead."""
FAVOURS_AT_ONCE = 8
"""Schedules drawn around the same best one: as many workers have something to do at a time."""
TERMS = 5
"""Numbers before the types' prices."""


class PriceSearch:
    """The search on one plant. ``state`` and ``cost`` are the best schedule so far; ``tried`` counts schedules, of which
    ``evolved`` are for prices. It starts around the remembered prices, if there are any."""

    def __init__(
        self,
        plant: Plant,
        arrays: PlantArrays,
        prices: Float64,
        seed: int,
        workers: int,
        evolved: float = EVOLVED,
        remembered: RememberedPrices = (),
    ) -> None:
        self.arrays, self.prices, self.workers, self.evolved = arrays, prices, workers, evolved
        self.state, self.tried = new_state(arrays), 0
        self._types = sorted({m.type for m in plant.machines})
        types = {t: i for i, t in enumerate(self._types)}
        self._type = np.array([types[m.type] for m in plant.machines], np.int32)
        self._first = first_prices(loads(arrays, self._type, len(types)))
        known = trusted(remembered, names(self._types))
        self._start = within_reach(recalled(self._types, self._first, known))
        spread = REMEMBERED_SPREAD if known else SPREAD
        self._strategy = SepCMA(mean=self._start.copy(), sigma=spread, seed=seed % 2**32)
        self._random = np.random.default_rng(seed % 2**32)
        self._best = (math.inf, -1)
        self._best_priced = self._priced(self._start)
        self._lock = threading.Lock()
        self._spare: list[State] = []

    @property
    def cost(self) -> float:
        """What the best schedule costs; infinite before the first."""
        return self._best[0]

    @property
    def learned(self) -> RememberedPrices:
        """The prices that the search has come to; none before a whole generation was compared."""
        return told(self._types, self._first + self._strategy.mean) if self._strategy.generation else ()

    def run(self, schedules: float, over: Callable[[], bool], report: Callable[[], None]) -> None:
        """Goes on until so many schedules were tried or ``over``; ``report`` is called at least every second, and what it
        raises ends the search. With equal seeds and numbers, equal schedules come out, whatever the number of workers."""
        with ThreadPoolExecutor(max_workers=self.workers) as pool:
            while self.tried < schedules and not over():
                most = int(min(schedules - self.tried, 2**31))
                if self.tried < self.evolved:
                    self._evolve(pool, most, over, report)
                else:
                    self._favour(pool, most, over, report)

    def _evolve(self, pool: ThreadPoolExecutor, most: int, over: Callable[[], bool], report: Callable[[], None]) -> None:
        """A generation of prices, or as much of it as may be."""
        size = self._strategy.population_size
        drawn = [self._strategy.ask() for _ in range(min(size, most))]
        if self.tried == 0:
            drawn[0] = self._start
        found = self._try_all(pool, [self._priced(drawing) for drawing in drawn], math.inf, over, report)
        if len(found) == size:
            self._strategy.tell(list(zip(drawn, found, strict=True)))

    def _favour(self, pool: ThreadPoolExecutor, most: int, over: Callable[[], bool], report: Callable[[], None]) -> None:
        """Some schedules around the best one."""
        job_costs = np.zeros(len(self.arrays.job_open))
        costs.fill_job_costs(self.arrays, self.state, self.prices, job_costs)
        size = min(FAVOURS_AT_ONCE, most)
        drawn = [favoured(self._best_priced, job_costs, self._random) for _ in range(size)]
        self._try_all(pool, drawn, self.cost, over, report)

    def _try_all(
        self,
        pool: ThreadPoolExecutor,
        drawn: list[PricedOperations],
        bound: float,
        over: Callable[[], bool],
        report: Callable[[], None],
    ) -> list[float]:
        """What schedules by these cost, infinite beyond ``bound``, for as many as were made before it was ``over``."""
        runs = [pool.submit(self._try, x, self.tried + n, bound) for n, x in enumerate(drawn)]
        try:
            self._wait(runs, over, report)
        finally:
            made = [run for run in runs if not run.cancel()]
            self.tried += len(made)
        found = [run.result() for run in made]
        report()
        return found

    def _wait(self, runs: list[Future[float]], over: Callable[[], bool], report: Callable[[], None]) -> None:
        """Waits until a generation is made or ``over``."""
        running = set(runs)
        while running and not over():
            _, running = wait(running, timeout=LOOK_SECONDS, return_when=FIRST_COMPLETED)
            report()

    def _try(self, x: PricedOperations, number: int, bound: float) -> float:
        """What a schedule by these prices costs, infinite beyond ``bound``; it is kept if it is the best."""
        with self._lock:
            state = self._spare.pop() if self._spare else new_state(self.arrays)
        outcome = run_priced(self.arrays, state, x, self.prices, bound)
        if outcome == STOPPED:
            raise AssertionError("the simulation stopped with operations left; packing should have refused this plant")
        cost = math.inf if outcome == WORSE else float(costs.cost(self.arrays, state, self.prices))
        with self._lock:
            # Equal costs are settled by the number, so that the threads' order does not matter.
            if (cost, number) < self._best:
                self._best, self._best_priced = (cost, number), x
                state, self.state = self.state, state
            self._spare.append(state)
        return cost

    def _priced(self, drawing: Float64) -> PricedOperations:
        """The operations' prices by a drawing around the first ones."""
        x = np.exp(self._first + drawing)
        machine = x[TERMS:][self._type]
        return price_operations(self.arrays, ResourcePrices(x[0], x[1], min(1.0, x[2]), x[3], x[4], machine))


def first_prices(load: Float64) -> npt.NDArray[np.float64]:
    """Logarithms of the prices that a search begins at, for types with so many minutes of work a machine [K]: TERMS numbers,
    then one for each type."""
    share = load / max(1e-9, float(load.max(initial=0.0)))
    ends = np.log([IDLE_PRICE, BUSY_PRICE])
    terms = np.log([LOOK_AHEAD, SETUP_SCALE, LATER_SHARE, 1.0, AT_ONCE])
    return np.concatenate([terms, np.interp(share, [IDLE, BUSY], ends)])
