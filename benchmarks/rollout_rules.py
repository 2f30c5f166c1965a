"""1,000 simulated rollouts per challenger by the gates of ``configs/rollout.yaml``, looked at every day.

    python benchmarks/rollout_rules.py [--rollouts 1000] [--days 180] [--pulls 4]

A pull's values are those of a measured pair of plans (``benchmarks/rollout_pairs.csv``: one engine, two seeds), drawn at
random with its sides in random order. Half of the later pulls of a day repeat the pull before, as consecutive pulls see
nearly the same jobs. The challenger's lateness is its measured one times the stated factor. Every promotion happens on the
day on which it becomes possible.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from report import heading, markdown_table

from scheduler_core.rollout.draws import drawn_from_values, violation_days
from scheduler_core.rollout.simulation import Courses, joined, played
from scheduler_core.rollout.summary import Event, events
from scheduler_core.settings.rollout_gates import RolloutGates, load_rollout_gates

FILE = Path(__file__).with_name("rollout_pairs.csv")
LEAST_PAIRS = 40
AT_ONCE = 100
REPEATS = 0.5
Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Challenger:
    """What a challenger's lateness is multiplied by on each day (from 0), and its rate of plans with a violation."""

    name: str
    factors: Callable[[np.random.Generator, int, int], Float64]
    violations: float = 0.0
    repeated_days: float = 0.0


def constant(factor: float) -> Callable[[np.random.Generator, int, int], Float64]:
    """The same factor in all rollouts on all days."""
    return lambda rng, rollouts, days: np.full((rollouts, days), factor)


def sudden(rng: np.random.Generator, rollouts: int, days: int) -> Float64:
    """10 % better for 80 days, then 30 % worse."""
    return np.where(np.arange(days) < 80, 0.9, 1.3) * np.ones((rollouts, 1))


def disasters(rng: np.random.Generator, rollouts: int, days: int) -> Float64:
    """10 % better, but five times as late on one day of 20."""
    return np.where(rng.random((rollouts, days)) < 0.05, 5.0, 0.9)


CHALLENGERS = (
    Challenger("equal to the champion", constant(1.0)),
    Challenger("equal; half of the days repeat the day before", constant(1.0), repeated_days=0.5),
    Challenger("5 % worse", constant(1.05)),
    Challenger("30 % worse", constant(1.3)),
    Challenger("equal, 1 % of plans with a violation", constant(1.0), violations=0.01),
    Challenger("10 % better, 1 % of plans with a violation", constant(0.9), violations=0.01),
    Challenger("10 % better", constant(0.9)),
    Challenger("10 % better for 80 days, then 30 % worse", sudden),
    Challenger("10 % better, on 1 day of 20 five times as late", disasters),
)


