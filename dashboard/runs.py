"""Worker processes: start, watch and cancel them. What a run is and how it ended stands in the store, never here.

The registry only holds process handles, so that ended workers are reaped and stuck ones can be killed. A restart of the
dashboard loses the handles and nothing else: runs that wait in the store are given a new worker.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from threading import Lock
from typing import Protocol
from uuid import uuid4

import streamlit as st

from scheduler_core import planning, services
from scheduler_core.data.records import Run, RunState
from scheduler_core.data.store import Store
from scheduler_core.engines.config import EngineConfig
from scheduler_core.objectives import Objective
from scheduler_core.roles import Actor

ADOPT_AFTER = timedelta(seconds=15)
"""A run that waits this long without a worker of ours has lost its own."""
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
    """Handles of the workers that this server process started; locked, shared by all sessions."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._handles: dict[str, Handle] = {}
        self._asked: dict[str, datetime] = {}

    def start(self, store: Store, request: planning.PlanRequest, actor: Actor) -> str:
        """Queue a run and give it a worker; the same request id again does neither twice."""
        run_id = services.submit(store, actor, request)
        self._give_worker(store, run_id)
        return run_id

    def cancel(self, store: Store, run_id: str, now: datetime, actor: Actor) -> None:
        """Ask a run to stop; ``watch`` kills its worker if it does not listen."""
        services.cancel_run(store, actor, run_id)
        with self._lock:
            self._asked.setdefault(run_id, now)

    def keep(self, store: Store, run_id: str, actor: Actor) -> None:
        """Ask an improving run to end now with the best plan so far; one that does not listen can still be cancelled."""
        services.keep_run(store, actor, run_id)

    def watch(self, store: Store, now: datetime) -> tuple[Run, ...]:
        """Reap, kill and adopt as needed; returns the runs that are not finished. Call it at every poll."""
        store.fail_expired(now)
        active = store.runs(states=ACTIVE)
        with self._lock:
            for run_id, handle in list(self._handles.items()):
                if handle.poll() is not None:
                    del self._handles[run_id]
            for run_id in self._asked.keys() - {r.id for r in active}:
                del self._asked[run_id]
            for run_id, asked in self._asked.items():
                stuck = self._handles.get(run_id)
                if stuck is not None and now - asked > KILL_AFTER:
                    stuck.kill()
            orphans = [
                r.id for r in active
                if r.state is RunState.QUEUED and r.id not in self._handles and now - r.created_at > ADOPT_AFTER
            ]  # fmt: skip
        for run_id in orphans:
            self._give_worker(store, run_id)
        return active

    def _give_worker(self, store: Store, run_id: str) -> None:
        with self._lock:
            if run_id not in self._handles and store.run(run_id).state is RunState.QUEUED:
                self._handles[run_id] = planning.start_worker(store, run_id)


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
) -> tuple[planning.PlanRequest, ...]:
    """Greedy and RL side by side on one snapshot. ``token`` is minted when the button is drawn: one click, one pair of runs.

    RL gets two cores where there are two, as its search uses them all the time and greedy ends early; the others get one.
    """
    return tuple(
        planning.PlanRequest(
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
