"""The supervisor of runs in this server process, which checks the user's right before each action."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

import streamlit as st

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import STANDING, Run, RunRequest
from scheduler_core.roles import Action, Actor
from scheduler_core.runs import request as run_requests
from scheduler_core.runs.supervisor import ACTIVE, Supervisor
from scheduler_core.runs.warm_workers import WarmWorkers
from scheduler_core.services import authorized


def with_warm_workers(store: Store) -> Supervisor:
    """A supervisor with workers that wait for runs."""
    return Supervisor(store, warm=WarmWorkers())


new_supervisor: Callable[[Store], Supervisor] = with_warm_workers
"""Makes the supervisor of a store; a test sets another one, which starts no process."""


@dataclass
class _Current:
    """The supervisor of the store that this server process uses; None before the first run is asked for."""

    lock: Lock = field(default_factory=Lock)
    starting: Lock = field(default_factory=Lock)
    supervisor: Supervisor | None = None


@st.cache_resource(max_entries=1)
def _current() -> _Current:
    return _Current()


def supervisor(store: Store) -> Supervisor:
    """The one supervisor of this server process; where another store was used before, that one's supervisor is closed."""
    current = _current()
    with current.lock:
        if current.supervisor is None or current.supervisor.store is not store:
            if current.supervisor is not None:
                current.supervisor.close()
            current.supervisor = new_supervisor(store)
        return current.supervisor


def close() -> None:
    """End the supervisor's thread; workers and waiting runs stay."""
    current = _current()
    with current.lock:
        if current.supervisor is not None:
            current.supervisor.close()
            current.supervisor = None


@dataclass(frozen=True)
class Started:
    """A run that was asked for. ``new``: False where another session has already asked for the very same one."""

    run_id: str
    new: bool


def start(store: Store, request: RunRequest, actor: Actor) -> Started:
    """Queue a run, and give it a worker if a slot is free; the same request id again does neither twice.

    Where a run of the same engine with the same settings on the same jobs is waiting or at work, that one is returned: two
    tabs do not start it twice.
    """
    with _current().starting:
        same = run_requests.at_work(store, request)
        if same is not None:
            authorized.require(store, actor, Action.PLAN)
            return Started(same.id, same.request_id == request.request_id)
        run_id = authorized.submit(store, actor, request)
    found = supervisor(store)
    found.begin_waiting()
    found.watch_in_background()
    return Started(run_id, True)


def cancel(store: Store, run_id: str, actor: Actor) -> None:
    """Ask a run to stop; its worker is killed if it does not listen."""
    authorized.cancel_run(store, actor, run_id)
    supervisor(store).note_stop(run_id)


def look_after(store: Store) -> tuple[Run, ...]:
    """The runs that are not finished, oldest first, after workers were reaped, killed and started as needed.

    Without standing searches, for which nobody waits: Monitor tells of them.
    """
    found = supervisor(store)
    active = found.look_after()
    if active:
        found.watch_in_background()
    return tuple(run for run in active if run.engine != STANDING)


def any_active(store: Store) -> bool:
    """Whether a run that somebody waits for waits or is at work; only looks."""
    return any(run.engine != STANDING for run in store.runs.newest(states=ACTIVE))
