"""Plans that no engine makes: changed by hand, or carried over to a snapshot with a pin more or less.

Each is a run of its own, queued and finished here, so that it is judged, measured and stored as any other plan.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import MANUAL, RunRequest
from scheduler_core.data.store_errors import Refused
from scheduler_core.engines.config import EngineConfig
from scheduler_core.judge.kpis import Kpis, measure
from scheduler_core.judge.validator import Violation, violations
from scheduler_core.objectives import Objective, objective_value
from scheduler_core.plant import Plant
from scheduler_core.reports import ManualReport
from scheduler_core.schedule import Result, Schedule, Status

if TYPE_CHECKING:
    from scheduler_core.scenarios.manual_moves import Move

DEADLINE_SECONDS = 60
"""How long storing one may take before its run counts as dead."""


def keep_moves(store: Store, based_on: str, moves: Sequence[Move], request_id: str, actor: str = "planner") -> str:
    """Stores what moves by hand make of a stored plan as a plan of its own; returns its id.

    The same request id again returns the first plan. Raises IllegalChange for a move that is not legal, NotFound for an
    unknown plan, and Refused if the validator finds a violation (the schedule is then kept as rejected).
    """
    from scheduler_core.scenarios.manual_moves import change  # compiled code, which a page that only reads does without

    began = time.perf_counter()
    base = store.schedules.get(based_on)
    plant = store.snapshots.plant(base.snapshot_id)
    changed = change(plant, store.schedules.load(based_on), moves)
    faults = violations(plant, changed.schedule)
    report = ManualReport(based_on, tuple((m.job, m.sequence, m.machine, m.start) for m in moves))
    kept = _save(store, base.snapshot_id, changed.schedule, changed.after, faults, report, request_id, actor, began)
    if faults:
        raise Refused(f"the changed plan breaks a rule: {faults[0].message}")
    return kept


def carry_over(store: Store, based_on: str, snapshot_id: str, plant: Plant, request_id: str, actor: str) -> str | None:
    """Stores a plan once more as one of another snapshot with the same operations; None where it is not valid there."""
    began = time.perf_counter()
    schedule = store.schedules.load(based_on)
    if violations(plant, schedule):
        return None
    return _save(
        store, snapshot_id, schedule, measure(plant, schedule), (), ManualReport(based_on), request_id, actor, began
    )  # fmt: skip


def keep_made(store: Store, based_on: str, snapshot_id: str, schedule: Schedule, request_id: str, actor: str) -> str:
    """Stores a plan that was made from another one, of the snapshot that it obeys; returns its id.

    The same request id again returns the first plan. Raises NotFound, and Refused as ``keep_moves``.
    """
    began = time.perf_counter()
    plant = store.snapshots.plant(snapshot_id)
    faults = violations(plant, schedule)
    kept = _save(
        store, snapshot_id, schedule, measure(plant, schedule), faults, ManualReport(based_on), request_id, actor, began
    )  # fmt: skip
    if faults:
        raise Refused(f"the plan breaks a rule: {faults[0].message}")
    return kept


def _save(
    store: Store, snapshot_id: str, schedule: Schedule, kpis: Kpis, faults: Sequence[Violation], report: ManualReport,
    request_id: str, actor: str, began: float,
) -> str:  # fmt: skip
    request = RunRequest(request_id, snapshot_id, MANUAL, EngineConfig(), actor, DEADLINE_SECONDS)
    run = store.runs.get(store.runs.submit(request))
    if run.schedule_id is not None:
        return run.schedule_id
    value = objective_value(Objective.TARDINESS, kpis)
    result = Result(MANUAL, Status.FEASIBLE, schedule, value, seconds=time.perf_counter() - began, report=report)
    owner = f"manual-{uuid.uuid4().hex[:8]}"
    store.runs.claim(run.id, owner)
    return store.schedules.save(run.id, owner, result, faults, kpis)
