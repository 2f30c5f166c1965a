"""All plans with their figures: which one to show, and which ones to withdraw from the lists."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import pandas as pd
import streamlit as st

from dashboard.components import withdrawing
from dashboard.components.row_selection import select_row
from dashboard.presentation import plan_names
from dashboard.presentation.columns import DATED_MOMENT, ONE, SHARE_ONE, WHOLE, Column, frame_of, moment
from dashboard.state import plan_choice
from dashboard.state.plant_context import PlantContext
from scheduler_core.data.store.records import StoredSchedule
from scheduler_core.i18n.translate import t


def show(ctx: PlantContext) -> None:
    """Draw the section."""
    text, switch = st.columns([5, 1], vertical_alignment="center")
    text.text(t("Select a plan to show it on all pages or to withdraw it. Withdrawn plans are hidden and never deleted."))
    hidden = bool(ctx.withdrawn) and not switch.toggle(t("Show withdrawn"), key="withdrawn_plans")
    plans = sorted((*ctx.plans, *(() if hidden else ctx.withdrawn)), key=lambda p: p.order, reverse=True)
    key = f"all_plans_{hidden}_{sha256(' '.join(p.id for p in plans).encode()).hexdigest()[:12]}"
    row = select_row(plans_frame(ctx, plans), key=key, height="content")
    if row is None:
        return
    chosen = plans[row]
    name, show_cell, withdraw_cell = st.columns([5, 1.4, 1.4], vertical_alignment="center")
    name.text(ctx.name(chosen))
    if show_cell.button(t("Show on all pages"), key="show_plan", icon=":material/visibility:", width="stretch"):
        plan_choice.hold(ctx, chosen.id)
        st.rerun()
    with withdraw_cell:
        withdrawing.of_plan(ctx, chosen)


def plans_frame(ctx: PlantContext, plans: Sequence[StoredSchedule]) -> pd.DataFrame:
    """One row per plan, with its figures; beside a plant's clock that stands still, the heading says that times are real."""
    made = t("Made (real time)") if ctx.fixed_clock else t("Made")
    return frame_of(
        [Column(t("Plan")), Column(t("What-if")), Column(t("Weighted tardiness (d)"), ONE), Column(t("On time"), SHARE_ONE),
         Column(t("Setup (h)"), WHOLE), Column(made, DATED_MOMENT), Column(t("Standing"))],
        [
            (
                plan_names.kind(p, p.snapshot_id in ctx.scenarios),
                ctx.assumes(p) or "",
                None if p.kpis is None else p.kpis.weighted_tardiness_days,
                None if p.kpis is None else p.kpis.on_time_rate,
                None if p.kpis is None else p.kpis.setup_hours,
                moment(p.created_at, ctx.zone),
                ctx.standing(p) or t("proposal"),
            )
            for p in plans
        ],
    )  # fmt: skip
