"""After a plan was submitted for approval: that it was, and the way to it on Approve."""

from __future__ import annotations

from typing import Final

import streamlit as st

from dashboard import navigation
from dashboard.presentation import safe_text
from dashboard.state import plan_choice
from dashboard.state.plant_context import PlantContext
from scheduler_core.i18n.translate import t

_SUBMITTED: Final = "_submitted_plan"


def remember(schedule_id: str) -> None:
    """This session has submitted the plan just now."""
    st.session_state[_SUBMITTED] = schedule_id


def show(ctx: PlantContext, *schedule_ids: str) -> None:
    """Where the plan was submitted: a line with the way to Approve if it is one of these plans; nothing otherwise."""
    last = st.session_state.get(_SUBMITTED)
    if last not in schedule_ids or last not in ctx.promoted:
        return
    text, button = st.columns([6, 1.5], vertical_alignment="center")
    text.success(t("Submitted for approval."), icon=":material/check:")
    if button.button(t("Open Approve"), key="to_approve", icon=":material/verified:", width="stretch"):
        navigation.go(navigation.APPROVE, plan=last)


def offer(ctx: PlantContext, shown: str) -> None:
    """On Approve: the submitted plan where the page shows another one, so that nobody releases this by mistake."""
    last = ctx.find(st.session_state.get(_SUBMITTED))
    if last is None or last.id == shown or last.id not in ctx.promoted or last.id in {r.schedule_id for r in ctx.releases}:
        return
    text, button = st.columns([6, 1.5], vertical_alignment="center")
    text.info(
        t("You submitted a different plan from the one shown here: {name}", name=safe_text.escape_markdown(ctx.name(last))),
        icon=":material/info:",
    )
    if button.button(t("Show it"), key="show_submitted", width="stretch"):
        plan_choice.hold(ctx, last.id)
        st.rerun()