def measured(settings: RolloutGates) -> Float64:
    """The measured values [pairs, side, key figures] in the order of the settings."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return np.array([[[float(row[f"{side}_{name}"]) for name in settings.kpis] for side in ("a", "b")] for row in rows])


def values(
    rng: np.random.Generator, pairs: Float64, shape: tuple[int, int, int], challenger: Challenger, settings: RolloutGates
) -> tuple[Float64, Float64]:
    """Values of both sides [rollouts, days, pulls, key figures]."""
    which = rng.integers(0, len(pairs), shape)
    side = rng.integers(0, 2, shape)
    for pull in range(1, shape[2]):
        repeats = rng.random(shape[:2]) < REPEATS
        for drawn in (which, side):
            drawn[:, :, pull] = np.where(repeats, drawn[:, :, pull - 1], drawn[:, :, pull])
    for day in range(1, shape[1] if challenger.repeated_days else 0):
        repeats = rng.random(shape[0]) < challenger.repeated_days
        for drawn in (which, side):
            drawn[repeats, day] = drawn[repeats, day - 1]
    champion, other = pairs[which, side], pairs[which, 1 - side]
    factor = challenger.factors(rng, shape[0], shape[1])[:, :, None, None]
    higher = np.array([better == "higher" for better in settings.kpis.values()])
    return champion, np.where(higher, np.clip(1.0 - (1.0 - other) * factor, 0.0, 1.0), other * factor)


def courses_of(
    challenger: Challenger, pairs: Float64, shape: tuple[int, int, int], settings: RolloutGates, seed: int = 0
) -> tuple[Courses, float]:
    """How the rollouts of this shape (rollouts, days, pulls) go, and in which share of them a naive look claims "better".

    The naive look: a 95 % normal interval over all pairs as if they were independent, once a day from the fifth day on.
    """
    rng = np.random.default_rng(seed)
    parts, naive = [], 0
    for first in range(0, shape[0], AT_ONCE):
        count = min(AT_ONCE, shape[0] - first)
        sides = values(rng, pairs, (count, *shape[1:]), challenger, settings)
        broken = violation_days(rng, count, shape[1], shape[2], challenger.violations)
        parts.append(played(drawn_from_values(*sides, broken, settings), settings))
        naive += int(naive_claims(*sides).sum())
    return joined(parts), naive / shape[0]


def naive_claims(champion: Float64, challenger: Float64) -> npt.NDArray[np.bool_]:
    """Whether each rollout's naive interval of the first key figure was ever wholly on the better side."""
    one, two = champion[..., 0], challenger[..., 0]
    differences = (two - one) / np.where(np.maximum(one, two) == 0, 1.0, np.maximum(one, two))
    count = np.arange(1, differences.shape[1] + 1) * differences.shape[2]
    mean = np.cumsum(differences.sum(2), axis=1) / count
    spread = np.sqrt(np.maximum(np.cumsum((differences**2).sum(2), axis=1) / count - mean**2, 0))
    claimed: npt.NDArray[np.bool_] = (mean + 1.96 * spread / np.sqrt(count) < 0)[:, 4:].any(1)
    return claimed


def row(name: str, found: Sequence[Event], naive: float) -> list[str]:
    """One challenger's line: shares, with the median and the 90 % quantile of the days."""
    by_name = {event.name: event for event in found}
    cells = [_cell(by_name[key]) for key in ('"better" claimed', "10 % reached", "100 % reached", "rolled back")]
    where = [
        f"{e.name.removeprefix('rolled back at ')} {e.share:.1%}" for e in found if e.name.startswith("rolled back at ")
    ]
    return [name, *cells, ", ".join(where) or "–", _cell(by_name["paused"]), f"{naive:.1%}"]


def _cell(event: Event) -> str:
    return f"{event.share:.1%}" + (f" ({event.median:.0f}, {event.most:.0f})" if event.median is not None else "")


def main() -> None:
    """Plays all challengers and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rollouts", type=int, default=1000)
    parser.add_argument("--days", type=int, default=180)
    parser.add_argument("--pulls", type=int, default=4)
    args = parser.parse_args()
    settings = load_rollout_gates()
    pairs = measured(settings)
    if len(pairs) < LEAST_PAIRS:
        parser.error(f"{FILE.name} has {len(pairs)} pairs of at least {LEAST_PAIRS}: run rollout_pairs.py first")
    rows = []
    for challenger in CHALLENGERS:
        found, naive = courses_of(challenger, pairs, (args.rollouts, args.days, args.pulls), settings)
        rows.append(row(challenger.name, events(found), naive))
        print(rows[-1], file=sys.stderr, flush=True)
    print(heading("Simulated rollouts", sys.argv[1:]))
    print(
        f"{args.rollouts} rollouts of {args.days} days with {args.pulls} pulls a day for each challenger. Cells: share of "
        f"the rollouts (median day, day by which 90 % of them). Drawn from {len(pairs)} measured pairs; standard deviation "
        f"of their relative differences: {_spreads(pairs, settings)}. Naive: share of the rollouts in which a 95 % normal "
        'interval over all pairs, looked at daily, ever claims "better".\n'
    )
    print(markdown_table(
        ("challenger", '"better" claimed', "10 % reached", "100 % reached", "rolled back", "at", "paused", "naive"), rows
    ))  # fmt: skip


def _spreads(pairs: Float64, settings: RolloutGates) -> str:
    larger = pairs.max(1)
    spreads = np.sqrt((((pairs[:, 1] - pairs[:, 0]) / np.where(larger == 0, 1.0, larger)) ** 2).mean(0))
    return ", ".join(f"{name} {spread:.1%}" for name, spread in zip(settings.kpis, spreads, strict=True))


if __name__ == "__main__":
    main()
