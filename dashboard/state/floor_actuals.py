"""Where operations really ran, as pages show it beside a plan."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from dashboard.gantt.actual_bars import ActualBar, actual_bars
from dashboard.loaded_plan import Plan
from dashboard.state.plant_context import PlantContext
from scheduler_core.data.store import Store

BEFORE = timedelta(days=1)
"""How long before a plan's beginning operations may have ended that are still drawn."""


def beside(ctx: PlantContext, plan: Plan) -> tuple[ActualBar, ...]:
    """The bars of what ran from a day before the plan's beginning on, as far as the pulls until now tell."""
    return _bars(ctx.store, plan, plan.id, ctx.snapshot.id)


@st.cache_data(max_entries=12, show_spinner=False)
def _bars(_store: Store, _plan: Plan, plan_id: str, pulled: str) -> tuple[ActualBar, ...]:
    """``plan_id`` and ``pulled``, the latest snapshot, are the key."""
    del plan_id, pulled
    plant = _plan.plant
    read = _store.actuals.last(plant.name)
    if read is None:
        return ()
    found = _store.actuals.of_plant(plant.name, plant.plan_start - BEFORE)
    return actual_bars(plant, found, plant.minute_of(read.snapshot.plan_start))
