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
from scheduler_core.plant import Plant
from scheduler_core.reports import Fallback, LearnedReport, RepairReport
from scheduler_core.schedule import Schedule
from scheduler_core.services import downtimes
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
    """The floor at ``now`` (naive plant time) by a stored plan, on the latest snapshot. Raises NotFound and as
    ``carried_floor``."""
    latest = store.snapshots.needed_latest()
    plant = store.snapshots.plant(latest.id)
    made_for = plant if plan.snapshot_id == latest.id else store.snapshots.plant(plan.snapshot_id)
    return carried_floor(plant, made_for, store.schedules.load(plan.id), now, prices_of(store, plan), finished)


def carried_floor(
    plant: Plant, made_for: Plant, plan: Schedule, now: datetime, prices: RememberedPrices, finished: Collection[Key] = ()
) -> FloorNow:
    """The floor of ``plant`` at ``now``, from its plan_start on, by a plan that was made for the plant ``made_for``.

    A plan made for another snapshot is carried over: what is finished has gone, what is new goes into gaps, and what does
    not fit any more is pushed to the right. Raises Unschedulable and as ``FloorNow``.
    """
    if made_for is not plant:
        plan = shifted(plant, pack(plant), rebased(plan, made_for, plant))
    return FloorNow(plant, plan, max(0, plant.minute_of(now)), prices, finished)


def end_unknown(store: Store, plant: str, machine: int, now: datetime) -> bool:
    """Whether the machine (id) is recorded as down without anybody's having said until when."""
    return any(one.machine == machine and one.end is None for one in downtimes.in_force(store, plant, now))


def prices_of(store: Store, plan: StoredSchedule) -> RememberedPrices:
    """The prices that the plan's own search found, else those that it began with; empty: its engine knows none."""
    report = plan.report.report if isinstance(plan.report, Fallback) else plan.report
    found = trusted(report.prices) if isinstance(report, LearnedReport | RepairReport) else ()
    return found or trusted(store.runs.get(plan.run_id).config.first_prices)
