"""One line about a selected order, with the ways to it: its page and its place in the Gantt."""

from __future__ import annotations

import streamlit as st

from dashboard import navigation
from dashboard.presentation import formatting
from scheduler_core.i18n.translate import t
from scheduler_core.plant import Job


def show_links(plan_id: str, job: Job, sequence: int | None, key: str) -> None:
    """``sequence``: the operation that is meant, None for the whole order; ``key``: tells the buttons of one page apart."""
    words, order, gantt = st.columns([4, 2, 2.4], vertical_alignment="center")
    name = formatting.job_name(job)
    words.text(name if sequence is None else t("{job}, operation {sequence}", job=name, sequence=sequence))
    if order.button(t("Open order"), icon=":material/list_alt:", width="stretch", key=f"{key}_order"):
        navigation.go(navigation.JOBS, job=job.id)
    if gantt.button(t("Show in Gantt"), icon=":material/view_timeline:", width="stretch", key=f"{key}_gantt"):
        shown = job.operations[0].sequence if sequence is None else sequence
        navigation.go(navigation.GANTT, plan=plan_id, job=job.id, op=str(shown))
