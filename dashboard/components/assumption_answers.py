"""What a plan assumes, each with what became of it, and the buttons with which a planner says whether it came true."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.auth import current_user
from dashboard.components import acting_person, page_shell
from dashboard.presentation import formatting, safe_text
from dashboard.state.assumptions import Told, assumptions, still_open
from dashboard.state.plan_choice import hold
from dashboard.state.plant_context import PlantContext
from dashboard.state.request_ids import consume_request_id, request_id_for
from scheduler_core.data.store.records import StoredSchedule
from scheduler_core.errors import ShopwrightError
from scheduler_core.i18n.translate import t
from scheduler_core.roles import Action, Actor
from scheduler_core.services import authorized, downtimes
from scheduler_core.services.assumptions import Answer, Standing

_WHO: Final = "assumption_who"


def show(ctx: PlantContext, plan: StoredSchedule, *, only_open: bool = False) -> None:
    """Draw them in a column; nothing for a plan that assumes nothing.

    ``only_open``: in a line each over the whole page, without those that are answered or past.
    """
    known = assumptions(ctx.store, plan.snapshot_id)
    shown = still_open(known, ctx.now) if only_open else known
    if not shown:
        return
    with st.container(border=True, key="assumptions"):
        if only_open:
            for number, one in enumerate(shown):
                cells = st.columns([5, 2.4, 1.8, 2.4], vertical_alignment="center")
                person = _person(cells[1]) if number == 0 else _acting()
                _row(ctx, plan, one, person, (cells[0], cells[2], cells[3]))
            return
        st.markdown(t("**What this plan assumes**"))
        asked = any(one.standing(ctx.now) is not Standing.LAPSED for one in shown)
        person = _person(st.container()) if asked else current_user.actor()
        for one in shown:
            words, buttons = st.container(), st.container(horizontal=True)
            _row(ctx, plan, one, person, (words, buttons, buttons))


def _row(
    ctx: PlantContext, plan: StoredSchedule, one: Told, person: Actor,
    cells: tuple[DeltaGenerator, DeltaGenerator, DeltaGenerator],
) -> None:  # fmt: skip
    """One assumption; ``cells``: the places of its words and of the two answers."""
    words, yes_cell, no_cell = cells
    standing = one.standing(ctx.now)
    key = f"{one.scenario_id}_{one.position}"
    words.markdown(f"{_ICONS[standing]} {safe_text.escape_markdown(_words(ctx, one))}")
    if standing is Standing.LAPSED:
        return
    record = False
    if _can_be_recorded(ctx, one):
        end = formatting.NOTHING if one.until is None else formatting.stamp(one.until)
        record = words.checkbox(
            t("If it came true, record {machine} as down, end not known", machine=one.machine_name)
            if one.until is None
            else t("If it came true, record {machine} as down until {end}", machine=one.machine_name, end=end),
            value=True, key=f"assumption_record_{key}", help=t("Every new plan goes around the machine"),
        )  # fmt: skip
    refusal = current_user.may_not(ctx.store, Action.PLAN)
    yes = yes_cell.button(
        t("It came true"), icon=":material/check:", key=f"assumption_yes_{key}",
        disabled=refusal is not None or standing is Standing.CONFIRMED, help=refusal,
    )  # fmt: skip
    no = no_cell.button(
        t("It did not come true"), icon=":material/close:", key=f"assumption_no_{key}",
        disabled=refusal is not None or standing is Standing.REFUTED, help=refusal,
    )  # fmt: skip
    if yes or no:
        _answer(ctx, plan, Answer(plan.id, one.scenario_id, one.position, yes, record and yes), person)


_ICONS: Final = {
    Standing.OPEN: ":material/help:", Standing.CONFIRMED: ":material/check_circle:", Standing.REFUTED: ":material/cancel:",
    Standing.LAPSED: ":material/history:",
}  # fmt: skip


def _words(ctx: PlantContext, one: Told) -> str:
    said = one.said(ctx.now)
    if one.answer is not None:
        return t("{assumption}, {moment}", assumption=said, moment=ctx.moment(one.answer.at))
    if one.standing(ctx.now) is Standing.OPEN and one.until is not None:
        return t(
            "{assumption}: nobody has confirmed it yet; it lapses {end}", assumption=said, end=formatting.stamp(one.until)
        )
    return (
        said if one.standing(ctx.now) is Standing.LAPSED else t("{assumption}: nobody has confirmed it yet", assumption=said)
    )


def _can_be_recorded(ctx: PlantContext, one: Told) -> bool:
    """Whether it is a breakdown that is not over, of a machine that is not recorded as down already."""
    if (
        one.machine is None
        or (one.until is not None and one.until <= ctx.now)
        or one.standing(ctx.now) is Standing.CONFIRMED
    ):
        return False
    known = downtimes.in_force(ctx.store, ctx.snapshot.plant, ctx.now)
    return all(d.machine != one.machine for d in known)


def _acting() -> Actor:
    """Who signed in; where nobody does, the name that was typed."""
    person = current_user.actor()
    return replace(person, name=str(st.session_state.get(_WHO, "")).strip()) if person.unrestricted else person


def _person(place: DeltaGenerator) -> Actor:
    """The same, with the field for the name."""
    if not current_user.actor().unrestricted:
        return current_user.actor()
    place.text_input(
        t("Your name"), key=_WHO, max_chars=100, placeholder=t("Person who says whether it came true"),
        persist_state="session", live=True, label_visibility="collapsed",
    )  # fmt: skip
    return _acting()


def _answer(ctx: PlantContext, plan: StoredSchedule, said: Answer, person: Actor) -> None:
    if not person.name:
        st.error(t("Enter your name first."), icon=":material/edit:")
        return
    token = f"token_answer_{said.scenario_id}_{said.position}"
    try:
        kept = authorized.answer_assumption(ctx.store, person, said, now=ctx.now, request_id=request_id_for(token))
    except ShopwrightError as error:
        st.error(
            t("Not saved: {error}", error=safe_text.escape_markdown(acting_person.refusal(error))), icon=":material/block:"
        )
        return
    consume_request_id(token)
    if kept is not None and (ctx.release is None or ctx.release.schedule_id != plan.id):
        hold(ctx, kept)
    if said.record:
        page_shell.flash(t("Confirmed and recorded: every new plan goes around this machine."))
    else:
        page_shell.flash(t("Confirmed.") if said.came_true else t("Noted: it did not come true."))
    st.rerun()
