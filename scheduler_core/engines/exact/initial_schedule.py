"""The schedule that the search begins with: the given one, or the greedy engine's if that is quick enough."""

from __future__ import annotations

import threading
from dataclasses import replace

from scheduler_core.engines.config import EngineConfig, Progress
from scheduler_core.engines.exact.common_time import CommonTime
from scheduler_core.engines.exact.problem import Problem
from scheduler_core.engines.exact.semi_active import Place, choices_of, place
from scheduler_core.errors import Cancelled, Unschedulable
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Plant
from scheduler_core.reports import ExactReport
from scheduler_core.schedule import Schedule

GREEDY_SHARE = 0.2
"""Share of the time limit that the greedy engine may take."""
GREEDY_FROM = 3.0
"""Time limit in seconds from which on the greedy engine is asked: loading its rules takes a while."""
REPORT_SECONDS = 0.25


def first_places(
    problem: Problem, time: CommonTime, config: EngineConfig, progress: Progress
) -> tuple[dict[int, Place] | None, ExactReport]:
    """The first schedule, moved as early as its order allows; None without one. The report tells where it comes from."""
    report = ExactReport()
    given = config.warm_start
    if given is not None:
        faults = violations(problem.plant, given)
        if not faults:
            return place(problem, time, choices_of(problem, time, given)), ExactReport(warm_start="given")
        report = ExactReport(warm_start_ignored=f"{len(faults)} violations, the first: {faults[0].message}")
    if config.time_limit is not None and config.time_limit < GREEDY_FROM:
        return None, report
    found = _Greedy(problem.plant, config).result(progress)
    if found is None or violations(problem.plant, found):
        return None, report
    return place(problem, time, choices_of(problem, time, found)), replace(report, warm_start="greedy")


class _Greedy:
    """The greedy engine in a thread of its own, which is left behind if it is not done in time.

    On its first run on a machine it compiles for longer than a time limit may be.
    """

    def __init__(self, plant: Plant, config: EngineConfig) -> None:
        limit = config.time_limit
        self._limit = None if limit is None else GREEDY_SHARE * limit
        self._plant = plant
        self._config = replace(config, rule="best", time_limit=self._limit)
        self._left_behind = threading.Event()
        self._found: Schedule | None = None
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="first schedule", daemon=True)

    def result(self, progress: Progress) -> Schedule | None:
        """The schedule, or None if there is none or it takes too long. Raises what ``progress`` and the engine raise."""
        self._thread.start()
        waited = 0.0
        try:
            while self._thread.is_alive() and (self._limit is None or waited < self._limit):
                self._thread.join(REPORT_SECONDS)
                waited += REPORT_SECONDS
                progress(0.0, "looking for a first schedule")
        finally:
            self._left_behind.set()
        if self._failure is not None:
            raise self._failure
        return self._found

    def _run(self) -> None:
        from scheduler_core.engines import greedy

        try:
            self._found = greedy.schedule(self._plant, self._config, self._listen).schedule
        except (Unschedulable, Cancelled):
            # The greedy engine cannot fit everything around the fixed operations, or nobody waits for it any more.
            return
        except Exception as failure:
            self._failure = failure

    def _listen(self, fraction: float, message: str) -> None:
        if self._left_behind.is_set():
            raise Cancelled("no longer wanted")
