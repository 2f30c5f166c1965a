"""The calendar editor: a week of a work centre, day by day; a click adds hours or closes a day, and says at once what that
does to late orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import streamlit as st

from dashboard.auth import current_user
from dashboard.components import fact_dialog
from dashboard.components.fact_forms import FactKind
from dashboard.presentation import fact_words, safe_text, week_bars
from dashboard.state.address import put_in_address, take_from_address
from dashboard.state.loaded import load_plan, load_plant
from dashboard.state.plan_choice import shown
from dashboard.state.plant_context import PlantContext
from scheduler_core.analysis.work_week import DAYS, WorkDay, monday_of, proposed, work_week
from scheduler_core.i18n.local_formats import day_text
from scheduler_core.i18n.translate import t
from scheduler_core.plant import Plant
from scheduler_core.roles import Action
from scheduler_core.services.facts import Fact

BACK, AHEAD = 4, 52
"""Weeks that the editor goes back and ahead."""
_MONDAY = "facts_week"


def show(ctx: PlantContext, facts: Sequence[Fact]) -> None:
    """Draw it. ``facts``: those in force."""
    plant = load_plant(ctx.store, ctx.snapshot.id)
    centre_cell, before, label, after, today = st.columns([4, 0.7, 3, 0.7, 1.6], vertical_alignment="bottom")
    with centre_cell:
        centre = _centre(ctx, plant)
    monday = _monday(ctx)
    this = monday_of(ctx.now.date())
    before.button(
        "", key="week_before", icon=":material/chevron_left:", help=t("The week before"), width="stretch", on_click=_go,
        args=(monday - timedelta(days=DAYS),), disabled=monday <= this - timedelta(weeks=BACK),
    )  # fmt: skip
    label.markdown(f"**{day_text(monday)} – {day_text(monday + timedelta(days=DAYS - 1))}**", text_alignment="center")
    after.button(
        "", key="week_after", icon=":material/chevron_right:", help=t("The next week"), width="stretch", on_click=_go,
        args=(monday + timedelta(days=DAYS),), disabled=monday >= this + timedelta(weeks=AHEAD),
    )  # fmt: skip
    today.button(t("This week"), key="week_now", width="stretch", on_click=_go, args=(this,), disabled=monday == this)
    machines = plant.machines_by_type[centre]
    if not machines:
        st.info(t("This work centre has no machine in service."))
        return
    days = work_week(plant, machines, monday)
    _scale()
    for day in days:
        _day(ctx, plant, centre, day, days)
    st.html(week_bars.legend(days))
    _facts(ctx, plant, facts, frozenset(machines), centre, monday)


def _centre(ctx: PlantContext, plant: Plant) -> int:
    """The work centre: the address's, else the plan's bottleneck."""
    names = {str(one.id): one.name for one in plant.machine_types}
    take_from_address("centre", "facts_centre", list(names))
    if st.session_state.get("facts_centre") not in names:
        plan = shown(ctx)
        bottleneck = None if plan is None else load_plan(ctx.store, plan.id).bottleneck
        usual = None if bottleneck is None else str(bottleneck.load.machine_type.id)
        st.session_state["facts_centre"] = usual if usual in names else next(iter(names))
    chosen = st.selectbox(t("Work centre"), list(names), key="facts_centre", format_func=names.__getitem__)
    put_in_address("centre", chosen)
    return int(chosen)


def _monday(ctx: PlantContext) -> date:
    """The week: the address's, else that of now."""
    this = monday_of(ctx.now.date())
    known = [str(this + timedelta(weeks=k)) for k in range(-BACK, AHEAD + 1)]
    take_from_address("week", _MONDAY, known)
    if st.session_state.get(_MONDAY) not in known:
        st.session_state[_MONDAY] = str(this)
    put_in_address("week", st.session_state[_MONDAY])
    return date.fromisoformat(st.session_state[_MONDAY])


def _go(monday: date) -> None:
    st.session_state[_MONDAY] = str(monday)


WIDTHS = [1.3, 8, 1.7, 1.7, 1.4]


def _scale() -> None:
    st.columns(WIDTHS)[1].html(week_bars.scale())


def _day(ctx: PlantContext, plant: Plant, centre: int, day: WorkDay, week: Sequence[WorkDay]) -> None:
    name, bar, total, add, close = st.columns(WIDTHS, vertical_alignment="center")
    name.text(day_text(day.date))
    bar.html(week_bars.bars(plant, day))
    total.html(week_bars.totals(plant, day))
    refusal = current_user.may_not(ctx.store, Action.PLAN)
    past = t("This day is over.") if day.date < ctx.now.date() else None
    key = str(day.date)
    add.button(
        t("Add hours…"), key=f"hours_{key}", width="stretch", disabled=bool(refusal or past), help=refusal or past,
        on_click=fact_dialog.ask_hours, args=(FactKind.HOURS, centre, day.date, proposed(week, day.date)),
    )  # fmt: skip
    closed = t("Nobody works on this day anyway.") if not any(row.working for row in day.rows) else None
    why = refusal or past or closed
    close.button(
        t("Close…"), key=f"close_{key}", width="stretch", disabled=why is not None, help=why,
        on_click=fact_dialog.ask_hours, args=(FactKind.CLOSED, centre, day.date),
    )  # fmt: skip


def _facts(
    ctx: PlantContext, plant: Plant, facts: Sequence[Fact], machines: frozenset[int], centre: int, monday: date
) -> None:
    """What planners have recorded of these hours, each with the way to undo it."""
    told = fact_words.of_week(plant, facts, machines, monday)
    if not told:
        name = safe_text.escape_markdown(plant.machine_type_by_id[centre].name)
        st.caption(t("No fact changes the hours of {centre} in this week: they are those of the ERP.", centre=name))
    for fact in told:
        words, button = st.columns([9, 1.4], vertical_alignment="center")
        words.text(fact_words.said(plant, fact))
        with button:
            fact_dialog.undo_button(ctx, plant, fact, f"undo_{fact.id}")
