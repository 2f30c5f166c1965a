"""A run in the safe runner: the fallback's plan is stored with its reason; keep, cancel and progress go through."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import RunRequest, RunState
from scheduler_core.engines.config import EngineConfig, Progress, no_progress
from scheduler_core.engines.isolation.safe_runner import SafeRunner
from scheduler_core.engines.registry import ALL_ENGINES, Engine
from scheduler_core.monitoring import health
from scheduler_core.monitoring.health import Level
from scheduler_core.plant import Plant
from scheduler_core.policy import checkpoint
from scheduler_core.policy.checkpoint import ACTIVE, CARD, MANIFEST, WEIGHTS
from scheduler_core.reports import FALLBACK, Fallback, GreedyReport, as_dict, report_of
from scheduler_core.runs import execute as run_execution
from scheduler_core.runs import worker
from scheduler_core.runs.lease import Pace
from scheduler_core.runs.request import submit
from scheduler_core.schedule import Result
from tests.support.paths import MODELS, ROOT
from tests.support.patient_engine import until_enough
from tests.support.sample_plans import fresh, snapshot

ENGINES: dict[str, Engine] = dict(ALL_ENGINES)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    yield opened
    opened.close()


def broken(plant: Plant, config: EngineConfig, progress: Progress = no_progress) -> Result:
    """Fails at once."""
    raise RuntimeError("the network is broken")


def queued(store: Store, engine: Engine, deadline: int = 120) -> str:
    """A run of the engine called "test", which this engine is from now on."""
    ENGINES["test"] = engine
    return submit(store, RunRequest(fresh(), snapshot(store), "test", deadline_seconds=deadline), ENGINES)


def execute(store: Store, run_id: str, safe: SafeRunner) -> None:
    run_execution.execute(store, run_id, safe=safe, engines=ENGINES, pace=Pace(beat_seconds=0.05))


def test_the_fallbacks_plan_is_stored_with_the_reason(store: Store) -> None:
    run_id = queued(store, broken)
    with SafeRunner() as safe:
        execute(store, run_id, safe)
    run = store.runs.get(run_id)
    assert run.state is RunState.OK
    assert run.schedule_id is not None
    stored = store.schedules.get(run.schedule_id)
    assert stored.detail[FALLBACK] == {"engine": "test", "reason": "RuntimeError: the network is broken"}
    assert not stored.rejected


@pytest.mark.slow
def test_an_engine_that_does_not_end_gives_the_fallback_before_the_runs_deadline(store: Store) -> None:
    run_id = queued(store, until_enough, deadline=16)
    with SafeRunner() as safe:
        execute(store, run_id, safe)
    run = store.runs.get(run_id)
    assert (run.state, run.fail_reason) == (RunState.OK, None)
    assert run.finished_at is not None
    assert run.finished_at <= run.deadline


def test_both_reasons_are_the_runs_where_the_fallback_fails_too(store: Store) -> None:
    run_id = queued(store, broken)
    with SafeRunner(fallback=broken) as safe:
        execute(store, run_id, safe)
    run = store.runs.get(run_id)
    assert run.state is RunState.FAILED
    assert run.fail_reason is not None
    assert run.fail_reason.count("the network is broken") == 2


@pytest.mark.parametrize(("wish", "state"), [("keep", RunState.OK), ("cancel", RunState.CANCELLED)])
def test_progress_keep_and_cancel_go_through(store: Store, wish: str, state: RunState) -> None:
    run_id = queued(store, until_enough)
    messages: list[str] = []

    def planner() -> None:
        until = time.monotonic() + 90
        while store.runs.get(run_id).message != "working" and time.monotonic() < until:
            time.sleep(0.05)
        messages.append(store.runs.get(run_id).message)
        (store.runs.request_keep if wish == "keep" else store.runs.request_cancel)(run_id)

    with SafeRunner() as safe:
        thread = threading.Thread(target=planner)
        thread.start()
        execute(store, run_id, safe)
        thread.join()
    assert messages == ["working"]
    assert store.runs.get(run_id).state is state


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted in /proc")
def test_a_worker_has_one_thread_when_it_forks_its_processes() -> None:
    code = f"import os, {worker.MODULE}; print(len(os.listdir('/proc/self/task')))"
    environment = {**os.environ, **worker.ONE_THREAD}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "1"


def test_what_a_given_up_engine_was_doing_is_kept_with_the_plan() -> None:
    report = Fallback("learned", "did not end by its deadline", GreedyReport("EDD", 0.0, 0.0, 1), "thread 7: S (sleeping)")
    stored = as_dict(report)
    assert stored[FALLBACK] == {
        "engine": "learned", "reason": "did not end by its deadline", "trace": "thread 7: S (sleeping)",
    }  # fmt: skip
    assert report_of(stored) == report
    told = as_dict(replace(report, trace=""))
    assert told[FALLBACK] == {"engine": "learned", "reason": "did not end by its deadline"}, "as before, so that hashes stay"
    assert report_of(told) == replace(report, trace="")


# ---------------------------------------------------------------- a model that cannot be used
def one_bit_flipped(models: Path, active: str) -> None:
    content = bytearray((models / active / WEIGHTS).read_bytes())
    content[len(content) // 2] ^= 1
    (models / active / WEIGHTS).write_bytes(bytes(content))


def cut_off(models: Path, active: str) -> None:
    (models / active / WEIGHTS).write_bytes((models / active / WEIGHTS).read_bytes()[:1000])


def weights_gone(models: Path, active: str) -> None:
    (models / active / WEIGHTS).unlink()


def card_changed(models: Path, active: str) -> None:
    (models / active / CARD).write_text("format: policy/1")


def another_named(models: Path, active: str) -> None:
    (models / ACTIVE).write_text("nobody")


def manifest_of_nonsense(models: Path, active: str) -> None:
    (models / MANIFEST).write_text("nonsense")


def nothing_there(models: Path, active: str) -> None:
    shutil.rmtree(models)


DAMAGES: dict[Callable[[Path, str], None], tuple[str, str]] = {
    one_bit_flipped: (WEIGHTS, "is not the SHA-256 that the manifest states"),
    cut_off: (WEIGHTS, "is not the SHA-256 that the manifest states"),
    weights_gone: (WEIGHTS, "does not exist"),
    card_changed: (CARD, "is not the SHA-256 that the manifest states"),
    another_named: (MANIFEST, "'nobody' is not listed in"),
    manifest_of_nonsense: (MANIFEST, "is not 'SHA-256, two spaces, NAME/FILE'"),
    nothing_there: ("models", "holds no checkpoint"),
}


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda d: d.__name__)
def test_a_model_that_cannot_be_used_gives_the_fallback_which_names_the_file(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, damage: Callable[[Path, str], None]
) -> None:
    models = tmp_path / "models"
    shutil.copytree(MODELS, models)
    monkeypatch.setenv("SHOPWRIGHT_MODELS", str(models))
    damage(models, checkpoint.active_name())
    run_id = submit(store, RunRequest(fresh(), snapshot(store), "learned", deadline_seconds=120))
    with SafeRunner() as safe:
        execute(store, run_id, safe)
    run = store.runs.get(run_id)
    assert (run.state, run.fail_reason) == (RunState.OK, None)
    assert run.schedule_id is not None
    plan = store.schedules.get(run.schedule_id)
    assert not plan.rejected
    told = plan.detail[FALLBACK]
    assert isinstance(told, dict)
    file, reason = DAMAGES[damage]
    assert told["engine"] == "learned"
    assert file in told["reason"]
    assert reason in told["reason"]
    assert "model" not in plan.detail, "changed weights have planned"
    (models_check,) = [c for c in health.checks() if c.name == "models"]
    assert models_check.level is Level.FAULT
