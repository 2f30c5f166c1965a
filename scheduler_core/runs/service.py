"""Executes waiting runs with no dashboard anywhere, and tells what becomes of each."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from threading import Event

from scheduler_core.data.database import DatabaseFailure
from scheduler_core.data.store.records import STANDING, Run, RunState
from scheduler_core.errors import ShopwrightError
from scheduler_core.runs.execute import PLAN_STAYS
from scheduler_core.runs.supervisor import Supervisor

LOG = logging.getLogger(__name__)
POLL_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
"""Between two looks while the database is out of reach or a setting is wrong; the pauses grow up to it."""


class RunService:
    """A supervisor's work from its start until no run is left or until it is stopped.

    ``say`` takes a line for each event, ``status`` what is going on now. ``pause``: seconds between two looks.
    """

    def __init__(
        self,
        supervisor: Supervisor,
        say: Callable[[str], None],
        status: Callable[[str], None],
        pause: float = POLL_SECONDS,
    ) -> None:
        self._supervisor, self._say, self._status, self._pause = supervisor, say, status, pause
        self._begun: dict[str, Run] = {}
        self._told: set[str] = set()
        self._waiting_for_others = False
        self.failed = 0
        """Runs begun here that failed or timed out."""

    def serve(self, stopped: Event, *, until_idle: bool) -> None:
        """Begin waiting runs as slots get free. Once ``stopped`` is set no run is begun, and the call returns when those
        begun here have ended.

        ``until_idle``: also return when no run waits or runs, and raise what the store or the settings raise. Without it
        such a failure is told once, and tried again after growing pauses.
        """
        failure, pause, leaving = "", self._pause, False
        while True:
            if stopped.is_set() and not leaving:
                leaving = True
                if self._begun:
                    self._say(f"stopping: {len(self._begun)} runs at work end first; a second signal leaves them running")
            try:
                active = self._look(leaving)
            except (DatabaseFailure, ShopwrightError) as error:
                if until_idle:
                    raise
                reason = str(getattr(error, "orig", None) or error)
                if reason != failure:
                    LOG.warning("runs could not be looked after", extra={"reason": reason})
                    self._say(f"runs wait: {reason}")
                failure, pause = reason, min(LONGEST_PAUSE_SECONDS, 2 * pause)
            else:
                if failure:
                    self._say("runs go on")
                failure, pause = "", self._pause
                leaving = leaving or (until_idle and all(run.engine == STANDING for run in active))
                if leaving and not self._begun:
                    return
                self._tell(active)
            # A set event would end the wait at once.
            time.sleep(pause) if leaving else stopped.wait(pause)

    def _look(self, leaving: bool) -> tuple[Run, ...]:
        """One look at the runs; those that ended are told before those that took their slots. Nobody waits for a standing
        search, so one that was begun here is asked to end with its best where the service leaves."""
        active = self._supervisor.reap() if leaving else self._supervisor.look_after()
        for run in active:
            if leaving and run.id in self._begun and run.engine == STANDING and not run.keep_requested:
                self._supervisor.store.runs.request_keep(run.id, "system")
        running = {run.id for run in active}
        for run_id in [r for r in self._begun if r not in running]:
            ended = self._supervisor.store.runs.get(run_id)
            if ended.state.finished:
                del self._begun[run_id]
                self.failed += ended.state in (RunState.FAILED, RunState.TIMEOUT)
                why = ended.message if ended.message == PLAN_STAYS else ended.fail_reason
                reason = f" ({why})" if why else ""
                self._say(f"{ended.engine} run {run_id}: {ended.state.value}{reason}")
        for run_id in self._supervisor.at_work:
            if run_id not in self._told:
                self._told.add(run_id)
                self._begun[run_id] = self._supervisor.store.runs.get(run_id)
                self._say(f"{self._begun[run_id].engine} run {run_id}: begun")
        return active

    def _tell(self, active: tuple[Run, ...]) -> None:
        waiting = sum(run.state is RunState.QUEUED for run in active)
        if active and not self._begun and not self._waiting_for_others:
            self._say(f"runs at work elsewhere: {len(active) - waiting}, waiting for their slots: {waiting}")
        self._waiting_for_others = bool(active and not self._begun)
        self._status(f"{len(active) - waiting} runs at work, {waiting} waiting")
