"""The service that executes runs without a dashboard: it outlives a database that is away and settings that are wrong."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy.exc import OperationalError

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import STANDING, Run, RunRequest, RunState
from scheduler_core.errors import InvalidValue
from scheduler_core.runs.execute import PLAN_STAYS
from scheduler_core.runs.request import side_by_side, submit
from scheduler_core.runs.service import RunService
from scheduler_core.runs.supervisor import KILL_AFTER, Supervisor
from scheduler_core.settings.run_slots import RunSlots
from tests.support.sample_plans import snapshot


class Lingering:
    """A worker that stays after its run has ended, until it is killed."""

    def __init__(self) -> None:
        self.killed = False

    def poll(self) -> int | None:
        return -9 if self.killed else None

    def kill(self) -> None:
        self.killed = True


class Failing(Supervisor):
    """A supervisor whose looks fail as often as ``failures`` says, then do what the real one does."""

    failures: list[Exception]

    def look_after(self, now: float | None = None) -> tuple[Run, ...]:
        if self.failures:
            raise self.failures.pop(0)
        return super().look_after(now)


QUICK = 0.01
"""Seconds between two looks."""
AWAY = OperationalError("SELECT 1", {}, Exception("the server has gone away"))
WRONG = InvalidValue("runs.yaml: at_once", "two", "is not a whole number")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    yield opened
    opened.close()


def failing(store: Store, *failures: Exception) -> Failing:
    made = Failing(store, slots=lambda: RunSlots(1), start=lambda store, run_id, owner: Lingering())
    made.failures = list(failures)
    return made


def wait_for(condition: Callable[[], bool]) -> None:
    late = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < late, "waited in vain"
        time.sleep(0.01)


def test_a_failure_is_told_once_and_work_goes_on(store: Store) -> None:
    said: list[str] = []
    stopped = Event()
    service = RunService(failing(store, AWAY, AWAY, WRONG), said.append, lambda _: None, QUICK)
    thread = Thread(target=service.serve, args=(stopped,), kwargs={"until_idle": False})
    thread.start()
    wait_for(lambda: "runs go on" in said)
    stopped.set()
    thread.join(20)
    assert not thread.is_alive()
    assert said == ["runs wait: the server has gone away", f"runs wait: {WRONG}", "runs go on"]


@pytest.mark.parametrize("failure", [AWAY, WRONG])
def test_draining_the_queue_ends_with_the_failure(store: Store, failure: Exception) -> None:
    with pytest.raises(type(failure)):
        RunService(failing(store, failure), lambda _: None, lambda _: None, QUICK).serve(Event(), until_idle=True)


def test_a_run_is_told_once_although_its_worker_lingers_which_is_killed(store: Store) -> None:
    run_id = submit(store, side_by_side(snapshot(store), "token", engines=["greedy"])[0])
    said: list[str] = []
    worker = Lingering()
    supervisor = Supervisor(store, slots=lambda: RunSlots(1), start=lambda store, run_id, owner: worker)
    service, stopped = RunService(supervisor, said.append, lambda _: None, QUICK), Event()
    thread = Thread(target=service.serve, args=(stopped,), kwargs={"until_idle": False})
    thread.start()
    wait_for(lambda: len(said) == 1)
    owner = store.runs.get(run_id).lease_owner
    assert owner is not None
    store.runs.finish(run_id, owner, RunState.FAILED, "no plan")
    wait_for(lambda: len(said) == 2)
    time.sleep(0.2)
    stopped.set()
    thread.join(20)
    assert said == [f"greedy run {run_id}: begun", f"greedy run {run_id}: failed (no plan)"]
    assert service.failed == 1
    now = time.monotonic()
    supervisor.reap(now)
    assert not worker.killed
    supervisor.reap(now + 2 * KILL_AFTER)
    assert worker.killed


def test_a_replan_that_found_nothing_better_is_told_as_such_and_is_no_failure(store: Store) -> None:
    run_id = submit(store, side_by_side(snapshot(store), "token", engines=["best"])[0])
    said: list[str] = []
    supervisor = Supervisor(store, slots=lambda: RunSlots(1), start=lambda store, run_id, owner: Lingering())
    service = RunService(supervisor, said.append, lambda _: None, QUICK)
    stopped = Event()
    thread = Thread(target=service.serve, args=(stopped,), kwargs={"until_idle": False})
    thread.start()
    wait_for(lambda: len(said) == 1)
    owner = store.runs.get(run_id).lease_owner
    assert owner is not None
    store.runs.finish(run_id, owner, RunState.CANCELLED, PLAN_STAYS)
    wait_for(lambda: len(said) == 2)
    stopped.set()
    thread.join(20)
    assert said[1] == f"best run {run_id}: cancelled (Nothing better found: the plan stays)"
    assert service.failed == 0


def test_once_stopped_it_does_not_spin_while_runs_end(store: Store) -> None:
    submit(store, side_by_side(snapshot(store), "token", engines=["greedy"])[0])
    looks: list[float | None] = []

    class Counting(Supervisor):
        def reap(self, now: float | None = None) -> tuple[Run, ...]:
            looks.append(now)
            return super().reap(now)

    said: list[str] = []
    service = RunService(
        Counting(store, slots=lambda: RunSlots(1), start=lambda store, run_id, owner: Lingering()),
        said.append,
        lambda _: None,
        QUICK,
    )
    stopped = Event()
    thread = Thread(target=service.serve, args=(stopped,), kwargs={"until_idle": False}, daemon=True)
    thread.start()
    wait_for(lambda: len(said) == 1)
    stopped.set()
    before = len(looks)
    time.sleep(0.5)
    assert len(looks) - before <= 60, "every look waits for a hundredth of a second"
    run = store.runs.newest()[0]
    assert run.lease_owner is not None
    store.runs.finish(run.id, run.lease_owner, RunState.CANCELLED, "over")
    thread.join(20)
    assert not thread.is_alive()
    assert any(line.startswith("stopping: 1 runs at work") for line in said)


@pytest.mark.parametrize("until_idle", [True, False])
def test_a_service_that_leaves_does_not_wait_for_a_standing_search_but_asks_for_its_best(
    store: Store, until_idle: bool
) -> None:
    run_id = submit(store, RunRequest("standing", snapshot(store), STANDING))
    said: list[str] = []
    supervisor = Supervisor(store, slots=lambda: RunSlots(1), start=lambda store, run_id, owner: Lingering())
    service, stopped = RunService(supervisor, said.append, lambda _: None, QUICK), Event()
    thread = Thread(target=service.serve, args=(stopped,), kwargs={"until_idle": until_idle})
    thread.start()
    wait_for(lambda: f"standing run {run_id}: begun" in said)
    if not until_idle:
        assert not store.runs.get(run_id).keep_requested
        stopped.set()
    wait_for(lambda: store.runs.get(run_id).keep_requested)
    owner = store.runs.get(run_id).lease_owner
    assert owner is not None
    store.runs.finish(run_id, owner, RunState.CANCELLED, PLAN_STAYS)
    thread.join(20)
    assert not thread.is_alive()
    assert [line.action for line in store.audit.newest() if line.action == "keep-best"] == ["keep-best"]
