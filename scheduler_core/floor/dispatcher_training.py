"""Trains the dispatcher's weights by an evolution strategy on noisy floors of many plants.

A separable natural evolution strategy (Wierstra, Schaul, Glasmachers, Sun, Peters & Schmidhuber 2014, Natural evolution
strategies) with mirrored draws. All candidates of a generation meet the same floors (common random numbers), and only their
ranks count. A candidate's cost is the mean logarithm of its executed weighted tardiness over that of the same prices without
a learned part. A generation depends on its number and the state before it alone, so training can be stopped and resumed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from scheduler_core.engines.pricing.price_memory import RememberedPrices
from scheduler_core.environments.random_plants import PlantShape
from scheduler_core.errors import InvalidValue
from scheduler_core.floor.dispatcher import COUNT, HIDDEN, Weights
from scheduler_core.floor.events import Stream, random_stream
from scheduler_core.floor.executions import ByLearned, Execution, Guide, by_prices
from scheduler_core.floor.learned_kernel import FEATURES
from scheduler_core.floor.noise import DurationNoise
from scheduler_core.floor.price_training import prices_on_floors
from scheduler_core.floor.ways import NoisyFloor
from scheduler_core.simulator.array_types import Float64
from scheduler_core.simulator.arrays import NEVER

FIRST_SEED = 510_000
"""Seed of the first training plant."""
WAIT_AT_FIRST = -3.0
"""First weight of an operation to come: a factor of e**-3 on its value."""
DIRECT_SPREAD, HIDDEN_SPREAD = 0.15, 0.2
"""Standard deviations of the first generation for direct and output weights, and for hidden weights and biases."""
OFFSET = 1.0
"""Weighted days added to both costs of a ratio: a floor with nothing late counts little."""
AVERAGED = 0.05
"""Share of each generation's mean in the running mean, which is what training returns."""


@dataclass(frozen=True)
class TrainingPlant:
    """A plant to train on: its seed, machines, orders at the start, days of events, and what its prices are searched with.

    price_variation: of the floors on which its prices are searched, 0: on expected durations.
    """

    seed: int
    machines: int
    orders: int
    days: int
    tightness: float
    price_variation: float

    def stream(self) -> Stream:
        """Its orders, arrivals and breakdowns."""
        shape = PlantShape(self.orders, self.machines, tightness=self.tightness)
        return random_stream(self.seed, shape, self.days, 0.0, outages_a_day=self.machines / 152)

    def prices(self, stream: Stream, generations: int) -> RememberedPrices:
        """Prices searched on the plant as it is known at the beginning."""
        known = NoisyFloor(Stream(stream.plant), DurationNoise(self.price_variation))
        floors = range(3) if self.price_variation else range(1)
        return prices_on_floors(known, floors, generations)


def training_plants(sizes: Sequence[tuple[int, int, int, int]], first_seed: int = FIRST_SEED) -> tuple[TrainingPlant, ...]:
    """``sizes``: (plants, machines, orders, days) of each size. Prices of every second plant are searched on noisy floors,
    and tightness is drawn between 0.65 and 0.9."""
    found: list[TrainingPlant] = []
    for plants, machines, orders, days in sizes:
        for _ in range(plants):
            seed = first_seed + len(found)
            tightness = float(np.random.default_rng(seed).uniform(0.65, 0.9))
            found.append(TrainingPlant(seed, machines, orders, days, tightness, 0.2 if len(found) % 2 else 0.0))
    return tuple(found)


class TrainingFloors:
    """A training plant packed once, on which any noise and seed can be played."""

    def __init__(self, stream: Stream, prices: RememberedPrices, variations: Sequence[float]) -> None:
        self.floors = {v: NoisyFloor(stream, DurationNoise(v)) for v in variations}
        self.prices = prices

    def cost(self, variation: float, seed: int, execution: Execution) -> float:
        """Executed weighted days late."""
        floor = self.floors[variation]
        begun = floor.arrays.nothing_begun()
        guide = Guide(prices=self.prices, noise=floor.noise)
        execution(floor.arrays, floor.truth(seed), guide, begun, 0, NEVER)
        return floor.arrays.tardiness(begun)


