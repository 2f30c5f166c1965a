"""What all pages share: the store, and plans loaded from it. Everything cached is immutable or locked, and bounded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard.gantt import GanttRequest, Ghosts, pack
from dashboard.loaded_plan import Plan, best_of, build_plan, version_of
from dashboard.presentation import formatting, safe_text
from scheduler_core.analysis.plan_diff import PlanDiff, difference
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import Release, SnapshotInfo, Source, StoredSchedule
from scheduler_core.data.store_errors import NotFound
from scheduler_core.i18n.translate import t
from scheduler_core.plant import Machine, Plant
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


@st.cache_resource(max_entries=6, show_spinner=False)
def load_plant(_store: Store, snapshot_id: str) -> Plant:
    """A snapshot's plant."""
    return _store.snapshots.plant(snapshot_id)


def load_plan(store: Store, schedule_id: str) -> Plan:
    """A plan with everything that pages ask of it."""
    with st.spinner(t("Loading the plan…")):
        return _load_plan(store, schedule_id)


@st.cache_resource(max_entries=12, show_spinner=False)
def _load_plan(_store: Store, schedule_id: str) -> Plan:
    stored = _store.schedules.get(schedule_id)
    info = _store.snapshots.get(stored.snapshot_id)
    return build_plan(stored, info, load_plant(_store, stored.snapshot_id), _store.schedules.load(schedule_id))


@st.cache_resource(max_entries=12, show_spinner=False)
def load_plan_diff(_store: Store, before_id: str, after_id: str) -> PlanDiff:
    """What changes from one plan to another."""
    before, after = _load_plan(_store, before_id), _load_plan(_store, after_id)
    return difference(before.plant, before.schedule, after.plant, after.schedule)


@st.cache_data(max_entries=12, show_spinner=False)
def gantt_bytes(
    _plan: Plan,
    version: str,
    request: GanttRequest,
    *,
    language: str,
    _ghosts: Ghosts | None = None,
    ghosts_version: str | None = None,
) -> bytes:
    """The packed picture of a plan in a language; ``version`` and ``ghosts_version`` stand for the plans in its key."""
    del version, ghosts_version, language
    return pack(_plan.plant, _plan.schedule, _plan.hours, request, ghosts=_ghosts, lateness=_plan.lateness)


def utc_now() -> datetime:
    """The wall clock, aware."""
    return datetime.now(UTC)


def put_in_address(key: str, value: str) -> None:
    """Make a choice part of the page's address; only a change is told to the browser."""
    st.session_state[f"_address_{key}"] = value
    if st.query_params.get(key) != value:
        st.query_params[key] = value


def take_from_address(key: str, widget: str, known: Sequence[str]) -> None:
    """Let a widget follow the address where a link has changed it; a widget that was just used wins over the old address."""
    asked = st.query_params.get(key)
    if asked in known and asked != st.session_state.get(f"_address_{key}"):
        st.session_state[widget] = asked


def machine_of_address(plant: Plant) -> Machine | None:
    """The machine that the address names by its number or its name; where there is no such machine, that is said."""
    asked = st.query_params.get("machine")
    if asked is None:
        return None
    found = next((m for m in plant.machines if asked in (str(m.id), m.name)), None)
    if found is None:
        st.warning(
            safe_text.escape_markdown(t("The address names a machine that this plant does not have: {asked}", asked=asked))
        )
    return found


def forget_choices() -> None:
    """Let every page choose its usual plan again, as after new runs."""
    for key in ("plan", "left", "right"):
        for name in [n for n in st.session_state if str(n).startswith((f"{key}_", f"_chosen_{key}"))]:
            del st.session_state[name]
        st.query_params.pop(key, None)


def choose_plan(
    ctx: PlantContext, label: str, key: str, default: StoredSchedule | None, *, follow: bool = False, any_plan: bool = False
) -> StoredSchedule | None:
    """A list of all plans, newest first; the choice is part of the address and goes with the planner to other pages.

    With ``follow`` a choice that is the usual one stays so: when a run brings a newer default, that is shown. What the
    planner picked otherwise stays. ``any_plan``: a link may name a plan that no list has, as one of a what-if that is not up
    for approval.
    """
    options = sorted(ctx.plans, key=lambda p: p.created_at, reverse=True)
    if not options:
        return None
    remembered = f"_chosen_{key}"
    linked = _linked(ctx, st.query_params.get(key)) if any_plan else None
    if linked is not None:
        options.insert(0, linked)
    ids = [p.id for p in options]
    # The names change with every release, and a list keeps the words of the choice that it was drawn with.
    widget = f"{key}_{len(ctx.releases)}"
    take_from_address(key, widget, ids)
    if st.session_state.get(widget) not in ids:
        wishes = (st.query_params.get(key), st.session_state.get(remembered), default.id if default else None)
        st.session_state[widget] = next((w for w in wishes if w in ids), ids[0])
    usual = f"_usual_{key}"
    if follow and default is not None and st.session_state.get(usual) == st.session_state[widget]:
        st.session_state[widget] = default.id
    names = {p.id: ctx.name(p) for p in options}
    if linked is not None:
        names[linked.id] += " · what-if"
    asked = st.query_params.get(key)
    if asked is not None and asked not in ids:
        st.warning(
            t("The address names a plan that is not among these: it was made from an older pull and never released."),
            icon=":material/link_off:",
        )
    chosen = st.selectbox(label, ids, format_func=lambda i: names[i], key=widget)
    put_in_address(key, chosen)
    st.session_state[remembered] = chosen
    if follow:
        st.session_state[usual] = chosen if default is not None and chosen == default.id else None
    return next(p for p in options if p.id == chosen)


def _linked(ctx: PlantContext, schedule_id: str | None) -> StoredSchedule | None:
    """The plan of the plant that an address names, if no list has it and it is a what-if's or an older one's."""
    if schedule_id is None or ctx.find(schedule_id) is not None:
        return None
    try:
        found = ctx.store.schedules.get(schedule_id)
    except NotFound:
        return None
    same = ctx.store.snapshots.get(found.snapshot_id).plant == ctx.snapshot.plant
    return found if same and not found.rejected else None
