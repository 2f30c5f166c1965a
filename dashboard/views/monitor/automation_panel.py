"""What runs by itself: what was done last and why, and what comes next or what it waits for."""

from __future__ import annotations

import streamlit as st

from dashboard.components import data_table
from dashboard.presentation import automation_words, safe_text
from dashboard.presentation.columns import DATED_MOMENT, Column, frame_of, moment
from dashboard.state import automation
from dashboard.state.plant_context import PlantContext
from scheduler_core.automation.outlook import Outlook
from scheduler_core.errors import InvalidValue
from scheduler_core.i18n.translate import t


def show(ctx: PlantContext) -> None:
    """Draw the section."""
    st.subheader(t("What runs automatically?"))
    try:
        found = automation.state(ctx)
    except InvalidValue as error:
        st.error(safe_text.escape_markdown(str(error)), icon=":material/error:")
        return
    said = automation_words.heading_words(found)
    if found.enabled and not found.acting:
        st.warning(said, icon=":material/warning:")
    else:
        st.text(said)
    for name, why in found.failures.items():
        told = t("{part} failed and is tried again: {why}", part=automation_words.part_words(name), why=why)
        st.warning(safe_text.escape_markdown(told), icon=":material/warning:")
    if not found.enabled:
        return
    rows = frame_of(
        [Column(t("What")), Column(t("Last"), DATED_MOMENT), Column(t("Why")), Column(t("Next"), DATED_MOMENT),
         Column(t("State"))],
        [
            (
                automation_words.kind_words(one.kind),
                moment(None if one.last is None else one.last.at, ctx.zone),
                "" if one.last is None else automation_words.cause_words(one.last.cause),
                moment(one.verdict.next_at, ctx.zone),
                _state(one),
            )
            for one in found.parts
        ],
    )  # fmt: skip
    data_table.show(rows, "automation", height="content")


def _state(one: Outlook) -> str:
    """Why it is done now, or why it is not."""
    if one.verdict.cause is not None:
        return t("begins now: {cause}", cause=automation_words.cause_words(one.verdict.cause))
    return automation_words.cause_words(one.verdict.why_not)
