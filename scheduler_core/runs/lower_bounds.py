"""What no plan of a snapshot can beat: found once per objective, after the first run for it has ended, and kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scheduler_core.data.store.records import Run, StoredSchedule
from scheduler_core.objectives import Objective
from scheduler_core.plant import Plant
from scheduler_core.schedule import Result, Status

if TYPE_CHECKING:
    from scheduler_core.data.store import Store

BOUND_SECONDS = 4.0
"""How long a worker may look for a lower bound after its run has ended: less than its supervisor leaves it (KILL_AFTER)."""
MANY = 200
"""Plans of one snapshot that are looked through for a bound."""


@dataclass(frozen=True)
class BoundWanted:
    """A snapshot of which nobody knows yet what no plan of it can beat."""

    snapshot_id: str
    plant: Plant
    objective: Objective


def bounded(result: Result, known: float | None) -> Result:
    """The result with the better of two lower bounds: what its engine proved, and what is known of every plan of the plant
    (None if nothing is)."""
    if result.objective is None or result.status is Status.OPTIMAL or known is None:
        return result
    better = known if result.lower_bound is None else max(known, result.lower_bound)
    return replace(result, lower_bound=min(better, result.objective))


def find_bound(store: Store, wanted: BoundWanted) -> float:
    """Look for the bound for BOUND_SECONDS at most and keep it; returns it."""
    from scheduler_core.bounds import lower_value  # compiled code, which a page that only reads the store does without

    value = lower_value(wanted.plant, wanted.objective, BOUND_SECONDS)
    store.bounds.save(wanted.snapshot_id, wanted.objective, value)
    return value


def best_bounds(
    stored: Iterable[StoredSchedule], runs: Iterable[Run], snapshot_id: str, found: Mapping[Objective, float]
) -> dict[Objective, float]:  # fmt: skip
    """The best lower bound known for each objective of a snapshot, whichever plan it came with, or ``found`` by itself."""
    objectives = {run.id: run.config.objective for run in runs}
    best: dict[Objective, float] = dict(found)
    for one in stored:
        objective = objectives.get(one.run_id)
        if one.snapshot_id == snapshot_id and one.lower_bound is not None and objective is not None:
            best[objective] = max(one.lower_bound, best.get(objective, one.lower_bound))
    return best


def known_bound(store: Store, snapshot_id: str, objective: Objective) -> float | None:
    """The best lower bound that is stored for a snapshot or came with its plans; None if there is none for the objective."""
    return best_bounds(
        store.schedules.newest(snapshot_id=snapshot_id, limit=MANY),
        store.runs.newest(snapshot_id=snapshot_id, limit=MANY),
        snapshot_id,
        store.bounds.of(snapshot_id),
    ).get(objective)
