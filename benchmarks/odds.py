"""How true the odds of a plan come: noise fitted on simulated weeks, dates promised, and how often floors keep them.

    python benchmarks/odds.py [--plants 8] [--floors 40] [--variation 0.2] [--search-seconds 2]

For each plant four weeks of a floor with the stated noise are played (by a live rule), the noise is fitted to their
operations, and the odds of a plan of another plant are computed with the fitted noise. The plan is then executed on floors
of three families: the same noise, 1.5 times the spread, and 1.5 times the spread with twice the parts of machine and day in
common; and on the last one once more with odds whose noise was fitted to four weeks of that family. A P80 date that is
honest is met in 80 of 100 cases. Brier: mean squared difference between chance and outcome, over orders that are neither
certain nor hopeless in all runs; beside it that of a plan taken at its word (1 if planned in time, else 0).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from report import heading, markdown_table

from scheduler_core.engines import learned, time_limit_clock
from scheduler_core.engines.config import EngineConfig
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.floor.events import Stream, random_stream
from scheduler_core.floor.executions import Guide
from scheduler_core.floor.noise import DurationNoise, factor
from scheduler_core.floor.noise_fit import Actual, fitted
from scheduler_core.floor.odds import OrderOdds, odds_of
from scheduler_core.floor.ways import NoisyFloor, way_named
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule

WEEKS_SEED, PLANS_SEED, FLOORS_SEED = 8_100, 8_300, 50_000
DAYS = 28
BINS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)


@dataclass
class Outcomes:
    """Of one family of floors: whether promises were met, and chances with what came of them."""

    met: dict[str, list[bool]] = field(default_factory=lambda: {"p50": [], "p80": [], "p95": []})
    chances: list[float] = field(default_factory=list)
    in_time: list[bool] = field(default_factory=list)
    planned: list[bool] = field(default_factory=list)

    def add(self, one: OrderOdds, end: int) -> None:
        """One order on one floor."""
        for name, found in self.met.items():
            found.append(end <= getattr(one.ends, name))
        if one.on_time is not None and one.due is not None and 0 < one.on_time < 1:
            self.chances.append(one.on_time)
            self.in_time.append(end <= one.due)
            self.planned.append(one.planned_end <= one.due)


@dataclass(frozen=True)
class Family:
    """Floors on which promises are tested: their noise, and that of the weeks to which the odds' noise is fitted."""

    true: DurationNoise
    of_weeks: DurationNoise


def families(noise: DurationNoise) -> dict[str, Family]:
    """The families by name."""
    wider = noise.times(1.5)
    more = replace(wider, machine_share=2 * noise.machine_share, day_share=2 * noise.day_share)
    return {
        "the same": Family(noise, noise),
        "1.5 x the spread": Family(wider, noise),
        "1.5 x, twice as correlated": Family(more, noise),
        "1.5 x, twice as correlated, fitted to its weeks": Family(more, more),
    }


def weeks(seed: int, shape: PlantShape, noise: DurationNoise) -> list[Actual]:
    """What the operations of four weeks really took."""
    stream = random_stream(seed, shape, DAYS, 0.0)
    executed = NoisyFloor(stream, noise).play(seed, way_named("rule WATC"), Guide()).executed
    jobs, found = stream.world.job_by_id, []
    for a in executed.assignments:
        op = next(op for op in jobs[a.job].operations if op.sequence == a.sequence)
        if op.fixed is None and a.start < DAYS * 1440 and len(a.machines) == 1:
            planned = op.processing_minutes(a.machines)
            real = max(1, round(planned * factor(noise, seed, a.job, op, a.machines, a.start)))
            found.append(Actual(op.process, a.machines[0], a.start, planned, real))
    return found


def plan_of(plant: Plant, seconds: float) -> Schedule:
    """The plan of a search with this limit in CPU seconds."""
    with time_limit_clock.of_workers(1):
        made = learned.schedule(plant, EngineConfig(time_limit=seconds, workers=1)).schedule
    assert made is not None
    return made


def try_plant(number: int, shape: PlantShape, noise: DurationNoise, floors: int, seconds: float) -> dict[str, Outcomes]:
    """The promises of one plan, on floors of every family."""
    plant = random_plant(PLANS_SEED + number, shape)
    plan = plan_of(plant, seconds)
    found: dict[str, Outcomes] = {}
    for name, family in families(noise).items():
        fit = fitted(weeks(WEEKS_SEED + number, shape, family.of_weeks))
        told = f"{fit.variation:.1%}, shares {fit.machine_share:.2f} {fit.day_share:.2f}"
        print(f"plant {number}, {name}: fitted {told}", file=sys.stderr)
        odds = odds_of(plant, plan, fit)
        floor, outcomes = NoisyFloor(Stream(plant), family.true), Outcomes()
        for seed in range(FLOORS_SEED, FLOORS_SEED + floors):
            turnout = floor.play(seed, way_named("order"), Guide(plan))
            ends: dict[str, int] = {}
            for a in turnout.executed.assignments:
                ends[a.job] = max(ends.get(a.job, a.end), a.end)
            for one in odds.orders:
                outcomes.add(one, ends[one.job])
        found[name] = outcomes
    return found


def table(tried: Sequence[dict[str, Outcomes]]) -> str:
    """One line per family: dates met (mean over plants, least and most), and Brier scores."""
    lines = []
    for name in tried[0]:
        cells = []
        for promise in ("p50", "p80", "p95"):
            shares = [float(np.mean(one[name].met[promise])) for one in tried]
            cells.append(f"{np.mean(shares):.1%} ({min(shares):.1%} to {max(shares):.1%})")
        chances, came = _all(tried, name, "chances"), _all(tried, name, "in_time")
        word = _all(tried, name, "planned")
        lines.append([name, *cells, f"{np.mean((chances - came) ** 2):.3f}", f"{np.mean((word - came) ** 2):.3f}"])
    return markdown_table(["floors", "P50 met", "P80 met", "P95 met", "Brier", "Brier of the plan"], lines)


def reliability(tried: Sequence[dict[str, Outcomes]]) -> str:
    """Of chances between two bounds: how many orders on how many floors, and the share that was on time."""
    lines = []
    for low, high in pairwise(BINS):
        line = [f"{low:.0%} to {high:.0%}"]
        for name in tried[0]:
            chances, came = _all(tried, name, "chances"), _all(tried, name, "in_time")
            inside = (chances >= low) & (chances < high)
            line.append(f"{came[inside].mean():.1%} of {inside.sum():,}" if inside.any() else "–")
        lines.append(line)
    return markdown_table(["chance", *tried[0]], lines)


def _all(tried: Sequence[dict[str, Outcomes]], name: str, what: str) -> np.ndarray:
    return np.array([value for one in tried for value in getattr(one[name], what)], np.float64)


def main() -> None:
    """Plays and prints both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plants", type=int, default=8)
    parser.add_argument("--floors", type=int, default=40, help="of each family and plant (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=500)
    parser.add_argument("--machines", type=int, default=152)
    parser.add_argument("--variation", type=float, default=0.2, help="of the true noise (default: %(default)s)")
    parser.add_argument("--search-seconds", type=float, default=2.0, help="CPU seconds of each plan (default: %(default)s)")
    args = parser.parse_args()
    shape, noise = PlantShape(args.jobs, args.machines, tightness=0.8), DurationNoise(args.variation)
    tried = [try_plant(n, shape, noise, args.floors, args.search_seconds) for n in range(args.plants)]
    print(heading("How true the odds of a plan come", sys.argv[1:]))
    print(table(tried))
    print()
    print(reliability(tried))


if __name__ == "__main__":
    main()
