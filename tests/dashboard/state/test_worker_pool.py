"""The registry of worker processes: one worker per run, no more than there are places, stuck ones killed."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from dashboard.state import worker_pool
from dashboard.state.session import utc_now
from dashboard.state.worker_pool import KILL_AFTER, Registry, both_requests
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import NewScenario, RunState
from scheduler_core.plant import Plant
from scheduler_core.roles import LOCAL
from scheduler_core.runs import planning
from scheduler_core.settings.run_slots import RunSlots
from tests.support.seeding import seed_plan, seed_snapshot


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
    """Workers started, by run; two runs may be at work, and one more that answers a what-if."""
    started: dict[str, FakeWorker] = {}

    def start(store: Store, run_id: str, owner: str) -> FakeWorker:
        assert run_id not in started
        assert store.runs.get(run_id).lease_owner == owner
        started[run_id] = FakeWorker()
        return started[run_id]

    monkeypatch.setattr(planning, "start_worker", start)
    monkeypatch.setattr(planning, "load_run_slots", lambda: RunSlots(2, 1))
    return started


@pytest.fixture
def registry() -> Iterator[Registry]:
    made = Registry()
    yield made
    made.close()


def ask(store: Store, registry: Registry, snapshot_id: str, number: int) -> list[str]:
    """So many runs, one after the other."""
    requests = [both_requests(snapshot_id, f"{snapshot_id}-{k}", engines=["greedy"])[0] for k in range(number)]
    return [registry.start(store, request, LOCAL) for request in requests]


def ended(store: Store, worker: FakeWorker, run_id: str) -> None:
    """The worker of a run comes to its end, without a plan."""
    owner = store.runs.get(run_id).lease_owner
    assert owner is not None
    store.runs.finish(run_id, owner, RunState.FAILED, "no plan")
    worker.status = 0


def test_one_click_makes_one_pair_of_runs_however_often_it_arrives(
    store: Store, small_plant: Plant, workers: dict[str, FakeWorker], registry: Registry
) -> None:
    snapshot_id = seed_snapshot(store, small_plant)
    requests = both_requests(snapshot_id, "token", seconds=3)
    assert [r.engine for r in requests] == ["greedy", "learned"]
    assert [r.config.workers for r in requests] == [1, min(2, os.cpu_count() or 1)]
    assert [r.config.time_limit for r in requests] == [None, 3.0]
    first = [registry.start(store, r, LOCAL) for r in requests]
    again = [registry.start(store, r, LOCAL) for r in requests]
    assert first == again
    assert set(workers) == set(first)
    assert {r.id for r in registry.watch(store, utc_now())} == set(first)


def test_more_runs_than_places_wait_in_the_order_in_which_they_were_asked_for(
    store: Store, small_plant: Plant, workers: dict[str, FakeWorker], registry: Registry
) -> None:
    asked = ask(store, registry, seed_snapshot(store, small_plant), 5)
    assert list(workers) == asked[:2]
    assert [r.id for r in registry.watch(store, utc_now())] == asked
    ended(store, workers[asked[1]], asked[1])
    assert [r.state for r in registry.watch(store, utc_now())] == [RunState.RUNNING] * 2 + [RunState.QUEUED] * 2
    assert list(workers) == asked[:3]
    for run_id in (asked[0], asked[2]):
        ended(store, workers[run_id], run_id)
    registry.watch(store, utc_now())
    assert list(workers) == asked


def test_a_place_that_gets_free_is_given_away_when_no_page_looks(
    store: Store, small_plant: Plant, workers: dict[str, FakeWorker], registry: Registry
) -> None:
    asked = ask(store, registry, seed_snapshot(store, small_plant), 3)
    ended(store, workers[asked[0]], asked[0])
    late = time.monotonic() + 30
    while asked[2] not in workers and time.monotonic() < late:
        time.sleep(0.05)
    assert list(workers) == asked


def test_dashboards_on_one_store_share_its_places(
    store: Store, small_plant: Plant, workers: dict[str, FakeWorker], registry: Registry
) -> None:
    snapshot_id = seed_snapshot(store, small_plant)
    first = ask(store, registry, snapshot_id, 2)
    other_store, other = Store.open(store.url), Registry()
    third = other.start(other_store, both_requests(snapshot_id, "other", engines=["greedy"])[0], LOCAL)
    assert list(workers) == first
    registry.close()
    ended(store, workers[first[0]], first[0])
    other.watch(other_store, utc_now())
    assert list(workers) == [*first, third]
    other.close()
    other_store.close()


def test_runs_that_waited_when_the_dashboard_ended_keep_their_turn(
    store: Store, small_plant: Plant, workers: dict[str, FakeWorker], registry: Registry
) -> None:
    asked = ask(store, registry, seed_snapshot(store, small_plant), 4)
    registry.close()
    after = Registry()
    for run_id in asked[:2]:
        ended(store, workers[run_id], run_id)
    after.watch(store, utc_now())
    after.close()
    assert list(workers) == asked


def test_a_what_if_does_not_wait_for_searches(
    store: Store, small_plant: Plant, workers: dict[str, FakeWorker], registry: Registry
) -> None:
    snapshot_id = seed_snapshot(store, small_plant)
    plan = seed_plan(store, snapshot_id)
    searches = ask(store, registry, snapshot_id, 3)
    new = NewScenario("question", plan, store.snapshots.plant(snapshot_id), "[]", now=0, frozen_minutes=0)
    scenario = store.scenarios.get(store.scenarios.save(new))
    answers = ask(store, registry, scenario.snapshot_id, 2)
    assert list(workers) == [*searches[:2], answers[0]], "there is one place beside those of all runs"
    ended(store, workers[searches[0]], searches[0])
    registry.watch(store, utc_now())
    assert list(workers) == [*searches[:2], *answers], "three are at work, so that it is a what-if's turn again"


def test_a_run_whose_worker_is_gone_frees_its_place_at_once(
    store: Store, small_plant: Plant, workers: dict[str, FakeWorker], registry: Registry
) -> None:
    asked = ask(store, registry, seed_snapshot(store, small_plant), 4)
    workers[asked[0]].status = -9
    registry.cancel(store, asked[1], utc_now(), LOCAL)
    workers[asked[1]].status = -9
    registry.watch(store, utc_now())
    assert (store.runs.get(asked[0]).state, store.runs.get(asked[0]).fail_reason) == (
        RunState.FAILED,
        "its worker process died",
    )
    assert store.runs.get(asked[1]).state is RunState.CANCELLED
    assert list(workers) == asked


def test_a_worker_that_cannot_be_started_is_its_runs_failure(
    store: Store, small_plant: Plant, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(store: Store, run_id: str, owner: str) -> FakeWorker:
        raise OSError("Cannot allocate memory")

    monkeypatch.setattr(planning, "start_worker", start)
    (run_id,) = ask(store, registry, seed_snapshot(store, small_plant), 1)
    run = store.runs.get(run_id)
    assert run.state is RunState.FAILED
    assert "could not be started: Cannot allocate memory" in str(run.fail_reason)


def test_a_worker_that_ignores_the_request_to_stop_is_killed(
    store: Store, small_plant: Plant, workers: dict[str, FakeWorker], registry: Registry
) -> None:
    (run_id,) = ask(store, registry, seed_snapshot(store, small_plant), 1)
    now = utc_now()
    registry.cancel(store, run_id, now, LOCAL)
    assert store.runs.get(run_id).cancel_requested
    registry.watch(store, now + timedelta(seconds=1))
    assert not workers[run_id].killed
    registry.watch(store, now + KILL_AFTER + timedelta(seconds=1))
    assert workers[run_id].killed


def test_a_waiting_run_is_cancelled_at_once_and_the_next_one_moves_up(
    store: Store, small_plant: Plant, workers: dict[str, FakeWorker], registry: Registry
) -> None:
    asked = ask(store, registry, seed_snapshot(store, small_plant), 4)
    registry.cancel(store, asked[2], utc_now(), LOCAL)
    assert store.runs.get(asked[2]).state is RunState.CANCELLED
    ended(store, workers[asked[0]], asked[0])
    registry.watch(store, utc_now())
    assert list(workers) == [*asked[:2], asked[3]]


def test_request_ids_fit_the_store() -> None:
    request = both_requests("s", "f" * 32, engines=["learned"])[0]
    assert len(request.request_id) <= 64
    assert worker_pool.DEADLINE_SECONDS > worker_pool.DEFAULT_SECONDS
