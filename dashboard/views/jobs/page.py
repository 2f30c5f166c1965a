"""Jobs: the live pull from the ERP. Accepted and quarantined rows add up to the rows read; each has its reason."""

from __future__ import annotations

import streamlit as st

from dashboard.auth import current_user
from dashboard.background import progress
from dashboard.components import data_table, page_shell, shortcuts
from dashboard.presentation import formatting, tables
from dashboard.state.loaded import load_plan, load_plant
from dashboard.state.plant_context import PlantContext
from dashboard.views.jobs import spreadsheet_import
from scheduler_core.data.store.records import Source
from scheduler_core.i18n.translate import mark, t, tn
from scheduler_core.roles import Action

SECTIONS = (mark("Accepted"), mark("Quarantine"), mark("Notes"))
"""Their keys, which stand in the page's address, are their English words."""


def show() -> None:
    """Draw the page."""
    ctx = page_shell.need_context()
    head, button = st.columns([4, 1], vertical_alignment="bottom")
    head.title(t("Jobs"))
    refusal = current_user.may_not(ctx.store, Action.PULL)
    pull = button.button(
        t("Pull again"), icon=":material/download:", shortcut=shortcuts.RUN, type="primary", width="stretch",
        help=refusal or t("Read the ERP anew. It is only read, never written."),
        disabled=refusal is not None or progress.busy(),
    )  # fmt: skip
    if pull:
        page_shell.pull_jobs(ctx.store, "token_pull", lambda _: page_shell.flash(t("Pulled. Make new plans on Compare.")))
    page_shell.show_runs(ctx)
    _counts(ctx)
    spreadsheet_import.section(ctx)
    quarantine = ctx.store.snapshots.quarantine(ctx.snapshot.id)
    notes = ctx.store.snapshots.notes(ctx.snapshot.id)
    amounts = dict(
        zip(SECTIONS, (ctx.snapshot.counts.jobs_accepted, ctx.snapshot.counts.jobs_quarantined, len(notes)), strict=True)
    )
    section = st.segmented_control(
        t("Show"), SECTIONS, default=SECTIONS[0], required=True, label_visibility="collapsed", key="section",
        format_func=lambda s: f"{t(s)} ({amounts[s]})", bind="query-params",
    )  # fmt: skip
    if section == "Quarantine":
        _quarantine(ctx, len(quarantine))
    elif section == "Notes":
        if notes:
            st.dataframe(tables.notes_frame(notes), hide_index=True)
        else:
            st.info(t("No remarks on the rows in use."))
    else:
        with st.container():  # as around the runs at work, see page_shell.show_runs
            _accepted(ctx)


def _counts(ctx: PlantContext) -> None:
    counts = ctx.snapshot.counts
    source = {Source.ERP: t("the ERP"), Source.DEMO: t("the demo ERP"), Source.FILE: t("a file")}[ctx.snapshot.source]
    cells = st.columns(4)
    cells[0].metric(t("Open jobs read"), counts.jobs_read, border=True)
    cells[1].metric(t("Accepted"), counts.jobs_accepted, border=True)
    cells[2].metric(t("In quarantine"), counts.jobs_quarantined, border=True)
    cells[3].metric(t("Operations to plan"), ctx.snapshot.operation_count, border=True)
    beyond = (
        t(
            " {beyond_horizon} due later than the horizon were not read.",
            beyond_horizon=tn("{n} job", "{n} jobs", counts.beyond_horizon),
        )
        if counts.beyond_horizon
        else ""
    )
    st.text(
        t(
            "From {source}, pulled {moment}. Rows: {rows_accepted} accepted + {rows_quarantined} "
            "quarantined = {rows_read} read.{beyond}",
            source=source,
            moment=formatting.stamp(ctx.snapshot.taken_at.astimezone(ctx.zone)),
            rows_accepted=counts.rows_accepted,
            rows_quarantined=counts.rows_quarantined,
            rows_read=counts.rows_read,
            beyond=beyond,
        )
    )


@st.fragment
def _accepted(ctx: PlantContext) -> None:
    """A fragment: a filter draws this table anew and nothing else."""
    plant = load_plant(ctx.store, ctx.snapshot.id)
    proposed = ctx.proposed
    plan = load_plan(ctx.store, proposed.id) if proposed and proposed.snapshot_id == ctx.snapshot.id else None
    frame_ = tables.jobs_frame(plant, plan)
    wanted = st.text_input(
        t("Filter"),
        placeholder=t("Part, job or status"),
        label_visibility="collapsed",
        key="find",
        icon=":material/search:",
        bind="query-params",
    )
    if wanted:
        low = wanted.strip().lower()
        hits = (
            frame_[[t("Part"), t("Job"), t("Status")]]
            .apply(lambda c: c.str.lower().str.contains(low, regex=False))
            .any(axis=1)
        )
        frame_ = frame_[hits]
    if frame_.empty:
        st.info(t("No job matches: empty the filter above to see all jobs again."))
        return
    if wanted:
        jobs = tn("{n} job", "{n} jobs", len(plant.jobs))
        st.text(t("{matching} of {jobs} match.", matching=len(frame_), jobs=jobs))
    data_table.show(
        tables.coloured(frame_, t("Status")),
        "jobs",
        height=520,
        column_config={
            t("Important"): st.column_config.TextColumn(width="small"),
            t("Running"): st.column_config.TextColumn(width="small"),
        },
    )
    page_shell.download(frame_, "jobs", "jobs_xlsx")
    if plan is not None:
        st.text(t("Status and end come from the plan {name}.", name=ctx.name(plan.stored)))


def _quarantine(ctx: PlantContext, amount: int) -> None:
    if not amount:
        st.success(t("Every row could be used."), icon=":material/check_circle:")
        return
    st.text(t("Jobs with a row that cannot be used are left out of every plan until the row is put right in the ERP."))
    rows = tables.quarantine_frame(ctx.store.snapshots.quarantine(ctx.snapshot.id))
    st.dataframe(rows, hide_index=True, column_config={t("What is wrong"): st.column_config.TextColumn(width="large")})
    page_shell.download(rows, "quarantine", "quarantine_xlsx")
