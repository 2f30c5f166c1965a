"""What next, from the store: the latest snapshot with its facts, the plan in force, and the prices that its search found."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import SnapshotInfo, StoredSchedule
from scheduler_core.data.store_errors import NotFound
from scheduler_core.dispatching.floor_now import FloorNow
from scheduler_core.engines.pricing.price_memory import RememberedPrices
from scheduler_core.engines.pricing.trusted_prices import trusted
from scheduler_core.engines.repair.right_shift import shifted
from scheduler_core.floor.floor_arrays import Key
from scheduler_core.floor.snapshot import rebased
from scheduler_core.reports import Fallback, LearnedReport, RepairReport
from scheduler_core.simulator.arrays import pack


def plan_in_force(store: Store, latest: SnapshotInfo) -> StoredSchedule:
    """The released plan; without a release the least tardy plan of the latest snapshot. Raises NotFound without any."""
    release = store.releases.current(latest.plant)
    if release is not None:
        return store.schedules.get(release.schedule_id)
    plans = [one for one in store.schedules.newest(snapshot_id=latest.id) if one.kpis is not None]
    if not plans:
        raise NotFound(f"no plan of {latest.plant} is in the store: make one first")
    return min(plans, key=lambda one: one.kpis.weighted_tardiness_days if one.kpis is not None else 0.0)


def floor_now(store: Store, plan: StoredSchedule, now: datetime, finished: Collection[Key] = ()) -> FloorNow:
    """The floor at ``now`` (naive plant time, at or after the latest snapshot's plan_start) by a stored plan.

    A plan of an older snapshot is carried over to the latest one: what is finished has gone, what is new goes into gaps, and
    what does not fit any more is pushed to the right. Raises NotFound, Unschedulable and as ``FloorNow``.
    """
    latest = store.snapshots.needed_latest()
    plant, schedule = store.snapshots.plant(latest.id), store.schedules.load(plan.id)
    if plan.snapshot_id != latest.id:
        carried = rebased(schedule, store.snapshots.plant(plan.snapshot_id), plant)
        schedule = shifted(plant, pack(plant), carried)
    return FloorNow(plant, schedule, max(0, plant.minute_of(now)), prices_of(store, plan), finished)


def prices_of(store: Store, plan: StoredSchedule) -> RememberedPrices:
    """The prices that the plan's own search found, else those that it began with; empty: its engine knows none."""
    report = plan.report.report if isinstance(plan.report, Fallback) else plan.report
    found = trusted(report.prices) if isinstance(report, LearnedReport | RepairReport) else ()
    return found or trusted(store.runs.get(plan.run_id).config.first_prices)
