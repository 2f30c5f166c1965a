"""A small plant with a plan, and the steps that bring it into a store."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import ApprovalRequest, RunRequest, Source
from scheduler_core.engines.config import EngineConfig
from scheduler_core.judge.kpis import measure
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Plant
from scheduler_core.reports import OtherReport
from scheduler_core.schedule import Assignment, Result, Schedule, Status
from tests.support.plants import job, machine, operation
from tests.support.plants import plant as small

FINGERPRINT = "f" * 64


def small_plant() -> Plant:
    """Two machines, two jobs; one operation needs both machines at once."""
    return small(
        job("JOB-1", operation(60, 1), operation(30, 1, 2, requires_all=True), due=500, product="CP01-100", quantity=50),
        job("job-1", operation(45, 2), quantity=2.5),
        machines=(machine(1), machine(2)),
    )


def good_schedule(delay: int = 0) -> Schedule:
    """A valid plan for it; ``delay`` moves one operation, which stays valid, so that contents differ."""
    return Schedule((
        Assignment("JOB-1", 1, (1,), 0, 60),
        Assignment("JOB-1", 2, (1, 2), 60, 90),
        Assignment("job-1", 1, (2,), 90 + delay, 135 + delay),
    ))  # fmt: skip


def overlapping_schedule() -> Schedule:
    """The same with two operations on machine 2 at once."""
    return Schedule((
        Assignment("JOB-1", 1, (1,), 0, 60),
        Assignment("JOB-1", 2, (1, 2), 60, 90),
        Assignment("job-1", 1, (2,), 70, 115),
    ))  # fmt: skip


def fresh() -> str:
    """A request id."""
    return uuid.uuid4().hex


@dataclass(frozen=True)
class Planned:
    """Ids of what ``planned`` has stored."""

    snapshot: str
    run: str
    schedule: str
    content: str


def snapshot(store: Store, fingerprint: str | None = None) -> str:
    """Store the small plant, as if from a file or (with a fingerprint) from the ERP."""
    source = Source.FILE if fingerprint is None else Source.ERP
    return store.snapshots.save(small_plant(), request_id=fresh(), source=source, fingerprint=fingerprint)


def running(store: Store, snapshot_id: str, owner: str = "worker-1") -> str:
    """A run that a worker has begun."""
    run_id = store.runs.submit(RunRequest(fresh(), snapshot_id, "greedy", EngineConfig(), "Ann", 60))
    store.runs.claim(run_id, owner)
    return run_id


def planned(store: Store, schedule: Schedule | None = None, snapshot_id: str | None = None) -> Planned:
    """A finished run with its schedule, judged and measured as the planning does."""
    snapshot_id = snapshot_id or snapshot(store)
    run_id = running(store, snapshot_id)
    schedule = schedule or good_schedule()
    result = Result("greedy", Status.FEASIBLE, schedule, 1.5, None, 0.25, OtherReport({"rule": "EDD"}))
    plant = store.snapshots.plant(snapshot_id)
    faults = violations(plant, schedule)
    kpis = None if faults else measure(plant, schedule)
    schedule_id = store.schedules.save(run_id, "worker-1", result, faults, kpis)
    return Planned(snapshot_id, run_id, schedule_id, store.schedules.get(schedule_id).content_sha256)


def approval(of: Planned, on_top_of: int | None = None, request_id: str | None = None, **more: str) -> ApprovalRequest:
    """Ann's approval of a plan."""
    return ApprovalRequest(
        request_id or fresh(), of.schedule, more.pop("content", of.content), more.pop("approver", "Ann"),
        on_top_of=on_top_of, **more,
    )  # fmt: skip
