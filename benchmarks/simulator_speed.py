"""How fast the simulator dispatches by a rule, and how long packing a plant takes. Prints a table.

Run with ``python benchmarks/simulator_speed.py``; ``--plants`` and ``--rule`` change what is run. Times are CPU times of one
core: the fastest of several runs of each plant, after the first has loaded the compiled code.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from report import markdown_table

from scheduler_core.engines.rules import RULES, run_rule, seed_random
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.plant import Plant
from scheduler_core.simulator import costs
from scheduler_core.simulator.arrays import new_state, pack

SHAPES = {"40 x 100": PlantShape(100, 40), "152 x 500": PlantShape(500, 152)}
"""Machines x jobs."""
REPEATS = 5


@dataclass(frozen=True)
class Speed:
    """CPU seconds of one plant: packing it, and a whole schedule of so many decisions."""

    decisions: int
    packing: float
    schedule: float

    @property
    def per_second(self) -> float:
        """Decisions per CPU second."""
        return self.decisions / self.schedule


def speed(plant: Plant, rule: str = "WATC", repeats: int = REPEATS) -> Speed:
    """The plant's fastest of ``repeats`` runs."""
    arrays = pack(plant)
    state, chosen = new_state(arrays), RULES[rule]
    seed_random(0)

    def run() -> int:
        return int(run_rule(arrays, state, chosen.code, *chosen.default, 0.0, costs.WEIGHTED_TARDINESS, math.inf))

    decisions = run()
    return Speed(decisions, fastest(lambda: pack(plant), repeats), fastest(run, repeats))


def fastest(run: Callable[[], object], repeats: int) -> float:
    """The least CPU seconds of ``repeats`` runs."""
    times = []
    for _ in range(repeats):
        before = time.thread_time()
        run()
        times.append(time.thread_time() - before)
    return min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plants", type=int, default=5, help="random plants of each size (default: %(default)s)")
    parser.add_argument("--rule", choices=list(RULES), default="WATC", help="dispatching rule (default: %(default)s)")
    chosen = parser.parse_args()
    rows = []
    for name, shape in SHAPES.items():
        runs = [speed(random_plant(seed, shape), chosen.rule) for seed in range(chosen.plants)]
        decisions, schedule = sum(r.decisions for r in runs), sum(r.schedule for r in runs)
        rows.append(
            (
                name,
                f"{decisions / len(runs):,.0f}",
                f"{1000 * sum(r.packing for r in runs) / len(runs):.1f}",
                f"{1000 * schedule / len(runs):.1f}",
                f"{decisions / schedule:,.0f}",
            )
        )
    print(f"rule {chosen.rule}\n")
    print(markdown_table(("plant", "decisions", "packing ms", "schedule ms", "decisions/s"), rows))


if __name__ == "__main__":
    main()
