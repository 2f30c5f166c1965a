"""The questions with which a planner states a fact, undoes one, or makes facts of a what-if that has come true."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import streamlit as st

from dashboard.auth import current_user
from dashboard.components import acting_person, fact_effect, recording_dialog
from dashboard.components.fact_forms import FORMS, KIND_WORDS, OF_ORDERS, REPORTS, Asking, FactKind, Scope, Span
from dashboard.presentation import fact_words, formatting, safe_text
from dashboard.state.facts import waiting
from dashboard.state.loaded import load_plant
from dashboard.state.plan_choice import shown
from dashboard.state.plant_context import PlantContext
from dashboard.state.request_ids import request_id_for
from scheduler_core.errors import ShopwrightError
from scheduler_core.i18n.local_formats import date_field
from scheduler_core.i18n.translate import t
from scheduler_core.plant import Plant
from scheduler_core.roles import Action
from scheduler_core.scenarios.breakdown import Breakdown
from scheduler_core.scenarios.changes import Change
from scheduler_core.scenarios.floor_changes import MachineReturns, Noted
from scheduler_core.scenarios.floor_reports import FloorReport
from scheduler_core.scenarios.hour_changes import MAX_HOURS_NAME, HoursClosed
from scheduler_core.services import authorized
from scheduler_core.services.facts import Fact, Origin, Stated, why_no_fact

_OPEN: Final = "_fact_asked"
_TOKEN: Final = "token_fact"
_WHO, _WHY = "fact_who", "fact_why"
MAX_REASON = 200


@dataclass(frozen=True)
class _New:
    kind: FactKind


@dataclass(frozen=True)
class _Undo:
    fact: Fact
    words: str


@dataclass(frozen=True)
class _FromWhatIf:
    scenario_id: str
    changes: tuple[Change, ...] = field(default=())


# ---------------------------------------------------------------- opening the question
def ask(kind: FactKind, **filled: Any) -> None:
    """Let the page ask for a fact of this kind; ``show`` draws the question. ``filled``: what its fields begin with, by the
    names of ``fact_forms`` without their "fact_"."""
    for key in [key for key in st.session_state if str(key).startswith("fact_") and key != _WHO]:
        del st.session_state[key]
    st.session_state[_OPEN] = _New(kind)
    for name, value in filled.items():
        st.session_state[f"fact_{name}"] = value


def ask_hours(kind: FactKind, centre: int, day: date, hours: tuple[int, int] | None = None) -> None:
    """The same for the hours of a work centre (machine type's id) on a date; ``hours``: minutes after its midnight."""
    times = {} if hours is None else {"from": _clock(hours[0]), "to": _clock(hours[1])}
    ask(kind, scope=Scope.CENTRE, centre=centre, span=Span.DATE, first=day, **times)


def ask_undo(fact: Fact, words: str) -> None:
    """Let the page ask whether a fact, told as ``words``, is to be undone."""
    st.session_state[_OPEN] = _Undo(fact, words)


def came_true_button(ctx: PlantContext, scenario_id: str, changes: tuple[Change, ...]) -> None:
    """The button that makes facts of a what-if; disabled where none of its changes can be one, or for who may not plan."""
    refusal = current_user.may_not(ctx.store, Action.PLAN)
    if refusal is None and all(why_no_fact(change) is not None for change in changes):
        refusal = t("These assumptions are decisions of the plan: there is nothing to record.")
    st.button(
        t("It has come true…"), key="came_true", icon=":material/fact_check:", width="stretch", disabled=refusal is not None,
        help=refusal or t("Its changes become facts: every new plan keeps to them"),
        on_click=_ask_from_what_if, args=(scenario_id, changes),
    )  # fmt: skip


def _ask_from_what_if(scenario_id: str, changes: tuple[Change, ...]) -> None:
    st.session_state[_OPEN] = _FromWhatIf(scenario_id, changes)


def add_button(ctx: PlantContext, label: str, kind: FactKind, key: str, **filled: Any) -> None:
    """The button that opens the question; disabled, with the role that it takes, for who may not plan."""
    refusal = current_user.may_not(ctx.store, Action.PLAN)
    st.button(
        label, icon=":material/add:", key=key, width="stretch", disabled=refusal is not None,
        help=refusal or t("Recorded once: every new plan keeps to it until it is over or undone"),
        on_click=ask, args=(kind,), kwargs=filled,
    )  # fmt: skip


def undo_button(ctx: PlantContext, plant: Plant, fact: Fact, key: str) -> None:
    """The button that asks whether a fact is to be undone; disabled, with the role that it takes, for who may not plan."""
    refusal = current_user.may_not(ctx.store, Action.PLAN)
    st.button(
        t("Undo…"), key=key, icon=":material/undo:", width="stretch", disabled=refusal is not None,
        help=refusal or t("New plans no longer keep to this fact; it stays in the list of undone facts"),
        on_click=ask_undo, args=(fact, fact_words.said(plant, fact)),
    )  # fmt: skip


def show(ctx: PlantContext) -> None:
    """Draw the question while it is open."""
    match st.session_state.get(_OPEN):
        case _New():
            st.dialog(t("What do you know that the ERP does not?"), width="medium", on_dismiss=_close)(_new)(ctx)
        case _Undo() as asked:
            st.dialog(t("Undo this fact?"), on_dismiss=_close)(_undo)(ctx, asked)
        case _FromWhatIf() as asked:
            st.dialog(t("Has this come true?"), width="medium", on_dismiss=_close)(_from_what_if)(ctx, asked)


# ---------------------------------------------------------------- the questions
def _new(ctx: PlantContext) -> None:
    asked = st.session_state[_OPEN]
    plant = load_plant(ctx.store, ctx.snapshot.id)
    questions = waiting(ctx)
    kinds = [kind for kind in FactKind if kind is not FactKind.BACK or questions or asked.kind is kind]
    st.session_state.setdefault("fact_kind", asked.kind)
    kind = st.selectbox(t("What"), kinds, format_func=lambda k: t(KIND_WORDS[k]), key="fact_kind")
    change: Change | None
    try:
        change = FORMS[kind](Asking(plant, ctx.now, questions))
    except ShopwrightError as error:
        st.error(safe_text.escape_markdown(str(error)), icon=":material/edit:")
        change = None
    until = _ends(ctx) if kind in OF_ORDERS else None
    fact_effect.show(ctx, shown(ctx), change)
    reason_cell, who_cell = st.columns([3, 2])
    with reason_cell:
        reason = st.text_input(
            t("Why"), key=_WHY, max_chars=MAX_REASON,
            placeholder=_why(kind),
        )  # fmt: skip
    with who_cell:
        person = acting_person.ask(_WHO)
    if not recording_dialog.decided(t("Record"), "fact_record", "fact_no", _OPEN):
        return
    if isinstance(change, Noted) and not reason.strip():
        reason = change.text[:MAX_REASON]
    if change is None or not (reason.strip() or isinstance(change, FloorReport)) or not person.name.strip():
        st.error(t("Fill in the fields, the reason and your name first."), icon=":material/edit:")
        return
    stated = Stated(_with_reason(change, reason.strip()), plant.plan_start, reason.strip(), until=until)
    try:
        authorized.record_fact(ctx.store, person, stated, now=ctx.now, request_id=request_id_for(_TOKEN))
    except ShopwrightError as error:
        recording_dialog.refused(error, _TOKEN)
        return
    recording_dialog.done(_recorded(ctx, change), _TOKEN, _OPEN)


def _why(kind: FactKind) -> str:
    if kind is FactKind.NOTE:
        return t("Optional for a note")
    return t("Optional") if kind in REPORTS else t("What the shop floor should know")


def _recorded(ctx: PlantContext, change: Change) -> str:
    if isinstance(change, Noted):
        return t("Recorded: the Gantt and the dispatch lists show it.")
    if isinstance(change, FloorReport):
        return t("Recorded: it counts until the ERP knows it. Next: replan.")
    if isinstance(change, MachineReturns):
        return t("Recorded: orders for this machine are planned from its return on. Next: pull and replan.")
    return t("Recorded: every new plan keeps to it. Next: replan.")


def _with_reason(change: Change, reason: str) -> Change:
    """The change with the reason where the plan shows one: at a machine that is down, on a closed day."""
    if isinstance(change, Breakdown):
        return replace(change, reason=reason)
    return replace(change, name=reason[:MAX_HOURS_NAME]) if isinstance(change, HoursClosed) else change


def _ends(ctx: PlantContext) -> datetime | None:
    """When a fact without dates of its own ends by itself."""
    if not st.toggle(t("Ends by itself on a date"), key="fact_ends"):
        return None
    st.session_state.setdefault("fact_until", ctx.now.date() + timedelta(days=7))
    last = st.date_input(t("Last date"), key="fact_until", min_value=ctx.now.date(), format=date_field())
    return datetime.combine(last + timedelta(days=1), time()) if isinstance(last, date) else None


def _undo(ctx: PlantContext, asked: _Undo) -> None:
    st.text(asked.words)
    fact_effect.show_undone(ctx, shown(ctx), asked.fact)
    # Downtimes and pins are kept in lists of their own, which state no reason for their end.
    own = asked.fact.origin is Origin.FACT
    placeholder = t("Why the fact no longer holds")
    reason = st.text_input(t("Why"), key="fact_undo_why", max_chars=MAX_REASON, placeholder=placeholder) if own else ""
    person = acting_person.ask(_WHO)
    if not recording_dialog.decided(t("Undo"), "fact_undo", "fact_no", _OPEN):
        return
    if (own and not reason.strip()) or not person.name.strip():
        st.error(t("Enter the reason and your name first."), icon=":material/edit:")
        return
    request = request_id_for(_TOKEN)
    try:
        authorized.undo_fact(ctx.store, person, asked.fact.id, now=ctx.now, request_id=request, reason=reason.strip())
    except ShopwrightError as error:
        recording_dialog.refused(error, _TOKEN)
        return
    recording_dialog.done(t("Undone: new plans no longer keep to it. Next: replan."), _TOKEN, _OPEN)


def _from_what_if(ctx: PlantContext, asked: _FromWhatIf) -> None:
    plant = load_plant(ctx.store, ctx.store.scenarios.get(asked.scenario_id).base_snapshot_id)
    facts = [change for change in asked.changes if why_no_fact(change) is None]
    others = [(change, why) for change in asked.changes if (why := why_no_fact(change)) is not None]
    st.text(t("Every new plan keeps to it from now on:"))
    st.text(fact_words.changes_list(plant, facts) if facts else formatting.NOTHING)
    for change, why in others:
        words = fact_words.changes_list(plant, (change,)).removeprefix("• ")
        st.caption(safe_text.escape_markdown(t("Not recorded: {change}. {reason}", change=words, reason=why)))
    reason = st.text_input(t("Why"), key=_WHY, max_chars=MAX_REASON, placeholder=t("What the shop floor should know"))
    person = acting_person.ask(_WHO)
    if not recording_dialog.decided(t("It has come true"), "fact_from_what_if", "fact_no", _OPEN):
        return
    if not reason.strip() or not person.name.strip():
        st.error(t("Enter the reason and your name first."), icon=":material/edit:")
        return
    try:
        authorized.facts_from_what_if(
            ctx.store, person, asked.scenario_id, reason=reason.strip(), now=ctx.now, request_id=request_id_for(_TOKEN)
        )
    except ShopwrightError as error:
        recording_dialog.refused(error, _TOKEN)
        return
    recording_dialog.done(t("Recorded: every new plan keeps to it. Next: replan."), _TOKEN, _OPEN)


def _close() -> None:
    st.session_state.pop(_OPEN, None)


def _clock(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)
