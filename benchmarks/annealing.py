"""What annealing adds to sampling when both have the same time, on random plants that training never saw.

    python benchmarks/annealing.py [--plants 5] [--seconds 15]

Each plant is planned three times on one core: by the best rule, by the policy sampling until the time limit, and by the
policy sampling for a fifth of it and annealing for the rest.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np
from report import heading

from scheduler_core.engines import greedy, learned
from scheduler_core.engines.config import EngineConfig
from scheduler_core.environments.plants import random_plant
from scheduler_core.training.config import EVALUATION_SEED
from scheduler_core.training.evaluate import SIZES

FIRST_SEED = EVALUATION_SEED + 10_000


def main() -> int:
    """Prints one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plants", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=15.0)
    args = parser.parse_args()
    print(heading("Annealing beside sampling", sys.argv[1:]))
    print(f"{args.plants} plants of each size, seeds from {FIRST_SEED} on, {args.seconds:g} wall seconds on one core.\n")
    print("| plants | best rule, days | sampling only | sampling and annealing | samples | moves |")
    print("| --- | --- | --- | --- | --- | --- |")
    for size in ("40x100", "152x500"):
        costs, counts = [], []
        for i in range(args.plants):
            plant = random_plant(FIRST_SEED + i, SIZES[size])
            rule = greedy.schedule(plant, EngineConfig(workers=1))
            config = EngineConfig(time_limit=args.seconds, workers=1)
            usual = learned.SAMPLING_SHARE
            try:
                learned.SAMPLING_SHARE = 1.0
                sampled = learned.schedule(plant, config)
            finally:
                learned.SAMPLING_SHARE = usual
            annealed = learned.schedule(plant, config)
            costs.append([rule.objective, sampled.objective, annealed.objective])
            counts.append([sampled.detail["samples"], annealed.detail["moves"]])
            print(f"{plant.name}: {costs[-1]}", file=sys.stderr, flush=True)
        best, only, both = np.mean(np.array(costs, float), 0)
        samples, moves = np.mean(np.array(counts, float), 0)
        print(
            f"| {size} | {best:.1f} | {only:.1f} ({only / best:.3f}) | {both:.1f} ({both / best:.3f}) "
            f"| {samples:.0f} | {moves:.0f} |",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
