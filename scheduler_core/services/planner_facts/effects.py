"""What changes would do to a plan, at once: the sequence of every machine stays, and only the times follow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from scheduler_core.data.store import Store
from scheduler_core.engines.config import EngineConfig, Progress, no_progress
from scheduler_core.errors import Cancelled, ShopwrightError
from scheduler_core.judge.kpis import job_lateness, measure
from scheduler_core.plant import Plant
from scheduler_core.scenarios.changes import Change, apply_all
from scheduler_core.schedule import Schedule
from scheduler_core.services.planner_facts.kinds import Effect, LateChange


def effect(
    store: Store, schedule_id: str, changes: Sequence[Change], *, now: datetime, progress: Progress = no_progress
) -> Effect:  # fmt: skip
    """What changes, whose minutes count from the latest snapshot's plan_start, would do to a stored plan; nothing is stored.

    The plan, which may be of an older snapshot, is carried over to the latest one first, so that facts recorded since count
    on both sides. What has begun at ``now`` stays. Where hours are lost, operations move to later times; where hours are
    won, they move up. Raises Unschedulable where the latest snapshot has no plan at all, NotFound without a snapshot or
    such a plan, and what ``progress`` raises.
    """
    latest = store.snapshots.needed_latest()
    plant, base = store.snapshots.plant(latest.id), store.schedules.get(schedule_id)
    plan = store.schedules.load(schedule_id)
    if base.snapshot_id != latest.id:
        begins = store.snapshots.plant(base.snapshot_id).minute_of(plant.plan_start)
        plan = _carried(plant, plan.counted_from(begins), max(0, plant.minute_of(now)), progress)
    return _effect_on(plant, plan, changes, now, progress)


def _carried(plant: Plant, plan: Schedule, minute: int, progress: Progress) -> Schedule:
    """The plan on the plant as it is now; what has begun by ``minute`` stays."""
    from scheduler_core.scenarios.frozen_zone import freeze

    return _shifted(freeze(plant, plan, minute), plan, progress)


def _effect_on(plant: Plant, plan: Schedule, changes: Sequence[Change], now: datetime, progress: Progress) -> Effect:
    from scheduler_core.scenarios.frozen_zone import freeze

    minute = max(0, plant.minute_of(now))
    before = _late(plant, plan)
    days = measure(plant, plan).weighted_tardiness_days
    late = sum(minutes > 0 for minutes in before.values())
    try:
        changed = apply_all(freeze(plant, plan, minute), changes, minute)
        after_plan = _retimed(changed, plan, _waiting(plant, plan), progress)
    except Cancelled:
        raise
    except ShopwrightError as error:
        return Effect(late, late, days, days, (), str(error))
    after = _late(changed, after_plan)
    moved = [LateChange(job, before.get(job, 0), minutes) for job, minutes in after.items() if minutes != before.get(job, 0)]
    return Effect(
        late, sum(minutes > 0 for minutes in after.values()), days, measure(changed, after_plan).weighted_tardiness_days,
        tuple(sorted(moved, key=lambda one: (-abs(one.after - one.before), one.job))),
    )  # fmt: skip


def _waiting(plant: Plant, plan: Schedule) -> frozenset[tuple[str, int]]:
    """The operations that the plan begins later than its sequence needs: they wait on purpose, and go on doing so."""
    from scheduler_core.explain.trial_plan import TrialPlan

    soonest = TrialPlan(plant, plan, frozenset()).schedule().by_operation
    return frozenset(a.key for a in plan.assignments if a.start > soonest[a.key].start)


def _retimed(changed: Plant, plan: Schedule, waiting: frozenset[tuple[str, int]], progress: Progress) -> Schedule:
    from scheduler_core.explain.trial_plan import TrialPlan
    from scheduler_core.judge.validator import violations

    if violations(changed, plan):
        plan = _shifted(changed, plan, progress)
    return TrialPlan(changed, plan, waiting).schedule()


def _shifted(plant: Plant, plan: Schedule, progress: Progress) -> Schedule:
    """The plan in the same sequence, at the next times that the plant allows."""
    from scheduler_core.engines.registry import REPAIRS

    shifted = REPAIRS["right_shift"](plant, EngineConfig(warm_start=plan), progress).schedule
    assert shifted is not None  # the repair ends with a plan or raises
    return shifted


def _late(plant: Plant, plan: Schedule) -> dict[str, int]:
    """Minutes late of every job, 0 for one that is on time or has no due date."""
    return {job: max(0, minutes or 0) for job, minutes in job_lateness(plant, plan).items()}
