"""A line above the pages that show a plan: a proposal is better than the plan that is shown, or plans newer data."""

from __future__ import annotations

from typing import Final

import streamlit as st

from dashboard import navigation
from dashboard.presentation import plan_names, safe_text, terms
from dashboard.state import plan_choice, proposal
from dashboard.state.loaded import load_plan
from dashboard.state.plant_context import PlantContext
from scheduler_core.data.store.records import StoredSchedule
from scheduler_core.i18n.translate import t, tn

LEAST_GAIN: Final = 0.1
"""Weighted days late below which a proposal counts as no better."""
_PUT_AWAY: Final = "_better_put_away"


def show(ctx: PlantContext, plan: StoredSchedule | None) -> None:
    """The line, with the ways to the proposal; nothing where no proposal is better or the planner has closed it."""
    best = proposal.proposed(ctx)
    if plan is None or best is None or best.id == plan.id or st.session_state.get(_PUT_AWAY) == best.id:
        return
    said = words(ctx, plan, best)
    if said is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="better_plan"):
        st.markdown(":material/trending_up: " + safe_text.escape_markdown(said), width="content",
                    help=t(terms.WEIGHTED_TARDINESS) if best.snapshot_id == plan.snapshot_id else None)  # fmt: skip
        st.space("stretch")
        if st.button(t("Show"), key="show_better", type="tertiary", help=t("Show this plan on all pages")):
            plan_choice.hold(ctx, best.id)
            st.rerun()
        if st.button(t("Compare"), key="compare_better", type="tertiary", help=t("Both plans side by side on Compare")):
            answers = {"show": "replans"} if best in proposal.replans(ctx).values() else {}
            navigation.go(navigation.COMPARE, left=plan.id, right=best.id, **answers)
        if st.button("", key="close_better", type="tertiary", icon=":material/close:", help=t("Close")):
            st.session_state[_PUT_AWAY] = best.id
            st.rerun()


def words(ctx: PlantContext, plan: StoredSchedule, best: StoredSchedule) -> str | None:
    """What speaks for the proposal; figures only where both plans are of the same jobs, None where it is no better."""
    if best.snapshot_id != plan.snapshot_id:
        if best in proposal.replans(ctx).values():
            return t("Recommended: {name}. It is made from newer data than the plan shown.", name=ctx.short_name(best))
        return t("{name} is made from newer data than the plan shown.", name=ctx.short_name(best))
    if plan.kpis is None or best.kpis is None:
        return None
    gain = plan.kpis.weighted_tardiness_days - best.kpis.weighted_tardiness_days
    if gain < LEAST_GAIN:
        return None
    fewer = len(load_plan(ctx.store, plan.id).late_jobs) - len(load_plan(ctx.store, best.id).late_jobs)
    late = (
        tn("{n} late order fewer", "{n} late orders fewer", fewer)
        if fewer > 0
        else tn("{n} late order more", "{n} late orders more", -fewer)
        if fewer < 0
        else t("the same number of late orders")
    )
    return t(
        "{name} is better: {gain} d less weighted tardiness, {late}.",
        name=ctx.short_name(best), gain=plan_names.days_less(plan.kpis, best.kpis), late=late,
    )  # fmt: skip
