"""The facts in force, each with what it does to the plan on screen, and those that are over or undone."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.components import data_table, fact_dialog, page_shell
from dashboard.components.fact_forms import KIND_WORDS, FactKind
from dashboard.components.row_selection import select_row
from dashboard.components.table_height import table_height
from dashboard.presentation import fact_words
from dashboard.state import facts as known_facts
from dashboard.state import plan_choice
from dashboard.state.loaded import load_plant
from dashboard.state.plant_context import PlantContext
from scheduler_core.i18n.translate import t
from scheduler_core.services.facts import Fact

LIST_HEIGHT = 340
EXAMPLES = (FactKind.HOURS, FactKind.CLOSED, FactKind.DOWN, FactKind.NOTE, FactKind.HOLD)
"""Kinds that an empty page offers."""


def show_current(ctx: PlantContext, facts: Sequence[Fact]) -> None:
    """Draw those that act now or will."""
    if not facts:
        _teach(ctx)
        return
    plant = load_plant(ctx.store, ctx.snapshot.id)
    plan = plan_choice.shown(ctx)
    beside = None if plan is None else known_facts.beside(ctx, plan)
    on_plan = {} if beside is None else fact_words.on_plan(beside.acting, beside.idle, beside.missing)
    frame = fact_words.in_force_frame(plant, facts, on_plan, ctx.now, ctx.zone)
    place = st.container()
    row = select_row(
        frame, key=f"facts_{'_'.join(f.id for f in facts)[:200]}", height=table_height(len(frame), LIST_HEIGHT),
        column_config={t("What"): st.column_config.Column(width="large")},
    )  # fmt: skip
    with place:
        if row is None or row >= len(facts):
            st.caption(t("Every new plan keeps to these facts. Click one to see it whole or to undo it."))
        else:
            _chosen(ctx, facts[row])
    page_shell.download(frame, "facts", "facts_xlsx")


def _chosen(ctx: PlantContext, fact: Fact) -> None:
    plant = load_plant(ctx.store, ctx.snapshot.id)
    with st.container(border=True):
        told, undo = st.columns([6, 1.3], vertical_alignment="center")
        told.text(fact_words.said(plant, fact))
        if (where := fact_words.origin_words(fact)) is not None:
            told.caption(where)
        with undo:
            fact_dialog.undo_button(ctx, plant, fact, "undo_fact")


def _teach(ctx: PlantContext) -> None:
    """What the page is for, with the ways in."""
    st.info(
        t("Nothing is recorded yet. A fact is what you know and the ERP does not say: extra hours on Saturday, a closed "
          "day, a machine that is down, an order on hold, a note for the shop floor. Record it once: every pull and every "
          "new plan keeps to it until it is over or undone. The ERP itself is never written."),
        icon=":material/lightbulb:",
    )  # fmt: skip
    for kind, cell in zip(EXAMPLES, st.columns(len(EXAMPLES)), strict=True):
        with cell:
            fact_dialog.add_button(ctx, t(KIND_WORDS[kind]), kind, f"add_{kind.value}")


def show_past(ctx: PlantContext, facts: Sequence[Fact]) -> None:
    """Draw those that are over or undone, the newest first."""
    if not facts:
        st.info(t("No fact is over or undone yet."))
        return
    frame = fact_words.past_frame(load_plant(ctx.store, ctx.snapshot.id), facts, ctx.now, ctx.zone)
    data_table.show(
        frame, "past_facts", height=table_height(len(frame), LIST_HEIGHT),
        column_config={t("What"): st.column_config.Column(width="large")},
    )  # fmt: skip
    page_shell.download(frame, "past_facts", "past_facts_xlsx")
