"""Paired plans of one engine with two seeds: how much two *identical* ways to plan differ on the same jobs.

    python benchmarks/rollout_pairs.py [--days 25]

Writes ``benchmarks/rollout_pairs.csv``, from which ``benchmarks/rollout_rules.py`` draws. A day is one random plant of 40
machines and 100 jobs (seeds that nothing was trained on) with two pairs. Every plan is the best of the same number of
schedules, so that both sides have equal computing time on a busy machine too (CPU seconds stand beside the figures). Days
that stand in the file already are not planned again.
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path
from time import process_time

from scheduler_core import measure, solve
from scheduler_core.environments.random_plants import random_plant
from scheduler_core.plant import Plant
from scheduler_core.training.evaluate import SIZES

FILE = Path(__file__).with_name("rollout_pairs.csv")
FIRST_SEED = 930_000
PAIRS_PER_DAY = 2
SAMPLES = 96
"""Rollouts of the policy per plan, with eight times as many schedules by prices: about 1 CPU second."""
FIGURES = ("weighted_tardiness_days", "mean_days_late", "on_time_rate")
COLUMNS = ("day", "pair", *(f"{side}_{name}" for name in FIGURES for side in ("a", "b")), "a_cpu", "b_cpu")


def planned(plant: Plant, seed: int) -> tuple[list[float], float]:
    """The key figures of one plan, and the CPU seconds that it took."""
    began = process_time()
    kpis = measure(plant, solve(plant, "learned", samples=SAMPLES, seed=seed, workers=1)).as_dict()
    return [float(kpis[name] or 0.0) for name in FIGURES], process_time() - began


def pair_row(day: int, pair: int) -> list[str]:
    """One line of the file: the figures of two plans with different seeds."""
    plant = random_plant(FIRST_SEED + day, SIZES["40x100"])
    found = [planned(plant, 10 * day + 2 * pair + side) for side in range(2)]
    figures = [f"{found[side][0][i]:.6g}" for i in range(len(FIGURES)) for side in range(2)]
    return [str(day), str(pair), *figures, *(f"{seconds:.2f}" for _, seconds in found)]


def main() -> None:
    """Plans what is missing and appends it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=25)
    args = parser.parse_args()
    done = set()
    if FILE.exists():
        with FILE.open(encoding="utf-8", newline="") as file:
            done = {(int(row["day"]), int(row["pair"])) for row in csv.DictReader(file)}
    solve(random_plant(FIRST_SEED - 1, SIZES["40x100"]), "learned", samples=1, workers=1)
    with FILE.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if not done:
            writer.writerow(COLUMNS)
        for day in range(args.days):
            for pair in range(PAIRS_PER_DAY):
                if (day, pair) not in done:
                    writer.writerow(pair_row(day, pair))
                    file.flush()
        print(f"{FILE.name}: {args.days} days", file=sys.stderr)


if __name__ == "__main__":
    main()
