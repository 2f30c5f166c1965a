"""Any engine under a deadline, in a process that can be killed, with a greedy plan made beside it in case the engine fails.

Whatever an engine does (crash, hang, no memory, nonsense), the outcome by ``deadline`` + 1 s is a plan that the validator
has passed, or FallbackFailed with both reasons.
"""

from __future__ import annotations

import logging
import math
import os
import time
from collections.abc import Callable
from dataclasses import replace

from scheduler_core import logs
from scheduler_core.engines.config import EngineConfig, Progress, no_progress
from scheduler_core.engines.isolation import compile_ahead
from scheduler_core.engines.isolation.worker_process import Failed, ProgressMessage, Returned, Task, WorkerProcess
from scheduler_core.engines.registry import ENGINES, Engine, has_zone
from scheduler_core.errors import KeepBest, ShopwrightError
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Plant
from scheduler_core.reports import EngineReport, Fallback, Report
from scheduler_core.schedule import Result, Status
from scheduler_core.settings import environment

LOG = logging.getLogger(__name__)
FALLBACK_SECONDS = 1.0
"""How long the fallback looks for the best rule; one rule at least is always tried."""
LATE_SECONDS = 0.7
"""How long after the deadline a fallback that is still being made is waited for."""
GREEDY_SECONDS = 3.0
"""How long a greedy run without a time limit is left alone before the fallback begins, which does the very same work."""
SEARCH_NICENESS = 5
"""What a search with a time limit is nicer by than other processes: a short answer and a page have the cores first."""
TICK_SECONDS = 0.05
SILENCE_SECONDS = 120.0
"""How long an engine may report nothing. Engines that work report at least once a second; the longest honest silence is that
of the first run after an update, in which the engine's code is compiled (see docs/safety.md)."""
LEAST_SILENCE_SECONDS = 60
STARTING = "starting"
"""What a run says before its engine has said anything."""
QUIET_SECONDS = 15.0
"""Silence after which the log is told what the engine is doing; nothing happens to it yet."""


def silence_seconds() -> float:
    """How long an engine may report nothing, from the environment. Raises InvalidValue for what would end honest engines."""
    return float(environment.whole_seconds(environment.SILENCE_SECONDS, int(SILENCE_SECONDS), LEAST_SILENCE_SECONDS))


class FallbackFailed(ShopwrightError):
    """Neither the engine nor the greedy fallback gave a valid plan; the message has both reasons."""


