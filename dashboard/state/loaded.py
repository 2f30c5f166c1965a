"""Plants, plans and pictures loaded from the store once. Everything cached is immutable or locked, and bounded."""

from __future__ import annotations

import streamlit as st

from dashboard.gantt import GanttRequest, Ghosts, pack
from dashboard.loaded_plan import Plan, build_plan
from dashboard.presentation.frozen_words import zone_words
from scheduler_core.analysis.plan_diff import PlanDiff, plan_diff
from scheduler_core.data.store import Store
from scheduler_core.engines.registry import has_zone
from scheduler_core.i18n.translate import t
from scheduler_core.judge.frozen_zone import FrozenZone
from scheduler_core.plant import Plant
from scheduler_core.runs.kept_zone import judged_zone


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
    return plan_diff(before.plant, before.schedule, after.plant, after.schedule)


def kept_zone_words(store: Store, plan: Plan) -> str | None:
    """The frozen zone that the plan's run was to keep, and what stayed in it, in words; None where there was none."""
    config = store.runs.get(plan.stored.run_id).config
    zone = _kept_zone(store, plan.id) if has_zone(config) else None
    return None if zone is None else zone_words(plan.plant, config.frozen_hours, config.frozen_by_type, zone)


@st.cache_resource(max_entries=12, show_spinner=False)
def _kept_zone(_store: Store, schedule_id: str) -> FrozenZone | None:
    plan = _load_plan(_store, schedule_id)
    return judged_zone(plan.plant, _store.runs.get(plan.stored.run_id).config, plan.schedule)


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
