"""Search, work centre and status of a list of orders: the same three fields wherever orders are listed."""

from __future__ import annotations

import streamlit as st

from dashboard.loaded_plan import Plan
from dashboard.presentation import formatting
from dashboard.state.address import put_in_address, take_from_address
from scheduler_core.analysis.job_search import job_texts, machines_of, matching_jobs
from scheduler_core.analysis.job_status import JobStatus
from scheduler_core.i18n.translate import t
from scheduler_core.plant import Plant

ALL = "all"
"""The choice, in an address, that leaves nothing out."""


def ask(plant: Plant, plan: Plan | None, key: str) -> frozenset[str]:
    """Draw the fields and return the ids of the jobs that match all of them. ``key``: names the list; without a plan there
    is no status to choose."""
    search, centre_cell, status_cell = st.columns([5, 3, 2])
    wanted = search.text_input(
        t("Search orders"), placeholder=t("Words in any order: part, job, machine, work centre, status"),
        label_visibility="collapsed", key="find", icon=":material/search:", bind="query-params",
    )  # fmt: skip
    centres = {ALL: t("All work centres"), **{str(one.id): one.name for one in plant.machine_types}}
    with centre_cell:
        centre = _choice(t("Work centre"), "centre", f"{key}_centre", centres)
    statuses = {ALL: t("Every status"), **{s.name.lower(): formatting.status_words(s) for s in JobStatus}}
    with status_cell:
        status = _choice(t("Status"), "status", f"{key}_status", statuses) if plan is not None else ALL
    return found_jobs(plant, plan, wanted, None if centre == ALL else int(centre), None if status == ALL else status)


def found_jobs(plant: Plant, plan: Plan | None, words: str, centre: int | None, status: str | None) -> frozenset[str]:
    """Ids of the jobs that hold all words, have an operation at the work centre (a machine type's id) and the status (a
    member's name in lower case)."""
    schedule = None if plan is None else plan.schedule
    said = {} if plan is None else {job: formatting.status_words(s) for job, s in plan.status.items()}
    found = matching_jobs(job_texts(plant, schedule, said, t("important")), words)
    if centre is not None:
        here = {m.id for m in plant.machines if m.type == centre}
        found = frozenset(j for j in found if machines_of(plant, plant.job_by_id[j], schedule) & here)
    if status is not None and plan is not None:
        wanted = JobStatus[status.upper()]
        found = frozenset(j for j in found if plan.status.get(j, JobStatus.NO_DUE_DATE) is wanted)
    return found


def _choice(label: str, name: str, widget: str, options: dict[str, str]) -> str:
    """A list whose choice is part of the page's address."""
    take_from_address(name, widget, list(options))
    if st.session_state.get(widget) not in options:
        st.session_state[widget] = ALL
    chosen = st.selectbox(label, list(options), format_func=options.__getitem__, key=widget, label_visibility="collapsed")
    put_in_address(name, chosen)
    return chosen