@dataclass(frozen=True)
class Evolution:
    """Where training stands. ``mean`` and ``spread`` [COUNT] of the next generation, ``average``: running mean of the means,
    ``generation``: how many are done."""

    mean: Float64
    spread: Float64
    average: Float64
    generation: int = 0

    @staticmethod
    def first(seed: int) -> Evolution:
        """Before the first generation: prices alone, and hardly any wait. Only direct weights are drawn at first."""
        f, h = len(FEATURES), HIDDEN
        mean, spread = np.zeros(COUNT), np.zeros(COUNT)
        mean[FEATURES.index("to come")] = WAIT_AT_FIRST
        mean[f : f + h * f] = np.random.default_rng(seed).normal(0.0, 0.4, h * f)
        spread[:f] = DIRECT_SPREAD
        return Evolution(mean, spread, mean.copy())

    def with_hidden_units(self) -> Evolution:
        """From here on the hidden units' weights are drawn too."""
        f, h = len(FEATURES), HIDDEN
        spread = self.spread.copy()
        spread[f:] = HIDDEN_SPREAD
        spread[-h:] = DIRECT_SPREAD
        return replace(self, mean=self.average.copy(), spread=spread)

    def to_json(self) -> dict[str, Any]:
        """In plain types."""
        lists = {name: getattr(self, name).tolist() for name in ("mean", "spread", "average")}
        return {**lists, "generation": self.generation}

    @staticmethod
    def from_json(stored: Mapping[str, Any]) -> Evolution:
        """What ``to_json`` wrote. Raises InvalidValue for another number of weights."""
        parts = [np.array(stored[name], np.float64) for name in ("mean", "spread", "average")]
        if any(part.shape != (COUNT,) for part in parts):
            raise InvalidValue("state", parts[0].shape, f"must be {COUNT} numbers")
        return Evolution(parts[0], parts[1], parts[2], int(stored["generation"]))

    @property
    def weights(self) -> Weights:
        """What training has come to."""
        return Weights.of(self.average)


@dataclass(frozen=True)
class GenerationSize:
    """candidates: an even number; floors: on each of which all of them are executed."""

    candidates: int = 24
    floors: int = 8

    def __post_init__(self) -> None:
        if self.candidates < 4 or self.candidates % 2:
            raise InvalidValue("candidates", self.candidates, "must be an even number of at least 4")
        if self.floors < 1:
            raise InvalidValue("floors", self.floors, "must be at least 1")


def next_generation(
    evolution: Evolution, plants: Sequence[TrainingFloors], seed: int, size: GenerationSize
) -> tuple[Evolution, float]:
    """One generation further, and the mean cost of its candidates (0: as good as the prices alone)."""
    rng = np.random.default_rng((seed, evolution.generation))
    half = rng.normal(size=(size.candidates // 2, COUNT))
    drawn = np.concatenate([half, -half])
    costs = np.zeros(size.candidates)
    for _ in range(size.floors):
        plant = plants[int(rng.integers(len(plants)))]
        variation = list(plant.floors)[int(rng.integers(len(plant.floors)))]
        floor_seed = int(rng.integers(2**31))
        base = math.log(OFFSET + plant.cost(variation, floor_seed, by_prices))
        for i, one in enumerate(drawn):
            way = ByLearned(Weights.of(evolution.mean + evolution.spread * one))
            costs[i] += (math.log(OFFSET + plant.cost(variation, floor_seed, way)) - base) / size.floors
    return _updated(evolution, drawn, costs), float(costs.mean())


def _updated(evolution: Evolution, drawn: Float64, costs: Float64) -> Evolution:
    utility = utilities(costs)
    drawn_numbers = int(np.count_nonzero(evolution.spread))
    rate = (3 + math.log(drawn_numbers)) / (5 * math.sqrt(drawn_numbers))
    mean = evolution.mean + evolution.spread * (utility @ drawn)
    spread = evolution.spread * np.exp(rate / 2 * (utility @ (drawn**2 - 1)))
    average = evolution.average + AVERAGED * (mean - evolution.average)
    return replace(evolution, mean=mean, spread=spread, average=average, generation=evolution.generation + 1)


def utilities(costs: Float64) -> Float64:
    """[n] weights that sum to 0: the lower a cost, the higher; by ranks alone."""
    n = len(costs)
    raw = np.maximum(0.0, math.log(n / 2 + 1) - np.log(np.arange(1, n + 1)))
    found = np.empty(n)
    found[np.argsort(costs, kind="stable")] = raw / raw.sum() - 1 / n
    return found
