"""Flat against hierarchical actions: the same agent, network, observation and reward, trained for equally many steps.

    python benchmarks/action_space.py [--steps 200000] [--seeds 3] [--plants 30] [--parts 4]

*Hierarchical* asks first for the job, then for its machine (``Discrete(K)``); *flat* asks for both at once (``Discrete(K x
machines)``, environments/flat_actions.py). Both are sb3-contrib's MaskablePPO with its "MlpPolicy" (two layers of 64) on the
observation "full" of random plants of 10 machines and 60 jobs, from random weights. After each part of the steps the
deterministic policy schedules the same plants, which no run was trained on. A figure is the mean weighted tardiness over
that of the best of a few rules on the same plants. A hierarchical agent takes up to two steps for an operation, so the
table has the schedules finished in training and CPU seconds beside the steps.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import gymnasium
import numpy as np
import torch
from report import heading, markdown_table
from sb3_contrib import MaskablePPO
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.vec_env import DummyVecEnv

from scheduler_core.environments.flat_actions import FlatActions
from scheduler_core.environments.random_plants import random_plant
from scheduler_core.environments.scheduling_env import SchedulingEnv
from scheduler_core.plant import Plant
from scheduler_core.simulator.arrays import pack
from scheduler_core.training.config import EVALUATION_SEED
from scheduler_core.training.evaluate import SIZES, few_variants, rule_costs

SIZE = SIZES["10x60"]
WAYS = ("hierarchical", "flat")
ENVIRONMENTS = 8


@dataclass(frozen=True)
class Point:
    """After a part of the training."""

    steps: int
    schedules: int
    cpu_seconds: float
    tardiness: float


def main() -> int:
    """Prints one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=200_000, help="training steps of each run (default: %(default)s)")
    parser.add_argument("--parts", type=int, default=4, help="measurements of each run (default: %(default)s)")
    parser.add_argument("--seeds", type=int, default=3, help="runs of each way (default: %(default)s)")
    parser.add_argument("--plants", type=int, default=30, help="plants that judge (default: %(default)s)")
    args = parser.parse_args()
    if min(args.steps, args.parts, args.seeds, args.plants) < 1:
        parser.error("every number must be at least 1")
    torch.set_num_threads(1)
    plants = [random_plant(EVALUATION_SEED + i, SIZE) for i in range(args.plants)]
    best_rules = float(rule_costs([pack(plant) for plant in plants], few_variants()).min(1).mean())
    runs = {way: [learning(way, seed, args.steps, args.parts, plants) for seed in range(1, args.seeds + 1)] for way in WAYS}
    print(heading("Flat and hierarchical actions", sys.argv[1:]))
    print(f"{args.seeds} runs of {args.steps:,} steps each way, judged on {args.plants} plants of 10 machines and 60 jobs.")
    print(
        f"1 is the best of a few rules, {best_rules:.2f} days of weighted tardiness; in brackets the best and the worst run."
    )
    print("CPU seconds leave out the judging.\n")
    rows = [row(way, runs[way], part, best_rules) for part in range(args.parts) for way in WAYS]
    print(markdown_table(("steps", "way", "schedules in training", "CPU s", "weighted tardiness"), rows))
    for way, other in (WAYS, WAYS[::-1]):
        print(reached(way, other, runs))
    return 0


def learning(way: str, seed: int, steps: int, parts: int, plants: Sequence[Plant]) -> list[Point]:
    """One run, measured ``parts`` times."""
    environments = DummyVecEnv([lambda: environment(way) for _ in range(ENVIRONMENTS)])
    environments.seed(1_000_000 * seed)
    model = MaskablePPO(
        "MlpPolicy", environments, seed=seed, n_steps=256, batch_size=512, n_epochs=4, gamma=0.999, learning_rate=5e-4
    )
    counted = Schedules()
    points, cpu = [], 0.0
    for part in range(parts):
        began = time.process_time()
        model.learn(steps // parts, callback=counted, reset_num_timesteps=part == 0)
        cpu += time.process_time() - began
        found = float(np.mean([tardiness(model, way, plant) for plant in plants]))
        print(f"{way}, seed {seed}: {model.num_timesteps:,} steps, {found:.2f} days", file=sys.stderr, flush=True)
        points.append(Point(model.num_timesteps, counted.finished, cpu, found))
    return points


class Schedules(BaseCallback):
    """Counts the schedules that were finished in training."""

    def __init__(self) -> None:
        super().__init__()
        self.finished = 0

    def _on_step(self) -> bool:
        self.finished += sum("weighted_tardiness_days" in info for info in self.locals["infos"])
        return True


def environment(way: str, plant: Plant | None = None) -> gymnasium.Env[np.ndarray, np.int64]:
    """Random plants, or one plant."""
    base = SchedulingEnv(plant, size=SIZE, observation="full")
    return FlatActions(base, SIZE.machines) if way == "flat" else base


def tardiness(model: MaskablePPO, way: str, plant: Plant) -> float:
    """Weighted tardiness in days of the deterministic schedule."""
    env = environment(way, plant)
    observation, _ = env.reset(seed=0)
    while True:
        action, _ = model.predict(observation, action_masks=env.get_wrapper_attr("action_masks")(), deterministic=True)
        observation, _, ended, _, info = env.step(np.int64(action))
        if ended:
            return float(info["weighted_tardiness_days"])


def row(way: str, runs: Sequence[Sequence[Point]], part: int, best_rules: float) -> tuple[str, ...]:
    """A way after a part of its training."""
    points = [run[part] for run in runs]
    ratios = [p.tardiness / best_rules for p in points]
    return (
        f"{points[0].steps:,}",
        way,
        f"{np.mean([p.schedules for p in points]):,.0f}",
        f"{np.mean([p.cpu_seconds for p in points]):.0f}",
        f"{np.mean(ratios):.3f} ({min(ratios):.3f}, {max(ratios):.3f})",
    )


def reached(way: str, other: str, runs: dict[str, list[list[Point]]]) -> str:
    """A sentence: after what share of the steps a way was as good as the other one at its end, on the means over runs."""
    means = [float(np.mean([run[part].tardiness for run in runs[way]])) for part in range(len(runs[way][0]))]
    goal = float(np.mean([run[-1].tardiness for run in runs[other]]))
    first = next((part for part, mean in enumerate(means) if mean <= goal), None)
    if first is None:
        return f"{way.capitalize()} did not reach the last level of {other}."
    cpu = np.mean([run[first].cpu_seconds for run in runs[way]]) / np.mean([run[-1].cpu_seconds for run in runs[other]])
    share = (first + 1) / len(means)
    when = f"{share:.0%} of the steps and {cpu:.2f} times its CPU seconds"
    return f"{way.capitalize()} had the last level of {other} after {when}."


if __name__ == "__main__":
    sys.exit(main())
