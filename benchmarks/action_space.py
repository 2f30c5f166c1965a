"""Flat against hierarchical actions: the same agent, network, observation and reward, trained for equally many steps.

    python benchmarks/action_space.py [--steps 40960] [--parts 20] [--seeds 3] [--plants 10]

*Hierarchical* asks first for the job, then for its machine (``Discrete(K)``); *flat* asks for both at once (``Discrete(K x
machines)``, environments/flat_actions.py). Both are sb3-contrib's MaskablePPO with its "MlpPolicy" (two layers of 64) on the
observation "full" of random plants of 10 machines and 60 jobs, from random weights. Choices are offered in the order of the
base rules (WATC for jobs, the earliest end for machines), so that the first thing to learn is to take the first one. After
each part of the steps the deterministic policy schedules the same plants, which no run was trained on. A figure is the mean
weighted tardiness over that of the base rules; the question is after how many steps it comes within 2 % of them. A
hierarchical agent takes up to two steps for an operation, so schedules and CPU seconds stand beside the steps.
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
from scheduler_core.training.config import EVALUATION_SEED
from scheduler_core.training.evaluate import SIZES

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
    parser.add_argument("--steps", type=int, default=40_960, help="training steps of each run (default: %(default)s)")
    parser.add_argument("--parts", type=int, default=20, help="measurements of each run (default: %(default)s)")
    parser.add_argument("--seeds", type=int, default=3, help="runs of each way (default: %(default)s)")
    parser.add_argument("--plants", type=int, default=10, help="plants that judge (default: %(default)s)")
    args = parser.parse_args()
    if min(args.steps, args.parts, args.seeds, args.plants) < 1:
        parser.error("every number must be at least 1")
    torch.set_num_threads(1)
    plants = [random_plant(EVALUATION_SEED + i, SIZE) for i in range(args.plants)]
    base = float(np.mean([first_choices(plant) for plant in plants]))
    runs = {way: [learning(way, seed, args.steps, args.parts, plants) for seed in range(1, args.seeds + 1)] for way in WAYS}
    print(heading("Flat and hierarchical actions", sys.argv[1:]))
    print(f"{args.seeds} runs of {args.steps:,} steps each way, judged on {args.plants} plants of 10 machines and 60 jobs.")
    print(f"1 is the base rules, {base:.2f} days of weighted tardiness; in brackets the best and the worst run.")
    print("CPU seconds leave out the judging.\n")
    shown = sorted({0, 1, 3, 7, args.parts // 2, args.parts - 1} & set(range(args.parts)))
    rows = [row(way, runs[way], part, base) for part in shown for way in WAYS]
    print(markdown_table(("steps", "way", "schedules in training", "CPU s", "weighted tardiness"), rows) + "\n")
    columns = ("way", "within 2 % of the base rules after", "schedules", "CPU s")
    print(markdown_table(columns, [reached(way, runs[way], base) for way in WAYS]))
    return 0


def first_choices(plant: Plant) -> float:
    """Weighted tardiness in days if the first choice is always taken."""
    env = environment("hierarchical", plant)
    env.reset(seed=0)
    while True:
        _, _, ended, _, info = env.step(np.int64(0))
        if ended:
            return float(info["weighted_tardiness_days"])


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


def row(way: str, runs: Sequence[Sequence[Point]], part: int, base: float) -> tuple[str, ...]:
    """A way after a part of its training."""
    points = [run[part] for run in runs]
    ratios = [p.tardiness / base for p in points]
    return (
        f"{points[0].steps:,}",
        way,
        f"{np.mean([p.schedules for p in points]):,.0f}",
        f"{np.mean([p.cpu_seconds for p in points]):.0f}",
        f"{np.mean(ratios):.3f} ({min(ratios):.3f}, {max(ratios):.3f})",
    )


def reached(way: str, runs: Sequence[Sequence[Point]], base: float) -> tuple[str, ...]:
    """When each run was within 2 % of the base rules for the first time: the mean, and the first and the last run."""
    first = [next((point for point in run if point.tardiness <= 1.02 * base), None) for run in runs]
    there = [point for point in first if point is not None]
    if not there:
        return (way, "never", "–", "–")
    missing = "" if len(there) == len(runs) else f" ({len(runs) - len(there)} of {len(runs)} never)"

    def words(values: list[float]) -> str:
        return f"{np.mean(values):,.0f} ({min(values):,.0f} to {max(values):,.0f})"

    return (
        way,
        words([float(point.steps) for point in there]) + " steps" + missing,
        words([float(point.schedules) for point in there]),
        words([point.cpu_seconds for point in there]),
    )


if __name__ == "__main__":
    sys.exit(main())
