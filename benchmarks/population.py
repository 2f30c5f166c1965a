"""How many chains a search's population should have, on generated plants that nothing is measured or selected on.

    python benchmarks/population.py [--size 40x100] [--plants 16] [--seconds 10] [--chains 1,6,12,24]

Each search starts from the plant's best rule, on two workers, with so many CPU seconds for each of them. Ratios are of mean
weighted tardiness to that of the best rule; differences are to the first number of chains, on the same plants.
"""

from __future__ import annotations

import argparse
import math
import sys

import numpy as np
from report import heading, markdown_table

from scheduler_core.engines import time_limit_clock
from scheduler_core.engines.annealing.population import improve
from scheduler_core.engines.config import no_progress
from scheduler_core.engines.rules import run_rule
from scheduler_core.environments.random_plants import random_plant
from scheduler_core.simulator import costs
from scheduler_core.simulator.arrays import PlantArrays, State, new_state, pack
from scheduler_core.training.config import EVALUATION_SEED
from scheduler_core.training.evaluate import SIZES, all_variants

FIRST_SEED = EVALUATION_SEED + 80_000
WORKERS = 2


def best_rule(arrays: PlantArrays) -> tuple[State, float]:
    """The best rule's schedule and what it costs."""
    best, best_cost, state = new_state(arrays), math.inf, new_state(arrays)
    for rule, k1, k2 in all_variants():
        if run_rule(arrays, state, rule.code, k1, k2, 0.0, costs.WEIGHTED_TARDINESS, best_cost) >= 0:
            cost = float(costs.cost(arrays, state, costs.WEIGHTED_TARDINESS))
            if cost < best_cost:
                best, state, best_cost = state, best, cost
    return best, best_cost


def searched(arrays: PlantArrays, start: State, seconds: float, chains: int, seed: int) -> tuple[float, int]:
    """Cost and moves of a search with so many chains of each worker."""
    with time_limit_clock.of_workers(WORKERS):
        deadline = time_limit_clock.now() + seconds
        found = improve(arrays, start, costs.WEIGHTED_TARDINESS, deadline, WORKERS, seed, no_progress, chains)
    return found.cost, found.moves


def main() -> None:
    """Prints a row for each number of chains."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="40x100", choices=list(SIZES), help="machines x jobs (default: %(default)s)")
    parser.add_argument("--plants", type=int, default=16, help="(default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=10.0, help="CPU seconds of each worker (default: %(default)s)")
    parser.add_argument("--chains", default="1,6,12,24", help="of each worker (default: %(default)s)")
    args = parser.parse_args()
    numbers = [int(text) for text in args.chains.split(",")]
    costs_of: dict[int, list[float]] = {n: [] for n in numbers}
    moves_of: dict[int, list[float]] = {n: [] for n in numbers}
    rules = []
    warm = pack(random_plant(FIRST_SEED, SIZES["40x100"]))
    searched(warm, best_rule(warm)[0], 0.5, 2, 0)  # compiled
    for seed in range(FIRST_SEED, FIRST_SEED + args.plants):
        arrays = pack(random_plant(seed, SIZES[args.size]))
        start, rule = best_rule(arrays)
        rules.append(rule)
        for n in numbers:
            cost, moves = searched(arrays, start, args.seconds, n, seed)
            costs_of[n].append(cost)
            moves_of[n].append(moves / len(arrays.op_job))
            print(f"plant {len(rules)}, {n} chains: {cost / rule:.3f} of the best rule", file=sys.stderr, flush=True)
    first = np.array(costs_of[numbers[0]]) / rules
    rows = []
    for n in numbers:
        ratio = np.array(costs_of[n]) / rules
        gap = ratio - first
        error = gap.std(ddof=1) / math.sqrt(len(gap))
        over, mean = np.sum(costs_of[n]) / np.sum(rules), ratio.mean()
        rows.append(
            [f"{n}", f"{np.mean(moves_of[n]):,.0f}", f"{over:.3f}", f"{mean:.3f}", f"{gap.mean():+.3f} ({error:.3f})"]
        )
    print(heading("Chains of a population", sys.argv[1:]))
    print(f"{args.plants} generated plants of {args.size}, seeds from {FIRST_SEED} on; {args.seconds:g} CPU s on each of")
    print(f"{WORKERS} workers.\n")
    columns = ["chains of a worker", "moves for each operation", "over the best rule", "mean of the plants' ratios",
               "difference to the first (its standard error)"]  # fmt: skip
    print(markdown_table(columns, rows))


if __name__ == "__main__":
    main()
