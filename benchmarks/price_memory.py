"""A search for machine prices that starts where the one of the day before ended, beside one from the usual start.

    python benchmarks/price_memory.py [--plants 4] [--snapshots 5]

Streams of 152 machines and 500 orders (docs/floor.md), a snapshot a day, the floor follows the best schedule by prices. On
every snapshot after the first both searches make the same numbers of schedules. Ratio: what the best of them costs (weighted
tardiness), remembered over usual, on the mean over all snapshots; better: in how many of them it is below 1.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import numpy as np
from report import heading, markdown_table

from scheduler_core.engines.pricing.price_memory import RememberedPrices
from scheduler_core.engines.pricing.price_search import PriceSearch
from scheduler_core.environments.random_plants import PlantShape
from scheduler_core.floor.events import random_stream
from scheduler_core.floor.stream import play
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule
from scheduler_core.simulator import costs
from scheduler_core.simulator.arrays import pack
from scheduler_core.simulator.simulator import to_schedule

FIRST_SEED = 960
COUNTS = (16, 32, 64, 128, 256)


class ByPrices:
    """Plans every snapshot by prices, and notes what both searches come to."""

    def __init__(self) -> None:
        self.prices: RememberedPrices = ()
        self.ratios: list[list[float]] = []

    def __call__(self, plant: Plant, carried: Schedule | None, seconds: float, seed: int) -> Schedule:
        usual, costs_usual = searched(plant, (), seed)
        if self.prices:
            usual, costs_remembered = searched(plant, self.prices, seed)
            self.ratios.append([r / u for r, u in zip(costs_remembered, costs_usual, strict=True)])
        self.prices = usual.learned
        return to_schedule(plant, usual.arrays, usual.state)


def searched(plant: Plant, remembered: RememberedPrices, seed: int) -> tuple[PriceSearch, list[float]]:
    """The search after the last of COUNTS, and its cost after each of them."""
    search = PriceSearch(plant, pack(plant), costs.WEIGHTED_TARDINESS, seed, 1, np.inf, remembered)
    found = []
    for count in COUNTS:
        search.run(count, lambda: False, lambda: None)
        found.append(search.cost)
    return search, found


def table(ratios: Sequence[Sequence[float]]) -> str:
    """One row per number of schedules."""
    rows = [
        [str(count), f"{np.mean(column):.3f}", f"{np.std(column, ddof=1) / len(column) ** 0.5:.3f}",
         f"{sum(r < 1 for r in column)} of {len(column)}"]
        for count, column in zip(COUNTS, zip(*ratios, strict=True), strict=True)
    ]  # fmt: skip
    return markdown_table(("schedules", "ratio", "its standard error", "better"), rows)


def main() -> None:
    """Plays and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plants", type=int, default=4)
    parser.add_argument("--snapshots", type=int, default=5, help="days after the first (default: %(default)s)")
    args = parser.parse_args()
    ratios: list[list[float]] = []
    for seed in range(FIRST_SEED, FIRST_SEED + args.plants):
        stream = random_stream(seed, PlantShape(500, 152, tightness=0.8, load=12.0), args.snapshots + 1)
        planner = ByPrices()
        play(stream, planner, planner(stream.plant, None, 0.0, 0), args.snapshots)
        ratios += planner.ratios
        print(f"plant {seed}: {np.mean(planner.ratios, axis=0).round(3).tolist()}", file=sys.stderr, flush=True)
    print(heading("Memory of machine prices", sys.argv[1:]))
    print(table(ratios))


if __name__ == "__main__":
    main()
