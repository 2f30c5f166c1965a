"""Jobs from a spreadsheet: template, upload, what would be accepted and refused, and the new snapshot."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dashboard.auth import current_user
from dashboard.components import sheet_report
from dashboard.components.page_shell import download, flash
from dashboard.presentation import formatting, safe_text
from dashboard.presentation.xlsx import XLSX
from dashboard.state.loaded import load_plant
from dashboard.state.plant_context import PlantContext
from dashboard.state.request_ids import consume_request_id, request_id_for
from scheduler_core.errors import InvalidValue, ShopwrightError
from scheduler_core.i18n.translate import t, tn
from scheduler_core.interchange.job_sheet import HiddenRows, JobSheet
from scheduler_core.interchange.job_template import job_template
from scheduler_core.interchange.reading_process import read_jobs_apart
from scheduler_core.interchange.sheet_table import ENDINGS, Progress
from scheduler_core.limits import MAX_SHEET_BYTES, MAX_SHEET_ROWS
from scheduler_core.plant import Plant
from scheduler_core.roles import Action
from scheduler_core.services import authorized
from scheduler_core.services.planner_additions import imported_jobs

MEGABYTES = MAX_SHEET_BYTES // 1_000_000


def section(ctx: PlantContext) -> None:
    """Draw the section of the Jobs page."""
    with st.expander(t("Add jobs from a spreadsheet (XLSX, ODS, CSV)"), icon=":material/upload_file:", key="import_jobs"):
        plant = load_plant(ctx.store, ctx.snapshot.id)
        text, template = st.columns([5, 1], vertical_alignment="center")
        text.text(
            t(
                "One row per operation, at most {max_sheet_rows} rows and {megabytes} MB. The template explains "
                "each column. You see the accepted and the refused rows before anything is added.",
                max_sheet_rows=formatting.number(MAX_SHEET_ROWS, 0),
                megabytes=MEGABYTES,
            )
        )
        template.download_button(
            t("Template"), lambda: job_template(plant), file_name="jobs-template.xlsx", mime=XLSX, key="import_template",
            icon=":material/download:", on_click="ignore", width="stretch",
        )  # fmt: skip
        _imported(ctx, plant)
        # With every snapshot the box is a new and empty one: a table that was just added would be one of duplicates.
        upload = sheet_report.uploaded(
            "import", t("Table of jobs"), ENDINGS, f"import_file_{ctx.snapshot.id}",
            current_user.may_not(ctx.store, Action.PULL),
        )  # fmt: skip
        if upload is not None:
            _preview(ctx, plant, replace(upload, about=ctx.snapshot.id))


def _imported(ctx: PlantContext, plant: Plant) -> None:
    """The jobs that are in the plan from earlier tables, each with the way to take it out again."""
    found = imported_jobs(plant, ctx.store.snapshots.notes(ctx.snapshot.id))
    if not found:
        return
    jobs = tn("{n} job", "{n} jobs", len(found))
    st.text(t("{jobs} from tables. They stay until the ERP delivers a job with the same number:", jobs=jobs))
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


def _preview(ctx: PlantContext, plant: Plant, upload: sheet_report.Upload) -> None:
    def read(progress: Progress, hidden_rows: HiddenRows | None) -> JobSheet:
        return read_jobs_apart(upload.content, upload.file, plant, progress, hidden_rows)

    try:
        sheet = sheet_report.read_once(upload, read)
    except InvalidValue as invalid:
        st.error(t("Not read: {invalid}", invalid=safe_text.escape_markdown(str(invalid))), icon=":material/error:")
        return
    if sheet is None:
        return
    sheet_report.show(plant, sheet, "import", lambda rows: download(rows, "refused-rows", "import_refused_xlsx"))
    token = f"token_import_{ctx.snapshot.id}_{upload.key}"
    label = t("Add {jobs} to a new snapshot", jobs=tn("{n} job", "{n} jobs", len(sheet.jobs)))
    if st.button(label, type="primary", icon=":material/add:", key="import_add", disabled=not sheet.jobs):
        _add(ctx, sheet, token)


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
