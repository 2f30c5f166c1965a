"""Which of two plans is the safer one: late orders expected in this plan and in the released one, with their range."""

from __future__ import annotations

import streamlit as st

from dashboard.components import column_help, data_table, odds_line
from dashboard.loaded_plan import Plan, over_the_same_jobs
from dashboard.presentation import odds_words
from dashboard.state import plan_odds
from dashboard.state.plant_context import PlantContext
from scheduler_core.floor.order_odds import safer
from scheduler_core.i18n.translate import t


def show(ctx: PlantContext, plan: Plan, released: Plan | None) -> None:
    """Draw the section. The released plan stands beside this one unless it is this one."""
    look = plan_odds.look(ctx, plan.id)
    before = plan_odds.look(ctx, released.id) if released is not None and released.id != plan.id else None
    st.subheader(t("Which plan is safer?") if before is not None else t("How safe is this plan?"), anchor=False)
    if look.found is not None and (before is None or before.found is not None):
        number = ctx.release.number if ctx.release else 0
        odds, comparison = look.found.odds, None
        plans = [(t("This plan"), plan.late_count, odds)]
        if released is not None and before is not None and before.found is not None:
            comparison = safer(before.found.odds, odds)
            old, new = over_the_same_jobs(released, plan)
            name = t("Version {number}", number=number)
            plans = [(name, old.late_count, before.found.odds), (t("This plan"), new.late_count, odds)]
        frame = odds_words.safer_frame(comparison, plans)
        explained = column_help.explained(odds_words.safer_columns())
        data_table.show(frame, "safer", height="content", column_config=explained)
        if comparison is not None:
            st.text(odds_words.safer_words(comparison, number))
        if released is not None and before is not None and released.info.id != plan.info.id:
            st.caption(
                t("Version {number} is simulated from its own start on, as if none of it had happened yet.", number=number)
            )
    waiting = before if before is not None and before.found is None else look
    odds_line.show(ctx, released.id if waiting is before and released is not None else plan.id, waiting)
