"""Plants, plans and pictures loaded from the store once. Everything cached is immutable or locked, and bounded."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from dashboard.gantt import GanttRequest, Ghosts, pack
from dashboard.loaded_plan import Plan, Replanned, build_plan, counted_moves
from scheduler_core.analysis.job_sets import CommonFigures, on_common_jobs
from scheduler_core.analysis.plan_diff import PlanDiff, plan_diff
from scheduler_core.analysis.stability import stability
from scheduler_core.data.store import Store
from scheduler_core.i18n.translate import t
from scheduler_core.judge.moves import Moves
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule


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
    config = _store.runs.get(stored.run_id).config
    return build_plan(stored, info, load_plant(_store, stored.snapshot_id), _store.schedules.load(schedule_id), config)


@st.cache_resource(max_entries=12, show_spinner=False)
def load_plan_diff(_store: Store, before_id: str, after_id: str) -> PlanDiff:
    """What changes from one plan to another."""
    before, after = _load_plan(_store, before_id), _load_plan(_store, after_id)
    return plan_diff(before.plant, before.schedule, after.plant, after.schedule)


def load_replanned(store: Store, before_id: str, after_id: str, now: datetime) -> Replanned:
    """A plan as the answer to a change of another one, looked at from ``now`` (naive plant time)."""
    before, after = load_plan(store, before_id), load_plan(store, after_id)
    calm = stability(before.plant, before.schedule, after.plant, after.schedule, now)
    return Replanned(after, load_plan_diff(store, before_id, after_id), load_moves(store, before_id, after_id), calm)


@st.cache_resource(max_entries=24, show_spinner=False)
def load_moves(_store: Store, before_id: str, after_id: str) -> Moves:
    """The moves of one plan against another."""
    return counted_moves(_load_plan(_store, before_id), _load_plan(_store, after_id))


@st.cache_resource(max_entries=48, show_spinner=False)
def load_common_figures(_store: Store, before_id: str, after_id: str) -> CommonFigures:
    """The figures of two plans over the jobs that both have."""

    def read(schedule_id: str) -> tuple[Plant, Schedule]:
        return load_plant(_store, _store.schedules.get(schedule_id).snapshot_id), _store.schedules.load(schedule_id)

    return on_common_jobs(*read(before_id), *read(after_id))


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
