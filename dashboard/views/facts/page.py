"""Facts: what planners know and the ERP does not say, and the hours of each work centre, to look at and to change."""

from __future__ import annotations

import streamlit as st

from dashboard.components import fact_dialog, page_shell, plan_facts
from dashboard.components.fact_forms import FactKind
from dashboard.state import facts as known_facts
from dashboard.state.address import put_in_address, take_from_address
from dashboard.state.plant_context import PlantContext
from dashboard.views.facts import fact_list, week
from scheduler_core.i18n.translate import mark, t
from scheduler_core.services.facts import Standing

SECTIONS = (mark("In force"), mark("Hours of the week"), mark("Over and undone"))
"""Their keys, which stand in the page's address, are their English words."""


def show() -> None:
    """Draw the page."""
    ctx = page_shell.need_context()
    head, section_cell, button = st.columns([2, 6, 2], vertical_alignment="bottom")
    head.title(t("Facts"))
    every = known_facts.known(ctx)
    past = tuple(f for f in every if f.standing(ctx.now) in (Standing.EXPIRED, Standing.UNDONE))
    current = tuple(f for f in every if f not in past)
    amounts = {SECTIONS[0]: len(current), SECTIONS[2]: len(past)}
    take_from_address("section", "facts_section", SECTIONS)
    st.session_state.setdefault("facts_section", SECTIONS[0])
    section = section_cell.segmented_control(
        t("Show"), SECTIONS, required=True, label_visibility="collapsed", key="facts_section",
        format_func=lambda s: f"{t(s)} ({amounts[s]})" if s in amounts else t(s),
    )  # fmt: skip
    put_in_address("section", section or SECTIONS[0])
    with button:
        fact_dialog.add_button(ctx, t("Add a fact…"), FactKind.HOURS, "add_fact")
    _plans(ctx)
    plan_facts.ask_reports(ctx)
    with st.container():  # as around the runs at work, see page_shell.show_runs
        if section == SECTIONS[1]:
            week.show(ctx, current)
        elif section == SECTIONS[2]:
            fact_list.show_past(ctx, past)
        else:
            fact_list.show_current(ctx, current)
    fact_dialog.show(ctx)


def _plans(ctx: PlantContext) -> None:
    """Runs at work and the way to a replan; the page itself needs no plan."""
    if ctx.plans:
        page_shell.need_plans(ctx)
