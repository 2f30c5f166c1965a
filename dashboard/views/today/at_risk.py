"""Today's orders at risk: on time by the plan, but with a low chance to stay so."""

from __future__ import annotations

import streamlit as st

from dashboard import navigation
from dashboard.components import odds_line
from dashboard.components.row_selection import clear, select_row
from dashboard.loaded_plan import Plan
from dashboard.presentation import odds_words
from dashboard.state import plan_odds
from dashboard.state.loaded import load_plant
from dashboard.state.plant_context import PlantContext
from scheduler_core.floor.order_odds import LOW_CHANCE, Odds, OrderOdds
from scheduler_core.i18n.translate import t, tn

MOST = 6


def orders(ctx: PlantContext, plan: Plan, odds: Odds) -> tuple[OrderOdds, ...]:
    """The orders at risk that are still open in the latest pull and whose due date is to come, the least likely first."""
    still_open = load_plant(ctx.store, ctx.snapshot.id).job_by_id
    now = plan.plant.minute_of(ctx.now)
    return tuple(one for one in odds.at_risk() if one.job in still_open and one.due is not None and one.due > now)


def show(ctx: PlantContext, plan: Plan) -> None:
    """Draw the section; a click opens the order."""
    look = plan_odds.look(ctx, plan.id)
    st.subheader(
        t("Which orders are at risk?"),
        help=t("Orders that are planned on time but have a chance below {chance}.", chance=odds_words.chance(LOW_CHANCE)),
    )
    if look.found is not None:
        found = orders(ctx, plan, look.found.odds)
        if not found:
            st.text(t("None: no order that is planned on time has a chance below {chance}.",
                      chance=odds_words.chance(LOW_CHANCE)))  # fmt: skip
        else:
            said = tn("{n} order is planned on time but has a chance below {chance}.",
                        "{n} orders are planned on time but have a chance below {chance}.", len(found),
                        chance=odds_words.chance(LOW_CHANCE))  # fmt: skip
            worst = t("The {worst} least likely:", worst=MOST) if len(found) > MOST else ""
            st.text(f"{said} {worst}".strip())
            key = f"at_risk_{plan.id}"
            row = select_row(odds_words.at_risk_frame(plan.plant, found[:MOST]), key=key, height="content")
            if row is not None:
                clear(key)
                navigation.go(navigation.JOBS, plan=plan.id, job=found[row].job)
    odds_line.show(ctx, plan.id, look)
