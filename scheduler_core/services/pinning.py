"""A planner pins one operation of a plan, or sets it free: every later plan keeps to it, and so does the next pull.

The pin is part of a new snapshot of the same pull; the plan that it was made in goes on there.
"""

from __future__ import annotations

from dataclasses import replace

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import PullNote
from scheduler_core.data.store.serialization import printable
from scheduler_core.data.store_errors import Refused
from scheduler_core.errors import InvalidValue
from scheduler_core.plant import Plant
from scheduler_core.runs.manual import carry_over
from scheduler_core.scenarios.single_changes import Pinned
from scheduler_core.services.planner_additions import PIN, pin_row, pins
from scheduler_core.services.planner_facts.layering import again, lower_layer, save_changed
from scheduler_core.simulator.arrays import pack

MAX_WORDS = 200


def pin(
    store: Store, schedule_id: str, operation: tuple[str, int], *, now: int, reason: str, actor: str, request_id: str
) -> str:
    """Pins the operation (job, sequence) where the plan has it and returns the id of that plan in the new snapshot.

    ``now``: minute of the plan from which it goes on. Raises InvalidValue for an operation that is fixed or has begun and
    for an empty reason or name, Refused for a plan of an older pull, Unschedulable if no plan could keep to it.
    """
    snapshot_id = _latest(store, schedule_id)
    plant = store.snapshots.plant(snapshot_id)
    place = store.schedules.load(schedule_id).by_operation.get(operation)
    if place is None:
        raise InvalidValue("operation", operation, "is no operation of the plan")
    if any(o.fixed is not None for o in plant.job_by_id[operation[0]].operations if o.sequence == operation[1]):
        raise InvalidValue("operation", operation, "is fixed already")
    for name, words in (("name", actor), ("reason", reason)):
        if not 1 <= len(words.strip()) <= MAX_WORDS:
            raise InvalidValue(name, words, f"is empty or longer than {MAX_WORDS} characters")
    pinned = Pinned(*operation, place.machines, place.start, place.end, reason.strip())
    pinned.apply(plant, now)
    made = again(store, snapshot_id, pinned.apply(lower_layer(store, snapshot_id), now))
    pack(made.plant)
    note = PullNote(PIN, pin_row(operation[1]), printable(f"pinned by {actor.strip()}: {reason.strip()}"), operation[0])
    notes = (*store.snapshots.notes(snapshot_id), note)
    saved = save_changed(store, snapshot_id, made, notes, request_id=f"{request_id}-pin", actor=actor)
    return carry_over(store, schedule_id, saved, made.plant, f"{request_id}-plan", actor) or schedule_id


def unpin(store: Store, schedule_id: str, operation: tuple[str, int], *, actor: str, request_id: str) -> str | None:
    """Sets a pinned operation free; returns the id of the plan in the new snapshot, None if it is no plan without the pin
    (its setup may only fit because it was pinned). Raises InvalidValue for an operation that no planner has pinned."""
    snapshot_id = _latest(store, schedule_id)
    made = set_free(store, snapshot_id, operation, actor=actor, request_id=request_id)
    return carry_over(store, schedule_id, made, store.snapshots.plant(made), f"{request_id}-plan", actor)


def set_free(store: Store, snapshot_id: str, operation: tuple[str, int], *, actor: str, request_id: str) -> str:
    """Takes a pin off a snapshot, whatever plans it has; returns the new one's id. Raises InvalidValue as ``unpin``."""
    plant, notes = lower_layer(store, snapshot_id), store.snapshots.notes(snapshot_id)
    if operation not in {(p.job, p.sequence) for p in pins(plant, notes)}:
        raise InvalidValue("operation", operation, "was pinned by no planner: it runs, or is fixed in the ERP")
    left = [n for n in notes if (n.table, n.job, n.row) != (PIN, operation[0], pin_row(operation[1]))]
    made = again(store, snapshot_id, _freed(plant, operation))
    return save_changed(store, snapshot_id, made, left, request_id=f"{request_id}-pin", actor=actor)


def _latest(store: Store, schedule_id: str) -> str:
    """The plan's snapshot, if it is the latest."""
    latest, stored = store.snapshots.latest(), store.schedules.get(schedule_id)
    if latest is None or latest.id != stored.snapshot_id:
        raise Refused("this plan is of older jobs or of a what-if: pins belong to a plan of the latest pull")
    return latest.id


def _freed(plant: Plant, operation: tuple[str, int]) -> Plant:
    job = plant.job_by_id[operation[0]]
    steps = tuple(replace(o, fixed=None) if o.sequence == operation[1] else o for o in job.operations)
    free = replace(job, operations=steps)
    return replace(plant, jobs=tuple(free if j is job else j for j in plant.jobs))
