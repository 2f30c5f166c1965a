"""Approve: the difference to the released plan, the validator's verdict, how fresh the data is; then release, once."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dashboard import frame, navigation, tables, tour, words
from dashboard.plans import Plan, moved_next_day
from dashboard.runs import mint, spend
from dashboard.session import Situation, choose_plan, load_difference, load_plan, utc_now
from scheduler_core import planning
from scheduler_core.data.faults import Refused, StaleSnapshot
from scheduler_core.data.records import ApprovalRequest, Release, Source
from scheduler_core.data.store import Store
from scheduler_core.errors import ShopwrightError

_ASKED = "_asked_release"
_ASK_REASON = "_ask_reason"


def show() -> None:
    """Draw the page."""
    here = frame.need_situation()
    head, choice = st.columns([3, 2], vertical_alignment="bottom")
    head.title("Approve")
    if not here.plans:
        st.info("There is no plan to approve yet. Make one on Compare.")
        return
    with choice:
        chosen = choose_plan(here, "Plan to release", "plan", here.proposed)
    if chosen is None:
        return
    tour.step(here, navigation.APPROVE)
    plan = load_plan(here.store, chosen.id)
    released = load_plan(here.store, here.release.schedule_id) if here.release else None
    left, right = st.columns([5, 3], gap="medium")
    with left:
        _change(here, plan, released)
    with right:
        _verdict(here, plan)
        _decide(here, plan)
    _history(here)


def _change(here: Situation, plan: Plan, released: Plan | None) -> None:
    if released is None or released.id == plan.id:
        if here.release is None:
            st.subheader("The first release")
            st.text("Nothing has been released yet, so there is nothing to compare this plan with.")
        else:
            st.success(f"This plan is in force as version {here.release.number}.", icon=":material/verified:")
        rows = tables.figures(plan, plan)
        st.dataframe(tables.figures_frame(rows, "This plan", "")[["Figure", "This plan"]], hide_index=True, height="content")
        return
    number = here.release.number if here.release else 0
    st.subheader(f"What changes against version {number}")
    found = load_difference(here.store, released.id, plan.id)
    if found.is_empty:
        st.info("Nothing: this plan places every operation where the released one does.")
        return
    cells = st.columns(4)
    counts = dict(tables.difference_words(found))
    cells[0].metric("Became late", counts["became late"], border=True)
    cells[1].metric("Recovered", counts["recovered"], border=True)
    cells[2].metric("Operations moved", counts["operations moved"], border=True)
    cells[3].metric("Next 24 h moved", words.percent(moved_next_day(released, plan, here.now)), border=True)
    rows = tables.figures(released, plan)
    st.dataframe(tables.figures_frame(rows, f"Version {number}", "This plan"), hide_index=True, height="content")
    with st.expander(f"{words.count(len(found.jobs), 'job')} whose delivery changes"):
        st.dataframe(tables.job_changes_frame(found.jobs), hide_index=True, height=300)
    with st.expander(f"{words.count(len(found.operations), 'operation')} that stand elsewhere"):
        st.dataframe(
            tables.operation_changes_frame(released.plant, plan.plant, found.operations), hide_index=True, height=300
        )


def _verdict(here: Situation, plan: Plan) -> None:
    st.success(
        f"The validator found no violation: {words.count(len(plan.schedule.assignments), 'operation')} of "
        f"{words.count(len(plan.plant.jobs), 'job')} against all 9 hard constraints. It checks again at release.",
        icon=":material/fact_check:",
    )
    minutes = plan.info.age_minutes(utc_now())
    source = {Source.ERP: "the ERP", Source.DEMO: "the demo ERP", Source.FILE: "a file"}[plan.info.source]
    text = f"Made from jobs pulled from {source} {words.age(minutes)}."
    if plan.id in here.promoted:
        st.info("A what-if plan: it holds only if what its scenario assumes comes true.", icon=":material/alt_route:")
    elif plan.info.id != here.snapshot.id:
        st.warning(f"{text} A newer pull exists: this plan does not know it.", icon=":material/warning:")
    elif plan.info.source is Source.ERP and minutes > frame.STALE_MINUTES:
        st.warning(f"{text} That is old.", icon=":material/warning:")
    else:
        st.info(f"{text} Whether the ERP has changed since is checked at release.", icon=":material/database:")


def _decide(here: Situation, plan: Plan) -> None:
    in_force = here.release is not None and here.release.schedule_id == plan.id
    approver = st.text_input(
        "Approver", key="approver", max_chars=100, placeholder="Your name", persist_state="session", live=True
    )
    comment = st.text_area("Comment", key=f"comment_{plan.id}", max_chars=2000, height=80,
                           placeholder="What the shop floor should know")  # fmt: skip
    token = f"token_approve_{plan.id}"
    missing = None if approver.strip() else "Enter your name first."
    if in_force:
        missing = "This plan is in force already."
    version = (here.release.number if here.release else 0) + 1
    clicked = st.button(
        f"Release as version {version}…", type="primary", icon=":material/verified:", width="stretch", key="release",
        disabled=missing is not None, help=missing,
    )  # fmt: skip
    if clicked:
        # What the planner sees now is what is asked for, whatever changes while the question stands open.
        st.session_state[_ASKED] = ApprovalRequest(
            request_id=mint(token),
            schedule_id=plan.id,
            content_sha256=plan.stored.content_sha256,
            approver=approver.strip(),
            comment=comment.strip(),
            on_top_of=here.release.number if here.release else None,
        )
        st.session_state.pop(_ASK_REASON, None)
    if (asked := st.session_state.get(_ASKED)) is not None:
        _confirm(here.store, asked, token)


def _put_away() -> None:
    """Close the question without an answer."""
    st.session_state.pop(_ASKED, None)
    st.session_state.pop(_ASK_REASON, None)


@st.dialog("Release this plan?", on_dismiss=_put_away)
def _confirm(store: Store, request: ApprovalRequest, token: str) -> None:
    st.text(f"It becomes version {(request.on_top_of or 0) + 1} and goes to the shop floor, approved by {request.approver}.")
    if request.comment:
        st.text(f"Comment: {request.comment}")
    st.text(f"Content {request.content_sha256[:16]}…")
    reason = ""
    if stale := st.session_state.get(_ASK_REASON):
        st.warning(words.escape_markdown(stale), icon=":material/warning:")
        reason = st.text_area("Reason to release it all the same (is recorded)", key="override", max_chars=1000)
    yes, no = st.columns(2)
    label = "Release all the same" if stale else "Release"
    confirmed = yes.button(label, type="primary", width="stretch", key="confirm")
    if no.button("Back", width="stretch", key="back"):
        _put_away()
        st.rerun()
    if confirmed and stale and not reason.strip():
        st.error("Give the reason first.")
    elif confirmed:
        release = _approve(store, replace(request, override_reason=reason.strip() or None))
        if release is not None:
            spend(token)
            _put_away()
            frame.flash(f"Version {release.number} is released.")
            st.rerun()
        elif st.session_state.get(_ASK_REASON) and not stale:
            st.rerun()


def _approve(store: Store, request: ApprovalRequest) -> Release | None:
    """Calls the one function that approves; shows a refusal in its own words."""
    try:
        with st.spinner("Checking the plan and the ERP once more…"):
            return planning.approve(store, request)
    except StaleSnapshot as stale:
        st.session_state[_ASK_REASON] = str(stale)
    except Refused as refused:
        st.error(f"Not released: {words.escape_markdown(str(refused))}", icon=":material/block:")
    except ShopwrightError as error:
        st.error(f"Not released: {words.escape_markdown(str(error))}", icon=":material/error:")
    return None


def _history(here: Situation) -> None:
    st.subheader("Versions")
    if not here.releases:
        st.info("None yet: enter your name above and release the plan as version 1.")
        return
    names = {p.id: here.name(p) for p in here.plans}
    st.dataframe(tables.releases_frame(here.releases, names, here.zone), hide_index=True)
    st.text("To go back to an earlier version, choose it above as the plan to release; Compare and Gantt open it as well.")
