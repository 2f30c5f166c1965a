"""The supervisor of runs in this server process, which checks the user's right before each action."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

import streamlit as st

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import Run, RunRequest
from scheduler_core.roles import Actor
from scheduler_core.runs.supervisor import Supervisor
from scheduler_core.services import authorized

new_supervisor: Callable[[Store], Supervisor] = Supervisor
"""Makes the supervisor of a store; a test sets another one, which starts no process."""


@dataclass
class _Current:
    """The supervisor of the store that this server process uses; None before the first run is asked for."""

    lock: Lock = field(default_factory=Lock)
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


def start(store: Store, request: RunRequest, actor: Actor) -> str:
    """Queue a run, and give it a worker if a slot is free; the same request id again does neither twice."""
    run_id = authorized.submit(store, actor, request)
    found = supervisor(store)
    found.begin_waiting()
    found.watch_in_background()
    return run_id


def cancel(store: Store, run_id: str, now: datetime, actor: Actor) -> None:
    """Ask a run to stop; its worker is killed if it does not listen."""
    authorized.cancel_run(store, actor, run_id)
    supervisor(store).note_stop(run_id, now)


def look_after(store: Store, now: datetime) -> tuple[Run, ...]:
    """The runs that are not finished, oldest first, after workers were reaped, killed and started as needed."""
    found = supervisor(store)
    active = found.look_after(now)
    if active:
        found.watch_in_background()
    return active
