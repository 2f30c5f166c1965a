"""The rolling horizon beside one pass over all jobs, on plants with very many jobs.

    python benchmarks/rolling.py [--jobs 3000,5000,10000] [--plants 3] [--windows 1000,2000]

One deterministic schedule by the policy each, without sampling or search. Ratios are of mean weighted tardiness to that of
the one pass. Every schedule is judged by the validator.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

import numpy as np
from growth import shape
from report import heading, markdown_table

from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.rolling import plan_by_windows
from scheduler_core.environments.random_plants import random_plant
from scheduler_core.judge.kpis import measure
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Plant
from scheduler_core.policy import checkpoint
from scheduler_core.policy.features import new_view
from scheduler_core.policy.inference import new_room
from scheduler_core.schedule import Schedule
from scheduler_core.simulator.arrays import new_state, pack
from scheduler_core.simulator.simulator import to_schedule
from scheduler_core.training.config import EVALUATION_SEED
from scheduler_core.training.evaluate import sample

FIRST_SEED = EVALUATION_SEED + 50_000
ONE_PASS = "one pass"


def main() -> None:
    """Prints one table, rows by number of jobs and way."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", default="3000,5000,10000", help="(default: %(default)s)")
    parser.add_argument("--plants", type=int, default=3, help="(default: %(default)s)")
    parser.add_argument("--windows", default="1000,2000", help="(default: %(default)s)")
    args = parser.parse_args()
    model = checkpoint.load(EngineConfig().model)
    weights = model.network.weights()

    def rollout(part: Plant, decided: float = 0.0) -> Schedule:
        arrays = pack(part)
        state = new_state(arrays)
        sample(arrays, state, new_view(arrays), new_room(arrays, weights), weights, 0)
        return to_schedule(part, arrays, state)

    methods: dict[str, Callable[[Plant], Schedule]] = {ONE_PASS: rollout}
    for window in (int(text) for text in args.windows.split(",")):
        methods[f"windows of {window:,}"] = lambda plant, window=window: plan_by_windows(plant, rollout, window)[0]
    rollout(random_plant(FIRST_SEED, shape(10)))
    rows = []
    for jobs in (int(text) for text in args.jobs.split(",")):
        values: dict[str, list[float]] = {method: [] for method in methods}
        seconds: dict[str, list[float]] = {method: [] for method in methods}
        broken = dict.fromkeys(methods, 0)
        for seed in range(FIRST_SEED, FIRST_SEED + args.plants):
            plant = random_plant(seed, shape(jobs))
            for method, plan in methods.items():
                began = time.process_time()
                found = plan(plant)
                seconds[method].append(time.process_time() - began)
                broken[method] += len(violations(plant, found))
                values[method].append(measure(plant, found).weighted_tardiness_days)
                print(
                    f"{jobs} jobs, {method}: {values[method][-1]:.0f} days, {seconds[method][-1]:.1f} s",
                    file=sys.stderr,
                    flush=True,
                )
        for method in methods:
            mean = float(np.mean(values[method]))
            rows.append([f"{jobs:,}", method, f"{mean:,.0f}", f"{mean / float(np.mean(values[ONE_PASS])):.3f}",
                         f"{np.mean(seconds[method]):.2f}", f"{broken[method]}"])  # fmt: skip
    print(heading("Rolling horizon against one pass", sys.argv[1:]))
    print(f"{args.plants} plants each, seeds from {FIRST_SEED} on; policy {model.name}, one schedule without sampling.\n")
    print(markdown_table(["jobs", "way", "weighted tardiness, days", "over one pass", "CPU s", "violations"], rows))


if __name__ == "__main__":
    main()
