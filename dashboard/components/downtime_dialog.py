"""The questions with which a planner records that a machine is down, puts its end off, or says that it is back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import streamlit as st

from dashboard.auth import current_user
from dashboard.components import acting_person, confirm_dialog, page_shell, recording_dialog
from dashboard.presentation import formatting, safe_text
from dashboard.presentation.machine_labels import by_name, machine_label
from dashboard.state.loaded import load_plant
from dashboard.state.plant_context import PlantContext
from dashboard.state.request_ids import consume_request_id, request_id_for
from scheduler_core.data.store.records import RecordedDowntime
from scheduler_core.errors import ShopwrightError
from scheduler_core.i18n.local_formats import date_field
from scheduler_core.i18n.translate import t
from scheduler_core.roles import Action
from scheduler_core.services import authorized
from scheduler_core.services.downtimes import Stated

_OPEN: Final = "_downtime_asked"
"""What is asked: "new", or the id of the downtime whose end is asked for."""
_NEW: Final = "new"
_MACHINE, _FROM, _UNKNOWN, _END, _WHY = "down_machine", "down_from", "down_unknown", "down_end", "down_why"
_WHO: Final = "down_who"
_TOKEN: Final = "token_down"
EXPECTED = timedelta(hours=8)
"""How long after its start a machine is first suggested to be back."""


def offer(ctx: PlantContext, machine: int | None = None, start: datetime | None = None) -> None:
    """The button that opens the question; ``machine`` (id) and ``start`` are what it begins with."""
    refusal = current_user.may_not(ctx.store, Action.PLAN)
    st.button(
        t("A machine is down…") if machine is None else t("This machine is down…"), icon=":material/build_circle:",
        key="record_downtime", width="stretch", disabled=refusal is not None,
        help=refusal or t("Recorded as a fact: every new plan goes around the machine until it is back"),
        on_click=ask, args=(ctx, machine, start),
    )  # fmt: skip


def ask(ctx: PlantContext, machine: int | None = None, start: datetime | None = None) -> None:
    """Let the page ask which machine is down; ``show`` draws the question."""
    plant = load_plant(ctx.store, ctx.snapshot.id)
    begun = start or ctx.now
    st.session_state[_OPEN] = _NEW
    st.session_state[_MACHINE] = machine if machine in plant.machine_by_id else None
    st.session_state[_FROM] = begun
    st.session_state[_UNKNOWN] = True
    st.session_state[_END] = max(begun, ctx.now) + EXPECTED
    st.session_state[_WHY] = ""


def ask_end(ctx: PlantContext, downtime: RecordedDowntime) -> None:
    """Let the page ask when a machine is expected back; ``show`` draws the question."""
    st.session_state[_OPEN] = downtime.id
    st.session_state[_UNKNOWN] = downtime.end is None
    st.session_state[_END] = max(downtime.end or ctx.now + EXPECTED, ctx.now + timedelta(hours=1))


def show(ctx: PlantContext) -> None:
    """Draw the question while it is open."""
    asked = st.session_state.get(_OPEN)
    if asked is None:
        return
    if asked == _NEW:
        st.dialog(t("Which machine is down?"), on_dismiss=_close)(_record)(ctx)
        return
    known = {d.id: d for d in ctx.store.downtimes.of_plant(ctx.snapshot.plant)}
    if asked in known:
        title = t("When is {machine} expected back?", machine=safe_text.escape_markdown(known[asked].machine_name))
        st.dialog(title, on_dismiss=_close)(_change)(ctx, known[asked])


def confirm_back(ctx: PlantContext, downtime: RecordedDowntime, *, clicked: bool) -> None:
    """Ask once more, and say that the machine is back in service."""

    def back() -> None:
        token = f"{_TOKEN}_{downtime.id}"
        authorized.end_downtime(
            ctx.store, acting_person.known(_WHO), downtime.id, now=ctx.now, request_id=request_id_for(token)
        )
        consume_request_id(token)
        page_shell.flash(t("Back in service: new plans use the machine again."))

    confirm_dialog.ask_once_more(
        f"back_{downtime.id}", t("Is this machine back in service?"),
        t("{machine} works again from {moment}. New plans use it; the plan in force does not change until you replan.",
          machine=downtime.machine_name, moment=formatting.stamp(ctx.now)),
        t("Back in service"), back, clicked=clicked,
    )  # fmt: skip


# ---------------------------------------------------------------- the questions
def _record(ctx: PlantContext) -> None:
    plant = load_plant(ctx.store, ctx.snapshot.id)
    machine = st.selectbox(
        t("Machine"), by_name(plant), index=None, key=_MACHINE, format_func=lambda i: machine_label(plant, i),
        placeholder=t("Name of the machine or of its work centre"),
    )  # fmt: skip
    start = st.datetime_input(t("Down from"), key=_FROM, step=900, format=date_field())
    end = _expected(ctx, start if isinstance(start, datetime) else ctx.now)
    reason = st.text_input(t("Why"), key=_WHY, max_chars=120, placeholder=t("Reason that the shop floor gives"))
    person = acting_person.ask(_WHO)
    if not recording_dialog.decided(t("Record"), "down_record", "down_back", _OPEN):
        return
    if machine is None or not isinstance(start, datetime) or not reason.strip() or not person.name.strip():
        st.error(t("Enter the machine, the start, the reason and your name first."), icon=":material/edit:")
        return
    stated = Stated(machine, start.replace(second=0, microsecond=0), end, reason)
    try:
        authorized.record_downtime(ctx.store, person, stated, now=ctx.now, request_id=request_id_for(_TOKEN))
    except ShopwrightError as error:
        recording_dialog.refused(error, _TOKEN)
        return
    recording_dialog.done(t("Recorded: every new plan goes around this machine. Next: replan."), _TOKEN, _OPEN)


def _change(ctx: PlantContext, downtime: RecordedDowntime) -> None:
    end = _expected(ctx, downtime.start)
    person = acting_person.ask(_WHO)
    if not recording_dialog.decided(t("Save"), "down_save", "down_back", _OPEN):
        return
    if not person.name.strip():
        st.error(t("Enter your name first."), icon=":material/edit:")
        return
    request = request_id_for(_TOKEN)
    try:
        authorized.change_downtime(ctx.store, person, downtime.id, end, now=ctx.now, request_id=request)
    except ShopwrightError as error:
        recording_dialog.refused(error, _TOKEN)
        return
    recording_dialog.done(t("Saved: every new plan uses the new end. Next: replan."), _TOKEN, _OPEN)


def _expected(ctx: PlantContext, start: datetime) -> datetime | None:
    """When the machine is expected back; None for an end that nobody knows."""
    unknown = st.toggle(t("The end is not known yet"), key=_UNKNOWN)
    if unknown:
        last = max(start, ctx.now) + timedelta(days=1)
        st.caption(
            t("Plans assume that the machine is down until the end of {day}. Each pull adds one more day until you "
              "record that it is back.", day=formatting.day(last))
        )  # fmt: skip
        return None
    end = st.datetime_input(t("Expected back"), key=_END, step=900, format=date_field())
    return end.replace(second=0, microsecond=0) if isinstance(end, datetime) else None


def _close() -> None:
    st.session_state.pop(_OPEN, None)
