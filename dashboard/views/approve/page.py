"""Approve: the difference to the released plan, the validator's verdict, how fresh the data is; then release, once."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dashboard import navigation
from dashboard.auth import current_user
from dashboard.background import progress
from dashboard.components import (
    acting_person,
    assumption_answers,
    column_help,
    data_table,
    page_shell,
    plan_facts,
    submitted,
    tour,
    unknown_downtimes,
)
from dashboard.components.changed_jobs import show_changed_jobs
from dashboard.loaded_plan import Plan, moved_next_day, over_the_same_jobs, same_jobs
from dashboard.presentation import difference_words, formatting, frozen_words, job_set_words, safe_text, tables, terms
from dashboard.state import proposal
from dashboard.state.assumptions import assumptions, joined, still_open
from dashboard.state.loaded import load_plan, load_plan_diff
from dashboard.state.plan_choice import choose_plan
from dashboard.state.plant_context import PlantContext
from dashboard.state.request_ids import consume_request_id, request_id_for
from dashboard.views.approve import leaving_orders, next_steps, safer_plan, versions
from dashboard.views.approve.release_dialog import ReleaseDialog
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import ApprovalRequest, Release, Source
from scheduler_core.i18n.translate import mark, t, tn
from scheduler_core.roles import Action
from scheduler_core.services import authorized
from scheduler_core.services.assumptions import Standing, pull_behind

_DIALOG = ReleaseDialog("_asked_release", "_ask_reason", mark("Not released: {error}"))


def show() -> None:
    """Draw the page."""
    ctx = page_shell.need_context()
    head, choice = st.columns([3, 2], vertical_alignment="bottom")
    head.title(t("Approve"))
    if not ctx.plans:
        st.info(t("There is no plan to approve yet. Make one on Compare."))
        return
    with choice:
        chosen = choose_plan(ctx, t("Plan to release"), "plan", proposal.proposed(ctx))
    if chosen is None:
        return
    at_work = page_shell.show_runs(ctx)
    with st.container():  # always there, so that all below keeps its place
        unknown_downtimes.show(ctx, chosen, lambda: page_shell.replan(ctx), at_work=at_work)
    tour.step(ctx, navigation.APPROVE)
    next_steps.show(ctx)
    submitted.offer(ctx, chosen.id)
    versions.tell_waiting(ctx)
    plan = load_plan(ctx.store, chosen.id)
    released = load_plan(ctx.store, ctx.release.schedule_id) if ctx.release else None
    left, right = st.columns([5, 3], gap="medium")
    with left:
        _change(ctx, plan, released)
    with right:
        _verdict(ctx, plan)
        _decide(ctx, plan)
        safer_plan.show(ctx, plan, released)
    _history(ctx)


def _change(ctx: PlantContext, plan: Plan, released: Plan | None) -> None:
    if released is None or released.id == plan.id:
        if ctx.release is None:
            st.subheader(t("The first release"))
            st.text(t("Nothing has been released yet, so there is nothing to compare this plan with."))
        else:
            st.success(
                t("This plan is in force as version {number}.", number=ctx.release.number), icon=":material/verified:"
            )
        rows = tables.figures(plan, plan)
        figures = tables.figures_frame(rows, t("This plan"), "")[[t("Figure"), t("This plan")]]
        data_table.show(figures, "figures", height="content", column_config=column_help.of_figures())
        return
    number = ctx.release.number if ctx.release else 0
    st.subheader(t("What changes against version {number}", number=number))
    found = load_plan_diff(ctx.store, released.id, plan.id)
    if found.is_empty:
        st.info(t("Nothing: every operation has the same machine and time as in the released plan."))
        return
    cells = st.columns(4)
    late, recovered, _, moved, _ = difference_words.counts(found)
    for cell, (what, amount, meaning) in zip(cells, (late, recovered, moved), strict=False):
        cell.metric(what, formatting.number(amount, 0), border=True, help=meaning)
    share = formatting.percent(moved_next_day(released, plan, ctx.now))
    cells[3].metric(t("Next 24 h moved"), share, border=True, help=difference_words.moved_next_day_help())
    st.text(difference_words.sentence(found))
    rows = tables.figures(*over_the_same_jobs(released, plan))
    same = same_jobs(released, plan)
    figures = tables.figures_frame(rows, t("Version {number}", number=number), t("This plan"), marked=same)
    if unlike := job_set_words.unlike_orders(released, plan, t("v{number}", number=number), t("this plan")):
        st.warning(unlike, icon=":material/warning:")
    kinds = {
        t("Version {number}", number=number): terms.plan_kind(released.stored),
        t("This plan"): terms.plan_kind(plan.stored),
    }
    data_table.show(figures, "figures", height="content", column_config=column_help.of_figures(kinds))
    with st.expander(t("{jobs} whose delivery changes", jobs=tn("{n} job", "{n} jobs", len(found.jobs)))):
        show_changed_jobs(released, plan, found.jobs, "job_changes")
    with st.expander(difference_words.changed_words(found)):
        moves = tables.operation_changes_frame(released.plant, plan.plant, found.operations)
        data_table.show(moves, "operation_changes", height=300)


def _verdict(ctx: PlantContext, plan: Plan) -> None:
    st.success(
        t(
            "The validator found no violation: {assignments} of {jobs} against all 9 hard constraints. "
            "It checks again at release.",
            assignments=tn("{n} operation", "{n} operations", len(plan.schedule.assignments)),
            jobs=tn("{n} job", "{n} jobs", len(plan.plant.jobs)),
        ),
        icon=":material/fact_check:",
    )
    st.caption(t("What is checked"), help=t(terms.CHECKS))
    if frozen := frozen_words.plan_words(plan):
        st.text(frozen)
    minutes = ctx.age_minutes(ctx.store.snapshots.get(pull_behind(ctx.store, plan.info.id)))
    source = {Source.ERP: t("the ERP"), Source.DEMO: t("the demo ERP"), Source.FILE: t("a file")}[plan.info.source]
    text = t("Made from jobs pulled from {source} {minutes}.", source=source, minutes=formatting.age(minutes))
    _tell_assumptions(ctx, plan)
    plan_facts.assumed(ctx, plan.stored)
    if plan.id in ctx.promoted:
        st.info(text, icon=":material/database:")
    elif plan.info.id != ctx.snapshot.id:
        same = plan.info.taken_at == ctx.snapshot.taken_at
        newer = (
            t("{text} The jobs have been changed on the board since; this plan does not include the changes.", text=text)
            if same
            else t("{text} A newer pull exists; this plan does not use it.", text=text)
        )
        st.warning(newer, icon=":material/warning:")
    elif plan.info.source is Source.ERP and page_shell.is_old(minutes):
        st.warning(t("{text} The data are old.", text=text), icon=":material/warning:")
    else:
        st.info(t("{text} The release checks whether the ERP has changed since.", text=text), icon=":material/database:")


def _tell_assumptions(ctx: PlantContext, plan: Plan) -> None:
    """What the plan holds only for, what of it did not come true, and the way to say so."""
    assumed = assumptions(ctx.store, plan.info.id)
    if waiting := still_open(assumed, ctx.now):
        words = t("Assumes: {assumptions}. The plan is valid only if this comes true.", assumptions=joined(waiting, ctx.now))
        st.warning(safe_text.escape_markdown(words), icon=":material/alt_route:")
    if wrong := [one for one in assumed if one.standing(ctx.now) is Standing.REFUTED]:
        words = t(
            "No longer holds: {assumptions}. Make a new plan.",
            assumptions=joined(wrong, ctx.now),
        )
        st.error(safe_text.escape_markdown(words), icon=":material/alt_route:")
    assumption_answers.show(ctx, plan.stored)


def _decide(ctx: PlantContext, plan: Plan) -> None:
    in_force = ctx.release is not None and ctx.release.schedule_id == plan.id
    barred = current_user.may_not(ctx.store, Action.APPROVE)
    approver, comment = "", ""
    if barred is None:
        next_steps.empty_fields(_fields(plan.id))
        approver = _approver()
        comment = st.text_area(t("Comment"), key=f"comment_{plan.id}", max_chars=2000, height=80,
                               placeholder=t("What the shop floor should know"))  # fmt: skip
    else:
        st.info(safe_text.escape_markdown(barred), icon=":material/lock:")
    acknowledged, unknown = leaving_orders.show(ctx, plan.info.id, f"acknowledged_{plan.id}")
    token = f"token_approve_{plan.id}"
    # What is missing is said at the click: a button that waits for it would lose the click that leaves the field.
    missing = acting_person.name_missing(approver)
    if unknown and missing is None:
        missing = t("Acknowledge the orders that leave the plan first.")
    if in_force:
        barred = barred or t("This plan is in force already.")
    if versions.proposes(ctx, plan, approver, comment, barred, missing):
        return
    version = ctx.store.releases.next_number(plan.info.plant)
    clicked = st.button(
        t("Release as version {version}…", version=version),
        type="primary",
        icon=":material/verified:",
        width="stretch",
        key="release",
        disabled=barred is not None,
        help=barred,
    )
    if clicked and missing is not None:
        st.error(missing, icon=":material/edit:")
    elif clicked:
        # What the planner sees now is what is asked for, whatever changes while the question stands open.
        st.session_state[_DIALOG.question] = ApprovalRequest(
            request_id=request_id_for(token),
            schedule_id=plan.id,
            content_sha256=plan.stored.content_sha256,
            approver=approver.strip(),
            comment=comment.strip(),
            on_top_of=ctx.release.number if ctx.release else None,
            acknowledged=acknowledged,
        )
        st.session_state.pop(_DIALOG.stale, None)
    if (asked := st.session_state.get(_DIALOG.question)) is not None and not progress.busy():
        _DIALOG.show(t("Release this plan?"), _confirm, ctx, plan.info.plant, asked, token)


def _fields(plan_id: str) -> tuple[str, ...]:
    """What a release empties."""
    return ("approver", f"comment_{plan_id}")


def _approver() -> str:
    """Who signed in; where nobody does, the name that is typed."""
    person = current_user.actor()
    if person.unrestricted:
        return st.text_input(
            t("Approver"), key="approver", max_chars=100, placeholder=t("Your name"), persist_state="session", live=True
        )
    st.text(t("Approver: {name}", name=person.name))
    return person.name


def _confirm(ctx: PlantContext, plant: str, request: ApprovalRequest, token: str) -> None:
    st.text(
        t(
            "The plan becomes version {on_top_of} and goes to the shop floor, approved by {approver}.",
            on_top_of=(request.on_top_of or 0) + 1,
            approver=request.approver,
        )
    )
    assumed = assumptions(ctx.store, ctx.store.schedules.get(request.schedule_id).snapshot_id)
    if assumed:
        st.text(t("Assumes: {assumptions}", assumptions=joined(assumed, ctx.now)))
    if request.comment:
        st.text(t("Comment: {comment}", comment=request.comment))
    st.text(t("Content {content_sha256}…", content_sha256=request.content_sha256[:16]))
    reason = ""
    if stale := st.session_state.get(_DIALOG.stale):
        st.warning(safe_text.escape_markdown(stale), icon=":material/warning:")
        reason = st.text_area(t("Reason to release it anyway (recorded)"), key="override", max_chars=1000)
    yes, no = st.columns(2)
    label = t("Release anyway") if stale else t("Release")
    confirmed = yes.button(label, type="primary", width="stretch", key="confirm")
    if no.button(t("Back"), width="stretch", key="back"):
        _DIALOG.close()
        st.rerun()
    if confirmed and stale and not reason.strip():
        st.error(t("Give the reason first."))
    elif confirmed:
        _approve(ctx.store, plant, replace(request, override_reason=reason.strip() or None), token)


def _approve(store: Store, plant: str, request: ApprovalRequest, token: str) -> None:
    """Calls the one function that approves, and tells what came of it."""
    actor = current_user.actor()

    def made(release: Release) -> None:
        consume_request_id(token)
        _DIALOG.close()
        next_steps.remember(plant, release.number)
        st.rerun()

    _DIALOG.release(plant, token, lambda listener: authorized.approve(store, actor, request, listener), made)


def _history(ctx: PlantContext) -> None:
    st.subheader(t("Versions"))
    if not ctx.releases:
        st.info(t("None yet: enter your name above and release the plan as version 1."))
        return
    person = current_user.actor()
    versions.show_versions(ctx, str(st.session_state.get("approver", "")) if person.unrestricted else person.name)
