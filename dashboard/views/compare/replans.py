"""Keep, calm and best of the latest jobs beside the plan in force, with one of them recommended."""

from __future__ import annotations

import streamlit as st

from dashboard.components import data_table
from dashboard.loaded_plan import over_the_same_jobs
from dashboard.presentation import formatting, replan_words, what_if_tables
from dashboard.state import proposal
from dashboard.state.loaded import load_plan, load_plan_diff
from dashboard.state.plant_context import PlantContext
from scheduler_core.engines.registry import REPAIR_CHOICES
from scheduler_core.i18n.translate import t
from scheduler_core.runs.supervisor import ACTIVE


def show(ctx: PlantContext) -> None:
    """Draw them; without any, what makes them."""
    if ctx.released is None:
        st.info(t("Nothing is released yet: a replan starts from a plan in force."))
        return
    stored = proposal.replans(ctx)
    if not stored:
        st.info(
            t("No replan of the latest jobs since the last release: Run makes keep, calm and best from the plan in force.")
        )
        return
    plans = {engine: load_plan(ctx.store, plan.id) for engine, plan in stored.items()}
    base = load_plan(ctx.store, ctx.released.id)
    found = {engine: load_plan_diff(ctx.store, base.id, plan.id) for engine, plan in plans.items()}
    working = [
        r.engine for r in ctx.store.runs.newest(snapshot_id=ctx.snapshot.id, states=ACTIVE) if r.engine in REPAIR_CHOICES
    ]
    if working:
        missing = ", ".join(formatting.engine_name(engine) for engine in REPAIR_CHOICES if engine in working)
        st.text(t("Still calculating: {missing}.", missing=missing))
    else:
        st.markdown(replan_words.recommended(base, plans))
    # Every replan has the same jobs: those of the latest pull.
    common = {engine: over_the_same_jobs(base, plan) for engine, plan in plans.items()}
    before = next(iter(common.values()))[0]
    headed = {formatting.engine_name(engine): (plan, found[engine]) for engine, (_, plan) in common.items()}
    data_table.show(what_if_tables.repairs_frame(before, headed, ctx.now), "replans", height="content")
    st.caption(
        t("Keep: the same order, times pushed. Calm: few moves in the next 72 h. Best: whatever moves. A move is a start "
          "that changes by more than 15 minutes, or another machine, where Keep would not have changed it.")
    )  # fmt: skip
