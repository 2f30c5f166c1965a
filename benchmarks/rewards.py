"""Rewards and exploration compared: the same network trained from the same start with each, judged on plants it never saw.

    python benchmarks/rewards.py [--steps 150000] [--seeds 3] [--plants 30]

Ways: the *potential* reward; the *original* one (environments/rewards.py says what both are); and the potential reward with
the original design's exploration (0.2 for jobs, 0.1 for machines, falling to 0 over half of the steps). Training plants have
10 machines; the 10x60 plants that judge are paired: every way schedules the same ones, deterministically, with the last
averaged weights. Each figure is put beside that of the best of a few rules on the same plant (the one with the least
weighted tardiness). "start" is the untrained network, which is the WATC rule.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from report import heading, markdown_table

from scheduler_core.engines.rules import run_rule, seed_random
from scheduler_core.policy.features import new_view
from scheduler_core.policy.inference import PolicyWeights, new_room
from scheduler_core.policy.network import Network
from scheduler_core.simulator import costs, kernel
from scheduler_core.simulator.arrays import PlantArrays, State, new_state
from scheduler_core.training.config import EVALUATION_SEED, TrainingConfig
from scheduler_core.training.evaluate import few_variants, plants_of, rule_costs, sample
from scheduler_core.training.ppo_model import shape_of
from scheduler_core.training.train import run
from scheduler_core.training.training_callback import LAST

SIZE = "10x60"
METHODS: dict[str, dict[str, Any]] = {
    "potential": {},
    "original": {"reward": "original"},
    "potential, exploring": {"explore_job": 0.2, "explore_machine": 0.1},
}


def main() -> int:
    """Prints one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=150_000, help="training steps of each run (default: %(default)s)")
    parser.add_argument("--seeds", type=int, default=3, help="runs of each way (default: %(default)s)")
    parser.add_argument("--plants", type=int, default=30, help="plants that judge (default: %(default)s)")
    args = parser.parse_args()
    if min(args.steps, args.seeds, args.plants) < 1:
        parser.error("every number must be at least 1")
    plants = plants_of(SIZE, args.plants, EVALUATION_SEED)
    reference = np.array([_best_rule(plant) for plant in plants])
    untrained = Network(shape_of(_config("start", 1, args.steps, {}))).weights()
    rows = [_row("start", [_figures(plants, untrained)], reference)]
    for method, more in METHODS.items():
        found = []
        for seed in range(1, args.seeds + 1):
            print(f"{method}, seed {seed}", file=sys.stderr, flush=True)
            found.append(_figures(plants, _trained(_config(method, seed, args.steps, more))))
        rows.append(_row(method, found, reference))
    print(heading("Rewards and exploration", sys.argv[1:]))
    print(f"{args.seeds} runs of {args.steps:,} steps each, {args.plants} plants {SIZE}, seeds from {EVALUATION_SEED} on.")
    print(f"The best rules: {reference[:, 0].mean():.2f} days of weighted tardiness, {reference[:, 1].mean():.1%} on time,")
    print(f"{reference[:, 2].mean():.1f} h makespan. Tardiness and makespan: ratios of means; on time: a difference in")
    print("percentage points; in brackets the worst and the best run.\n")
    print(markdown_table(("way", "weighted tardiness", "on time", "makespan"), rows))
    return 0


def _config(method: str, seed: int, steps: int, more: dict[str, Any]) -> TrainingConfig:
    plants = [{"chance": 1, "machines": [10, 10], "jobs_per_machine": [4, 8]}]
    return TrainingConfig.model_validate({
        "name": "rewards", "description": method, "seed": seed, "total_steps": steps, "environments": 32,
        "steps_per_update": 320, "learning_rate": 1e-3, "final_learning_rate": 1e-4, "epochs": 3, "batch_size": 1024,
        "validate_every": 10**6, "validation": [{"size": SIZE, "plants": 1, "samples": 1}],
        "stages": [{"until": 1.0, "plants": plants}], **more,
    })  # fmt: skip


def _trained(config: TrainingConfig) -> PolicyWeights:
    """The weights' average after the last step: no validation selects among them."""
    with tempfile.TemporaryDirectory() as folder:
        run(config, Path(folder), report=lambda _: None)
        network = Network(shape_of(config))
        network.load_state_dict(torch.load(Path(folder) / LAST, weights_only=True)["average"])
    return network.weights()


def _best_rule(plant: PlantArrays) -> tuple[float, float, float]:
    variants = few_variants()
    rule, k1, k2 = variants[int(rule_costs([plant], variants)[0].argmin())]
    state = new_state(plant)
    seed_random(0)
    run_rule(plant, state, rule.code, k1, k2, 0.0, costs.WEIGHTED_TARDINESS, math.inf)
    return _three(plant, state)


def _figures(plants: list[PlantArrays], weights: PolicyWeights) -> np.ndarray:
    """[plants, 3]: weighted tardiness in days, share on time, makespan in hours of the deterministic schedules."""
    found = []
    for plant in plants:
        state = new_state(plant)
        sample(plant, state, new_view(plant), new_room(plant, weights), weights, 0)
        found.append(_three(plant, state))
    return np.array(found)


def _three(plant: PlantArrays, state: State) -> tuple[float, float, float]:
    late = kernel.late_jobs(plant, state) / len(plant.job_open)
    return kernel.weighted_tardiness(plant, state), 1.0 - late, kernel.last_end(plant, state) / 60


def _row(method: str, runs: list[np.ndarray], reference: np.ndarray) -> tuple[str, ...]:
    ratios = np.array([found.mean(0) / reference.mean(0) for found in runs])
    on_time = 100 * np.array([found[:, 1].mean() - reference[:, 1].mean() for found in runs])
    many = len(runs) > 1

    def words(values: np.ndarray, form: str, worst: float, best: float) -> str:
        return f"{values.mean():{form}}" + (f" ({worst:{form}}, {best:{form}})" if many else "")

    return (
        method,
        words(ratios[:, 0], ".3f", ratios[:, 0].max(), ratios[:, 0].min()),
        words(on_time, "+.1f", on_time.min(), on_time.max()),
        words(ratios[:, 2], ".3f", ratios[:, 2].max(), ratios[:, 2].min()),
    )


if __name__ == "__main__":
    sys.exit(main())
