"""Pinning one operation of a plan from the Gantt, with who and why, and setting it free."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dashboard.auth import current_user
from dashboard.components import page_shell
from dashboard.loaded_plan import Plan
from dashboard.presentation import safe_text
from dashboard.state.plant_context import PlantContext
from dashboard.state.request_ids import consume_request_id, request_id_for
from scheduler_core.errors import ShopwrightError
from scheduler_core.i18n.translate import t
from scheduler_core.roles import Action, Actor
from scheduler_core.schedule import Assignment
from scheduler_core.services import authorized
from scheduler_core.services.planner_additions import pins

ASKED = "_pin_asked"
"""The operation (job, sequence) whose pin the context menu asked for."""


def ask(ctx: PlantContext, plan: Plan, a: Assignment) -> None:
    """Draws the pin of the selected operation, or the way to make one; nothing for what runs, and in plans of older jobs."""
    if plan.info.id != ctx.snapshot.id:
        return
    known = {(p.job, p.sequence): p for p in pins(plan.plant, ctx.store.snapshots.notes(ctx.snapshot.id))}
    refusal = current_user.may_not(ctx.store, Action.PLAN)
    if a.key in known:
        st.text(f"🔒 {known[a.key].words}")
        if st.button(t("Unpin"), icon=":material/lock_open:", key="unpin", disabled=refusal is not None, help=refusal):
            _unpin(ctx, plan, a)
        return
    operation = next(o for o in plan.plant.job_by_id[a.job].operations if o.sequence == a.sequence)
    if operation.fixed is not None:
        st.text("🔒 " + t("The operation is already running, or the ERP has fixed it."))
        return
    asked = st.session_state.pop(ASKED, None) == a.key
    with st.expander(t("Pin here"), icon=":material/lock:", expanded=asked):
        st.text(
            t("The operation stays on its machine from start to end in every plan made from now on, until it has begun.")
        )
        person = current_user.actor()
        # Who signed in is who pins; without sign-in a name is asked for.
        who = st.text_input(t("Your name"), key="pin_who", max_chars=100) if person.unrestricted else person.name
        reason = st.text_input(t("Why"), key="pin_why", max_chars=200)
        ready = bool(who.strip() and reason.strip()) and refusal is None
        if st.button(t("Pin"), type="primary", key="pin", disabled=not ready, help=refusal):
            _pin(ctx, plan, a, replace(person, name=who.strip()) if person.unrestricted else person, reason)


def _pin(ctx: PlantContext, plan: Plan, a: Assignment, person: Actor, reason: str) -> None:
    token = f"token_pin_{plan.id}_{a.job}_{a.sequence}"
    now = max(0, plan.plant.minute_of(ctx.now))
    try:
        made = authorized.pin(ctx.store, person, plan.id, a.key, now=now, reason=reason, request_id=request_id_for(token))
    except ShopwrightError as error:
        st.error(t("Not pinned: {why}", why=safe_text.escape_markdown(str(error))), icon=":material/block:")
        return
    consume_request_id(token)
    page_shell.flash(t("Pinned: this plan stays valid, and new plans on Compare keep to the pin."))
    st.query_params["plan"] = made
    st.rerun()


def _unpin(ctx: PlantContext, plan: Plan, a: Assignment) -> None:
    token = f"token_unpin_{plan.id}_{a.job}_{a.sequence}"
    try:
        made = authorized.unpin(ctx.store, current_user.actor(), plan.id, a.key, request_id_for(token))
    except ShopwrightError as error:
        st.error(safe_text.escape_markdown(str(error)), icon=":material/block:")
        return
    consume_request_id(token)
    if made is None:
        page_shell.flash(t("Unpinned. This plan is no longer valid without the pin; make a new one on Compare."))
        st.query_params.pop("plan", None)
    else:
        page_shell.flash(t("Unpinned: this plan stays valid."))
        st.query_params["plan"] = made
    st.rerun()
