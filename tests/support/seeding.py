"""A store with jobs, plans and releases, made without a worker process."""

from __future__ import annotations

from dataclasses import replace

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import Run, RunRequest, RunState, Source
from scheduler_core.engines import greedy
from scheduler_core.engines.config import EngineConfig
from scheduler_core.judge.kpis import measure
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Plant
from scheduler_core.reports import Report
from scheduler_core.schedule import Result


def seed_snapshot(store: Store, plant: Plant, request_id: str = "snapshot-1") -> str:
    """Keep a plant as if it had been read from a file."""
    return store.snapshots.save(plant, request_id=request_id, source=Source.FILE)


def seed_run(store: Store, snapshot_id: str, engine: str, request_id: str | None = None) -> Run:
    """Queue a run that nobody works on."""
    new = RunRequest(request_id or f"{engine}-{snapshot_id}"[:64], snapshot_id, engine, EngineConfig(), "planner", 600)
    return store.runs.get(store.runs.submit(new))


def seed_plan(
    store: Store,
    snapshot_id: str,
    engine: str = "greedy",
    rule: str = "EDD",
    request_id: str | None = None,
    lower_bound: float | None = None,
    report: Report | None = None,
) -> str:
    """Make a plan with one dispatching rule and keep it under the engine's name, perhaps with another engine's report;
    returns the schedule's id."""
    run = seed_run(store, snapshot_id, engine, request_id)
    store.runs.claim(run.id, "seeding")
    plant = store.snapshots.plant(snapshot_id)
    result: Result = replace(greedy.schedule(plant, EngineConfig(rule=rule)), engine=engine, lower_bound=lower_bound)
    if report is not None:
        result = replace(result, report=report)
    assert result.schedule is not None
    faults = violations(plant, result.schedule)
    schedule_id = store.schedules.save(run.id, "seeding", result, faults, measure(plant, result.schedule))
    assert store.runs.get(run.id).state is RunState.OK
    return schedule_id


def history(store: Store) -> tuple[tuple[object, ...], dict[str, object]]:
    return store.runs.newest(), {p.id: p for p in store.schedules.newest(rejected=None)}
