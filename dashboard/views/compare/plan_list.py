"""All plans with their figures: which one to show, and which ones to withdraw from the lists."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.components import withdrawing
from dashboard.presentation import plan_names
from dashboard.state import plan_choice
from dashboard.state.plant_context import PlantContext
from scheduler_core.data.store.records import StoredSchedule
from scheduler_core.i18n.translate import t


def show(ctx: PlantContext) -> None:
    """Draw the section."""
    text, switch = st.columns([5, 1], vertical_alignment="center")
    text.text(t("Select a plan to show it on all pages or to withdraw it. Withdrawn plans are hidden and never deleted."))
    hidden = bool(ctx.withdrawn) and not switch.toggle(t("Show withdrawn"), key="withdrawn_plans")
    plans = sorted((*ctx.plans, *(() if hidden else ctx.withdrawn)), key=lambda p: p.created_at, reverse=True)
    event = st.dataframe(
        plans_frame(ctx, plans), hide_index=True, height="content", on_select="rerun",
        selection_mode=["single-row", "single-cell"], key=f"all_plans_{hidden}_{len(plans)}",
    )  # fmt: skip
    chosen = _selected(event, plans)
    if chosen is None:
        return
    name, show_cell, withdraw_cell = st.columns([5, 1.4, 1.4], vertical_alignment="center")
    name.text(ctx.name(chosen))
    if show_cell.button(t("Show on all pages"), key="show_plan", icon=":material/visibility:", width="stretch"):
        plan_choice.hold(ctx, chosen.id)
        st.rerun()
    with withdraw_cell:
        withdrawing.of_plan(ctx, chosen)


def plans_frame(ctx: PlantContext, plans: Sequence[StoredSchedule]) -> pd.DataFrame:
    """One row per plan: numbers as numbers, so that they sort."""
    return pd.DataFrame({
        t("Plan"): [plan_names.kind(p, p.snapshot_id in ctx.scenarios) for p in plans],
        t("What-if"): [ctx.assumes(p) or "" for p in plans],
        t("Weighted tardiness (d)"): [None if p.kpis is None else round(p.kpis.weighted_tardiness_days, 1) for p in plans],
        t("On time (%)"): [
            None if p.kpis is None or p.kpis.on_time_rate is None else round(100 * p.kpis.on_time_rate, 1) for p in plans
        ],
        t("Setup (h)"): [None if p.kpis is None else round(p.kpis.setup_hours, 1) for p in plans],
        t("Made"): [ctx.moment(p.created_at) for p in plans],
        t("Standing"): [ctx.standing(p) or t("proposal") for p in plans],
    })  # fmt: skip


def _selected(event: object, plans: Sequence[StoredSchedule]) -> StoredSchedule | None:
    """The plan of the selected row, or of the cell that was clicked."""
    selection = event["selection"]  # type: ignore[index]
    rows = [*selection["rows"], *(row for row, _ in selection["cells"])]
    return plans[rows[0]] if rows and rows[0] < len(plans) else None
