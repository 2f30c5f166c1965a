"""``shopwright work``: waiting runs are executed with no dashboard anywhere, each by one worker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import RunRequest, RunState
from scheduler_core.engines.config import EngineConfig
from scheduler_core.objectives import Objective
from scheduler_core.runs.request import submit
from scheduler_core.settings import environment
from tests.support.command_line import Shopwright
from tests.support.paths import ROOT
from tests.support.sample_plans import fresh, snapshot

pytestmark = pytest.mark.slow


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """An empty store that the commands use, with one slot for runs and no worker that waits."""
    url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    (tmp_path / "runs.yaml").write_text("at_once: 1\nwhat_if_beside: 0\nshort_beside: 0\nwarm_workers: 0\n")
    monkeypatch.setenv(environment.DATABASE_URL, url)
    monkeypatch.setenv("SHOPWRIGHT_RUNS_CONFIG", str(tmp_path / "runs.yaml"))
    opened = Store.open(url)
    yield opened
    opened.close()


def ask(store: Store, engine: str = "greedy", config: EngineConfig | None = None) -> str:
    return submit(store, RunRequest(fresh(), snapshot(store), engine, config or EngineConfig()))


def work(*arguments: str) -> subprocess.Popen[str]:
    """The command in a process of its own."""
    command = [sys.executable, "-m", "scheduler_core.cli", "work", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)


def wait_for(store: Store, run_id: str, state: RunState) -> None:
    late = time.monotonic() + 120
    while store.runs.get(run_id).state is not state:
        assert time.monotonic() < late, f"waited in vain: {store.runs.get(run_id)}"
        time.sleep(0.05)


def test_without_runs_it_ends_at_once(shopwright: Shopwright, store: Store) -> None:
    assert shopwright("work").status == 0


def test_it_executes_every_waiting_run_and_says_what_became_of_each(shopwright: Shopwright, store: Store) -> None:
    runs = [ask(store) for _ in range(2)]
    mixed = ask(store, "exact", EngineConfig(objective=Objective(tardiness=1.0, setups=1.0)))
    ran = shopwright("work")
    assert [store.runs.get(r).state for r in runs] == [RunState.OK] * 2
    assert store.runs.get(mixed).state is RunState.FAILED
    assert ran.status == 1, "a run that failed is no success"
    for run_id in runs:
        assert f"greedy run {run_id}: begun" in ran.err
        assert f"greedy run {run_id}: ok" in ran.err
    assert f"exact run {mixed}: failed (objective" in ran.err


def test_two_on_one_store_start_no_run_twice(store: Store) -> None:
    runs = [ask(store) for _ in range(4)]
    both = [work(), work()]
    said = [process.communicate(timeout=200)[1] for process in both]
    assert [store.runs.get(r).state for r in runs] == [RunState.OK] * 4
    assert [process.returncode for process in both] == [0, 0]
    for run_id in runs:
        assert "".join(said).count(f"{run_id}: begun") == 1
        assert sum(e.subject == run_id and e.action == "run-ok" for e in store.audit.newest()) == 1


def test_wrong_settings_are_refused_before_anything_waits(
    shopwright: Shopwright, store: Store, tmp_path: Path
) -> None:  # fmt: skip
    (tmp_path / "runs.yaml").write_text("at_once: two\n")
    ran = shopwright("work")
    assert ran.status == 2
    assert "at_once" in ran.err


def test_a_signal_lets_the_run_at_work_end_and_begins_no_other(store: Store) -> None:
    first = ask(store, "learned", EngineConfig(time_limit=6.0, workers=1))
    second = ask(store)
    process = work("--watch")
    wait_for(store, first, RunState.RUNNING)
    os.kill(process.pid, signal.SIGTERM)
    said = process.communicate(timeout=120)[1]
    assert process.returncode == 0
    assert store.runs.get(first).state is RunState.OK
    assert store.runs.get(second).state is RunState.QUEUED
    assert f"learned run {first}: ok" in said
