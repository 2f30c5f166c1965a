"""How CPU time and memory grow with the number of jobs on one park of machines: packing, a rule, the policy.

    python benchmarks/growth.py [--jobs 100,200,500,1000,2000,5000,10000] [--rule WATC] [--repeats 3]

The plants are random (scheduler_core/environments/random_plants.py), with operations as long as those of the plant with 500
jobs. Times are CPU times of one core, the fastest of the repeats, after the compiled code has been loaded. A rollout is one
whole schedule by the shipped policy without sampling.
"""

from __future__ import annotations

import argparse
import resource
import sys

from report import heading, markdown_table
from simulator_speed import fastest, speed

from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.rules import RULES
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.plant import Plant
from scheduler_core.policy import checkpoint
from scheduler_core.policy.features import new_view
from scheduler_core.policy.inference import PolicyWeights, new_room
from scheduler_core.simulator.arrays import new_state, pack
from scheduler_core.training.evaluate import sample

MACHINES, SEED = 152, 1
COLUMNS = (
    "jobs", "decisions", "packing, s", "rule, s", "rule, decisions/s", "policy, s", "policy, decisions/s", "peak memory, MB",
)  # fmt: skip


def shape(jobs: int) -> PlantShape:
    """The full plant with more or fewer jobs, of the same kind: its load in days grows with them."""
    return PlantShape(jobs, MACHINES, tightness=0.8, load=12.0 * jobs / 500)


def rollout_seconds(plant: Plant, weights: PolicyWeights, repeats: int) -> float:
    """CPU seconds of one schedule by the policy."""
    arrays = pack(plant)
    state, view, room = new_state(arrays), new_view(arrays), new_room(arrays, weights)
    return fastest(lambda: sample(arrays, state, view, room, weights, 0), repeats)


def peak_megabytes() -> float:
    """The most memory that this process has held so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


def main() -> None:
    """Prints one table, a row for each number of jobs, ascending."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", default="100,200,500,1000,2000,5000,10000", help="(default: %(default)s)")
    parser.add_argument("--rule", choices=list(RULES), default="WATC", help="dispatching rule (default: %(default)s)")
    parser.add_argument("--repeats", type=int, default=3, help="(default: %(default)s)")
    args = parser.parse_args()
    model = checkpoint.load(EngineConfig().model)
    weights = model.network.weights()
    rollout_seconds(random_plant(SEED, shape(10)), weights, 1)
    rows = []
    for jobs in sorted(int(n) for n in args.jobs.split(",")):
        plant = random_plant(SEED, shape(jobs))
        by_rule = speed(plant, args.rule, args.repeats)
        policy = rollout_seconds(plant, weights, args.repeats)
        rows.append([
            f"{jobs:,}", f"{by_rule.decisions:,}", f"{by_rule.packing:.3f}", f"{by_rule.schedule:.4f}",
            f"{by_rule.per_second:,.0f}", f"{policy:.3f}", f"{by_rule.decisions / policy:,.0f}", f"{peak_megabytes():.0f}",
        ])  # fmt: skip
        print(" ".join(rows[-1]), file=sys.stderr, flush=True)
    print(heading(f"Growth with the number of jobs on {MACHINES} machines", sys.argv[1:]))
    print(f"Rule: {args.rule}. Policy: {model.name}, one schedule without sampling.\n")
    print(markdown_table(COLUMNS, rows))


if __name__ == "__main__":
    main()
