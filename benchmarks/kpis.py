"""What a planner sees on a board under each objective, beside planning by the earliest due date on the same plants.

    python benchmarks/kpis.py [tardiness on-time makespan] [--size 152x500] [--plants 10] [--engine "learned samples=64"]

Figures are means over the plants; in brackets the change against EDD, with its 95 % interval of the ratio of means where
that has a meaning. Every schedule is judged by the validator.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import numpy as np
from report import heading, markdown_table

from scheduler_core.comparison.spec import parse_spec
from scheduler_core.comparison.trial import Trial, run_trial, warm_up
from scheduler_core.engines import time_limit_clock
from scheduler_core.environments.random_plants import random_plant
from scheduler_core.errors import ShopwrightError
from scheduler_core.objectives import Objective
from scheduler_core.statistics import Ratio, ratio_of_means
from scheduler_core.training.config import EVALUATION_SEED
from scheduler_core.training.evaluate import SIZES

FIRST_SEED = EVALUATION_SEED + 30_000
FIGURES = {
    "weighted_tardiness_days": "weighted tardiness, days",
    "on_time_rate": "on time",
    "mean_days_late": "mean days late",
    "makespan_hours": "makespan, h",
    "utilization_std": "utilisation, standard deviation",
    "overtime_hours": "overtime, h",
    "setup_hours": "setup, h",
}
SHARES = ("on_time_rate", "utilization_std")
POINTS = "on_time_rate"
"""Told as a difference: a share of a share would mislead."""
BASELINE = "EDD"


def main() -> int:
    """Prints one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("objectives", metavar="OBJECTIVE", nargs="*", default=["tardiness", "on-time", "makespan"])
    parser.add_argument("--size", default="152x500", choices=list(SIZES), help="machines x jobs (default: %(default)s)")
    parser.add_argument("--plants", type=int, default=10, help="default: %(default)s")
    parser.add_argument("--engine", default="learned samples=64", metavar="SPEC", help="default: %(default)s")
    args = parser.parse_args()
    if args.plants < 1:
        parser.error(f"--plants: {args.plants} is less than 1")
    try:
        spec, baseline = parse_spec(args.engine, "--engine"), parse_spec("greedy rule=EDD")
        objectives = {text: Objective.parse(text) for text in args.objectives}
    except ShopwrightError as error:
        parser.error(str(error))
    warm_up((baseline, spec))
    trials: dict[str, list[Trial]] = {BASELINE: [], **{text: [] for text in objectives}}
    for i in range(args.plants):
        plant = random_plant(FIRST_SEED + i, SIZES[args.size])
        trials[BASELINE].append(run_trial(baseline, plant, Objective.TARDINESS))
        for text, objective in objectives.items():
            with time_limit_clock.of_workers(spec.config.workers):
                trials[text].append(run_trial(spec, plant, objective))
            print(f"plant {i + 1} of {args.plants}, {text}: {trials[text][-1].value}", file=sys.stderr, flush=True)
    print(heading("Key figures under each objective", sys.argv[1:]))
    print(f"{args.plants} plants {args.size}, seeds from {FIRST_SEED} on; {args.engine}.\n")
    print(markdown_table(["way", *FIGURES.values(), "CPU s", "violations", "completion"], table(trials)))
    every = [t for some in trials.values() for t in some]
    return 0 if all(t.violations == 0 and t.completion == 1.0 for t in every) else 1


def table(trials: dict[str, list[Trial]]) -> list[list[str]]:
    """A row per way: EDD, then each objective."""
    rows = []
    for method, mine in trials.items():
        row = ["greedy, EDD" if method == BASELINE else method]
        row += [_cell(key, mine, None if method == BASELINE else trials[BASELINE]) for key in FIGURES]
        row += [f"{np.mean([t.cpu_seconds for t in mine]):.2f}", f"{sum(t.violations for t in mine)}"]
        rows.append([*row, f"{min(t.completion for t in mine):.1%}"])
    return rows


def _cell(key: str, mine: Sequence[Trial], baseline: Sequence[Trial] | None) -> str:
    values = _values(key, mine)
    mean = f"{values.mean():.1%}" if key in SHARES else f"{values.mean():.2f}"
    if baseline is None:
        return mean
    if key == POINTS:
        return f"{mean} ({100 * (values.mean() - _values(key, baseline).mean()):+.1f} points)"
    ratio = ratio_of_means(values, _values(key, baseline))
    return f"{mean} ({_change(ratio)})"


def _change(ratio: Ratio) -> str:
    if ratio.value is None or ratio.low is None or ratio.high is None:
        return "–"
    low, high = 100 * (ratio.low - 1), 100 * (ratio.high - 1)
    return f"{100 * (ratio.value - 1):+.1f} %, {low:+.1f} to {high:+.1f}"


def _values(key: str, trials: Sequence[Trial]) -> np.ndarray:
    found = [t.kpis.as_dict()[key] for t in trials if t.kpis is not None]
    if len(found) < len(trials) or any(v is None for v in found):
        raise SystemExit(f"{key} is missing: an engine made no schedule, or no job has a due date")
    return np.array(found, dtype=np.float64)


if __name__ == "__main__":
    sys.exit(main())
