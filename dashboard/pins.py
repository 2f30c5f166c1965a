"""Pinning one operation of a plan from the Gantt, with who and why, and setting it free."""

from __future__ import annotations

import streamlit as st

from dashboard import frame, words
from dashboard.plans import Plan
from dashboard.runs import mint, spend
from dashboard.session import Situation
from scheduler_core.data.additions import pins
from scheduler_core.errors import ShopwrightError
from scheduler_core.schedule import Assignment


def ask(here: Situation, plan: Plan, a: Assignment) -> None:
    """Draws the pin of the selected operation, or the way to make one; nothing for what runs, and in plans of older jobs."""
    if plan.info.id != here.snapshot.id:
        return
    known = {(p.job, p.sequence): p for p in pins(plan.plant, here.store.notes(here.snapshot.id))}
    if a.key in known:
        st.text(f"🔒 {known[a.key].words}")
        if st.button("Unpin", icon=":material/lock_open:", key="unpin"):
            _unpin(here, plan, a)
        return
    operation = next(o for o in plan.plant.job_by_id[a.job].operations if o.sequence == a.sequence)
    if operation.fixed is not None:
        st.text("🔒 It runs already, or the ERP has fixed it.")
        return
    with st.popover("Pin here", icon=":material/lock:", width="stretch"):
        st.text("It stays on its machine from start to end in every plan made from now on, until it has begun.")
        who = st.text_input("Your name", key="pin_who", max_chars=100)
        reason = st.text_input("Why", key="pin_why", max_chars=200)
        if st.button("Pin", type="primary", key="pin", disabled=not (who.strip() and reason.strip())):
            _pin(here, plan, a, who, reason)


def _pin(here: Situation, plan: Plan, a: Assignment, who: str, reason: str) -> None:
    from scheduler_core import pinning  # it loads compiled code, which reading a plan does without

    token = f"token_pin_{plan.id}_{a.job}_{a.sequence}"
    now = max(0, plan.plant.minute_of(here.now))
    try:
        made = pinning.pin(here.store, plan.id, a.key, now=now, reason=reason, actor=who, request_id=mint(token))
    except ShopwrightError as error:
        st.error(f"Not pinned: {words.escape_markdown(str(error))}", icon=":material/block:")
        return
    spend(token)
    frame.flash("Pinned: this plan goes on with it, and new plans on Compare keep to it.")
    st.query_params["plan"] = made
    st.rerun()


def _unpin(here: Situation, plan: Plan, a: Assignment) -> None:
    from scheduler_core import pinning

    token = f"token_unpin_{plan.id}_{a.job}_{a.sequence}"
    try:
        made = pinning.unpin(here.store, plan.id, a.key, actor="planner", request_id=mint(token))
    except ShopwrightError as error:
        st.error(words.escape_markdown(str(error)), icon=":material/block:")
        return
    spend(token)
    if made is None:
        frame.flash("Unpinned. Without the pin this plan is none any more: make new ones on Compare.")
        st.query_params.pop("plan", None)
    else:
        frame.flash("Unpinned: this plan goes on.")
        st.query_params["plan"] = made
    st.rerun()
