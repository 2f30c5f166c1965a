"""Whatever an engine does, a valid plan or both reasons by deadline + 1 s, and no process is left."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from processes import group_members
from safe_runs import measure_one

from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.isolation.safe_runner import SILENCE_SECONDS, FallbackFailed, SafeRunner, silence_seconds
from scheduler_core.engines.registry import ENGINES, Engine
from scheduler_core.environments.random_plants import random_plant
from scheduler_core.errors import Cancelled, InvalidValue, KeepBest
from scheduler_core.judge.validator import violations
from scheduler_core.policy import checkpoint
from scheduler_core.reports import FALLBACK
from scheduler_core.training.evaluate import SIZES
from tests.support import failing_engines as failing
from tests.support.paths import ROOT
from tests.support.patient_engine import counts_until_enough, soon_done, until_enough
from tests.support.random_plants import small_plant
from tests.support.small_networks import random_network

PLANT = small_plant(3)
FAST = ("ends_itself", "segfaults", "not_a_number", "eats_memory", "raises", "overlaps", "leaves_out", "too_many")
REASONS = {
    "too_many": "assignments for",
    "ends_itself": "exit code 3", "segfaults": "SIGSEGV", "not_a_number": "objective is nan", "eats_memory": "out of memory",
    "raises": "action 7 is not legal", "overlaps": "breaks", "leaves_out": "completeness",
}  # fmt: skip


@pytest.mark.parametrize("name", FAST)
def test_a_failing_engine_gives_the_fallback_with_its_reason(name: str) -> None:
    with SafeRunner(memory=6 * 2**30) as runner:
        result = runner.run("learned", getattr(failing, name), PLANT, EngineConfig(), 60.0)
        pids = runner.pids
    assert result.schedule is not None
    assert violations(PLANT, result.schedule) == ()
    told = result.detail[FALLBACK]
    assert isinstance(told, dict)
    assert told["engine"] == "learned"
    assert REASONS[name] in told["reason"]
    assert group_members(pids) == ()


class SetClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("name", ["hangs", "hangs_compiled"])
def test_an_engine_that_hangs_gives_the_fallback_at_its_deadline_and_leaves_nothing(name: str) -> None:
    clock, began = SetClock(), time.monotonic()

    def pass_time(fraction: float, message: str) -> None:
        if time.monotonic() - began > 0.5:
            clock.now = 60.1

    with SafeRunner(clock=clock) as runner:
        result = runner.run("learned", getattr(failing, name), PLANT, EngineConfig(rule="EDD"), 60.0, pass_time)
        pids = runner.pids
    told = result.detail[FALLBACK]
    assert isinstance(told, dict)
    assert told["reason"] == "did not end by its deadline"
    assert result.schedule is not None
    assert violations(PLANT, result.schedule) == ()
    assert group_members(pids) == (), "with the process that the engine has started"


def test_what_the_study_of_failing_engines_sees_of_a_run() -> None:
    seen = measure_one(failing.ends_itself, PLANT, 60.0, 6 * 2**30)
    assert (seen.valid, seen.orphans) == (True, 0)
    assert 0 < seen.seconds < 60


@pytest.mark.slow
def test_an_engine_that_reports_nothing_is_killed_long_before_its_deadline(
    caplog: pytest.LogCaptureFixture,
) -> None:
    began = time.monotonic()
    with SafeRunner(silence=2.0) as runner:
        result = runner.run("learned", failing.goes_silent, PLANT, EngineConfig(), 120.0)
    assert 2.0 <= time.monotonic() - began < 60.0
    told = result.detail[FALLBACK]
    assert isinstance(told, dict)
    assert (told["engine"], told["reason"]) == ("learned", "reported nothing for 2 s")
    assert result.schedule is not None
    assert violations(PLANT, result.schedule) == ()
    assert "s ago: 50% working" in told["trace"]
    # It holds the interpreter's lock in C code for ever: its stack is told none the less, here and in the log.
    assert "in hangs_compiled" in told["trace"]
    silent, failed = caplog.records
    assert (silent.getMessage(), failed.getMessage()) == ("an engine is silent", "engine failed, the fallback is taken")
    assert all("in hangs_compiled" in vars(record)["doing"] for record in (silent, failed))


def test_an_engine_that_reports_may_take_longer_than_the_limit_on_silence() -> None:
    clock, steps = SetClock(), set[str]()

    def keep(fraction: float, message: str) -> None:
        if message.startswith("step") and message not in steps:
            steps.add(message)
            clock.now += 0.75
        if clock.now > 3.0:
            raise KeepBest("enough")

    with SafeRunner(silence=1.0, clock=clock) as runner:
        result = runner.run("test", counts_until_enough, PLANT, EngineConfig(), 60.0, keep)
    assert FALLBACK not in result.detail
    assert len(steps) >= 5


@pytest.mark.skipif(sys.platform != "linux", reason="another process's state is read from /proc")
def test_a_process_that_is_stopped_while_it_sends_holds_nobody_up() -> None:
    clock = SetClock()

    def pass_time(fraction: float, message: str) -> None:
        if _state(runner.pids[0]) == "T":
            clock.now = 60.1

    with SafeRunner(clock=clock) as runner:
        result = runner.run("learned", failing.stops_while_sending, PLANT, EngineConfig(rule="EDD"), 60.0, pass_time)
        pids = runner.pids
    told = result.detail[FALLBACK]
    assert isinstance(told, dict)
    assert (told["engine"], told["reason"]) == ("learned", "did not end by its deadline")
    assert "T (stopped)" in told["trace"]
    assert group_members(pids) == ()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has no signal that stops a process")
def test_a_process_that_is_stopped_before_it_has_read_its_task_holds_nobody_up() -> None:
    plant = random_plant(1, SIZES["152x2000"])
    assert len(pickle.dumps(plant)) > 300_000, "fits into the pipe, so nobody would wait"
    began = time.monotonic()
    with SafeRunner(silence=2.0) as runner:
        os.kill(runner.pids[0], signal.SIGSTOP)
        result = runner.run("learned", ENGINES["greedy"], plant, EngineConfig(rule="EDD"), 60.0)
        pids = runner.pids
    assert time.monotonic() - began < 40.0
    assert FALLBACK in result.detail
    assert group_members(pids) == ()


def test_a_plan_that_comes_just_before_the_deadline_is_taken_and_judged_within_a_second() -> None:
    """The engine sends its last reports and its plan while this process is held up, until the deadline is over."""
    plant = random_plant(1, SIZES["152x500"])
    clock, since = SetClock(), 0.0

    def hold_up(fraction: float, message: str) -> None:
        nonlocal since
        if message == "working" and not clock.now:
            until = time.monotonic() + 60
            while _alive(engine) and time.monotonic() < until:
                time.sleep(0.02)
            time.sleep(0.2)  # its last words are read by a thread
            clock.now, since = 60.1, time.thread_time()

    with SafeRunner(clock=clock) as runner:
        engine = runner.pids[0]
        result = runner.run("learned", soon_done, plant, EngineConfig(rule="EDD"), 60.0, hold_up)
        took = time.thread_time() - since
    assert FALLBACK not in result.detail
    assert result.schedule is not None
    assert violations(plant, result.schedule) == ()
    assert took < 1.0, "CPU seconds of reading and judging it"


def test_without_a_plan_in_time_the_same_deadline_gives_the_fallback() -> None:
    clock = SetClock()

    def pass_time(fraction: float, message: str) -> None:
        if message == "working":
            clock.now = 60.1

    with SafeRunner(clock=clock) as runner:
        result = runner.run("learned", until_enough, PLANT, EngineConfig(rule="EDD"), 60.0, pass_time)
    told = result.detail[FALLBACK]
    assert isinstance(told, dict)
    assert told["reason"] == "did not end by its deadline"
    assert "in until_enough" in told["trace"]


def test_a_crash_leaves_its_stack() -> None:
    with SafeRunner() as runner:
        result = runner.run("learned", failing.segfaults, PLANT, EngineConfig(rule="EDD"), 60.0)
    told = result.detail[FALLBACK]
    assert isinstance(told, dict)
    assert "in segfaults" in told["trace"]


def test_a_task_that_cannot_be_sent_is_told_at_once() -> None:
    with SafeRunner() as runner, pytest.raises((AttributeError, pickle.PicklingError), match="local object"):
        runner.run("learned", lambda plant, config, progress: None, PLANT, EngineConfig(), 60.0)  # type: ignore[arg-type]


def test_the_environment_says_how_long_an_engine_may_be_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOPWRIGHT_SILENCE_SECONDS", raising=False)
    assert silence_seconds() == SILENCE_SECONDS
    monkeypatch.setenv("SHOPWRIGHT_SILENCE_SECONDS", "300")
    assert silence_seconds() == 300.0
    for wrong in ("59", "-1", "soon", "nan"):
        monkeypatch.setenv("SHOPWRIGHT_SILENCE_SECONDS", wrong)
        with pytest.raises(InvalidValue, match=r"SHOPWRIGHT_SILENCE_SECONDS: '.*' is not a whole number from 60"):
            silence_seconds()


def test_a_good_engine_is_not_replaced() -> None:
    with SafeRunner() as runner:
        result = runner.run("greedy", ENGINES["greedy"], PLANT, EngineConfig(rule="EDD"), 60.0)
    assert FALLBACK not in result.detail
    assert result.detail["rule"] == "EDD"


def test_both_reasons_are_told_where_the_fallback_fails_too() -> None:
    with (
        SafeRunner(fallback=failing.ends_itself) as runner,
        pytest.raises(FallbackFailed, match=r"learned failed: .*action 7.*fallback failed too: .*exit code 3"),
    ):
        runner.run("learned", failing.raises, PLANT, EngineConfig(), 60.0)


def test_a_wrong_request_is_told_and_not_hidden_by_a_fallback() -> None:
    with SafeRunner() as runner, pytest.raises(InvalidValue, match="rule: 'none such' must be one of"):
        runner.run("greedy", ENGINES["greedy"], PLANT, EngineConfig(rule="none such"), 60.0)


def test_a_model_that_answers_nonsense_is_no_wrong_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network = random_network(1)
    with torch.no_grad():
        network.job.first.weight.fill_(1e30)
        network.job.second.weight.fill_(1e30)
    checkpoint.save("overflowing", network, {}, tmp_path)
    monkeypatch.setenv("SHOPWRIGHT_MODELS", str(tmp_path))
    with SafeRunner() as runner:
        result = runner.run("learned", ENGINES["learned"], PLANT, EngineConfig(), 120.0)
    told = result.detail[FALLBACK]
    assert isinstance(told, dict)
    assert "answered with a number that is not finite" in told["reason"]


def test_keep_reaches_the_engine_and_cancel_ends_it() -> None:
    def keep(fraction: float, message: str) -> None:
        if message == "working":
            raise KeepBest("enough")

    def cancel(fraction: float, message: str) -> None:
        raise Cancelled("cancelled")

    with SafeRunner() as runner:
        result = runner.run("test", until_enough, PLANT, EngineConfig(), 60.0, keep)
        assert FALLBACK not in result.detail
    with SafeRunner() as runner:
        with pytest.raises(Cancelled):
            runner.run("test", until_enough, PLANT, EngineConfig(), 60.0, cancel)
        pids = runner.pids
    assert group_members(pids) == ()


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["hangs", "hangs_compiled"])
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died while it holds the GIL")
def test_the_processes_die_with_a_killed_parent(engine: str) -> None:
    code = (
        "import sys; sys.path[:0] = ['.']\n"
        "from tests.support import failing_engines as failing\n"
        "from scheduler_core.engines.isolation.safe_runner import SafeRunner\n"
        "from scheduler_core.engines.config import EngineConfig\n"
        "from tests.support.random_plants import small_plant\n"
        "runner = SafeRunner(); print(*runner.pids, flush=True)\n"
        f"runner.run('x', failing.{engine}, small_plant(3), EngineConfig(), 60.0)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT) as parent:
        assert parent.stdout is not None
        pids = [int(p) for p in parent.stdout.readline().split()]
        time.sleep(1.0)
        os.kill(parent.pid, signal.SIGKILL)
    until = time.monotonic() + 5
    while any(_alive(p) for p in pids) and time.monotonic() < until:
        time.sleep(0.05)
    assert [p for p in pids if _alive(p)] == []


def _alive(pid: int) -> bool:
    return _state(pid) not in ("", "Z")


def _state(pid: int) -> str:
    """R, S, T, Z ...; empty once it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def test_the_failing_engines_are_engines() -> None:
    engines: list[Engine] = [getattr(failing, name) for name in FAST]
    assert len(engines) == len(REASONS)
