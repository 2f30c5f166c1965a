"""What a fact would do to the late orders of a plan, before it is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from scheduler_core.data.store import Store
from scheduler_core.data.store_errors import NotFound
from scheduler_core.engines.config import EngineConfig, Progress, no_progress
from scheduler_core.engines.registry import REPAIRS
from scheduler_core.plant import Plant
from scheduler_core.scenarios.changes import Change
from scheduler_core.scenarios.frozen_zone import freeze
from scheduler_core.schedule import Schedule
from scheduler_core.services.facts import Effect
from scheduler_core.services.planner_facts.effects import effect_on


def effect_now(
    store: Store, schedule_id: str, changes: Sequence[Change], *, now: datetime, progress: Progress = no_progress
) -> Effect:  # fmt: skip
    """The effect of changes, whose minutes count from the latest snapshot's plan_start, on a stored plan; nothing is stored.

    The plan, which may be of an older snapshot, is carried over to the latest one first, so that facts recorded since count
    on both sides. Raises Unschedulable where the latest snapshot has no plan at all, NotFound without a snapshot, and what
    ``progress`` raises.
    """
    latest = store.snapshots.latest()
    if latest is None:
        raise NotFound("there is no snapshot yet: pull the jobs first")
    plant, base = store.snapshots.plant(latest.id), store.schedules.get(schedule_id)
    plan = store.schedules.load(schedule_id)
    if base.snapshot_id != latest.id:
        begins = store.snapshots.plant(base.snapshot_id).minute_of(plant.plan_start)
        plan = _carried(plant, plan.counted_from(begins), max(0, plant.minute_of(now)), progress)
    return effect_on(plant, plan, changes, now, progress)


def _carried(plant: Plant, plan: Schedule, minute: int, progress: Progress) -> Schedule:
    """The plan on the plant as it is now; what has begun by ``minute`` stays."""
    carried = REPAIRS["right_shift"](freeze(plant, plan, minute), EngineConfig(warm_start=plan), progress).schedule
    assert carried is not None  # the repair ends with a plan or raises
    return carried
