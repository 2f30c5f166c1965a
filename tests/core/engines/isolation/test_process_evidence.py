"""What a process tells of itself when it is asked, and that asking never harms it."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable

import pytest

from scheduler_core.engines.isolation.process_evidence import MAX_CHARACTERS, Evidence, process_facts

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def _child(evidence: Evidence, work: Callable[[], None]) -> int:
    pid = os.fork()
    if not pid:
        work()
        os._exit(0)
    evidence.listen()
    return pid


def _ended(pid: int) -> int:
    os.kill(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _asked_until(evidence: Evidence, pid: int, word: str) -> str:
    until, told = time.monotonic() + 30, ""
    while word not in told and time.monotonic() < until:
        told = evidence.ask(pid)
    return told


def test_a_process_that_has_not_begun_is_not_harmed_by_being_asked() -> None:
    evidence = Evidence()

    def later() -> None:
        time.sleep(0.5)
        evidence.tell_when_asked()
        sleeping_at_last()

    pid = _child(evidence, later)
    first = evidence.ask(pid)
    assert "it has not begun to run" in first
    assert f"process {pid}: 1 threads" in first
    told = _asked_until(evidence, pid, "in sleeping_at_last")
    assert "in sleeping_at_last" in told
    assert "in sleeping_at_last" in evidence.ask(pid), "as often as one likes"
    assert _ended(pid) == -signal.SIGKILL
    evidence.close()


def sleeping_at_last() -> None:
    time.sleep(60)


def deep(level: int) -> None:
    deep(level - 1) if level else time.sleep(60)


def test_a_deep_stack_is_cut_and_a_process_that_is_gone_tells_nothing() -> None:
    evidence = Evidence()

    def work() -> None:
        evidence.tell_when_asked()
        deep(400)

    pid = _child(evidence, work)
    told = _asked_until(evidence, pid, "in deep")
    assert told.count("in deep") > 50
    assert len(told) <= MAX_CHARACTERS + 10
    os.kill(pid, signal.SIGKILL)
    assert "Z (ended)" in _asked_until(evidence, pid, "Z (ended)")
    _ended(pid)
    assert process_facts(pid).startswith(f"process {pid}: 0 threads; load of the machine ")
    evidence.close()
