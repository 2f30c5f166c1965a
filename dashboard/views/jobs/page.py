"""Jobs: the orders of the latest pull and the one that is open; accepted and quarantined rows add up to the rows read."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.auth import current_user
from dashboard.background import progress
from dashboard.components import better_plan, odds_line, order_filter, page_shell, plant_workbook, shortcuts
from dashboard.components.row_selection import clear, select_row, selected_row
from dashboard.components.table_height import table_height
from dashboard.loaded_plan import Plan
from dashboard.presentation import formatting, safe_text, tables
from dashboard.state import page_theme, plan_choice, plan_odds
from dashboard.state.loaded import load_plan, load_plant
from dashboard.state.plant_context import PlantContext
from dashboard.views.jobs import findings, order, spreadsheet_import
from scheduler_core.data.store.records import Source
from scheduler_core.i18n.translate import mark, t, tn
from scheduler_core.plant import Job
from scheduler_core.roles import Action
from scheduler_core.services.quarantine_words import quarantine_words
from scheduler_core.services.workbook_loading import came_from_workbook
from scheduler_core.settings import locations

SECTIONS = (mark("Accepted"), mark("Quarantine"), mark("Notes"))
"""Their keys, which stand in the page's address, are their English words."""
LIST_HEIGHT = 432
"""Pixels of the list and of the order beside it: both are seen whole at 1280 x 720."""


def show() -> None:
    """Draw the page."""
    ctx = page_shell.need_context()
    head, button = st.columns([4, 1], vertical_alignment="bottom")
    head.title(t("Jobs"))
    notes = ctx.store.snapshots.notes(ctx.snapshot.id)
    own = came_from_workbook(notes)
    refusal = current_user.may_not(ctx.store, Action.PULL)
    if own and locations.uses_demo_erp():
        refusal = refusal or t("This plant comes from a workbook and no ERP is configured: load the workbook again below.")
    pull = button.button(
        t("Pull again"), icon=":material/download:", shortcut=shortcuts.RUN, type="primary", width="stretch",
        help=refusal or t("Read the ERP again. It is only read, never written."),
        disabled=refusal is not None or progress.busy(),
    )  # fmt: skip
    if pull:
        page_shell.pull_jobs(ctx.store, "token_pull", lambda _: page_shell.flash(t("Pulled. Make new plans on Compare.")))
    page_shell.show_runs(ctx)
    with st.container():  # a place that is always there, so that all below keeps its place
        better_plan.show(ctx, plan_choice.shown(ctx))
    quarantine = ctx.store.snapshots.quarantine(ctx.snapshot.id)
    amounts = dict(
        zip(SECTIONS, (ctx.snapshot.counts.jobs_accepted, ctx.snapshot.counts.jobs_quarantined, len(notes)), strict=True)
    )
    section = st.segmented_control(
        t("Show"), SECTIONS, default=SECTIONS[0], required=True, label_visibility="collapsed", key="section",
        format_func=lambda s: f"{t(s)} ({amounts[s]})", bind="query-params",
    )  # fmt: skip
    with st.container():  # as around the runs at work, see page_shell.show_runs
        if section == "Quarantine":
            findings.show_quarantine(quarantine)
        elif section == "Notes":
            findings.show_notes(notes)
        else:
            _accepted(ctx)
    if section == SECTIONS[0] and (planned := plan_choice.shown(ctx)) is not None:
        odds_line.show(ctx, planned.id, plan_odds.look(ctx, planned.id), again=False)
    _counts(ctx)
    spreadsheet_import.section(ctx)
    if own:
        _workbook(ctx)


def _workbook(ctx: PlantContext) -> None:
    """A plant that came from a workbook is loaded from its workbook again, one that came from the ERP is pulled again."""
    said = t("Loaded. Make new plans on Compare.")
    with st.expander(t("Load the plant's workbook again"), icon=":material/table_view:", key="plant_workbook"):
        plant_workbook.section(ctx.store, ctx.snapshot.id, t("Load this plant"), lambda _: page_shell.flash(said))


def _counts(ctx: PlantContext) -> None:
    counts = ctx.snapshot.counts
    source = {Source.ERP: t("the ERP"), Source.DEMO: t("the demo ERP"), Source.FILE: t("a file")}[ctx.snapshot.source]
    cells = st.columns(4)
    cells[0].metric(t("Open jobs read"), formatting.number(counts.jobs_read, 0), border=True)
    cells[1].metric(t("Accepted"), formatting.number(counts.jobs_accepted, 0), border=True)
    cells[2].metric(t("In quarantine"), formatting.number(counts.jobs_quarantined, 0), border=True)
    cells[3].metric(t("Operations to plan"), formatting.number(ctx.snapshot.operation_count, 0), border=True)
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
            moment=ctx.moment(ctx.snapshot.taken_at),
            rows_accepted=formatting.number(counts.rows_accepted, 0),
            rows_quarantined=formatting.number(counts.rows_quarantined, 0),
            rows_read=formatting.number(counts.rows_read, 0),
            beyond=beyond,
        )
    )


