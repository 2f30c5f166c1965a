"""Looks at the ERP in the background: one look at a time for the whole server, and no page ever waits for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock, Thread

import streamlit as st

from dashboard.state.plant_context import utc_now
from scheduler_core.data.store import fact_repository
from scheduler_core.data.store.records import SnapshotInfo
from scheduler_core.errors import ShopwrightError
from scheduler_core.i18n.translate import mark
from scheduler_core.plant import Plant
from scheduler_core.services import pulling
from scheduler_core.settings import environment, locations

USUAL_SECONDS = 60
LEAST_SECONDS = 5
INTERNAL_ERROR = mark("the check of the ERP ended with an internal error: see the server's log")
Look = Callable[[SnapshotInfo], Plant | None]


@dataclass(frozen=True)
class ErpStatus:
    """What is known of the ERP beside one snapshot.

    ``seen_at``: the last look that went well (None: none yet). ``plant``: the ERP's plant then, None while its rows were the
    snapshot's. ``failure``: why the newest look failed, None if it went well.
    """

    snapshot_id: str
    seen_at: datetime | None = None
    plant: Plant | None = None
    failure: str | None = None


def look_at_erp(snapshot: SnapshotInfo) -> Plant | None:
    """The ERP's plant as of now, with the machines that planners expect back, or None. Raises as ``pulling.look``."""
    facts = fact_repository.look(locations.database_url(), snapshot.plant)
    return pulling.look(snapshot, facts=facts)


class ErpPoller:
    """See the module's text; shared by all sessions."""

    def __init__(self, look: Look = look_at_erp) -> None:
        self._look = look
        self._lock = Lock()
        self._busy = False
        self._next: datetime | None = None
        self._sight = ErpStatus("")

    def see(self, snapshot: SnapshotInfo, now: datetime, seconds: int) -> ErpStatus:
        """What is known now; begins a look if the last one began ``seconds`` ago or more and none is under way."""
        with self._lock:
            if self._sight.snapshot_id != snapshot.id:
                self._sight, self._next = ErpStatus(snapshot.id), None
            # A next look that is further ahead than the interval was set before the clock was set back.
            ahead = timedelta(0) if self._next is None else self._next - now
            if not self._busy and not timedelta(0) < ahead <= timedelta(seconds=seconds):
                self._busy, self._next = True, now + timedelta(seconds=seconds)
                Thread(target=self._work, args=(snapshot,), name="erp-look", daemon=True).start()
            return self._sight

    def _work(self, snapshot: SnapshotInfo) -> None:
        seen: dict[str, object] = {"failure": INTERNAL_ERROR}
        try:
            seen = {"plant": self._look(snapshot), "seen_at": utc_now(), "failure": None}
        except ShopwrightError as error:
            seen = {"failure": str(error)}
        finally:
            with self._lock:
                self._busy = False
                # A pull may have taken the snapshot's place meanwhile.
                if self._sight.snapshot_id == snapshot.id:
                    self._sight = replace(self._sight, **seen)  # type: ignore[arg-type]


@st.cache_resource(max_entries=1)
def erp_poller() -> ErpPoller:
    """The one poller of this server process."""
    return ErpPoller()


def poll_seconds() -> int:
    """Seconds between two looks, from the environment; 0: never. Raises InvalidValue for anything but 0 or 5 and more."""
    return environment.whole_seconds(environment.POLL_SECONDS, USUAL_SECONDS, LEAST_SECONDS, or_never=True)
