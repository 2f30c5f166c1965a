"""Workers that wait for runs: each is used once and replaced; what happens to one costs no run and leaves no process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import RunRequest, RunState
from scheduler_core.engines.config import EngineConfig
from scheduler_core.errors import InvalidValue
from scheduler_core.runs import warm_workers
from scheduler_core.runs.execute import new_owner
from scheduler_core.runs.supervisor import Supervisor
from scheduler_core.runs.warm_workers import OLDEST_SECONDS, REST_SECONDS, WarmWorkers, stamp_of
from scheduler_core.runs.worker import MODULE, ONE_THREAD
from scheduler_core.settings.environment import SILENCE_SECONDS
from scheduler_core.settings.run_slots import RunSlots
from tests.support.paths import ROOT
from tests.support.sample_plans import fresh, snapshot

LATER = 10 * REST_SECONDS
"""Long enough for another worker to be started."""


class Anew:
    """Stands for a worker that is started for its run."""

    def __init__(self) -> None:
        self.runs: list[str] = []
        self.pid = 0

    def start(self, store: Store, run_id: str, owner: str, *, own_session: bool = False) -> Anew:
        self.runs.append(run_id)
        return self

    def poll(self) -> int | None:
        return 7

    def kill(self) -> None:
        return None


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    yield opened
    opened.close()


@pytest.fixture
def anew(monkeypatch: pytest.MonkeyPatch) -> Anew:
    made = Anew()
    monkeypatch.setattr(warm_workers, "start_worker", made.start)
    return made


@pytest.fixture
def warm() -> Iterator[WarmWorkers]:
    made = WarmWorkers(lambda: 1)
    yield made
    made.close()


def wait_for(condition: Callable[[], bool]) -> None:
    late = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < late, "waited in vain"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        return (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]) != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def stopped(warm: WarmWorkers, store: Store) -> int:
    """A worker that waits and does nothing, not even load."""
    warm.prepare(store)
    (pid,) = warm.pids
    os.kill(pid, signal.SIGSTOP)
    return pid


@pytest.mark.slow
def test_a_run_is_executed_by_the_worker_that_waited_and_another_one_waits_next(
    store: Store, warm: WarmWorkers, anew: Anew
) -> None:
    supervisor = Supervisor(store, slots=lambda: RunSlots(2), warm=warm)
    assert supervisor.prepare()
    (waited,) = warm.pids
    run_id = store.runs.submit(RunRequest(fresh(), snapshot(store), "greedy", EngineConfig(rule="EDD")))
    assert supervisor.begin_waiting() == (run_id,)
    assert warm.pids == ()
    wait_for(lambda: store.runs.get(run_id).state.finished)
    assert store.runs.get(run_id).state is RunState.OK, store.runs.get(run_id).fail_reason
    assert anew.runs == []
    wait_for(lambda: not is_alive(waited) or supervisor.look_after() is None)
    warm.prepare(store, time.monotonic() + LATER)
    (next_one,) = warm.pids
    assert next_one != waited
    supervisor.close()
    assert not is_alive(next_one), "a supervisor's end ends the workers without a run"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
def test_no_worker_stays_behind_a_supervisor_that_is_killed(store: Store) -> None:
    code = (
        "import time; from scheduler_core.data.store import Store; "
        "from scheduler_core.runs.warm_workers import WarmWorkers; "
        f"w = WarmWorkers(lambda: 1); w.prepare(Store.open({store.url!r})); print(*w.pids, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout is not None
        pid = int(supervisor.stdout.readline())
        assert is_alive(pid)
        supervisor.kill()
    wait_for(lambda: not is_alive(pid))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted in /proc")
def test_a_worker_that_has_loaded_everything_has_one_thread_and_no_torch() -> None:
    code = (
        f"import os, sys, {MODULE}; from scheduler_core.runs.waiting import load; load(lambda: False); "
        "print(len(os.listdir('/proc/self/task')), 'torch' in sys.modules, 'scheduler_core.engines.learned' in sys.modules)"
    )
    environment = {**os.environ, **ONE_THREAD}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["1", "False", "True"]


def test_a_worker_that_died_while_it_waited_is_not_used_and_is_replaced(store: Store, warm: WarmWorkers, anew: Anew) -> None:
    dead = stopped(warm, store)
    os.kill(dead, signal.SIGKILL)
    wait_for(lambda: not is_alive(dead))
    warm.start(store, "run-1", new_owner())
    assert (anew.runs, warm.pids) == (["run-1"], ())
    again = time.monotonic() + LATER
    assert warm.prepare(store, again)
    assert warm.pids != (dead,)


def test_a_worker_that_dies_before_it_has_begun_its_run_costs_no_run(store: Store, warm: WarmWorkers, anew: Anew) -> None:
    pid = stopped(warm, store)
    worker = warm.start(store, "run-1", new_owner())
    assert (worker.pid, worker.poll(), anew.runs) == (pid, None, [])
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not is_alive(pid))
    assert worker.poll() is None
    assert anew.runs == ["run-1"]
    assert worker.poll() == 7, "the end of the other one is the worker's"
    assert anew.runs == ["run-1"]


def test_a_worker_of_other_settings_or_that_is_old_is_replaced(
    store: Store, warm: WarmWorkers, anew: Anew, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, now = stopped(warm, store), time.monotonic()
    assert warm.prepare(store, now + LATER)
    assert warm.pids == (first,), "it is as good as a new one"
    monkeypatch.setenv(SILENCE_SECONDS, "300")
    assert warm.prepare(store, now + 2 * LATER)
    (second,) = warm.pids
    assert (second != first, is_alive(first)) == (True, False)
    assert warm.prepare(store, now + 2 * LATER + OLDEST_SECONDS - 10)
    assert warm.pids == (second,)
    assert warm.prepare(store, now + 2 * LATER + OLDEST_SECONDS + 10)
    assert warm.pids != (second,)
    monkeypatch.setenv(SILENCE_SECONDS, "400")
    warm.start(store, "run-1", new_owner())
    assert anew.runs == ["run-1"]


def test_changed_code_makes_a_worker_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm_workers, "PACKAGE", tmp_path)
    (tmp_path / "engines").mkdir()
    file = tmp_path / "engines" / "greedy.py"
    file.write_text("x = 1\n")
    before = stamp_of({"A": "1"})
    assert (stamp_of({"A": "1"}), stamp_of({"A": "2"}) != before) == (before, True)
    os.utime(file, ns=(1, 1))
    assert stamp_of({"A": "1"}) != before


def test_a_run_that_has_just_begun_has_the_cores_first(store: Store, warm: WarmWorkers, anew: Anew) -> None:
    warm.start(store, "run-1", new_owner())
    assert not warm.prepare(store)
    assert warm.pids == ()
    assert warm.prepare(store, time.monotonic() + LATER)


def test_workers_that_keep_dying_are_started_ever_more_rarely(
    store: Store, warm: WarmWorkers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm_workers, "MODULE", "no_such_module")
    now, started = time.monotonic(), 0
    for _ in range(40):
        now += REST_SECONDS
        warm.prepare(store, now)
        for pid in warm.pids:
            started += 1
            wait_for(lambda pid=pid: not is_alive(pid))  # type: ignore[misc]
    assert 3 <= started <= 6, "after 1, 2, 4, 8, ... times the rest"


def test_settings_that_are_wrong_start_no_worker(store: Store) -> None:
    def wrong() -> int:
        raise InvalidValue("runs.yaml: warm_workers", "two", "is not a whole number")

    made = WarmWorkers(wrong)
    assert made.prepare(store)
    assert made.pids == ()
    made.close()
    assert made.prepare(store), "one that is closed starts none"