@st.fragment
def _accepted(ctx: PlantContext) -> None:
    """The list and, beside it, the open order. A fragment: a filter or a click draws these again and nothing else."""
    plant = load_plant(ctx.store, ctx.snapshot.id)
    proposed = plan_choice.shown(ctx)
    shown = load_plan(ctx.store, proposed.id) if proposed else None
    # What asks more of a plan than the ends of orders needs one of these very jobs.
    plan = shown if shown is not None and shown.info.id == ctx.snapshot.id else None
    found = order_filter.ask(plant, plan, "jobs")
    look = plan_odds.look(ctx, shown.id) if shown is not None else None
    odds = look.found.odds if look is not None and look.found is not None else None
    frame = tables.jobs_frame(plant, shown, odds)
    frame = frame[frame[t("Job")].isin(found)].reset_index(drop=True)
    ids = [str(job) for job in frame[t("Job")]]
    asked = st.query_params.get("job")
    key = _list_key(ctx, shown, ids)
    opened = plant.job_by_id.get(_opened(key, ids, asked) or "")
    # The list stands in the first of two columns also while no order is open, so that opening one leaves it where it is.
    left, right = st.columns([6, 8] if opened else [200, 1], gap="small")
    with left:
        if frame.empty:
            st.info(t("No job matches: clear the filter above to see all jobs again."))
        else:
            row = _list(frame, key, ids.index(asked) if asked in ids else None, brief=opened is not None)
            opened = plant.job_by_id[ids[row]] if row is not None else opened
    _remember(opened)
    if opened is not None:
        with right, st.container(border=True, height=LIST_HEIGHT, key="order"):
            order.show_order(ctx, plant, plan, opened, lambda: close_order(key), odds)
    elif asked is not None:
        _unknown(ctx, asked)
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(found) < len(plant.jobs):
            jobs = tn("{n} job", "{n} jobs", len(plant.jobs))
            st.text(t("{matching} of {jobs} match.", matching=len(frame), jobs=jobs))
        if plan is None and proposed is not None:
            st.text(t("Status and end come from the plan {name}, made from an older pull; newer orders have neither.",
                      name=ctx.name(proposed)))  # fmt: skip
        if plan is not None:
            st.text(t("Status and end come from the plan {name}.", name=ctx.name(plan.stored)))
        st.space("stretch")
        if not frame.empty:
            page_shell.download(frame, "jobs", "jobs_xlsx")


def _list_key(ctx: PlantContext, plan: Plan | None, ids: Sequence[str]) -> str:
    """The list's name: other orders or another plan make another list, in which nothing is selected yet."""
    content = hashlib.sha256("\n".join(ids).encode()).hexdigest()[:12]
    return f"jobs_{ctx.snapshot.id}_{plan.id if plan else ''}_{content}"


def _opened(key: str, ids: Sequence[str], asked: str | None) -> str | None:
    """The open job: the selected row's; before the list is drawn, or while the filter hides it, the address's."""
    row = selected_row(key)
    if row is not None and row < len(ids):
        return ids[row]
    return None if key in st.session_state and asked in ids else asked


def _list(frame: pd.DataFrame, key: str, first: int | None, *, brief: bool) -> int | None:
    return select_row(
        tables.coloured(frame, t("Status"), page_theme.dark()),
        key=key,
        height=table_height(len(frame), LIST_HEIGHT),
        first=first,
        column_order=[t("Part"), t("Job"), t("Status"), t("Late by"), t("Due")] if brief else None,
    )


def _remember(opened: Job | None) -> None:
    """The open order is part of the page's address."""
    if opened is None:
        return
    if st.query_params.get("job") != opened.id:
        st.query_params["job"] = opened.id


def close_order(key: str) -> None:
    """Show the list alone again."""
    clear(key)
    st.query_params.pop("job", None)


def _unknown(ctx: PlantContext, asked: str) -> None:
    rows = [r for r in ctx.store.snapshots.quarantine(ctx.snapshot.id) if r.job == asked]
    if rows:
        said = quarantine_words(rows[0])
        text = t("Job {asked} is in quarantine. {reason}. {advice}", asked=asked, reason=said.what, advice=said.to_do)
    else:
        text = t("The link names a job that is not in the pull: {asked}", asked=asked)
    st.warning(safe_text.escape_markdown(text), icon=":material/link_off:")
