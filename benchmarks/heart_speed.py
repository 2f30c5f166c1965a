"""How fast the compiled code of one checkout is compared with another's: dispatching by a rule, and annealing moves.

    python benchmarks/heart_speed.py --before DIR --after DIR [--pairs 20] [--moves 300000]

Runs pairs of processes, one for each checkout and in turn the one or the other first, after each has compiled its code into
an empty folder: both in the same order, since another one (as by ``shopwright warm``) changes the moves by 3 to 4 %. Both
measure the same random plant of 152 machines and 500 jobs on one thread: decisions per CPU second by WATC, the fastest of
several runs; moves per CPU second of one chain of a fixed number of moves from that schedule; and whole plans per CPU
second, from a plant just read to its figures by the judge, the fastest of several runs by EDD. A ratio is that of the later
checkout to the earlier one within a pair; at 1.00 both are equally fast, below it the later one is slower.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from statistics import median

from report import heading, markdown_table
from simulator_speed import SHAPES, speed

from scheduler_core.engines import greedy
from scheduler_core.engines.annealing.population import improve_by_moves
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.rules import RULES, run_rule, seed_random
from scheduler_core.environments.random_plants import random_plant
from scheduler_core.plant import Plant
from scheduler_core.simulator import costs
from scheduler_core.simulator.arrays import new_state, pack

FIGURES = ("decisions per CPU second, WATC", "annealing moves per CPU second", "whole plans per CPU second, EDD")
REPEATS = 20
Figures = tuple[float, float, float]


def measured(moves: int) -> Figures:
    """The figures of the checkout that this process imports."""
    plant = random_plant(0, SHAPES["152 x 500"])
    decisions = speed(plant, repeats=REPEATS).per_second
    arrays = pack(plant)
    state, rule = new_state(arrays), RULES["WATC"]
    seed_random(0)
    run_rule(arrays, state, rule.code, *rule.default, 0.0, costs.WEIGHTED_TARDINESS, float("inf"))
    improve_by_moves(arrays, state, costs.WEIGHTED_TARDINESS, 1, 0)  # loads the compiled code
    began = time.thread_time()
    found = improve_by_moves(arrays, state, costs.WEIGHTED_TARDINESS, moves, 0)
    moved = found.moves / (time.thread_time() - began)
    return decisions, moved, 1 / min(seconds_of_a_plan(plant) for _ in range(REPEATS))


def seconds_of_a_plan(plant: Plant) -> float:
    """CPU seconds of a plan by EDD and its figures, for a copy of the plant that knows nothing yet."""
    new = replace(plant)
    began = time.process_time()
    greedy.schedule(new, EngineConfig(rule="EDD"))
    return time.process_time() - began


def measured_in(checkout: Path, moves: int, cache: Path) -> Figures:
    """The figures of a checkout, from a process of its own that keeps its compiled code in ``cache``."""
    command = [sys.executable, __file__, "--measure", str(checkout), "--moves", str(moves)]
    environment = {**os.environ, "PYTHONPATH": str(checkout), "NUMBA_CACHE_DIR": str(cache)}
    run = subprocess.run(command, env=environment, cwd=checkout, capture_output=True, text=True, check=True)
    decisions, moved, plans = json.loads(run.stdout)
    return decisions, moved, plans


def main() -> None:
    """Prints the table, or in a measuring process the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", type=Path, help="the earlier checkout")
    parser.add_argument("--after", type=Path, help="the later checkout")
    parser.add_argument("--pairs", type=int, default=20, help="(default: %(default)s)")
    parser.add_argument("--moves", type=int, default=300_000, help="of the chain (default: %(default)s)")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.measure:
        if not Path(costs.__file__).is_relative_to(args.measure.resolve()):
            raise SystemExit(f"{costs.__file__} does not lie in {args.measure}")
        print(json.dumps(measured(args.moves)))
        return
    if not (args.before and args.after):
        parser.error("--before and --after are needed")
    sides = [args.before.resolve(), args.after.resolve()]
    pairs = []
    with tempfile.TemporaryDirectory() as folder:
        caches = {side: Path(folder, str(number)) for number, side in enumerate(sides)}
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda side: measured_in(side, 1000, caches[side]), sides))
        for number in range(args.pairs):
            order = sides if number % 2 == 0 else sides[::-1]
            found = {side: measured_in(side, args.moves, caches[side]) for side in order}
            pairs.append([found[side] for side in sides])
    rows = []
    for i, figure in enumerate(FIGURES):
        ratios = [after[i] / before[i] for before, after in pairs]
        middle = [f"{median(pair[side][i] for pair in pairs):,.0f}" for side in range(2)]
        rows.append((figure, *middle, *(f"{ratio:.3f}" for ratio in (median(ratios), min(ratios), max(ratios)))))
    print(heading("Speed of the compiled code in two checkouts", sys.argv[1:]))
    print(f"{args.pairs} pairs of runs; medians of the figures, and the ratios after / before within a pair.\n")
    print(markdown_table(("figure", "before", "after", "median ratio", "least", "most"), rows))


if __name__ == "__main__":
    main()
