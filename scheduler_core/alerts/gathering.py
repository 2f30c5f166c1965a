"""Reads the facts that the rules look at from the store and from the health checks; changes nothing.

What only changes with a new plan, pull or release is read once and kept until there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from scheduler_core.alerts.config import AlertsConfig
from scheduler_core.alerts.details import with_details
from scheduler_core.alerts.facts import (
    AuditState,
    DownMachine,
    Facts,
    Lateness,
    OrderState,
    OrderWithoutPlan,
    Queue,
    RunOutcome,
    Stranded,
)
from scheduler_core.alerts.rules import Found
from scheduler_core.analysis.machine_loss import MachineLoss, machine_loss
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import (
    STANDING,
    Release,
    RunState,
    SnapshotInfo,
    Source,
    StoredSchedule,
)
from scheduler_core.judge.kpis import job_lateness
from scheduler_core.monitoring import health
from scheduler_core.objectives import Objective, objective_value
from scheduler_core.plant import Plant
from scheduler_core.reports import Fallback
from scheduler_core.schedule import Schedule
from scheduler_core.services import downtimes

PULLS_LOOKED_AT = 30
RUNS_LOOKED_AT = 200


class Gatherer:
    """Looks again and again at one store. ``check``: the health checks at a moment (aware)."""

    def __init__(
        self, store: Store, check: Callable[[datetime], Sequence[health.Check]] = health.checks
    ) -> None:  # fmt: skip
        self._store, self._check = store, check
        self._late: dict[str, Mapping[str, OrderState]] = {}
        self._plants: dict[str, Plant] = {}
        self._schedules: dict[str, Schedule] = {}
        self._quarantine: dict[str, frozenset[str]] = {}
        self._audit: tuple[datetime, AuditState] | None = None

    def look(self, settings: AlertsConfig, now: datetime | None = None) -> Facts:
        """The facts at ``now`` (aware). Raises DatabaseFailure where the store cannot be read."""
        now = now or datetime.now(UTC)
        facts = Facts(
            now=now,
            checks={check.name: check for check in self._check(now)},
            runs=self._runs(),
            queue=self._queue(now),
            hosts=self._store.alerts.hosts(),
            audit=self._trail(settings, now),
        )
        snapshots = self._store.snapshots.newest(PULLS_LOOKED_AT)
        if not snapshots:
            return facts
        newest = snapshots[0]
        local = _plant_time(newest, now)
        release = self._store.releases.current(newest.plant)
        loss = self._loss(newest, release, local)
        return replace(
            facts,
            local=local,
            clock_runs=newest.source is Source.ERP,
            pulled_at=newest.taken_at,
            released_at=None if release is None else release.approved_at,
            lateness=self._lateness(snapshots),
            down=self._down(newest, loss, local),
            stranded=self._stranded(snapshots, loss),
        )

    def detailed(self, facts: Facts, begun: Sequence[Found]) -> tuple[Found, ...]:
        """New incidents with what a message tells beyond; see ``details``."""
        return with_details(self._store, self, facts, begun)

    def plant(self, snapshot_id: str) -> Plant:
        """A snapshot's plant; the last few are kept."""
        if snapshot_id not in self._plants:
            _make_room(self._plants, 3)
            self._plants[snapshot_id] = self._store.snapshots.plant(snapshot_id)
        return self._plants[snapshot_id]

    def schedule(self, schedule_id: str) -> Schedule:
        """A plan's assignments; the last few are kept."""
        if schedule_id not in self._schedules:
            _make_room(self._schedules, 2)
            self._schedules[schedule_id] = self._store.schedules.load(schedule_id)
        return self._schedules[schedule_id]

    # ---------------------------------------------------------------- orders
    def _lateness(self, snapshots: Sequence[SnapshotInfo]) -> Lateness | None:
        """Of the newest pull that is planned, and of the pull before it.

        One that is still being planned is no news yet: its best plan is not there, and what the first of several ways makes
        late, another one may still save. What is late in it so far only keeps alerts that are open.
        """
        newest: tuple[SnapshotInfo, StoredSchedule] | None = None
        so_far: Mapping[str, OrderState] = {}
        for snapshot in snapshots:
            plan = None
            if newest is None or snapshot.taken_at < newest[0].taken_at:
                plan = self._best(snapshot.id)
            if plan is None:
                continue
            if newest is not None:
                return self._newly(newest[1], frozenset(self._late_orders(plan)), so_far)
            if self._planning(snapshot.id):
                so_far = so_far or self._late_orders(plan)
            else:
                newest = (snapshot, plan)
        return None if newest is None else self._newly(newest[1], None, so_far)

    def _newly(
        self, plan: StoredSchedule, before: frozenset[str] | None, so_far: Mapping[str, OrderState]
    ) -> Lateness:  # fmt: skip
        late = self._late_orders(plan)
        no_news = frozenset(so_far) - frozenset(late)
        return Lateness(plan.id, {**so_far, **late}, None if before is None else before | no_news)

    def _planning(self, snapshot_id: str) -> bool:
        """Whether a run on it waits or is at work; the standing search, which goes on for hours, does not count."""
        runs = self._store.runs.newest(snapshot_id=snapshot_id, states=(RunState.QUEUED, RunState.RUNNING), limit=100)
        return any(run.engine != STANDING for run in runs)

    def _best(self, snapshot_id: str) -> StoredSchedule | None:
        withdrawn = self._store.withdrawals.plans(snapshot_id)
        found = [p for p in self._store.schedules.newest(snapshot_id=snapshot_id, limit=50) if p.id not in withdrawn]
        plans = [(objective_value(Objective.TARDINESS, p.kpis), -p.order, p) for p in found if p.kpis is not None]
        return min(plans, key=lambda one: one[:2])[2] if plans else None

    def _late_orders(self, plan: StoredSchedule) -> Mapping[str, OrderState]:
        if plan.id not in self._late:
            _make_room(self._late, 4)
            plant = self.plant(plan.snapshot_id)
            lateness = job_lateness(plant, self.schedule(plan.id))
            self._late[plan.id] = {
                job.id: OrderState(job.id, minutes, job.important, job.product)
                for job in plant.jobs
                if (minutes := lateness[job.id] or 0) > 0
            }
        return self._late[plan.id]

    def _stranded(self, snapshots: Sequence[SnapshotInfo], loss: MachineLoss) -> Stranded:
        newest = snapshots[0]
        earlier = next((s for s in snapshots if s.taken_at < newest.taken_at), None)
        now = {order: OrderWithoutPlan(order) for order in sorted(self._unusable(newest.id))}
        for one in loss.stranded:
            now[one.job.id] = OrderWithoutPlan(
                one.job.id, tuple(m.id for m in one.machines), tuple(m.name for m in one.machines), one.job.product
            )
        return Stranded(now, None if earlier is None else self._unusable(earlier.id))

    def _unusable(self, snapshot_id: str) -> frozenset[str]:
        if snapshot_id not in self._quarantine:
            _make_room(self._quarantine, 4)
            rows = self._store.snapshots.quarantine(snapshot_id)
            self._quarantine[snapshot_id] = frozenset(row.job for row in rows if row.job is not None)
        return self._quarantine[snapshot_id]

    # ---------------------------------------------------------------- machines
    def _loss(self, newest: SnapshotInfo, release: Release | None, local: datetime) -> MachineLoss:
        """As Today counts it: against the plan in force, else against the pull itself."""
        after = self.plant(newest.id)
        recorded = [d.machine for d in downtimes.in_force(self._store, newest.plant, local) if d.is_down(local)]
        if release is None:
            return machine_loss(after, after, local, None, recorded)
        return machine_loss(self.plant(release.snapshot_id), after, local, self.schedule(release.schedule_id), recorded)

    def _down(self, newest: SnapshotInfo, loss: MachineLoss, local: datetime) -> tuple[DownMachine, ...]:
        known = downtimes.in_force(self._store, newest.plant, local)
        ends = {d.machine: d.end for d in known if d.is_down(local)}
        return tuple(DownMachine(m.id, m.name, ends.get(m.id)) for m in loss.down)

    # ---------------------------------------------------------------- runs
    def _runs(self) -> tuple[RunOutcome, ...]:
        ended: dict[str, RunOutcome] = {}
        for run in self._store.runs.newest(states=(RunState.OK, RunState.FAILED), limit=RUNS_LOOKED_AT):
            if run.engine not in ended:
                rejected = run.state is RunState.FAILED and run.schedule_id is not None
                faults = self._store.schedules.get(run.schedule_id).fault_count if rejected and run.schedule_id else 0
                ended[run.engine] = RunOutcome(run.engine, faults, 0)
        running: dict[str, int] = {}
        over = set[str]()
        for plan in self._store.schedules.newest(limit=RUNS_LOOKED_AT):
            if plan.engine in over:
                continue
            if isinstance(plan.report, Fallback):
                running[plan.engine] = running.get(plan.engine, 0) + 1
            else:
                over.add(plan.engine)
        for engine, times in running.items():
            ended[engine] = replace(ended.get(engine) or RunOutcome(engine, 0, 0), fallbacks=times)
        return tuple(ended.values())

    def _queue(self, now: datetime) -> Queue:
        waiting = self._store.runs.newest(states=(RunState.QUEUED,), limit=1000)
        ages = [(now - run.created_at).total_seconds() / 60 for run in waiting]
        return Queue(len(waiting), max([0.0, *ages]))

    # ---------------------------------------------------------------- the audit trail
    def _trail(self, settings: AlertsConfig, now: datetime) -> AuditState | None:
        """Read at long intervals only, as all of the trail and what it tells of is read."""
        rule = settings.rules.audit_broken
        if not rule.enabled:
            return None
        if self._audit is None or not timedelta(0) <= now - self._audit[0] < timedelta(hours=rule.every_hours):
            broken = self._store.audit.verify()
            self._audit = (now, AuditState(None if broken is None else broken.reason))
        return self._audit[1]


def _plant_time(snapshot: SnapshotInfo, now: datetime) -> datetime:
    """Naive plant time, as the board has it: of a demo or a file, whose clock stands still, the plan's start."""
    if snapshot.source is not Source.ERP:
        return snapshot.plan_start
    return now.astimezone(ZoneInfo(snapshot.timezone)).replace(tzinfo=None, second=0, microsecond=0)


def _make_room(kept: dict[str, Any], most: int) -> None:
    """Drops the oldest of ``kept`` so that another one fits."""
    while len(kept) >= most:
        del kept[next(iter(kept))]
