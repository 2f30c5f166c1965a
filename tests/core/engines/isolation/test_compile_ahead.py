"""Seconds in which an engine's code is compiled are told and are not taken from its search or its deadline."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import numba as nb
import pytest
from numba.core.registry import cpu_target

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import RunRequest
from scheduler_core.engines import learned
from scheduler_core.engines.config import EngineConfig, Progress, no_progress
from scheduler_core.engines.isolation import compile_ahead
from scheduler_core.engines.isolation.compile_ahead import COMPILING
from scheduler_core.engines.isolation.safe_runner import SafeRunner
from scheduler_core.engines.registry import ENGINES
from scheduler_core.errors import Cancelled
from scheduler_core.plant import Plant
from scheduler_core.reports import Fallback
from scheduler_core.runs.lease import LeaseKeeper, Pace
from scheduler_core.schedule import Result
from tests.support.paths import ROOT
from tests.support.random_plants import small_plant
from tests.support.sample_plans import fresh, snapshot

PLANT = small_plant(3)
COMPILES = 1.5
SLEEPS = 20


@pytest.fixture
def cold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing has been noted as compiled."""
    note = tmp_path / "cache" / "note"
    monkeypatch.setattr(compile_ahead, "_note", lambda: note)
    return note


def _slowly(progress: Progress) -> None:
    """Stands for a compiler that takes longer than the deadline is away."""
    ends = time.monotonic() + COMPILES
    while time.monotonic() < ends:
        progress(0.0, COMPILING)
        time.sleep(0.05)


def _told_its_limit(plant: Plant, config: EngineConfig, progress: Progress = no_progress) -> Result:
    """Reports once, then gives the rules' plan: 0.3 s of work."""
    progress(0.5, "searching")
    time.sleep(0.3)
    return ENGINES["greedy"](plant, config)


