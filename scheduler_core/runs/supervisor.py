"""Gives free slots to waiting runs, each with a worker process, and looks after the workers.

What a run is, whose turn it is and how it ended stands in the store. A supervisor only holds process handles, so that ended
workers are reaped and stuck ones can be killed. When it ends it loses the handles and nothing else: runs at work go on, and
those that wait keep their turn. Several supervisors on one store share its slots and never start a run twice.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from threading import Event, Lock, Thread
from typing import Protocol

from scheduler_core.data.database import DatabaseFailure
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import Run, RunState
from scheduler_core.data.store.runs import DIED
from scheduler_core.errors import ShopwrightError
from scheduler_core.runs.ending import finish
from scheduler_core.runs.execute import new_owner
from scheduler_core.runs.warm_workers import WarmWorkers
from scheduler_core.runs.worker import start_worker
from scheduler_core.settings.run_slots import RunSlots, load_run_slots

LOG = logging.getLogger(__name__)
POLL_SECONDS, IDLE_SECONDS = 1.0, 30.0
"""How often waiting runs are looked after while there are runs, and while there is none."""
MOST_ACTIVE = 1000
KILL_AFTER = 5.0
"""Seconds: a worker that is still there so long after it was asked to stop, or after its run has ended, is killed."""
ACTIVE = (RunState.QUEUED, RunState.RUNNING)


class Handle(Protocol):
    """The part of ``subprocess.Popen`` that the supervisor uses."""

    def poll(self) -> int | None:
        """The exit status, None while it runs."""
        ...

    def kill(self) -> None:
        """Stop it at once."""
        ...


class StartWorker(Protocol):
    """Starts a worker for a run that is leased to ``owner``. Raises OSError where there is no memory or process left."""

    def __call__(self, store: Store, run_id: str, owner: str) -> Handle: ...


class Supervisor:
    """The supervisor of one store; locked, so that threads may share it.

    ``slots`` is asked at every look, so that changed settings count at once. ``start`` starts a worker. ``warm`` keeps
    workers that wait for runs, and starts one where none waits (then ``start`` is not used).
    """

    def __init__(
        self,
        store: Store,
        *,
        slots: Callable[[], RunSlots] = load_run_slots,
        start: StartWorker = start_worker,
        warm: WarmWorkers | None = None,
    ) -> None:
        self.store = store
        self._slots, self._warm = slots, warm
        self._start: StartWorker = start if warm is None else warm.start
        self._lock = Lock()
        self._handles: dict[str, Handle] = {}
        self._stopping: dict[str, float] = {}
        self._thread: Thread | None = None
        self._closed = Event()
        self._wake = Event()

    def begin_waiting(self) -> tuple[str, ...]:
        """Give each free slot to the run that has waited longest, and return the runs that were begun.

        Raises InvalidValue for settings that are wrong.
        """
        begun = []
        with self._lock:
            while (run_id := self._begin_next()) is not None:
                begun.append(run_id)
        return tuple(begun)

    def look_after(self, now: float | None = None) -> tuple[Run, ...]:
        """Reap, kill and start workers as needed; returns the runs that are not finished, oldest first.

        ``now``: seconds of ``time.monotonic`` (None: now), which no clock that is set can change. A worker is killed that
        has not stopped KILL_AFTER the first look at which it was asked to.
        """
        active = self.reap(now)
        if not any(run.state is RunState.QUEUED for run in active):
            self.prepare()
            return active
        self.begin_waiting()
        self.prepare()
        # Also where no slot was given away here: another supervisor may have done it since these were read.
        return self._active()

    def prepare(self) -> bool:
        """Start a worker that waits for a run if there are too few; True if there are enough."""
        return self._warm is None or self._warm.prepare(self.store)

    def reap(self, now: float | None = None) -> tuple[Run, ...]:
        """The same without starting any worker."""
        moment = time.monotonic() if now is None else now
        self.store.runs.fail_expired(moment)
        active = self._active()
        return self._active() if self._reap(active, moment) else active

    def note_stop(self, run_id: str, now: float | None = None) -> None:
        """Let KILL_AFTER count from ``now`` for a run that was just asked to stop."""
        with self._lock:
            self._stopping.setdefault(run_id, time.monotonic() if now is None else now)

    @property
    def at_work(self) -> tuple[str, ...]:
        """The runs whose workers this supervisor started and has not reaped."""
        with self._lock:
            return tuple(self._handles)

    def watch_in_background(self) -> None:
        """Look after the runs from a thread of its own from now on: a waiting run begins also when nobody looks."""
        with self._lock:
            if self._thread is None and not self._closed.is_set():
                self._thread = Thread(target=self._watch, name="run-supervisor", daemon=True)
                self._thread.start()
        self._wake.set()

    def close(self) -> None:
        """End the thread and the workers without a run; workers at work and waiting runs stay."""
        with self._lock:
            thread = self._thread
        self._closed.set()
        self._wake.set()
        if thread is not None:
            thread.join()
        if self._warm is not None:
            self._warm.close()

    def _begin_next(self) -> str | None:
        """Begin the run whose turn it is; None while no run waits or no slot is free."""
        owner = new_owner()
        run = self.store.runs.take(owner, self._slots())
        if run is None:
            return None
        try:
            self._handles[run.id] = self._start(self.store, run.id, owner)
        except OSError as error:  # no memory or no process left: the run's failure, told on every page
            finish(self.store, run.id, owner, RunState.FAILED, f"its worker could not be started: {error}")
            return None
        return run.id

    def _reap(self, active: Sequence[Run], now: float) -> bool:
        """Kill the workers that did not listen, and end the runs that lost theirs; True if there were such runs."""
        with self._lock:
            ended = {run_id for run_id, handle in self._handles.items() if _has_ended(handle)}
            for run_id in ended:
                del self._handles[run_id]
            # Read again: one that was asked to stop since its worker was seen at work is cancelled, not failed.
            lost = [self.store.runs.get(run.id) for run in active if run.id in ended]
            for run in lost:
                self._end_without_worker(run)
            # A worker has to end that was asked to, and one whose run has ended without it.
            unfinished = {run.id: run for run in active}
            stopping = {r for r in self._handles if r not in unfinished or unfinished[r].cancel_requested}
            self._stopping = {r: since for r, since in self._stopping.items() if r in stopping}
            for run_id in stopping:
                if now - self._stopping.setdefault(run_id, now) > KILL_AFTER:
                    self._handles[run_id].kill()
        return bool(lost)

    def _end_without_worker(self, run: Run) -> None:
        """Note that a running run's worker is gone, so that its slot is free at once and not when its lease ends."""
        if run.lease_owner is not None:
            state = RunState.CANCELLED if run.cancel_requested else RunState.FAILED
            reason = "cancelled" if run.cancel_requested else DIED
            finish(self.store, run.id, run.lease_owner, state, reason)

    def _active(self) -> tuple[Run, ...]:
        return self.store.runs.newest(states=ACTIVE, limit=MOST_ACTIVE)[::-1]

    def _watch(self) -> None:
        active = True
        while not self._closed.is_set():
            self._wake.wait(POLL_SECONDS if active or not self.prepare() else IDLE_SECONDS)
            self._wake.clear()
            if self._closed.is_set():
                return
            try:
                active = bool(self.look_after())
            except (DatabaseFailure, ShopwrightError):
                # The database may be back, or the settings be put right, at the next look.
                LOG.exception("waiting runs could not be looked after")


def _has_ended(handle: Handle) -> bool:
    try:
        return handle.poll() is not None
    except OSError:  # no process could be started in the place of one that died before it began
        return True
