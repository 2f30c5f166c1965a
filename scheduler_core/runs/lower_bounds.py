"""What no plan of a snapshot can beat: found once per objective, and kept with every plan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler_core.data.store.records import Run, StoredSchedule
from scheduler_core.engines.config import Progress, no_progress
from scheduler_core.errors import KeepBest
from scheduler_core.objectives import Objective
from scheduler_core.plant import Plant
from scheduler_core.schedule import Result, Status

if TYPE_CHECKING:
    from scheduler_core.data.store import Store

BOUND_SECONDS = 5.0
"""How long a run may look for a lower bound, after its own plan is made."""
MANY = 200
"""Plans of one snapshot that are looked through for a bound."""


def bounded(
    plant: Plant, objective: Objective, result: Result, progress: Progress = no_progress, known: float | None = None
) -> Result:
    """The result with the better of two lower bounds, what its engine proved and what holds for any plan of the plant.

    ``known``: what an earlier run has found out about every plan of the plant, which is not looked for again. Raises
    whatever ``progress`` raises, KeepBest apart: then the result stays as it is.
    """
    if result.objective is None or result.status is Status.OPTIMAL:
        return result
    if known is None:
        from scheduler_core.bounds import lower_value  # compiled code, which a page that only reads the store does without

        try:
            known = lower_value(
                plant, objective, BOUND_SECONDS, lambda _: progress(0.99, "finding out what no plan can beat")
            )
        except KeepBest:
            return result  # the plan is what the planner wants, not what is known of it
    better = known if result.lower_bound is None else max(known, result.lower_bound)
    return replace(result, lower_bound=min(better, result.objective))


def best_bounds(stored: Iterable[StoredSchedule], runs: Iterable[Run], snapshot_id: str) -> dict[Objective, float]:
    """The best lower bound known for each objective of a snapshot, whichever plan it came with."""
    objectives = {run.id: run.config.objective for run in runs}
    best: dict[Objective, float] = {}
    for one in stored:
        objective = objectives.get(one.run_id)
        if one.snapshot_id == snapshot_id and one.lower_bound is not None and objective is not None:
            best[objective] = max(one.lower_bound, best.get(objective, one.lower_bound))
    return best


def known_bound(store: Store, snapshot_id: str, objective: Objective) -> float | None:
    """The best lower bound that the stored plans of a snapshot came with; None if none has one for the objective."""
    return best_bounds(
        store.schedules.newest(snapshot_id=snapshot_id, limit=MANY),
        store.runs.newest(snapshot_id=snapshot_id, limit=MANY),
        snapshot_id,
    ).get(objective)
