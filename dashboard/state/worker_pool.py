"""Worker processes: start, watch and cancel them. What a run is, whose turn it is and how it ended stands in the store.

The registry only holds process handles, so that ended workers are reaped and stuck ones can be killed. A restart of the
dashboard loses the handles and nothing else: runs at work go on, and those that wait keep their turn.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from threading import Event, Lock, Thread
from typing import Protocol
from uuid import uuid4

import streamlit as st

from scheduler_core.data.database import DatabaseFailure
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import Run, RunRequest, RunState
from scheduler_core.engines.config import EngineConfig
from scheduler_core.errors import ShopwrightError
from scheduler_core.objectives import Objective
from scheduler_core.roles import Actor
from scheduler_core.runs import planning
from scheduler_core.services import authorized

LOG = logging.getLogger("dashboard.state.worker_pool")
TEND_SECONDS, IDLE_SECONDS = 1.0, 30.0
"""How often waiting runs are looked after while there are runs, and while there is none."""
MOST_ACTIVE = 1000
KILL_AFTER = timedelta(seconds=5)
"""A worker that has not stopped so long after it was asked to is killed."""
ACTIVE = (RunState.QUEUED, RunState.RUNNING)
DEADLINE_SECONDS = 600
DEFAULT_SECONDS = 10
LONGEST_SECONDS = 300
IMPROVING = ("learned", "exact")
"""Engines that go on improving a plan, so that the best so far can be kept."""


class Handle(Protocol):
    """The part of ``subprocess.Popen`` that the registry uses."""

    def poll(self) -> int | None:
        """The exit status, None while it runs."""
        ...

    def kill(self) -> None:
        """Stop it at once."""
        ...


class Registry:
    """Handles of the workers that this server process started; locked, shared by all sessions.

    A run that is asked for waits in the store until a place is free there. ``watch`` gives free places away: pages call it
    at every poll, and a thread of the registry's own once a second, so that a run begins also when nobody looks.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._handles: dict[str, Handle] = {}
        self._asked: dict[str, datetime] = {}
        self._tended: Store | None = None
        self._thread: Thread | None = None
        self._wake = Event()

    def start(self, store: Store, request: RunRequest, actor: Actor) -> str:
        """Queue a run, and give it a worker if a place is free; the same request id again does neither twice."""
        run_id = authorized.submit(store, actor, request)
        self._fill(store)
        self._tend(store)
        self._wake.set()
        return run_id

    def cancel(self, store: Store, run_id: str, now: datetime, actor: Actor) -> None:
        """Ask a run to stop; ``watch`` kills its worker if it does not listen."""
        authorized.cancel_run(store, actor, run_id)
        with self._lock:
            self._asked.setdefault(run_id, now)

    def keep(self, store: Store, run_id: str, actor: Actor) -> None:
        """Ask an improving run to end now with the best plan so far; one that does not listen can still be cancelled."""
        authorized.keep_run(store, actor, run_id)

    def watch(self, store: Store, now: datetime) -> tuple[Run, ...]:
        """Reap, kill and start workers as needed; returns the runs that are not finished, oldest first."""
        active = self._look_after(store, now)
        if active:
            self._tend(store)
        return active

    def close(self) -> None:
        """End the thread; workers and waiting runs stay."""
        with self._lock:
            self._tended, thread = None, self._thread
        self._wake.set()
        if thread is not None:
            thread.join()

    def _look_after(self, store: Store, now: datetime) -> tuple[Run, ...]:
        store.runs.fail_expired(now)
        active = _active(store)
        lost = self._reap(store, active, now)
        waiting = any(run.state is RunState.QUEUED for run in active)
        if waiting:
            self._fill(store)
        # Also where nothing was given away here: another thread may have done it since these were read.
        return _active(store) if lost or waiting else active

    def _reap(self, store: Store, active: Sequence[Run], now: datetime) -> bool:
        """Kill the workers that did not listen, and end the runs that lost theirs; True if there were such runs."""
        with self._lock:
            ended = {run_id for run_id, handle in self._handles.items() if handle.poll() is not None}
            for run_id in ended:
                del self._handles[run_id]
            # Read again: one that was asked to stop since its worker was seen at work is called off, not failed.
            lost = [store.runs.get(run.id) for run in active if run.id in ended]
            for run in lost:
                planning.end_of_worker(store, run)
            for run_id in self._asked.keys() - {run.id for run in active}:
                del self._asked[run_id]
            for run_id, asked in self._asked.items():
                stuck = self._handles.get(run_id)
                if stuck is not None and now - asked > KILL_AFTER:
                    stuck.kill()
        return bool(lost)

    def _fill(self, store: Store) -> None:
        """Give the free places away."""
        with self._lock:
            while (begun := planning.begin_next(store)) is not None:
                run_id, worker = begun
                self._handles[run_id] = worker

    def _tend(self, store: Store) -> None:
        with self._lock:
            if self._tended is store:
                return
            self._tended = store
            self._thread = Thread(target=self._watch_on, args=(store,), name="run-places", daemon=True)
            self._thread.start()

    def _watch_on(self, store: Store) -> None:
        active = True
        while self._tended is store:
            self._wake.wait(TEND_SECONDS if active else IDLE_SECONDS)
            self._wake.clear()
            if self._tended is not store:
                return
            try:
                active = bool(self._look_after(store, datetime.now(UTC)))
            except (DatabaseFailure, ShopwrightError):
                # The database may be back, or the settings be put right, at the next look.
                LOG.exception("waiting runs could not be looked after")


def _active(store: Store) -> tuple[Run, ...]:
    return store.runs.newest(states=ACTIVE, limit=MOST_ACTIVE)[::-1]


@st.cache_resource(max_entries=1)
def registry() -> Registry:
    """The one registry of this server process."""
    return Registry()


def both_requests(
    snapshot_id: str,
    token: str,
    *,
    objective: Objective = Objective.TARDINESS,
    seconds: int = DEFAULT_SECONDS,
    seed: int = 0,
    engines: Sequence[str] = ("greedy", "learned"),
) -> tuple[RunRequest, ...]:
    """Greedy and RL side by side on one snapshot. ``token`` is minted when the button is drawn: one click, one pair of runs.

    RL gets two cores where there are two, as its search uses them all the time and greedy ends early; the others get one.
    """
    return tuple(
        RunRequest(
            request_id=f"{token}-{engine}",
            snapshot_id=snapshot_id,
            engine=engine,
            config=EngineConfig(
                objective=objective,
                time_limit=float(seconds) if engine in IMPROVING else None,
                seed=seed,
                workers=min(2, os.cpu_count() or 1) if engine == "learned" else 1,
            ),
            deadline_seconds=DEADLINE_SECONDS,
        )
        for engine in engines
    )


def mint(key: str) -> str:
    """A request id that stays the same until it is used (``spend``), however often the button is drawn or clicked."""
    if key not in st.session_state:
        st.session_state[key] = uuid4().hex
    return str(st.session_state[key])


def spend(key: str) -> None:
    """The request went through: the next click is a new one."""
    st.session_state.pop(key, None)