def test_compiling_moves_the_deadline_of_the_run(cold: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ENGINES["greedy"](PLANT, EngineConfig())  # what is loaded here is there in the forked processes
    monkeypatch.setattr(compile_ahead, "compile_search", _slowly)
    told: list[str] = []
    with SafeRunner() as runner:
        result = runner.run("learned", _told_its_limit, PLANT, EngineConfig(), 1.2, lambda _, message: told.append(message))
    assert not isinstance(result.report, Fallback), "the deadline of 1.2 s did not run while code was compiled"
    assert COMPILING in told
    assert "searching" in told


def test_without_that_the_deadline_holds(cold: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compile_ahead, "is_due", lambda engine: False)

    with SafeRunner() as runner:
        began = time.monotonic()
        result = runner.run("learned", _sleeps, PLANT, EngineConfig(), 1.0)
    assert isinstance(result.report, Fallback)
    assert time.monotonic() - began < SLEEPS


def _sleeps(plant: Plant, config: EngineConfig, progress: Progress = no_progress) -> Result:
    time.sleep(SLEEPS)
    return ENGINES["greedy"](plant, config)


def test_the_search_is_compiled_once_and_noted(cold: Path) -> None:
    assert [compile_ahead.is_due(name) for name in ("learned", "repair", "greedy", "right_shift", "exact")] == [
        True, True, False, False, False,
    ]  # fmt: skip
    told: list[str] = []
    compile_ahead.compile_search(lambda _, message: told.append(message))
    assert cold.exists()
    assert set(told) == {COMPILING}
    assert not compile_ahead.is_due("learned")


def test_what_was_compiled_for_another_processor_or_version_is_compiled_again(
    cold: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numba does not use it, so it would be compiled while the search's clock runs, and nobody would be told."""
    cold.parent.mkdir()
    cold.write_text(compile_ahead.usable_for())
    assert not compile_ahead.is_due("learned")
    cold.write_text("")
    assert compile_ahead.is_due("learned"), "the note of an older version"
    cold.write_text(compile_ahead.usable_for())
    with monkeypatch.context() as other:
        other.setattr(nb, "__version__", "0.0")
        assert compile_ahead.is_due("learned")
    codegen = type(cpu_target.target_context.codegen())
    monkeypatch.setattr(codegen, "magic_tuple", lambda self: ("x86_64", "another processor", "+abc"))
    assert compile_ahead.is_due("learned")


def test_what_is_compiled_while_an_engine_works_is_told(caplog: pytest.LogCaptureFixture) -> None:
    told: list[str] = []

    def new_function(x: int) -> int:
        return x + 1

    with caplog.at_level("INFO"), compile_ahead.reported(lambda _, message: told.append(message)) as progress:
        progress(0.25, "searching")
        assert nb.njit(new_function)(1) == 2
        assert nb.njit(new_function)(2) == 3
        progress(0.5, "improving")
    assert told[0] == "searching"
    assert told[-1] == "improving"
    assert [m for n, m in enumerate(told) if m != told[n - 1]] == [
        "searching", COMPILING, "searching", COMPILING, "searching", "improving",
    ]  # fmt: skip
    assert [vars(r)["function"].rpartition(".")[2] for r in caplog.records] == ["new_function", "new_function"]
    nb.njit(new_function)(1)
    assert told[-1] == "improving", "nobody listens any more"


@pytest.mark.slow
def test_nothing_is_left_to_compile_for_any_part_of_a_search_nor_is_torch_imported() -> None:
    script = """
import sys
from dataclasses import replace
from numba.core.dispatcher import Dispatcher
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.isolation import compile_ahead
from scheduler_core.engines.registry import ENGINES, REPAIRS
from scheduler_core.environments.random_plants import SIZES, random_plant
from scheduler_core.objectives import Objective

def compiled():
    ours = [module for name, module in sys.modules.items() if name.startswith("scheduler_core")]
    found = [d for module in ours for d in vars(module).values() if isinstance(d, Dispatcher)]
    return {(d.py_func.__module__, d.py_func.__qualname__, str(s)) for d in found for s in d.signatures}

compile_ahead.compile_search(lambda fraction, message: None)
ready = compiled()
plant = random_plant(1, SIZES["Toy"])
of = EngineConfig(samples=40)
plan = ENGINES["learned"](plant, of).schedule
for config in (replace(of, objective=Objective.MAKESPAN), EngineConfig(time_limit=0.2), EngineConfig(time_limit=0.0),
               EngineConfig(time_limit=0.1, warm_start=plan, frozen_hours=2.0)):
    ENGINES["learned"](plant, config)
for repair in REPAIRS.values():
    repair(plant, EngineConfig(time_limit=0.1, warm_start=plan))
print("ready:", len(ready) >= 10, sorted(compiled() - ready), "torch" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.split("\n")[0] == "ready: True [] False", done.stdout + done.stderr


def test_a_wish_to_stop_is_heard_when_the_compiler_is_done(cold: Path) -> None:
    def stop(fraction: float, message: str) -> None:
        raise Cancelled("stop")

    with pytest.raises(Cancelled):
        compile_ahead.compile_search(stop)
    assert cold.exists(), "what was compiled is not compiled again"


def test_the_lease_keeper_does_not_count_compiling(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    run_id = store.runs.submit(RunRequest(fresh(), snapshot(store), "learned", deadline_seconds=1))
    run = store.runs.claim(run_id, "w1")
    with LeaseKeeper(store, run, "w1", pace=Pace(beat_seconds=0.05)) as lease:
        while time.time() < (run.deadline + timedelta(seconds=0.5)).timestamp():
            lease.progress(0.0, COMPILING)
            time.sleep(0.02)
        assert lease.verdict is None
        with pytest.raises(Cancelled, match="not finished 1 s after it began"):
            _search(lease)
    store.close()


def _search(lease: LeaseKeeper) -> None:
    for _ in range(200):
        lease.progress(0.5, "searching")
        time.sleep(0.02)


def test_a_cold_search_gets_all_of_its_seconds(cold: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine's own clock starts after the compiler, which took longer than the limit."""
    learned.schedule(PLANT, EngineConfig(samples=2))
    monkeypatch.setattr(compile_ahead, "compile_search", _slowly)
    with SafeRunner() as runner:
        result = runner.run("learned", ENGINES["learned"], PLANT, EngineConfig(time_limit=1.0, workers=1), 30.0)
    assert not isinstance(result.report, Fallback)
    assert result.seconds <= 2.0
