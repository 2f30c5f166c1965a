"""Which of two plans is the safer one: late orders expected in this plan and in the released one, with their range."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.components import column_help, data_table, odds_line
from dashboard.loaded_plan import Plan, over_the_same_jobs, same_jobs
from dashboard.presentation import odds_words
from dashboard.presentation.odds_words import Safety
from dashboard.state import plan_odds
from dashboard.state.plant_context import PlantContext
from scheduler_core.floor.order_odds import Odds, safer
from scheduler_core.i18n.translate import t


def show(ctx: PlantContext, plan: Plan, released: Plan | None) -> None:
    """Draw the section. The released plan stands beside this one unless it is this one."""
    look = plan_odds.look(ctx, plan.id)
    before = plan_odds.look(ctx, released.id) if released is not None and released.id != plan.id else None
    st.subheader(t("Which plan is safer?") if before is not None else t("How safe is this plan?"), anchor=False)
    if look.found is not None and (before is None or before.found is not None):
        if released is not None and before is not None and before.found is not None:
            _beside(ctx, plan, look.found.odds, released, before.found.odds)
        else:
            _table([_safety(t("This plan"), plan, look.found.odds)])
    waiting = before if before is not None and before.found is None else look
    odds_line.show(ctx, released.id if waiting is before and released is not None else plan.id, waiting)


def _beside(ctx: PlantContext, plan: Plan, odds: Odds, released: Plan, before: Odds) -> None:
    number = ctx.release.number if ctx.release else 0
    name, comparison = t("Version {number}", number=number), safer(before, odds)
    if same_jobs(released, plan):
        _table([_safety(name, released, before), _safety(t("This plan"), plan, odds)])
    elif comparison is not None:
        old, new = over_the_same_jobs(released, plan)
        _table([Safety(name, old.late_count, comparison.before), Safety(t("This plan"), new.late_count, comparison.after)])
    if comparison is not None:
        st.text(odds_words.safer_words(comparison, number))
        odds_line.warn_better(ctx, released.id, name)
    if released.info.id != plan.info.id:
        st.caption(
            t("Version {number} is simulated from its own start, as if none of its operations had begun.", number=number)
        )


def _safety(name: str, plan: Plan, odds: Odds) -> Safety:
    return Safety(name, plan.late_count, odds.late, plan.kpis.weighted_tardiness_days, odds.tardiness)


def _table(plans: Sequence[Safety]) -> None:
    explained = column_help.explained(odds_words.safety_help())
    data_table.show(odds_words.safety_frame(plans), "safer", height="content", column_config=explained)
