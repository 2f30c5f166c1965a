"""What the floor did, read from the store once for each pull and release."""

from __future__ import annotations

from datetime import date, datetime

import streamlit as st

from dashboard.state.plant_context import PlantContext
from scheduler_core.actuals.late_reasons import WhyLate
from scheduler_core.actuals.weeks import InForce, WeekFigures
from scheduler_core.analysis.work_week import monday_of
from scheduler_core.comparison import performance
from scheduler_core.comparison.performance import InForceSpan, Performance
from scheduler_core.data.store import Store
from scheduler_core.i18n.translate import t


def load_performance(ctx: PlantContext) -> Performance | None:
    """The floor's figures of the last weeks; None before the second pull."""
    with st.spinner(t("Comparing pulls with plans…")):
        return _performance(ctx.store, ctx.snapshot.plant, ctx.snapshot.id, _release(ctx))


def load_reasons(ctx: PlantContext, found: Performance, week: WeekFigures) -> WhyLate:
    """Why a week's late orders were late."""
    with st.spinner(t("Comparing pulls with plans…")):
        return _reasons(ctx.store, ctx.snapshot.plant, ctx.snapshot.id, _release(ctx), week.monday, found, week)


def _release(ctx: PlantContext) -> str | None:
    return None if ctx.release is None else ctx.release.id


@st.cache_resource(max_entries=4, show_spinner=False)
def _performance(_store: Store, plant: str, snapshot_id: str, release_id: str | None) -> Performance | None:
    del snapshot_id, release_id  # they stand for what can have changed
    return performance.performance(_store, plant, _asked)


def _asked(store: Store, span: InForceSpan) -> InForce:
    memory = _week_memory(monday_of(span.begin.date()))
    key = (span.release.id, span.begin, span.end)
    if key not in memory:
        memory[key] = performance.asked(store, span)
    return memory[key]


@st.cache_resource(max_entries=50, show_spinner=False)
def _week_memory(monday: date) -> dict[tuple[str, datetime, datetime], InForce]:
    """What released plans asked for in the spans of one week; a span that is over does not change."""
    del monday
    return {}


@st.cache_resource(max_entries=24, show_spinner=False)
def _reasons(
    _store: Store, plant: str, snapshot_id: str, release_id: str | None, monday: date, _found: Performance,
    _week: WeekFigures,
) -> WhyLate:  # fmt: skip
    del snapshot_id, release_id, monday
    return performance.week_reasons(_store, plant, _found, _week)
