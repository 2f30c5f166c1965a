"""Jobs: the live pull from the ERP. Accepted and quarantined rows add up to the rows read; each has its reason."""

from __future__ import annotations

import streamlit as st

from dashboard import frame, importing, keys, tables, words
from dashboard.session import Situation, load_plan, load_plant
from scheduler_core.data.records import Source

SECTIONS = ("Accepted", "Quarantine", "Notes")


def show() -> None:
    """Draw the page."""
    here = frame.need_situation()
    head, button = st.columns([4, 1], vertical_alignment="bottom")
    head.title("Jobs")
    pull = button.button(
        "Pull again", icon=":material/download:", shortcut=keys.RUN, type="primary", width="stretch",
        help="Read the ERP anew. It is only read, never written.",
    )  # fmt: skip
    if pull and frame.pull_jobs(here.store, "token_pull") is not None:
        frame.flash("Pulled. Make new plans on Compare.")
        st.rerun()
    frame.show_runs(here)
    _counts(here)
    importing.section(here)
    quarantine = here.store.quarantine(here.snapshot.id)
    notes = here.store.notes(here.snapshot.id)
    amounts = dict(
        zip(SECTIONS, (here.snapshot.counts.jobs_accepted, here.snapshot.counts.jobs_quarantined, len(notes)), strict=True)
    )
    section = st.segmented_control(
        "Show", SECTIONS, default=SECTIONS[0], required=True, label_visibility="collapsed", key="section",
        format_func=lambda s: f"{s} ({amounts[s]})", bind="query-params",
    )  # fmt: skip
    if section == "Quarantine":
        _quarantine(here, len(quarantine))
    elif section == "Notes":
        if notes:
            st.dataframe(tables.notes_frame(notes), hide_index=True)
        else:
            st.info("No remarks on the rows in use.")
    else:
        _accepted(here)


def _counts(here: Situation) -> None:
    counts = here.snapshot.counts
    source = {Source.ERP: "the ERP", Source.DEMO: "the demo ERP", Source.FILE: "a file"}[here.snapshot.source]
    cells = st.columns(4)
    cells[0].metric("Open jobs read", counts.jobs_read, border=True)
    cells[1].metric("Accepted", counts.jobs_accepted, border=True)
    cells[2].metric("In quarantine", counts.jobs_quarantined, border=True)
    cells[3].metric("Operations to plan", here.snapshot.operation_count, border=True)
    beyond = (
        f" {words.count(counts.beyond_horizon, 'job')} due later than the horizon were not read."
        if counts.beyond_horizon
        else ""
    )
    st.text(
        f"From {source}, pulled {words.stamp(here.snapshot.taken_at.astimezone(here.zone))}. "
        f"Rows: {counts.rows_accepted} accepted + {counts.rows_quarantined} quarantined = {counts.rows_read} read.{beyond}"
    )


@st.fragment
def _accepted(here: Situation) -> None:
    """A fragment: a filter draws this table anew and nothing else."""
    plant = load_plant(here.store, here.snapshot.id)
    proposed = here.proposed
    plan = load_plan(here.store, proposed.id) if proposed and proposed.snapshot_id == here.snapshot.id else None
    frame_ = tables.jobs_frame(plant, plan)
    wanted = st.text_input(
        "Filter",
        placeholder="Part, job or status",
        label_visibility="collapsed",
        key="find",
        icon=":material/search:",
        bind="query-params",
    )
    if wanted:
        low = wanted.strip().lower()
        hits = frame_[["Part", "Job", "Status"]].apply(lambda c: c.str.lower().str.contains(low, regex=False)).any(axis=1)
        frame_ = frame_[hits]
    if frame_.empty:
        st.info("No job matches: empty the filter above to see all jobs again.")
        return
    if wanted:
        st.text(f"{len(frame_)} of {words.count(len(plant.jobs), 'job')} match.")
    moment = st.column_config.DatetimeColumn(format="ddd D MMM HH:mm")
    st.dataframe(
        tables.coloured(frame_, "Status"),
        hide_index=True,
        height=520,
        column_config={"Due": st.column_config.DatetimeColumn(format="ddd D MMM YYYY"), "Done in the plan": moment,
                       "Material": moment, "Important": st.column_config.CheckboxColumn(width="small"),
                       "Running": st.column_config.CheckboxColumn(width="small")},
    )  # fmt: skip
    frame.download(frame_, "jobs", "jobs_xlsx")
    if plan is not None:
        st.text(f"Status and end come from the plan {here.name(plan.stored)}.")


def _quarantine(here: Situation, amount: int) -> None:
    if not amount:
        st.success("Every row could be used.", icon=":material/check_circle:")
        return
    st.text("Jobs with a row that cannot be used are left out of every plan until the row is put right in the ERP.")
    rows = tables.quarantine_frame(here.store.quarantine(here.snapshot.id))
    st.dataframe(rows, hide_index=True, column_config={"What is wrong": st.column_config.TextColumn(width="large")})
    frame.download(rows, "quarantine", "quarantine_xlsx")
