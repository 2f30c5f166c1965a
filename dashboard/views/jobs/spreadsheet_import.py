"""Jobs from a spreadsheet: template, upload, what would be accepted and refused, and the new snapshot."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.auth import current_user
from dashboard.components import data_table
from dashboard.components.page_shell import download, flash
from dashboard.components.table_height import table_height
from dashboard.presentation import formatting, safe_text
from dashboard.presentation.columns import DURATION, MOMENT, NUMBER_NAME, PIECES, TICK, WHOLE, Column, frame_of, minutes
from dashboard.presentation.xlsx import XLSX
from dashboard.state.loaded import load_plant
from dashboard.state.plant_context import PlantContext
from dashboard.state.request_ids import consume_request_id, request_id_for
from scheduler_core.errors import InvalidValue, ShopwrightError
from scheduler_core.i18n.translate import t, tn
from scheduler_core.interchange.job_rows import NotedRow, RefusedRow
from scheduler_core.interchange.job_sheet import HIDDEN_ROWS, HiddenRows, JobSheet, UndecidedHiddenRows, read_jobs
from scheduler_core.interchange.job_template import job_template
from scheduler_core.interchange.sheet_table import ENDINGS
from scheduler_core.limits import MAX_SHEET_BYTES, MAX_SHEET_ROWS
from scheduler_core.plant import Job, Plant
from scheduler_core.roles import Action
from scheduler_core.services import authorized
from scheduler_core.services.note_words import note_words
from scheduler_core.services.planner_additions import imported_jobs, row_note

_SHEET = "_import_sheet"
MOST_NAMED = 10
"""Hidden rows that are named by their numbers."""
MEGABYTES = MAX_SHEET_BYTES // 1_000_000


def refused_frame(rows: Sequence[RefusedRow]) -> pd.DataFrame:
    """The refused rows: what is wrong first."""
    columns = [
        Column(t("Row"), NUMBER_NAME), Column(t("Job")), Column(t("What is wrong")), Column(t("Field")), Column(t("Value"))
    ]  # fmt: skip
    return frame_of(columns, [(r.number, r.job or formatting.NOTHING, r.reason, r.field, r.value) for r in rows])


def noted_frame(rows: Sequence[NotedRow], file: str) -> pd.DataFrame:
    """What a planner should know of rows that are used."""
    columns = [Column(t("Row"), NUMBER_NAME), Column(t("Job")), Column(t("Note"))]
    return frame_of(columns, [(r.number, r.job, note_words(row_note(r, file))) for r in rows])


def accepted_frame(plant: Plant, jobs: Sequence[Job]) -> pd.DataFrame:
    """The jobs as they would be planned."""
    return frame_of(
        [Column(t("Part")), Column(t("Job")), Column(t("Important"), TICK), Column(t("Due"), MOMENT),
         Column(t("Quantity"), PIECES), Column(t("Family")), Column(t("Operations"), WHOLE), Column(t("Run"), DURATION),
         Column(t("Material"), MOMENT)],
        [
            (
                job.product or formatting.NOTHING,
                job.id,
                job.important,
                None if job.due is None else plant.time_of(job.due),
                job.quantity,
                job.family,
                len(job.operations),
                minutes(sum(o.minutes for o in job.operations)),
                plant.time_of(job.release),
            )
            for job in jobs
        ],
    )  # fmt: skip


def section(ctx: PlantContext) -> None:
    """Draw the section of the Jobs page."""
    with st.expander(t("Add jobs from a spreadsheet (XLSX, ODS, CSV)"), icon=":material/upload_file:", key="import_jobs"):
        plant = load_plant(ctx.store, ctx.snapshot.id)
        text, template = st.columns([5, 1], vertical_alignment="center")
        text.text(
            t(
                "One row per operation, at most {max_sheet_rows} rows and {megabytes} MB. The template "
                "explains each column. Nothing is added before you have seen what is accepted and what is "
                "refused.",
                max_sheet_rows=MAX_SHEET_ROWS,
                megabytes=MEGABYTES,
            )
        )
        template.download_button(
            t("Template"), lambda: job_template(plant), file_name="jobs-template.xlsx", mime=XLSX, key="import_template",
            icon=":material/download:", on_click="ignore", width="stretch",
        )  # fmt: skip
        _imported(ctx, plant)
        # With every snapshot the box is a new and empty one: a table that was just added would be one of duplicates.
        uploaded = st.file_uploader(
            t("Table of jobs"), type=list(ENDINGS), key=f"import_file_{ctx.snapshot.id}",
            label_visibility="collapsed", max_upload_size=MEGABYTES,
        )  # fmt: skip
        if uploaded is not None:
            _preview(ctx, plant, uploaded.getvalue(), uploaded.name)


def _imported(ctx: PlantContext, plant: Plant) -> None:
    """The jobs that are in the plan from earlier tables, each with the way to take it out again."""
    found = imported_jobs(plant, ctx.store.snapshots.notes(ctx.snapshot.id))
    if not found:
        return
    jobs = tn("{n} job", "{n} jobs", len(found))
    st.text(t("{jobs} from tables. They stay until the ERP delivers a job of that number:", jobs=jobs))
    names = {one.job.id: t("{job} (from {file})", job=formatting.job_name(one.job), file=one.file) for one in found}
    choice, button = st.columns([5, 1], vertical_alignment="bottom")
    chosen = choice.selectbox(t("Jobs from tables"), list(names), format_func=names.__getitem__, key="imported_job")
    refusal = current_user.may_not(ctx.store, Action.PULL)
    if button.button(
        t("Remove"), icon=":material/delete:", key="imported_remove", width="stretch", disabled=refusal is not None,
        help=refusal or t("Out of the plan"),
    ):  # fmt: skip
        token = f"token_remove_{ctx.snapshot.id}_{chosen}"
        try:
            authorized.remove_job(ctx.store, current_user.actor(), ctx.snapshot.id, chosen, request_id_for(token))
        except ShopwrightError as error:
            st.error(t("Not removed: {why}", why=safe_text.escape_markdown(str(error))), icon=":material/error:")
            return
        consume_request_id(token)
        flash(t("Removed. Make new plans on Compare."))
        st.rerun()


def _preview(ctx: PlantContext, plant: Plant, content: bytes, name: str) -> None:
    digest = hashlib.sha256(content).hexdigest()
    try:
        sheet = _read(content, name, plant, ctx.snapshot.id, digest)
    except UndecidedHiddenRows as undecided:
        hidden_rows = _ask_hidden_rows(undecided.hidden, digest)
        if hidden_rows is None:
            return
        sheet = _read(content, name, plant, ctx.snapshot.id, digest, hidden_rows)
    except InvalidValue as invalid:
        st.error(t("Not read: {invalid}", invalid=safe_text.escape_markdown(str(invalid))), icon=":material/error:")
        return
    st.text(
        t(
            "Rows: {rows_accepted} accepted + {rows_refused} refused = {rows_read} read. Jobs: {jobs} "
            "accepted, {jobs_refused} refused.",
            rows_accepted=sheet.rows_accepted,
            rows_refused=sheet.rows_refused,
            rows_read=sheet.rows_read,
            jobs=len(sheet.jobs),
            jobs_refused=sheet.jobs_refused,
        )
    )
    if sheet.rows_left_out:
        st.text(t("Hidden rows that were left out: {rows}.", rows=sheet.rows_left_out))
    if sheet.refused:
        rows = refused_frame(sheet.refused)
        data_table.show(rows, "import_refused", height=table_height(len(rows), 220))
        download(rows, "refused-rows", "import_refused_xlsx")
    if sheet.notes:
        noted = noted_frame(sheet.notes, name)
        data_table.show(noted, "import_noted", height=table_height(len(noted), 220))
    if sheet.jobs:
        accepted = accepted_frame(plant, sheet.jobs)
        data_table.show(accepted, "import_accepted", height=table_height(len(accepted), 220))
    token = f"token_import_{ctx.snapshot.id}_{digest[:16]}"
    label = t("Add {jobs} to a new snapshot", jobs=tn("{n} job", "{n} jobs", len(sheet.jobs)))
    refusal = current_user.may_not(ctx.store, Action.PULL)
    disabled = not sheet.jobs or refusal is not None
    if st.button(label, type="primary", icon=":material/add:", key="import_add", disabled=disabled, help=refusal):
        _add(ctx, sheet, token)


def _ask_hidden_rows(hidden: Sequence[int], digest: str) -> HiddenRows | None:
    """What to do with the rows that the spreadsheet does not show; None until somebody has chosen."""
    rows = ", ".join(map(str, hidden[:MOST_NAMED]))
    more = len(hidden) - MOST_NAMED
    named = t("{rows} and {n} more", rows=rows, n=more) if more > 0 else rows
    st.warning(
        t("The table has hidden rows: {rows}. Are they orders to plan?", rows=named), icon=":material/visibility_off:"
    )
    words = {"read": t("Read the hidden rows"), "skip": t("Leave the hidden rows out")}
    return st.segmented_control(
        t("Hidden rows"), HIDDEN_ROWS, format_func=words.__getitem__, key=f"import_hidden_{digest[:16]}",
        label_visibility="collapsed",
    )  # fmt: skip


def _add(ctx: PlantContext, sheet: JobSheet, token: str) -> None:
    try:
        authorized.add_jobs(ctx.store, current_user.actor(), ctx.snapshot.id, sheet, request_id_for(token))
    except ShopwrightError as error:
        st.error(t("Not added: {error}", error=safe_text.escape_markdown(str(error))), icon=":material/error:")
        return
    consume_request_id(token)
    flash(
        t(
            "{jobs} added. Make new plans on Compare; they stay until the ERP delivers them.",
            jobs=tn("{n} job", "{n} jobs", len(sheet.jobs)),
        )
    )
    st.rerun()


def _read(
    content: bytes, name: str, plant: Plant, snapshot_id: str, digest: str, hidden_rows: HiddenRows | None = None
) -> JobSheet:
    """The table, read once for each file, snapshot and choice; any click meanwhile stops the reading. Raises InvalidValue."""
    file = (snapshot_id, digest, name)
    known = st.session_state.get(_SHEET)
    found: dict[HiddenRows | None, JobSheet | UndecidedHiddenRows] = known[1] if known and known[0] == file else {}
    if hidden_rows not in found:
        place = st.empty()
        try:
            found[hidden_rows] = read_jobs(content, name, plant, lambda share, said: _say(place, share, said), hidden_rows)
        except UndecidedHiddenRows as undecided:
            found[hidden_rows] = undecided
        place.empty()
        st.session_state[_SHEET] = (file, found)
    result = found[hidden_rows]
    if isinstance(result, UndecidedHiddenRows):
        raise result
    return result


def _say(place: DeltaGenerator, share: float, said: str) -> None:
    place.progress(share, text=said)
