"""The versions on Approve: how far each has come to the ERP, the way back to an earlier one, and the second name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import navigation
from dashboard.auth import current_user
from dashboard.background import progress
from dashboard.components import acting_person, page_shell, plan_facts
from dashboard.components.row_selection import select_row
from dashboard.loaded_plan import Plan
from dashboard.presentation import formatting, job_set_words, safe_text
from dashboard.presentation.columns import DATED_MOMENT, NUMBER_NAME, Column, frame_of, moment
from dashboard.state.assumptions import assumptions, joined
from dashboard.state.loaded import load_common_figures
from dashboard.state.plant_context import PlantContext
from dashboard.state.request_ids import consume_request_id, request_id_for
from dashboard.views.approve import leaving_orders
from dashboard.views.approve.release_dialog import ReleaseDialog
from scheduler_core.data.export.config import has_receiver
from scheduler_core.data.store.records import Delivery, DeliveryState, Proposal, ProposalRequest, Release, RollbackRequest
from scheduler_core.i18n.translate import mark, t
from scheduler_core.people.person_names import same_person
from scheduler_core.roles import Action
from scheduler_core.services import authorized, releasing

_DIALOG = ReleaseDialog("_asked_back", "_back_is_stale", mark("Not saved: {error}"))
_TOKEN = "token_back"


def delivery_words(delivery: Delivery | None, exports: bool) -> str:
    """How far a release has come to the ERP; ``exports``: whether a receiver is set up for it to go to (Monitor tells
    that none is)."""
    if delivery is None:
        return formatting.NOTHING
    waits = t("waiting") if delivery.last_error is None else t("failed, will be retried")
    said = {
        DeliveryState.PENDING: waits if exports else t("not sent"),
        DeliveryState.SENT: t("being delivered"),
        DeliveryState.CONFIRMED: t("delivered"),
        DeliveryState.DEAD: t("not delivered"),
    }[delivery.state]
    return said if delivery.last_error is None or delivery.confirmed_at else f"{said}: {delivery.last_error}"


def show_versions(ctx: PlantContext, approver: str) -> None:
    """All versions with their delivery, a retry for each that was given up, and the way back."""
    deliveries = {d.release_id: d for d in ctx.store.deliveries.newest(ctx.snapshot.plant)}
    names = {p.id: ctx.name(p) for p in ctx.plans}
    exports = has_receiver()
    place = st.container()
    row = select_row(versions_frame(ctx, deliveries, names, exports), key=f"versions_{len(ctx.releases)}")
    if row is not None:
        _open_version(ctx, row, place)
    for dead in (d for d in deliveries.values() if d.state is DeliveryState.DEAD):
        _offer_retry(ctx, dead, approver.strip())
    _offer_way_back(ctx, approver)


def _open_version(ctx: PlantContext, row: int, place: DeltaGenerator) -> None:
    """Above the table: how the selected version stands against the one before it, and the ways to its plan."""
    release = ctx.releases[row]
    before = ctx.releases[row + 1] if row + 1 < len(ctx.releases) else None
    words, differs, gantt = place.columns([5, 1.5, 1.5], vertical_alignment="center")
    if before is None:
        words.text(t("Version {amount}", amount=release.number))
    else:
        found = load_common_figures(ctx.store, before.schedule_id, release.schedule_id)
        words.text(job_set_words.against_version_before(found, before.number, release.number))
        if differs.button(t("What differs"), icon=":material/difference:", width="stretch", key="version_differs"):
            sides = {"left": before.schedule_id, "right": release.schedule_id}
            navigation.go(navigation.COMPARE, show="differences", **sides)
    if gantt.button(t("Show in Gantt"), icon=":material/view_timeline:", width="stretch", key="version_gantt"):
        navigation.go(navigation.GANTT, plan=release.schedule_id)


def _offer_retry(ctx: PlantContext, dead: Delivery, approver: str) -> None:
    text, button = st.columns([5, 1], vertical_alignment="center")
    text.error(
        safe_text.escape_markdown(
            t("Version {number} was not delivered: {last_error}", number=dead.number, last_error=dead.last_error)
        )
    )
    clicked = button.button(t("Try again"), key=f"retry_{dead.release_id}", width="stretch")
    if clicked and not approver:
        st.error(t("Enter your name first."), icon=":material/edit:")
    elif clicked and _DIALOG.attempt(
        ctx.snapshot.plant, lambda: authorized.retry_delivery(ctx.store, current_user.actor(), dead.release_id, approver)
    ):
        st.rerun()


def releases_frame(releases: Iterable[Release], plan_names: Mapping[str, str], zone: ZoneInfo) -> pd.DataFrame:
    """All versions, newest first, in plant time."""
    return frame_of(
        [Column(t("Version"), NUMBER_NAME), Column(t("Released"), DATED_MOMENT), Column(t("By")), Column(t("Comment")),
         Column(t("Plan")), Column(t("Released despite")), Column(t("Check code"))],
        [
            (
                r.number,
                moment(r.approved_at, zone),
                r.approver,
                r.comment,
                plan_names.get(r.schedule_id, r.schedule_id[:8]),
                r.override_reason or "",
                r.content_sha256[:12],
            )
            for r in releases
        ],
    )  # fmt: skip


def versions_frame(ctx: PlantContext, deliveries: dict[str, Delivery], names: dict[str, str], exports: bool) -> pd.DataFrame:
    """The table of versions, newest first, in plant time."""
    back = ctx.store.releases.rolled_back(ctx.snapshot.plant)
    found = releases_frame(ctx.releases, names, ctx.zone)
    found.insert(2, t("ERP"), [delivery_words(deliveries.get(r.id), exports) for r in ctx.releases])
    assumed = [joined(assumptions(ctx.store, r.snapshot_id), ctx.now) for r in ctx.releases]
    if any(assumed):
        found[t("Assumes")] = assumed
    known = [", ".join(ctx.store.releases.acknowledged(r.id)) for r in ctx.releases]
    if any(known):
        found[t("Left the plan, acknowledged")] = known
    found.insert(3, t("Goes back to"), [str(back.get(r.number, "")) for r in ctx.releases])
    return found


# ---------------------------------------------------------------- the second name
def tell_waiting(ctx: PlantContext) -> None:
    """Who asks for a second name, and for which plan."""
    for proposal in ctx.store.releases.waiting_proposals(ctx.snapshot.plant):
        plan = ctx.find(proposal.schedule_id)
        what = (
            t("version {back_to} once more", back_to=proposal.back_to)
            if proposal.back_to
            else ctx.name(plan)
            if plan
            else t("a plan")
        )
        remark = f" “{proposal.remark}”" if proposal.remark else ""
        when = ctx.moment(proposal.proposed_at)
        st.info(
            safe_text.escape_markdown(
                t(
                    "{proposer} asks for a second approver for {what}, {when}.{remark}",
                    proposer=proposal.proposer,
                    what=what,
                    when=when,
                    remark=remark,
                )
            )
        )


def proposes(ctx: PlantContext, plan: Plan, approver: str, comment: str, barred: str | None, missing: str | None) -> bool:
    """True if this plant needs two names and nobody else has asked for this plan: then asking is all that is offered.

    barred: why it cannot be asked for at all. missing: what has to be entered first, said at the click.
    """
    if not releasing.needs_four_eyes(plan.info.plant) or _asked_by_another(ctx, plan.id, approver) is not None:
        return False
    mine = any(p.schedule_id == plan.id for p in ctx.store.releases.waiting_proposals(plan.info.plant))
    if mine and approver.strip():
        st.info(t("You have asked for this release, so another person has to approve it."), icon=":material/hourglass:")
        return True
    token = f"token_propose_{plan.id}"
    clicked = st.button(
        t("Ask for a second approver"), type="primary", key="propose", width="stretch", disabled=barred is not None,
        help=barred or t("Releases of this plant need two people."),
    )  # fmt: skip
    if clicked and missing is not None:
        st.error(missing, icon=":material/edit:")
    elif clicked:
        request = ProposalRequest(
            request_id_for(token), plan.id, plan.stored.content_sha256, approver.strip(), comment.strip(),
            ctx.release.number if ctx.release else None,
        )  # fmt: skip
        if (
            _DIALOG.attempt(ctx.snapshot.plant, lambda: authorized.propose(ctx.store, current_user.actor(), request), token)
            is not None
        ):
            consume_request_id(token)
            page_shell.flash(t("Asked: another person can release it now."))
            st.rerun()
    return True


def _asked_by_another(ctx: PlantContext, schedule_id: str, approver: str) -> Proposal | None:
    """The proposal of a schedule that ``approver`` may second."""
    found = (p for p in ctx.store.releases.waiting_proposals(ctx.snapshot.plant) if p.schedule_id == schedule_id)
    return next((p for p in found if approver.strip() and not same_person(p.proposer, approver)), None)


# ---------------------------------------------------------------- the way back
def _offer_way_back(ctx: PlantContext, approver: str) -> None:
    earlier = [r for r in ctx.releases if ctx.release and r.schedule_id != ctx.release.schedule_id]
    if not earlier:
        return
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    numbers = {r.number: r for r in earlier}
    chosen = left.selectbox(
        t("Back to version"), list(numbers), key="back_to", format_func=lambda n: t("Version {amount}", amount=n)
    )
    refusal = current_user.may_not(ctx.store, Action.APPROVE)
    clicked = right.button(
        t("Go back…"), key="go_back", width="stretch", icon=":material/undo:", disabled=refusal is not None, help=refusal
    )
    if refusal is not None:
        st.caption(safe_text.escape_markdown(refusal))
    if clicked and (missing := acting_person.name_missing(approver)) is not None:
        st.error(missing, icon=":material/edit:")
    elif clicked:
        st.session_state[_DIALOG.question] = chosen
        st.session_state.pop(_DIALOG.stale, None)
    asked = numbers.get(st.session_state.get(_DIALOG.question, -1))
    if asked is not None and not progress.busy():
        _DIALOG.show(t("Go back to this version?"), _confirm_back, ctx, asked, approver.strip())


def _confirm_back(ctx: PlantContext, to: Release, approver: str) -> None:
    number = ctx.release.number if ctx.release else 0
    following = ctx.store.releases.next_number(to.plant)
    asks = releasing.needs_four_eyes(to.plant) and _asked_by_another(ctx, to.schedule_id, approver) is None
    st.text(
        t(
            "The schedule of version {number} becomes version {number_2} and goes to the shop floor, by {approver}.",
            number=to.number,
            number_2=following,
            approver=approver,
        )
    )
    if (plan := ctx.find(to.schedule_id)) is not None:
        plan_facts.warn_missing(ctx, plan)
    reason = st.text_area(t("Reason (recorded)"), key="back_reason", max_chars=2000, height=80)
    acknowledged, unknown = ((), False) if asks else leaving_orders.show(ctx, to.snapshot_id, f"acknowledged_back_{to.id}")
    override = ""
    if stale := st.session_state.get(_DIALOG.stale):
        st.warning(safe_text.escape_markdown(stale), icon=":material/warning:")
        override = st.text_area(t("Reason to release it anyway (recorded)"), key="back_override", max_chars=1000)
    yes, no = st.columns(2)
    if no.button(t("Back"), width="stretch", key="back_no"):
        _DIALOG.close()
        st.rerun()
    decide = t("Ask for a second approver") if asks else t("Release version {number} again", number=to.number)
    if not yes.button(decide, type="primary", width="stretch", key="back_yes"):
        return
    if not reason.strip() or (stale and not override.strip()):
        st.error(t("Give the reason first."))
        return
    if unknown:
        st.error(t("Acknowledge the orders that leave the plan first."))
        return
    actor = current_user.actor()
    if asks:
        wish = ProposalRequest(
            request_id_for(_TOKEN), to.schedule_id, to.content_sha256, approver, reason.strip(), number, to.number
        )
        if _DIALOG.attempt(ctx.snapshot.plant, lambda: authorized.propose(ctx.store, actor, wish), _TOKEN) is not None:
            _gone_back(t("Asked: another person can go back now."))
        return
    request = RollbackRequest(
        request_id_for(_TOKEN),
        to.plant,
        to.number,
        approver,
        reason.strip(),
        number,
        override.strip() or None,
        acknowledged,
    )
    _DIALOG.release(
        ctx.snapshot.plant,
        _TOKEN,
        lambda listener: authorized.roll_back(ctx.store, actor, request, listener),
        lambda _: _gone_back(
            t("Version {number} has the schedule of version {number_2}.", number=following, number_2=to.number)
        ),
    )


def _gone_back(message: str) -> None:
    consume_request_id(_TOKEN)
    _DIALOG.close()
    page_shell.flash(message)
    st.rerun()
