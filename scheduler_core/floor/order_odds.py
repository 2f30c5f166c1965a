"""Odds of a plan as values: each order's chance to be on time, dates to promise, and ranges of the plan's figures.

``odds.py`` computes them; whoever only reads them loads no compiled code. A chance is a share of the runs. Two plans whose
odds have the same seed met the same durations in the same run, so their runs can be compared one by one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from scheduler_core.floor.noise import DurationNoise
from scheduler_core.simulator.array_types import Float64, Int64

LOW_CHANCE = 0.8
"""Below this chance to be on time an order that its plan has on time is at risk."""


@dataclass(frozen=True)
class Spread:
    """Values that 10, 50, 80, 90 and 95 of 100 runs do not exceed, and the mean of all."""

    mean: float
    p10: float
    p50: float
    p80: float
    p90: float
    p95: float


@dataclass(frozen=True)
class OrderOdds:
    """One order. ``on_time``: share of the runs in which it ends by its due minute, None without one; ``planned_end`` and
    ``ends`` in minutes from plan_start: promised for the P80, it is met in 80 of 100 runs. ``late_runs``: run r is bit r,
    set where the order is late."""

    job: str
    due: int | None
    planned_end: int
    on_time: float | None
    ends: Spread
    late_runs: int = 0

    @property
    def at_risk(self) -> bool:
        """Whether the plan has it on time and its chance is below LOW_CHANCE."""
        return self.due is not None and self.planned_end <= self.due and (self.on_time or 0.0) < LOW_CHANCE


@dataclass(frozen=True)
class Odds:
    """A plan's odds. ``tardiness`` in weighted days, ``late`` in orders, ``end`` of the last operation in minutes."""

    runs: int
    orders: tuple[OrderOdds, ...]
    tardiness: Spread
    late: Spread
    end: Spread

    @cached_property
    def by_job(self) -> dict[str, OrderOdds]:
        """The orders by their job's id."""
        return {one.job: one for one in self.orders}

    def at_risk(self) -> tuple[OrderOdds, ...]:
        """The orders at risk, the least likely first."""
        return tuple(sorted((one for one in self.orders if one.at_risk), key=lambda one: (one.on_time, one.due, one.job)))

    def late_among(self, jobs: Collection[str]) -> Spread:
        """Late orders among these jobs: the figure for a comparison with a plan that has other orders, too."""
        return spread(self.late_counts(jobs).astype(np.float64))

    def late_counts(self, jobs: Collection[str]) -> Int64:
        """[runs] late orders among these jobs in each run."""
        counts = np.zeros(self.runs, np.int64)
        size = (self.runs + 7) // 8
        for one in self.orders:
            if one.late_runs and one.job in jobs:
                octets = np.frombuffer(one.late_runs.to_bytes(size, "little"), np.uint8)
                counts += np.unpackbits(octets, count=self.runs, bitorder="little")
        return counts


@dataclass(frozen=True)
class AssumedNoise:
    """How much durations are taken to vary. ``operations``: finished ones that it was fitted to; 0: it is stated."""

    noise: DurationNoise
    operations: int = 0

    @property
    def stated(self) -> bool:
        """Whether it is an assumption and not the plant's own."""
        return self.operations == 0


STATED = AssumedNoise(DurationNoise())
"""What holds until a plant has actuals enough: a coefficient of variation of 20 %."""


def rounded(assumed: AssumedNoise) -> AssumedNoise:
    """The same to whole percents, so that a few more operations do not make other odds of every plan."""
    noise = assumed.noise
    own = {process: round(variation, 2) for process, variation in noise.by_process.items()}
    machine = round(noise.machine_share, 2)
    shares = (machine, min(round(noise.day_share, 2), round(1.0 - machine, 2)))
    return AssumedNoise(DurationNoise(round(noise.variation, 2), own, *shares), assumed.operations)


@dataclass(frozen=True)
class PlanOdds:
    """A plan's odds and the noise that they assume."""

    odds: Odds
    assumed: AssumedNoise


@dataclass(frozen=True)
class Safer:
    """Two plans' late orders among the orders that both have; shares of the runs in which each of them has fewer."""

    orders: int
    before: Spread
    after: Spread
    before_fewer: float
    after_fewer: float


def safer(before: Odds, after: Odds) -> Safer | None:
    """The comparison of two plans' odds with the same seed; None if they have no order with a due date in common, or another
    number of runs."""
    dated = {one.job for one in before.orders if one.due is not None} & {
        one.job for one in after.orders if one.due is not None
    }
    if not dated or before.runs != after.runs:
        return None
    old, new = before.late_counts(dated), after.late_counts(dated)
    first, second = spreads(np.stack([old, new], axis=1).astype(np.float64))
    return Safer(len(dated), first, second, float((old < new).mean()), float((new < old).mean()))


def spread(values: Float64) -> Spread:
    """Mean and quantiles of values [runs]."""
    return spreads(values[:, None])[0]


def spreads(values: Float64) -> list[Spread]:
    """Mean and quantiles of each column of values [runs, n]."""
    found = np.quantile(values, [0.1, 0.5, 0.8, 0.9, 0.95], axis=0, method="higher")
    return [Spread(float(mean), *(float(q) for q in column)) for mean, column in zip(values.mean(0), found.T, strict=True)]
