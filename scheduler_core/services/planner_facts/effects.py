"""What changes would do to a plan, at once: the sequence of every machine stays, and only the times follow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import SnapshotInfo
from scheduler_core.engines.config import EngineConfig, Progress, no_progress
from scheduler_core.errors import Cancelled, ShopwrightError
from scheduler_core.judge.kpis import job_lateness, measure
from scheduler_core.plant import Plant
from scheduler_core.scenarios.changes import Change, apply_all
from scheduler_core.scenarios.floor_reports import FloorReport
from scheduler_core.scenarios.frozen_zone import freeze
from scheduler_core.schedule import Assignment, Schedule
from scheduler_core.services import downtimes
from scheduler_core.services.planner_facts.applying import put_in
from scheduler_core.services.planner_facts.kinds import Effect, Fact, LateChange, Origin
from scheduler_core.services.planner_facts.layering import lower_layer
from scheduler_core.services.planner_facts.stored import in_force


def effect(
    store: Store, schedule_id: str, changes: Sequence[Change], *, now: datetime, progress: Progress = no_progress
) -> Effect:  # fmt: skip
    """What changes, whose minutes count from the latest snapshot's plan_start, would do to a stored plan; nothing is stored.

    The plan, which may be of an older snapshot, is carried over to the latest one first, so that facts recorded since count
    on both sides. What has begun at ``now`` stays. Where hours are lost, operations move to later times; where hours are
    won, they move up. Raises Unschedulable where the latest snapshot has no plan at all, NotFound without a snapshot or
    such a plan, and what ``progress`` raises.
    """
    _, plant, plan = _on_latest(store, schedule_id, now, progress)
    minute = max(0, plant.minute_of(now))
    return _effect(plant, plan, lambda: _changed(plant, plan, changes, minute), progress)


def _changed(plant: Plant, plan: Schedule, changes: Sequence[Change], minute: int) -> Plant:
    """The plant with the changes, in which what the plan has begun by ``minute`` stays. What is reported from the floor
    counts where the plan says otherwise."""
    if any(isinstance(change, FloorReport) for change in changes):
        changed = apply_all(plant, changes, minute)
        return freeze(changed, _not_contradicted(changed, plan), minute)
    return apply_all(freeze(plant, plan, minute), changes, minute)


def _not_contradicted(plant: Plant, plan: Schedule) -> Schedule:
    """The plan without operations that overlap one that is fixed in the plant, on its machine or in front of it in its
    job."""
    spans: dict[int, list[tuple[int, int]]] = {}
    behind: dict[tuple[str, int], int] = {}
    for job in plant.jobs:
        end = job.release
        for op in job.operations:
            behind[(job.id, op.sequence)] = end
            if op.fixed is not None:
                end = max(end, op.fixed.end)
                for machine in op.fixed.machines:
                    spans.setdefault(machine, []).append((op.fixed.start, op.fixed.end))

    def holds(placed: Assignment) -> bool:
        taken = (span for machine in placed.machines for span in spans.get(machine, ()))
        return placed.start >= behind.get(placed.key, placed.start) and not any(
            start < placed.end and placed.start < end for start, end in taken
        )

    return replace(plan, assignments=tuple(a for a in plan.assignments if holds(a)))


def effect_of_undoing(
    store: Store, schedule_id: str, fact: Fact, *, now: datetime, progress: Progress = no_progress
) -> Effect:  # fmt: skip
    """The same of a fact that is undone: one recorded as a fact, or a machine that is down and is back. Raises as
    ``effect``."""
    latest, plant, plan = _on_latest(store, schedule_id, now, progress)
    lower = lower_layer(store, latest.id)
    if fact.origin is Origin.DOWNTIME:
        lower = downtimes.lower_without(store, latest.id, fact.id, now)
    kept = in_force(store.facts.of_plant(latest.plant), lower, now)
    other = put_in(lower, [one for one in kept if one.id != fact.id]).plant
    return _effect(plant, plan, lambda: freeze(other, plan, max(0, plant.minute_of(now))), progress)


def _on_latest(
    store: Store, schedule_id: str, now: datetime, progress: Progress
) -> tuple[SnapshotInfo, Plant, Schedule]:  # fmt: skip
    """The latest snapshot with its plant, and a stored plan carried over to it."""
    latest = store.snapshots.needed_latest()
    plant, base = store.snapshots.plant(latest.id), store.schedules.get(schedule_id)
    plan = store.schedules.load(schedule_id)
    if base.snapshot_id != latest.id:
        begins = store.snapshots.plant(base.snapshot_id).minute_of(plant.plan_start)
        plan = _carried(plant, plan.counted_from(begins), max(0, plant.minute_of(now)), progress)
    return latest, plant, plan


def _carried(plant: Plant, plan: Schedule, minute: int, progress: Progress) -> Schedule:
    """The plan on the plant as it is now; what has begun by ``minute`` stays."""
    return _shifted(freeze(plant, plan, minute), plan, progress)


def _effect(plant: Plant, plan: Schedule, change: Callable[[], Plant], progress: Progress) -> Effect:
    before = _late(plant, plan)
    days = measure(plant, plan).weighted_tardiness_days
    late = sum(minutes > 0 for minutes in before.values())
    try:
        changed = change()
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
    from scheduler_core.causes.trial_plan import TrialPlan

    soonest = TrialPlan(plant, plan, frozenset()).schedule().by_operation
    return frozenset(a.key for a in plan.assignments if a.start > soonest[a.key].start)


def _retimed(changed: Plant, plan: Schedule, waiting: frozenset[tuple[str, int]], progress: Progress) -> Schedule:
    from scheduler_core.causes.trial_plan import TrialPlan
    from scheduler_core.judge.validator import violations

    if violations(changed, plan):
        plan = _shifted(changed, _behind_the_others(changed, plan), progress)
    return TrialPlan(changed, plan, waiting).schedule()


def _shifted(plant: Plant, plan: Schedule, progress: Progress) -> Schedule:
    """The plan in the same sequence, at the next times that the plant allows."""
    from scheduler_core.engines.registry import REPAIRS

    shifted = REPAIRS["right_shift"](plant, EngineConfig(warm_start=plan), progress).schedule
    assert shifted is not None  # the repair ends with a plan or raises
    return shifted


def _behind_the_others(changed: Plant, plan: Schedule) -> Schedule:
    """The plan with every order that may not begin as early as planned as much later: others go first."""
    first: dict[str, int] = {}
    loose = {(job.id, op.sequence) for job in changed.jobs for op in job.operations if op.fixed is None}
    for placed in plan.assignments:
        if placed.key in loose:
            first[placed.job] = min(first.get(placed.job, placed.start), placed.start)
    waits = {job.id: job.release - first[job.id] for job in changed.jobs if job.release > first.get(job.id, job.release)}
    later = (
        replace(a, start=a.start + waits[a.job], end=a.end + waits[a.job]) if a.key in loose and a.job in waits else a
        for a in plan.assignments
    )
    return replace(plan, assignments=tuple(later)) if waits else plan


def _late(plant: Plant, plan: Schedule) -> dict[str, int]:
    """Minutes late of every job, 0 for one that is on time or has no due date."""
    return {job: max(0, minutes or 0) for job, minutes in job_lateness(plant, plan).items()}
