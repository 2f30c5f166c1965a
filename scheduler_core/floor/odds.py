"""Odds of a plan: how often each order would be on time, and when it may be promised, over many runs under noise.

Every run follows the plan in its order, each operation as soon as it can, with other durations. What the plant has running
ends when it says; pinned operations begin no earlier than pinned; breakdowns and orders to come are not drawn. A chance is a
share of the runs: with 300 of them 50 of 100 is right within 6 of 100 (two standard errors).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scheduler_core.errors import InvalidValue
from scheduler_core.floor.noise import DurationNoise
from scheduler_core.floor.plan_runs import PlanRuns
from scheduler_core.plant import MINUTES_PER_DAY, Job, Plant
from scheduler_core.schedule import Schedule
from scheduler_core.simulator.array_types import Float64, Int64
from scheduler_core.simulator.arrays import NEVER

USUAL_RUNS = 300
MOST_RUNS = 10_000


@dataclass(frozen=True)
class Spread:
    """Values that half, 80 and 95 of 100 runs do not exceed, and the mean of all."""

    mean: float
    p50: float
    p80: float
    p95: float


@dataclass(frozen=True)
class OrderOdds:
    """One order. ``on_time``: share of the runs in which it ends by its due minute, None without one; ``planned_end`` and
    ``ends`` in minutes from plan_start: promised for the P80, it is met in 80 of 100 runs."""

    job: str
    due: int | None
    planned_end: int
    on_time: float | None
    ends: Spread


@dataclass(frozen=True)
class Odds:
    """A plan's odds. ``tardiness`` in weighted days, ``late`` in orders, ``end`` of the last operation in minutes."""

    runs: int
    orders: tuple[OrderOdds, ...]
    tardiness: Spread
    late: Spread
    end: Spread


def odds_of(plant: Plant, plan: Schedule, noise: DurationNoise, runs: int = USUAL_RUNS, seed: int = 0) -> Odds:
    """The odds of a complete plan, in the plant's order of jobs; equal arguments give equal odds.

    500 orders take about 2 ms a run. Raises InvalidValue for a number of runs that is not from 1 to MOST_RUNS, and for a
    plan that lacks an operation or that no floor could follow.
    """
    if not 1 <= runs <= MOST_RUNS:
        raise InvalidValue("runs", runs, f"must lie between 1 and {MOST_RUNS}")
    player = PlanRuns(plant, noise)
    return _counted(plant, plan, player.ends(plan, player.truths(range(seed, seed + runs))))


def _counted(plant: Plant, plan: Schedule, ends: Int64) -> Odds:
    """The odds of ends [runs, J]."""
    due = np.array([NEVER if job.due is None else job.due for job in plant.jobs], np.int64)
    weight = np.array([job.weight for job in plant.jobs])
    late = np.maximum(0, ends - due)
    return Odds(
        runs=len(ends),
        orders=tuple(_order(job, plan, ends[:, j]) for j, job in enumerate(plant.jobs)),
        tardiness=_spread((late * weight).sum(1) / MINUTES_PER_DAY),
        late=_spread((late > 0).sum(1).astype(np.float64)),
        end=_spread(ends.max(1, initial=0).astype(np.float64)),
    )


def _order(job: Job, plan: Schedule, ends: Int64) -> OrderOdds:
    planned = plan.by_operation[job.id, job.operations[-1].sequence].end
    on_time = None if job.due is None else float((ends <= job.due).mean())
    return OrderOdds(job.id, job.due, planned, on_time, _spread(ends.astype(np.float64)))


def _spread(values: Float64) -> Spread:
    low, high, highest = (float(q) for q in np.quantile(values, [0.5, 0.8, 0.95], method="higher"))
    return Spread(float(values.mean()), low, high, highest)
