"""Where the planner stands: the latest snapshot of the plant, its plans and its releases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard.loaded_plan import best_of, version_of
from dashboard.presentation import formatting
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import Release, SnapshotInfo, Source, StoredSchedule
from scheduler_core.i18n.translate import t
from scheduler_core.settings import locations


@dataclass(frozen=True)
class PlantContext:
    """Where the planner stands at this rerun. ``plans``: valid plans of the latest snapshot, what-if plans of it that are up
    for approval (``promoted``, by id), and all released ones."""

    store: Store
    snapshot: SnapshotInfo
    release: Release | None
    releases: tuple[Release, ...]
    plans: tuple[StoredSchedule, ...]
    promoted: frozenset[str] = frozenset()

    @property
    def zone(self) -> ZoneInfo:
        """The plant's time zone."""
        return ZoneInfo(self.snapshot.timezone)

    @property
    def now(self) -> datetime:
        """Naive plant time: the clock on the wall, or of a demo or file whose clock stands still, the plan's start."""
        if self.snapshot.source is Source.ERP:
            return datetime.now(self.zone).replace(tzinfo=None, second=0, microsecond=0)
        return self.snapshot.plan_start

    @property
    def fresh_plans(self) -> tuple[StoredSchedule, ...]:
        """Plans of the latest snapshot."""
        return tuple(p for p in self.plans if p.snapshot_id == self.snapshot.id)

    @property
    def proposed(self) -> StoredSchedule | None:
        """The best plan of the latest snapshot, else the released one."""
        best = best_of(self.fresh_plans)
        return best or self.released

    @property
    def released(self) -> StoredSchedule | None:
        """The plan that is in force."""
        if self.release is None:
            return None
        return self.store.schedules.get(self.release.schedule_id)

    def name(self, stored: StoredSchedule) -> str:
        """A plan's name in lists."""
        created = stored.created_at.astimezone(self.zone)
        name = formatting.plan_name(stored, created, version_of(stored.id, self.releases))
        return t("{name} · what-if", name=name) if stored.id in self.promoted else name

    def find(self, schedule_id: str | None) -> StoredSchedule | None:
        """A plan of the list by its id."""
        return next((p for p in self.plans if p.id == schedule_id), None)


def open_store() -> Store:
    """The product's store, one per database and server process (its connections are pooled, never shared in use)."""
    with st.spinner(t("Opening the database…")):
        return _store(locations.database_url())


@st.cache_resource(max_entries=4, show_spinner=False)
def _store(url: str) -> Store:
    return Store.open(url)


def plant_context(store: Store) -> PlantContext | None:
    """Read where things stand, or None while the store has no snapshot."""
    snapshot = store.snapshots.latest()
    if snapshot is None:
        return None
    release = store.releases.current(snapshot.plant)
    releases = store.releases.newest(snapshot.plant)
    promoted = store.scenarios.promoted_schedules(snapshot.id)
    plans = [*store.schedules.newest(snapshot_id=snapshot.id), *promoted]
    known = {p.id for p in plans}
    for one in releases:
        if one.schedule_id not in known:
            plans.append(store.schedules.get(one.schedule_id))
            known.add(one.schedule_id)
    return PlantContext(store, snapshot, release, releases, tuple(plans), frozenset(p.id for p in promoted))


def utc_now() -> datetime:
    """The wall clock, aware."""
    return datetime.now(UTC)
