"""One run from its lease to its stored schedule: engine, judge, key figures, store."""

from __future__ import annotations

import logging
import os
import socket
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from scheduler_core import logs
from scheduler_core.data.outage import outlasting
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import STANDING, Run, RunState
from scheduler_core.data.store_errors import LeaseLost
from scheduler_core.engines.isolation.safe_runner import SafeRunner
from scheduler_core.engines.registry import ALL_ENGINES, REPAIRS, Engine, has_zone
from scheduler_core.errors import Cancelled, KeepBest, ShopwrightError
from scheduler_core.judge.frozen_zone import FrozenZone
from scheduler_core.judge.kpis import measure
from scheduler_core.judge.validator import Violation, violations
from scheduler_core.plant import Plant
from scheduler_core.reports import Fallback, RepairReport
from scheduler_core.runs.ending import finish
from scheduler_core.runs.kept_zone import judged_zone
from scheduler_core.runs.lease import LeaseKeeper, Pace
from scheduler_core.runs.lower_bounds import BoundWanted, bounded, known_bound
from scheduler_core.schedule import Result, Status

LOG = logging.getLogger(__name__)
PLAN_STAYS = "Nothing better found: the plan stays"
"""What a run says that ends without a new plan, as the one in force holds and is as good. Its state is CANCELLED: an OK run
has a plan of its own."""
MARGIN_SECONDS = 5.0
"""Kept of a run's deadline (a quarter of it at most) for the fallback's plan: it is judged, measured and stored in it."""


@dataclass(frozen=True)
class Judged:
    """An engine's result with what the validator says of its schedule; nothing where there is none."""

    result: Result
    violations: tuple[Violation, ...] = ()


def new_owner() -> str:
    """A name for whoever holds a run's lease: unlike any other, and telling the machine and the process."""
    return f"{socket.gethostname()[:20]}-{os.getpid()}-{uuid.uuid4().hex[:8]}"


def execute(
    store: Store,
    run_id: str,
    end_process: Callable[[], None] | None = None,
    safe: SafeRunner | None = None,
    owner: str | None = None,
    *,
    engines: Mapping[str, Engine] = ALL_ENGINES,
    pace: Pace | None = None,
) -> BoundWanted | None:
    """Run a queued run to its end in this process. Every outcome is stored. Returns what the lower bound of its plan's
    snapshot can be found by (``find_bound``) where nobody knows it yet: nobody waits for that.

    ``safe``: where the engine runs, in a process of its own with the greedy fallback beside it; without one it runs here,
    and whatever goes wrong with it is the run's failure. ``owner``: who holds the run already (see ``supervisor``).
    ``end_process``, ``pace``: see ``LeaseKeeper``.

    Raises LeaseLost if the run is not waiting, and, after storing the failure, whatever an engine raises that is not meant
    for a user.
    """
    holder = owner or new_owner()
    with logs.about_run(run_id):
        run = outlasting((pace or Pace()).away_seconds, lambda: store.runs.claim(run_id, holder))
        LOG.info("run begun", extra={"engine": run.engine, "owner": holder, "waited_s": run.waited()})
        lease = LeaseKeeper(store, run, holder, end_process, pace)
        try:
            with lease:
                return _plan(store, run, holder, lease, safe, engines[run.engine])
        except LeaseLost:
            # Somebody has ended the run already; what this worker found is not wanted any more.
            LOG.warning("run taken away: it was ended from outside")
        except KeepBest as enough:
            finish(store, run_id, holder, RunState.CANCELLED, str(enough))
        except Cancelled:
            state, reason = lease.verdict or (RunState.CANCELLED, "cancelled")
            finish(store, run_id, holder, state, reason)
        except ShopwrightError as error:
            finish(store, run_id, holder, RunState.FAILED, str(error))
        except BaseException as error:
            LOG.exception("run failed of an error that is no user's")
            finish(store, run_id, holder, RunState.FAILED, f"{type(error).__name__}: {error}")
            raise
        return None


def _plan(
    store: Store, run: Run, owner: str, lease: LeaseKeeper, safe: SafeRunner | None, engine: Engine
) -> BoundWanted | None:
    plant = outlasting(lease.away_seconds, lambda: store.snapshots.plant(run.snapshot_id))
    judged = _judged(run, engine, plant, lease, safe)
    result, faults = judged.result, judged.violations
    lease.progress(0.99, "checking the schedule")
    if result.schedule is None:
        reason = result.reason or f"the engine found no schedule ({result.status.value})"
        finish(store, run.id, owner, RunState.FAILED, reason)
        return None
    if run.engine == STANDING and isinstance(result.report, Fallback):
        # There is a plan already, which the fallback's would only stand beside.
        finish(store, run.id, owner, RunState.FAILED, result.report.reason)
        return None
    if not faults and _stays(store, run, result):
        finish(store, run.id, owner, RunState.CANCELLED, PLAN_STAYS)
        return None
    kpis = None if faults else measure(plant, result.schedule)
    from_nothing = run.config.warm_start is None or (has_zone(run.config) and run.engine not in REPAIRS)
    wanted: BoundWanted | None = None
    if not faults and from_nothing and not isinstance(result.report, Fallback):
        # What no plan can beat is found with plans from nothing, and by a process that has worked as it should.
        known = outlasting(lease.away_seconds, lambda: known_bound(store, run.snapshot_id, run.config.objective))
        if known is None and result.objective is not None and result.status is not Status.OPTIMAL:
            wanted = BoundWanted(run.snapshot_id, plant, run.config.objective)
        result = bounded(result, known)
    lease.progress(1.0, "storing the schedule")
    zone = None if faults or result.schedule is None else judged_zone(plant, run.config, result.schedule)
    schedule_id = outlasting(lease.away_seconds, lambda: store.schedules.save(run.id, owner, result, faults, kpis))
    _tell(schedule_id, result, faults, zone)
    return wanted


def _stays(store: Store, run: Run, result: Result) -> bool:
    """Whether the plan in force is as good as what was found, so that no new plan is stored. The answer to a what-if always
    is, as its assumptions are part of it."""
    if not (isinstance(result.report, RepairReport) and result.report.stays):
        return False
    return not store.scenarios.of_snapshots([run.snapshot_id])


def _judged(run: Run, engine: Engine, plant: Plant, lease: LeaseKeeper, safe: SafeRunner | None) -> Judged:
    """The engine's result, judged once: by the safe runner, which lets only valid schedules through, or here."""
    if safe is not None:
        left = lease.seconds_left() - min(MARGIN_SECONDS, run.allowed_seconds / 4)
        return Judged(safe.run(run.engine, engine, plant, run.config, max(0.0, left), lease.engine_progress))
    result = engine(plant, run.config, lease.engine_progress)
    return Judged(result, () if result.schedule is None else violations(plant, result.schedule))


def _tell(schedule_id: str, result: Result, faults: Sequence[Violation], zone: FrozenZone | None) -> None:
    stood_in = isinstance(result.report, Fallback)
    level = logging.WARNING if faults or stood_in or (zone is not None and zone.moved) else logging.INFO
    told = {"engine": result.report.engine, "reason": result.report.reason} if isinstance(result.report, Fallback) else None
    more = {"schedule": schedule_id, "violations": len(faults), "objective": result.objective, "fallback": told}
    if zone is not None:
        counts = {"could_stay": len(zone.could_stay), "moved": len(zone.moved), "released": len(zone.released)}
        more["frozen"] = counts
    LOG.log(level, "run ended", extra={"state": "failed" if faults else "ok", "engine_s": round(result.seconds, 3), **more})
