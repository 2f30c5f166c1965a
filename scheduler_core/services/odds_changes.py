"""What tried fixes and the points of an expedited order do to the odds: each plan is played on the same floors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from scheduler_core.engines.config import Progress, no_progress
from scheduler_core.floor.odds_change import OddsChange, odds_change
from scheduler_core.floor.order_odds import STATED, AssumedNoise, PlanOdds
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule
from scheduler_core.services.odds import RUNS, odds_of_plan

Changed = tuple[Plant, Schedule]


def odds_changes(
    plant: Plant, plan: Schedule, changed: Sequence[Changed], job: str, assumed: AssumedNoise = STATED, *,
    before: PlanOdds | None = None, runs: int = RUNS, progress: Progress = no_progress,
) -> tuple[OddsChange, ...]:  # fmt: skip
    """What each changed plan does to the odds of ``plan``, which are computed unless ``before`` is given.

    Half a CPU second for each plan of 500 orders. ``plan`` may lack orders (a rush order) or have others: it is played with
    those that it shares with the plant. Raises InvalidValue as ``floor.odds.odds_of``, and what ``progress`` raises.
    """
    progress(0.0, "odds of the plan")
    if before is None or before.assumed != assumed or before.odds.runs != runs:
        before = odds_of_plan(*_in_common(plant, plan), assumed, runs)
    found = []
    for done, (other, schedule) in enumerate(changed, 1):
        progress(done / (len(changed) + 1), "odds of the changed plans")
        found.append(odds_change(before, odds_of_plan(other, schedule, assumed, runs), job))
    progress(1.0, "done")
    return tuple(found)


def _in_common(plant: Plant, plan: Schedule) -> Changed:
    """The plant with the orders that the plan has completely, and the plan without the others."""
    jobs = tuple(j for j in plant.jobs if all((j.id, op.sequence) in plan.by_operation for op in j.operations))
    keys = {(j.id, op.sequence) for j in jobs for op in j.operations}
    return replace(plant, jobs=jobs), Schedule(tuple(a for a in plan.assignments if a.key in keys))
