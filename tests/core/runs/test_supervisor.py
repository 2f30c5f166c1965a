"""The supervisor of runs: one worker per run, no more than there are slots, stuck ones killed."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import NewScenario, RunRequest, RunState
from scheduler_core.engines.config import EngineConfig
from scheduler_core.plant import Plant
from scheduler_core.runs import request
from scheduler_core.runs.request import side_by_side, submit
from scheduler_core.runs.supervisor import KILL_AFTER, Supervisor
from scheduler_core.settings.run_slots import RunSlots
from tests.support.plants import job, operation, plant
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


class Workers(dict[str, FakeWorker]):
    """Workers started, by run."""

    def start(self, store: Store, run_id: str, owner: str) -> FakeWorker:
        assert run_id not in self
        assert store.runs.get(run_id).lease_owner == owner
        self[run_id] = FakeWorker()
        return self[run_id]

    def supervisor(self, store: Store) -> Supervisor:
        """One that starts these; two runs may be at work, and one more that answers a what-if."""
        return Supervisor(store, slots=lambda: RunSlots(2, 1), start=self.start)


@pytest.fixture
def workers() -> Workers:
    return Workers()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    yield opened
    opened.close()


@pytest.fixture
def small_plant() -> Plant:
    return plant(job("J1", operation(240, 1), due=300), job("J2", operation(300, 1), due=360))


@pytest.fixture
def supervisor(store: Store, workers: Workers) -> Iterator[Supervisor]:
    made = workers.supervisor(store)
    yield made
    made.close()


def begin(supervisor: Supervisor, request: RunRequest) -> str:
    """Ask for a run as a page does."""
    run_id = submit(supervisor.store, request)
    supervisor.begin_waiting()
    supervisor.watch_in_background()
    return run_id


def cancel(supervisor: Supervisor, run_id: str, now: float | None = None) -> None:
    """Cancel a run as a page does."""
    supervisor.store.runs.request_cancel(run_id)
    supervisor.note_stop(run_id, now)


def ask(supervisor: Supervisor, snapshot_id: str, number: int) -> list[str]:
    """So many runs, one after the other."""
    requests = [side_by_side(snapshot_id, f"{snapshot_id}-{k}", engines=["greedy"])[0] for k in range(number)]
    return [begin(supervisor, request) for request in requests]


def ended(store: Store, worker: FakeWorker, run_id: str) -> None:
    """The worker of a run comes to its end, without a plan."""
    owner = store.runs.get(run_id).lease_owner
    assert owner is not None
    store.runs.finish(run_id, owner, RunState.FAILED, "no plan")
    worker.status = 0


def test_one_click_makes_one_pair_of_runs_however_often_it_arrives(
    store: Store, small_plant: Plant, workers: Workers, supervisor: Supervisor
) -> None:
    snapshot_id = seed_snapshot(store, small_plant)
    requests = side_by_side(snapshot_id, "token", seconds=3)
    assert [r.engine for r in requests] == ["greedy", "learned"]
    assert [r.config.workers for r in requests] == [1, min(2, os.cpu_count() or 1)]
    assert [r.config.time_limit for r in requests] == [None, 3.0]
    first = [begin(supervisor, r) for r in requests]
    again = [begin(supervisor, r) for r in requests]
    assert first == again
    assert set(workers) == set(first)
    assert {r.id for r in supervisor.look_after()} == set(first)


def test_more_runs_than_places_wait_in_the_order_in_which_they_were_asked_for(
    store: Store, small_plant: Plant, workers: Workers, supervisor: Supervisor
) -> None:
    asked = ask(supervisor, seed_snapshot(store, small_plant), 5)
    assert list(workers) == asked[:2]
    assert [r.id for r in supervisor.look_after()] == asked
    ended(store, workers[asked[1]], asked[1])
    assert [r.state for r in supervisor.look_after()] == [RunState.RUNNING] * 2 + [RunState.QUEUED] * 2
    assert list(workers) == asked[:3]
    for run_id in (asked[0], asked[2]):
        ended(store, workers[run_id], run_id)
    supervisor.look_after()
    assert list(workers) == asked


def test_a_place_that_gets_free_is_given_away_when_no_page_looks(
    store: Store, small_plant: Plant, workers: Workers, supervisor: Supervisor
) -> None:
    asked = ask(supervisor, seed_snapshot(store, small_plant), 3)
    ended(store, workers[asked[0]], asked[0])
    late = time.monotonic() + 30
    while asked[2] not in workers and time.monotonic() < late:
        time.sleep(0.05)
    assert list(workers) == asked


def test_dashboards_on_one_store_share_its_places(
    store: Store, small_plant: Plant, workers: Workers, supervisor: Supervisor
) -> None:
    snapshot_id = seed_snapshot(store, small_plant)
    first = ask(supervisor, snapshot_id, 2)
    other_store = Store.open(store.url)
    other = workers.supervisor(other_store)
    third = begin(other, side_by_side(snapshot_id, "other", engines=["greedy"])[0])
    assert list(workers) == first
    supervisor.close()
    ended(store, workers[first[0]], first[0])
    other.look_after()
    assert list(workers) == [*first, third]
    other.close()
    other_store.close()


def test_runs_that_waited_when_the_dashboard_ended_keep_their_turn(
    store: Store, small_plant: Plant, workers: Workers, supervisor: Supervisor
) -> None:
    asked = ask(supervisor, seed_snapshot(store, small_plant), 4)
    supervisor.close()
    after = workers.supervisor(store)
    for run_id in asked[:2]:
        ended(store, workers[run_id], run_id)
    after.look_after()
    after.close()
    assert list(workers) == asked


def test_a_what_if_does_not_wait_for_searches(
    store: Store, small_plant: Plant, workers: Workers, supervisor: Supervisor
) -> None:
    snapshot_id = seed_snapshot(store, small_plant)
    plan = seed_plan(store, snapshot_id)
    searches = ask(supervisor, snapshot_id, 3)
    new = NewScenario("question", plan, store.snapshots.plant(snapshot_id), "[]", now=0, frozen_minutes=0)
    scenario = store.scenarios.get(store.scenarios.save(new))
    answers = ask(supervisor, scenario.snapshot_id, 2)
    assert list(workers) == [*searches[:2], answers[0]], "there is one place beside those of all runs"
    ended(store, workers[searches[0]], searches[0])
    supervisor.look_after()
    assert list(workers) == [*searches[:2], *answers], "three are at work, so that it is a what-if's turn again"


def test_a_short_run_does_not_wait_for_searches(store: Store, small_plant: Plant, workers: Workers) -> None:
    snapshot_id = seed_snapshot(store, small_plant)
    with_place = Supervisor(store, slots=lambda: RunSlots(2, 1, short=1), start=workers.start)

    def asked(number: int, engine: str, config: EngineConfig) -> list[str]:
        names = [f"{engine}-{config.time_limit}-{k}" for k in range(number)]
        return [submit(store, RunRequest(name, snapshot_id, engine, config)) for name in names]

    searches = asked(3, "learned", EngineConfig(time_limit=60.0))
    limited = asked(1, "greedy", EngineConfig(time_limit=60.0))
    short = asked(2, "greedy", EngineConfig())
    with_place.begin_waiting()
    assert list(workers) == [*searches[:2], short[0]], "there is one place for the class, whatever was asked for before"
    ended(store, workers[short[0]], short[0])
    with_place.look_after()
    assert list(workers) == [*searches[:2], *short]
    ended(store, workers[searches[0]], searches[0])
    with_place.look_after()
    assert list(workers) == [*searches[:2], *short, searches[2]], "a short run takes no place from a search"
    for one in (searches[1], short[1]):
        ended(store, workers[one], one)
    with_place.look_after()
    assert list(workers)[-1] == limited[0]
    with_place.close()


def test_more_short_runs_than_their_places_take_those_of_all(store: Store, small_plant: Plant, workers: Workers) -> None:
    with_place = Supervisor(store, slots=lambda: RunSlots(1, 0, short=1), start=workers.start)
    asked = ask(with_place, seed_snapshot(store, small_plant), 3)
    assert list(workers) == asked[:2]
    with_place.close()


def test_a_run_whose_worker_is_gone_frees_its_place_at_once(
    store: Store, small_plant: Plant, workers: Workers, supervisor: Supervisor
) -> None:
    asked = ask(supervisor, seed_snapshot(store, small_plant), 4)
    workers[asked[0]].status = -9
    cancel(supervisor, asked[1])
    workers[asked[1]].status = -9
    supervisor.look_after()
    assert (store.runs.get(asked[0]).state, store.runs.get(asked[0]).fail_reason) == (
        RunState.FAILED,
        "its worker process died",
    )
    assert store.runs.get(asked[1]).state is RunState.CANCELLED
    assert list(workers) == asked


def test_a_worker_that_cannot_be_started_is_its_runs_failure(store: Store, small_plant: Plant) -> None:
    def start(store: Store, run_id: str, owner: str) -> FakeWorker:
        raise OSError("Cannot allocate memory")

    supervisor = Supervisor(store, slots=lambda: RunSlots(2, 1), start=start)
    (run_id,) = ask(supervisor, seed_snapshot(store, small_plant), 1)
    supervisor.close()
    run = store.runs.get(run_id)
    assert run.state is RunState.FAILED
    assert "could not be started: Cannot allocate memory" in str(run.fail_reason)


def test_a_worker_that_ignores_the_request_to_stop_is_killed(
    store: Store, small_plant: Plant, workers: Workers, supervisor: Supervisor
) -> None:
    (run_id,) = ask(supervisor, seed_snapshot(store, small_plant), 1)
    now = time.monotonic()
    cancel(supervisor, run_id, now)
    assert store.runs.get(run_id).cancel_requested
    supervisor.look_after(now + 1)
    assert not workers[run_id].killed
    supervisor.look_after(now + KILL_AFTER + 1)
    assert workers[run_id].killed


def test_a_waiting_run_is_cancelled_at_once_and_the_next_one_moves_up(
    store: Store, small_plant: Plant, workers: Workers, supervisor: Supervisor
) -> None:
    asked = ask(supervisor, seed_snapshot(store, small_plant), 4)
    cancel(supervisor, asked[2])
    assert store.runs.get(asked[2]).state is RunState.CANCELLED
    ended(store, workers[asked[0]], asked[0])
    supervisor.look_after()
    assert list(workers) == [*asked[:2], asked[3]]


def test_request_ids_fit_the_store() -> None:
    asked = side_by_side("s", "f" * 32, engines=["learned"])[0]
    assert len(asked.request_id) <= 64
    assert request.DEADLINE_SECONDS > request.DEFAULT_SECONDS