class SafeRunner:
    """Two waiting processes, one for an engine and one for the fallback; used once.

    Make it before the process has threads, database connections or heavy libraries: the two are forked from it. A context
    manager: leaving it kills both with all that they have started.
    """

    def __init__(
        self,
        fallback: Engine = ENGINES["greedy"],
        memory: int | None = None,
        silence: float = SILENCE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``memory``: bytes of address space the engine may have; by default what the machine has. ``silence``: seconds
        without a progress report after which an engine is taken to hang and is killed. ``clock``: of the deadline and of
        silence, in seconds."""
        self._fallback = fallback
        self._silence = silence
        self._clock = clock
        self._quiet = min(QUIET_SECONDS, silence / 2)
        self._memory = memory if memory is not None else _machine_memory()
        self._engine_host = WorkerProcess("engine")
        self._fallback_host = WorkerProcess("fallback", [self._engine_host])

    def __enter__(self) -> SafeRunner:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pids(self) -> tuple[int, int]:
        """The processes' ids."""
        return self._engine_host.pid, self._fallback_host.pid

    def kill(self) -> None:
        """End both processes at once, for a process that is about to end itself; from any thread."""
        self._engine_host.kill()
        self._fallback_host.kill()

    def close(self) -> None:
        """Kill and reap both processes; once."""
        self._engine_host.close()
        self._fallback_host.close()

    def run(
        self, name: str, engine: Engine, plant: Plant, config: EngineConfig, seconds: float, progress: Progress = no_progress
    ) -> Result:
        """The engine's valid result, or the fallback's with a ``Fallback`` report, at most ``seconds`` + 1 s from now.

        Seconds in which the engine's code is compiled, in the first run after an update, do not count.

        A schedule that is returned has passed the validator here: nobody needs to judge it again.

        An engine that says that it declines the plant (too large, infeasible) is believed. Raises what an engine says of its
        request (InvalidValue, Unschedulable, KeepBest without a plan), what ``progress`` raises (KeepBest apart, which is
        handed to the engine), and FallbackFailed.
        """
        deadline = self._clock() + seconds
        in_force = config.warm_start if has_zone(config) else None  # the frozen zone is kept by the fallback, too
        quick = replace(config, rule="best", time_limit=FALLBACK_SECONDS, workers=1, warm_start=in_force)
        told = (logs.current_run(), logs.open_folder())
        fallback = Task(_checked, (self._fallback, plant, quick), None, *told)
        # The fallback is begun first, as it is done long before most engines are, but not beside what is as quick.
        alone = min(GREEDY_SECONDS, seconds / 2) if name == "greedy" and config.time_limit is None else 0.0
        begun = False

        def begin_fallback() -> None:
            nonlocal begun
            if not begun:
                begun = True
                self._fallback_host.begin(fallback)

        def when_due() -> None:
            if self._clock() >= deadline - seconds + alone:
                begin_fallback()

        when_due()
        self._engine_host.begin(Task(_call, (name, engine, plant, config), self._memory, *told))
        answer = self._await(self._engine_host, deadline, progress, self._silence, when_due)
        if isinstance(answer, Failed) and answer.request is not None:
            kind, arguments = answer.request
            raise kind(*arguments)
        reason = answer.reason if isinstance(answer, Failed) else _fault(plant, answer.value)
        if reason is None and isinstance(answer, Returned) and isinstance(answer.value, Result):
            return answer.value
        reason = reason or "no result"
        trace = answer.trace if isinstance(answer, Failed) else ""
        LOG.warning("engine failed, the fallback is taken", extra={"engine": name, "reason": reason, "doing": trace})
        self._engine_host.kill()  # the fallback, if it is still being made, may have its cores
        begin_fallback()
        reserve = self._await(self._fallback_host, deadline + LATE_SECONDS, progress)
        if isinstance(reserve, Failed) or not isinstance(reserve.value, Result):
            why = reserve.reason if isinstance(reserve, Failed) else "no result"
            raise FallbackFailed(f"the engine {name} failed: {reason}; the greedy fallback failed too: {why}")
        return replace(reserve.value, report=Fallback(name, reason, _engine_report(reserve.value.report), trace))

    def _await(
        self,
        host: WorkerProcess,
        deadline: float,
        progress: Progress,
        silence: float = math.inf,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> Returned | Failed:
        """The host's answer, or what says that there was none in time. Its last progress is repeated while it is silent.
        ``meanwhile`` is called at every look.

        The deadline moves on while the engine's code is compiled.
        """
        latest, heard = ProgressMessage(0.0, STARTING), self._clock()
        asked, told = heard, False
        while True:
            meanwhile()
            now = self._clock()
            if latest.message == compile_ahead.COMPILING:
                deadline += now - asked
            asked = now
            left = deadline - self._clock()
            # What has come while this process was held up counts as in time, so the line is emptied also at the end.
            message = host.poll(min(TICK_SECONDS, max(0.0, left)))
            while isinstance(message, ProgressMessage):
                latest, heard = message, self._clock()
                message = host.poll()
            if message is not None:
                return message
            try:
                progress(latest.fraction, latest.message)
            except KeepBest:
                host.keep()
            silent = self._clock() - heard
            if left <= 0:
                return Failed("did not end by its deadline", trace=_trace(host, latest, silent))
            if silent > silence:
                return Failed(f"reported nothing for {silence:g} s", trace=_trace(host, latest, silent))
            if silent > self._quiet and not told:
                told = True
                LOG.warning("an engine is silent", extra={"doing": _trace(host, latest, silent)})


def _trace(host: WorkerProcess, latest: ProgressMessage, silent: float) -> str:
    """What an engine was doing when it was given up, for whoever looks for the cause."""
    return f"last report {silent:.1f} s ago: {latest.fraction:.0%} {latest.message}\n{host.trace()}"


def _engine_report(report: Report) -> EngineReport:
    return report.report if isinstance(report, Fallback) else report


def _call(name: str, engine: Engine, plant: Plant, config: EngineConfig, progress: Progress) -> Result:
    if config.time_limit is not None and hasattr(os, "nice"):
        os.nice(SEARCH_NICENESS)
    if compile_ahead.is_due(name):
        compile_ahead.compile_search(progress)
        progress(0.0, STARTING)
    with compile_ahead.reported(progress) as telling:
        return engine(plant, config, telling)


def _checked(engine: Engine, plant: Plant, config: EngineConfig, progress: Progress) -> Result:
    """The engine's result, judged in its own process, so that it is ready when it is needed."""
    result = engine(plant, config, progress)
    fault = _fault(plant, result)
    if fault is not None or result.schedule is None:
        raise FallbackFailed(fault or f"no schedule ({result.status.value})")
    return result


def _fault(plant: Plant, result: object) -> str | None:
    """What is wrong with what an engine returned, in words."""
    if not isinstance(result, Result):
        return f"returned no result but {type(result).__name__}"
    if result.status is Status.NO_SOLUTION:
        return "found no schedule in its time"
    if result.schedule is None:
        return None
    for what, value in (("objective", result.objective), ("lower bound", result.lower_bound)):
        if value is not None and not math.isfinite(value):
            return f"its {what} is {value}, which is no number"
    wanted, found = plant.operation_count, len(result.schedule.assignments)
    if found > 2 * wanted:  # judged one by one, nonsense without end would take time without end
        return f"its plan has {found} assignments for {wanted} operations"
    faults = violations(plant, result.schedule)
    if faults:
        return f"its plan breaks {len(faults)} rules, first {faults[0].rule.value}: {faults[0].message}"
    return None


def _machine_memory() -> int | None:
    names = getattr(os, "sysconf_names", {})
    if "SC_PHYS_PAGES" not in names or "SC_PAGE_SIZE" not in names:
        return None
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
