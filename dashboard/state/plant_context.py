"""Where the planner stands: the latest snapshot of the plant, its plans and its releases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard.loaded_plan import best_of, outdone, version_of
from dashboard.presentation import plan_names
from dashboard.state.scenario_words import scenario_words
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import Release, Scenario, SnapshotInfo, Source, StoredSchedule
from scheduler_core.i18n.local_formats import full_stamp_text, time_text, weekday_text
from scheduler_core.i18n.translate import t
from scheduler_core.settings import locations

WEEKDAY_ENOUGH = timedelta(days=6)
"""How long ago a moment may be for its weekday to name its day."""


@dataclass(frozen=True)
class PlantContext:
    """Where the planner stands at this rerun.

    plans: valid plans of the latest snapshot, what-if plans of it that are up for approval (``promoted``, by id), and all
    released ones; those that were withdrawn are in ``withdrawn`` instead. scenarios: by the id of their derived snapshot.
    """

    store: Store
    snapshot: SnapshotInfo
    release: Release | None
    releases: tuple[Release, ...]
    plans: tuple[StoredSchedule, ...]
    promoted: frozenset[str] = frozenset()
    withdrawn: tuple[StoredSchedule, ...] = ()
    scenarios: Mapping[str, Scenario] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        """The plant's time zone."""
        return ZoneInfo(self.snapshot.timezone)

    @property
    def fixed_clock(self) -> bool:
        """Whether the plant's clock stands still, as that of a demo or of a file does."""
        return self.snapshot.source is not Source.ERP

    @property
    def now(self) -> datetime:
        """Naive plant time: the clock on the wall, or of a demo or file whose clock stands still, the plan's start."""
        if self.fixed_clock:
            return self.snapshot.plan_start
        return datetime.now(self.zone).replace(tzinfo=None, second=0, microsecond=0)

    def moment(self, at: datetime) -> str:
        """When something was done on the board (``at``: aware), in plant time.

        Where the plant's clock stands still the words say that this is the real time, so that nobody takes it for a moment
        of the plan; of the demo's simulated history, that it is simulated.
        """
        local = at.astimezone(self.zone)
        if self.simulated(at):
            return t("{moment} simulated", moment=full_stamp_text(local))
        recent = timedelta(0) <= utc_now() - at < WEEKDAY_ENOUGH
        said = f"{weekday_text(local.weekday())} {time_text(local)}" if recent else full_stamp_text(local)
        return t("{moment} real time", moment=said) if self.fixed_clock else said

    def simulated(self, at: datetime) -> bool:
        """Whether a moment (aware) lies before the demo's clock: only its simulated history has such."""
        return self.snapshot.source is Source.DEMO and at < self.snapshot.plan_start.replace(tzinfo=self.zone)

    def age_minutes(self, snapshot: SnapshotInfo) -> int:
        """How old a snapshot's jobs are; those of the demo's simulated history by the demo's clock."""
        if self.simulated(snapshot.taken_at):
            return snapshot.age_minutes(self.snapshot.plan_start.replace(tzinfo=self.zone))
        return snapshot.age_minutes(utc_now())

    @property
    def fresh_plans(self) -> tuple[StoredSchedule, ...]:
        """Plans of the latest snapshot."""
        return tuple(p for p in self.plans if p.snapshot_id == self.snapshot.id)

    @property
    def usual(self) -> StoredSchedule | None:
        """What pages show before anybody chooses: the plan in force, else the best of the latest snapshot."""
        return self.released or best_of(self.fresh_plans)

    @property
    def released(self) -> StoredSchedule | None:
        """The plan that is in force."""
        if self.release is None:
            return None
        return self.find(self.release.schedule_id) or self.store.schedules.get(self.release.schedule_id)

    def name(self, stored: StoredSchedule) -> str:
        """A plan's name in lists: what made it, how late it is, when it was made and what became of it."""
        return plan_names.plan_name(stored, self.moment(stored.created_at), self.assumes(stored), self.standing(stored))

    def short_name(self, stored: StoredSchedule) -> str:
        """The name without what became of the plan."""
        return plan_names.plan_name(stored, self.moment(stored.created_at), self.assumes(stored))

    def assumes(self, stored: StoredSchedule) -> str | None:
        """What the plan's scenario assumes, in words; None for a plan of the jobs as they are."""
        scenario = self.scenarios.get(stored.snapshot_id)
        return None if scenario is None else scenario_words(self.store, scenario)

    def standing(self, stored: StoredSchedule) -> str | None:
        """What became of a plan: in force, replaced, withdrawn, a what-if; None for an ordinary proposal."""
        number = version_of(stored.id, self.releases)
        if self.release is not None and self.release.schedule_id == stored.id:
            return t("in force, v{number}", number=self.release.number)
        if number is not None:
            return t("replaced, v{number}", number=number)
        if any(p.id == stored.id for p in self.withdrawn):
            return t("withdrawn")
        if stored.snapshot_id in self.scenarios:
            return t("what-if")
        return None if stored.snapshot_id == self.snapshot.id else t("older data")

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
    gone = store.withdrawals.plans(snapshot.id)
    # The standing search stores a better plan now and then: the last one stands for all, unless one was released.
    replaced = outdone(p for p in plans if p.id not in gone) - {one.schedule_id for one in releases}
    return PlantContext(
        store,
        snapshot,
        release,
        releases,
        plans=tuple(p for p in plans if p.id not in gone and p.id not in replaced),
        promoted=frozenset(p.id for p in promoted if p.id not in gone),
        withdrawn=tuple(p for p in plans if p.id in gone),
        scenarios=store.scenarios.of_snapshots({p.snapshot_id for p in plans} - {snapshot.id}),
    )


def utc_now() -> datetime:
    """The wall clock, aware."""
    return datetime.now(UTC)
