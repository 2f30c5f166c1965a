"""What a fact would do to the late orders of a plan, before it is recorded or undone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import SnapshotInfo
from scheduler_core.data.store_errors import NotFound
from scheduler_core.engines.config import EngineConfig, Progress, no_progress
from scheduler_core.engines.registry import REPAIRS
from scheduler_core.plant import Plant
from scheduler_core.scenarios.changes import Change
from scheduler_core.scenarios.frozen_zone import freeze
from scheduler_core.schedule import Schedule
from scheduler_core.services import downtimes
from scheduler_core.services.facts import Effect, Fact, Origin
from scheduler_core.services.planner_facts.applying import put_in
from scheduler_core.services.planner_facts.effects import effect_between, effect_on
from scheduler_core.services.planner_facts.layering import lower_layer
from scheduler_core.services.planner_facts.stored import in_force


def effect_now(
    store: Store, schedule_id: str, changes: Sequence[Change], *, now: datetime, progress: Progress = no_progress
) -> Effect:  # fmt: skip
    """The effect of changes, whose minutes count from the latest snapshot's plan_start, on a stored plan; nothing is stored.

    The plan, which may be of an older snapshot, is carried over to the latest one first, so that facts recorded since count
    on both sides. Raises Unschedulable where the latest snapshot has no plan at all, NotFound without a snapshot, and what
    ``progress`` raises.
    """
    _, plant, plan = _on_latest(store, schedule_id, now, progress)
    return effect_on(plant, plan, changes, now, progress)


def effect_of_undoing(
    store: Store, schedule_id: str, fact: Fact, *, now: datetime, progress: Progress = no_progress
) -> Effect:  # fmt: skip
    """The same of a fact that is undone: one recorded as a fact, or a machine that is down and is back. Raises as
    ``effect_now``."""
    latest, plant, plan = _on_latest(store, schedule_id, now, progress)
    lower = lower_layer(store, latest.id)
    if fact.origin is Origin.DOWNTIME:
        lower = downtimes.lower_without(store, latest.id, fact.id, now)
    kept = in_force(store.facts.of_plant(latest.plant), lower, now)
    other = put_in(lower, [one for one in kept if one.id != fact.id]).plant
    return effect_between(plant, plan, other, now, progress)


def _on_latest(
    store: Store, schedule_id: str, now: datetime, progress: Progress
) -> tuple[SnapshotInfo, Plant, Schedule]:  # fmt: skip
    """The latest snapshot with its plant, and a stored plan carried over to it."""
    latest = store.snapshots.latest()
    if latest is None:
        raise NotFound("there is no snapshot yet: pull the jobs first")
    plant, base = store.snapshots.plant(latest.id), store.schedules.get(schedule_id)
    plan = store.schedules.load(schedule_id)
    if base.snapshot_id != latest.id:
        begins = store.snapshots.plant(base.snapshot_id).minute_of(plant.plan_start)
        plan = _carried(plant, plan.counted_from(begins), max(0, plant.minute_of(now)), progress)
    return latest, plant, plan


def _carried(plant: Plant, plan: Schedule, minute: int, progress: Progress) -> Schedule:
    """The plan on the plant as it is now; what has begun by ``minute`` stays."""
    carried = REPAIRS["right_shift"](freeze(plant, plan, minute), EngineConfig(warm_start=plan), progress).schedule
    assert carried is not None  # the repair ends with a plan or raises
    return carried
