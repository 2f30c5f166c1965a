"""The registry of worker processes: one worker per run, orphans adopted, stuck ones killed."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from dashboard import runs
from dashboard.runs import ADOPT_AFTER, KILL_AFTER, Registry, both_requests
from dashboard.session import utc_now
from scheduler_core import planning
from scheduler_core.data.records import RunState
from scheduler_core.data.store import Store
from scheduler_core.plant import Plant
from scheduler_core.roles import LOCAL
from tests.dashboard.seeding import seed_run, seed_snapshot


class FakeWorker:
    """A worker that runs until it is told to end."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.killed = False

    def poll(self) -> int | None:
        return self.status

    def kill(self) -> None:
        self.killed = True


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> dict[str, FakeWorker]:
    """Workers started, by run."""
    started: dict[str, FakeWorker] = {}

    def start(store: Store, run_id: str) -> FakeWorker:
        assert run_id not in started or started[run_id].status is not None
        started[run_id] = FakeWorker()
        return started[run_id]

    monkeypatch.setattr(planning, "start_worker", start)
    return started


def test_one_click_makes_one_pair_of_runs_however_often_it_arrives(
    store: Store, small_plant: Plant, workers: dict[str, FakeWorker]
) -> None:
    snapshot_id = seed_snapshot(store, small_plant)
    registry = Registry()
    requests = both_requests(snapshot_id, "token", seconds=3)
    assert [r.engine for r in requests] == ["greedy", "learned"]
    assert [r.config.workers for r in requests] == [1, min(2, os.cpu_count() or 1)]
    assert [r.config.time_limit for r in requests] == [None, 3.0]
    first = [registry.start(store, r, LOCAL) for r in requests]
    again = [registry.start(store, r, LOCAL) for r in requests]
    assert first == again
    assert set(workers) == set(first)
    assert {r.id for r in registry.watch(store, utc_now())} == set(first)


def test_a_waiting_run_without_a_worker_is_adopted_after_a_while(
    store: Store, small_plant: Plant, workers: dict[str, FakeWorker]
) -> None:
    run = seed_run(store, seed_snapshot(store, small_plant), "greedy")
    registry = Registry()
    registry.watch(store, run.created_at + timedelta(seconds=1))
    assert not workers
    registry.watch(store, run.created_at + ADOPT_AFTER + timedelta(seconds=1))
    registry.watch(store, run.created_at + ADOPT_AFTER + timedelta(seconds=2))
    assert set(workers) == {run.id}


def test_a_worker_that_ignores_the_request_to_stop_is_killed(
    store: Store, small_plant: Plant, workers: dict[str, FakeWorker]
) -> None:
    (request,) = both_requests(seed_snapshot(store, small_plant), "token", engines=["greedy"])
    registry = Registry()
    run_id = registry.start(store, request, LOCAL)
    store.claim_run(run_id, "worker")
    now = utc_now()
    registry.cancel(store, run_id, now, LOCAL)
    assert store.run(run_id).cancel_requested
    registry.watch(store, now + timedelta(seconds=1))
    assert not workers[run_id].killed
    registry.watch(store, now + KILL_AFTER + timedelta(seconds=1))
    assert workers[run_id].killed


def test_a_waiting_run_is_cancelled_at_once(store: Store, small_plant: Plant, workers: dict[str, FakeWorker]) -> None:
    (request,) = both_requests(seed_snapshot(store, small_plant), "token", engines=["greedy"])
    registry = Registry()
    run_id = registry.start(store, request, LOCAL)
    registry.cancel(store, run_id, utc_now(), LOCAL)
    assert store.run(run_id).state is RunState.CANCELLED
    workers[run_id].status = 0
    assert registry.watch(store, utc_now()) == ()


def test_request_ids_fit_the_store() -> None:
    request = both_requests("s", "f" * 32, engines=["learned"])[0]
    assert len(request.request_id) <= 64
    assert runs.DEADLINE_SECONDS > runs.DEFAULT_SECONDS
