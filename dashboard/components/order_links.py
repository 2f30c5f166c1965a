"""One line about a selected order, with the ways to it: its page, its place in the Gantt, and Expedite."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard import navigation
from dashboard.components.expedite_link import expedite_button
from dashboard.presentation import formatting
from scheduler_core.i18n.translate import t
from scheduler_core.plant import Job


def show_links(
    plan_id: str, job: Job, sequence: int | None, key: str, *, narrow: bool = False,
    also: Callable[[], None] | None = None,
) -> None:  # fmt: skip
    """``sequence``: the operation that is meant, None for the whole order; ``key``: tells the buttons of one page apart.
    ``narrow``: the words stand above the buttons. ``also`` draws one more button behind them."""
    name = formatting.job_name(job)
    words = name if sequence is None else t("{job}, operation {sequence}", job=name, sequence=sequence)
    if narrow:
        st.text(words)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"{key}_links"):
        if not narrow:
            st.text(words)
        if st.button(t("Open order"), icon=":material/list_alt:", key=f"{key}_order"):
            navigation.go(navigation.JOBS, job=job.id)
        if st.button(t("Show in Gantt"), icon=":material/view_timeline:", key=f"{key}_gantt"):
            shown = job.operations[0].sequence if sequence is None else sequence
            navigation.go(navigation.GANTT, plan=plan_id, job=job.id, op=str(shown))
        expedite_button(plan_id, job.id, f"{key}_expedite", width="content")
        if also is not None:
            also()
