"""The standing search: a plan that is there already is improved further, for as long as that gains anything.

The search anneals from the plan in slices. Each slice begins with the best plan so far, another seed and the warmth of a
replan, and cools down to its end. The first takes FIRST_SLICE; one that gained is followed by one of twice the length, as a
longer cooling finds what a shorter one cannot. A slice of a minute or more that gains less than LEAST_GAIN ends the search.
The threads have the lowest priority, so that whatever else wants the cores gets them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from scheduler_core.engines import time_limit_clock
from scheduler_core.engines.annealing.population import improve, improve_by_moves
from scheduler_core.engines.config import EngineConfig, Progress, no_progress
from scheduler_core.engines.isolation.spare_cores import at_lowest_priority
from scheduler_core.engines.repair.carry_over import carry_over
from scheduler_core.engines.repair.warm_search import WARMTH, Search, result, value
from scheduler_core.engines.rules import SEEDS
from scheduler_core.engines.search_curve import thinned
from scheduler_core.errors import KeepBest
from scheduler_core.plant import Plant
from scheduler_core.reports import Curve, RepairReport
from scheduler_core.schedule import Result, Schedule
from scheduler_core.simulator import costs
from scheduler_core.simulator.arrays import PlantArrays, pack
from scheduler_core.simulator.simulator import to_schedule, to_state

FIRST_SLICE, LONGEST_SLICE = 60.0, 960.0
"""Seconds of the first slice and of the longest one."""
LEAST_GAIN = 0.001
"""Share of the objective below which a slice has gained nothing."""
USUAL_SECONDS = 1800.0
"""How long the search goes on at most where no time limit is given."""


def schedule(plant: Plant, config: EngineConfig, progress: Progress = no_progress) -> Result:
    """The plan in ``config.warm_start`` improved for ``config.time_limit`` seconds, or until a slice gains nothing.

    Where less than WORTHWHILE (warm_search.py) is gained, the plan comes back as it was, and the report says that it stays.

    Raises InvalidValue without a plan to start from, Unschedulable for a plant without any schedule, Cancelled on request;
    KeepBest, raised by ``progress``, ends the search early with the best so far.
    """
    began = time_limit_clock.now()
    arrays = pack(plant)
    carried = carry_over(plant, arrays, config)
    searched = Search()  # a plan that costs nothing cannot get better
    if value(plant, config, carried.schedule) > 0:
        searched = at_lowest_priority(lambda: _slices(plant, arrays, carried.schedule, config, _Listener(progress), began))
    found = result("standing", plant, config, carried, None, searched, began)
    assert isinstance(found.report, RepairReport)
    return replace(found, report=replace(found.report, stays=found.schedule is carried.schedule))


class _Listener:
    """Passes progress on, and remembers that somebody wants the best so far."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self.enough = False

    def __call__(self, fraction: float, message: str) -> None:
        try:
            self._progress(fraction, message)
        except KeepBest:
            self.enough = True
            raise


@dataclass
class _Clock:
    """The seconds of the whole search: ``began`` on the clock of time limits, ``limit`` from there."""

    began: float
    limit: float

    @property
    def used(self) -> float:
        return time_limit_clock.now() - self.began

    @property
    def left(self) -> float:
        return self.limit - self.used


def _slices(
    plant: Plant, arrays: PlantArrays, start: Schedule, config: EngineConfig, listener: _Listener, began: float
) -> Search:
    """Slice after slice from the plan ``start``; no plan where nothing can move."""
    if (arrays.op_reserved_pair >= 0).all():
        return Search()
    clock = _Clock(began, USUAL_SECONDS if config.time_limit is None else config.time_limit)
    prices = costs.prices_of(config.objective, arrays)
    state = to_state(plant, arrays, start)
    # A fresh process takes seconds to load the compiled search; they are not the search's.
    improve_by_moves(arrays, state, prices, 1, config.seed % SEEDS)
    cost, moves, number, length = float(costs.cost(arrays, state, prices)), 0, 0, FIRST_SLICE
    curve: Curve = ()

    def told(fraction: float, message: str) -> None:
        listener(min(1.0, clock.used / max(1e-9, clock.limit)), f"standing search, {message}")

    while clock.left > 0 and not listener.enough:
        seconds, offset = min(length, clock.left), clock.used
        found = improve(
            arrays, state, prices, time_limit_clock.now() + seconds, max(1, config.workers), (config.seed + number) % SEEDS,
            told, warmth=WARMTH,
        )  # fmt: skip
        before = cost
        state, cost, moves, number = found.state, found.cost, moves + found.moves, number + 1
        curve = (*curve, *((offset + at, value) for at, value in found.curve))
        if seconds >= FIRST_SLICE and cost >= before * (1 - LEAST_GAIN):
            break
        length = min(LONGEST_SLICE, 2 * length)
    return Search(to_schedule(plant, arrays, state), moves, thinned(curve))
