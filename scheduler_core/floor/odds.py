"""Odds of a plan: how often each order would be on time, and when it may be promised, over many runs under noise.

Every run follows the plan in its order, each operation as soon as it can, with other durations. What the plant has running
ends when it says; pinned operations begin no earlier than pinned; breakdowns and orders to come are not drawn. A chance is a
share of the runs: with 300 of them 50 of 100 is right within 6 of 100 (two standard errors).
"""

from __future__ import annotations

import numpy as np

from scheduler_core.errors import InvalidValue
from scheduler_core.floor.noise import DurationNoise
from scheduler_core.floor.order_odds import Odds, OrderOdds, Spread, spread, spreads
from scheduler_core.floor.plan_runs import PlanRuns
from scheduler_core.plant import MINUTES_PER_DAY, Job, Plant
from scheduler_core.schedule import Schedule
from scheduler_core.simulator.array_types import Int64
from scheduler_core.simulator.arrays import NEVER

USUAL_RUNS = 300
MOST_RUNS = 10_000


__all__ = ["MOST_RUNS", "USUAL_RUNS", "Odds", "OrderOdds", "Spread", "odds_of"]


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
    packed = np.packbits(late > 0, axis=0, bitorder="little")
    of_jobs = spreads(ends.astype(np.float64)) if plant.jobs else []
    tardiness = (late * weight).sum(1) / MINUTES_PER_DAY
    return Odds(
        runs=len(ends),
        orders=tuple(
            _order(job, plan, of_jobs[j], int.from_bytes(packed[:, j].tobytes(), "little"), len(ends))
            for j, job in enumerate(plant.jobs)
        ),
        tardiness=spread(tardiness),
        late=spread((late > 0).sum(1).astype(np.float64)),
        end=spread(ends.max(1, initial=0).astype(np.float64)),
    )


def _order(job: Job, plan: Schedule, ends: Spread, late_runs: int, runs: int) -> OrderOdds:
    planned = plan.by_operation[job.id, job.operations[-1].sequence].end
    on_time = None if job.due is None else 1.0 - late_runs.bit_count() / runs
    return OrderOdds(job.id, job.due, planned, on_time, ends, late_runs)
