"""A plant without an ERP: template, upload, what is wrong in the workbook, and the new snapshot."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import streamlit as st

from dashboard.auth import current_user
from dashboard.components import data_table, sheet_report
from dashboard.components.table_height import table_height
from dashboard.presentation import safe_text
from dashboard.presentation.sheet_tables import faults_frame
from dashboard.presentation.xlsx import XLSX
from dashboard.state.plant_context import utc_now
from dashboard.state.request_ids import consume_request_id, request_id_for
from scheduler_core.data.store import Store
from scheduler_core.errors import InvalidValue, ShopwrightError
from scheduler_core.i18n.translate import t, tn
from scheduler_core.interchange.job_sheet import HiddenRows
from scheduler_core.interchange.plant_workbook import PlantWorkbook
from scheduler_core.interchange.reading_process import read_plant_workbook_apart
from scheduler_core.interchange.sheet_table import Progress
from scheduler_core.interchange.workbook_template import plant_template
from scheduler_core.roles import Action
from scheduler_core.services import authorized

ENDINGS = ("xlsx", "ods")
"""Of the workbooks that are read."""


def section(store: Store, snapshot_id: str, label: str, then: Callable[[str], None]) -> None:
    """Draw template, upload and preview; ``label`` is what the button says, ``then`` gets the new snapshot's id.

    With every snapshot (``snapshot_id``: the latest, empty if there is none) the box is a new and empty one.
    """
    text, template = st.columns([4, 1], vertical_alignment="center")
    text.text(t("One workbook holds the machines, their calendars and the jobs. The template explains each column."))
    template.download_button(
        t("Template"), lambda: plant_template(datetime.now().date()), file_name="plant-template.xlsx", mime=XLSX,
        key="workbook_template", icon=":material/download:", on_click="ignore", width="stretch",
    )  # fmt: skip
    refusal = current_user.may_not(store, Action.PULL)
    upload = sheet_report.uploaded(
        "workbook", t("Workbook of the plant"), ENDINGS, f"workbook_file_{snapshot_id}", refusal
    )  # fmt: skip
    if upload is None:
        return

    def read(progress: Progress, hidden_rows: HiddenRows | None) -> PlantWorkbook:
        now = utc_now().astimezone(UTC)
        return read_plant_workbook_apart(upload.content, upload.file, now, progress, hidden_rows)

    try:
        book = sheet_report.read_once(upload, read)
    except InvalidValue as invalid:
        st.error(t("Not read: {invalid}", invalid=safe_text.escape_markdown(str(invalid))), icon=":material/error:")
        return
    if book is not None and _preview(book):
        _load(store, book, label, f"token_workbook_{upload.key}", then)


def _preview(book: PlantWorkbook) -> bool:
    """Show what the workbook holds; False if it cannot be loaded."""
    if book.plant is None or book.jobs is None:
        bad = tn("{n} cell must be corrected", "{n} cells must be corrected", len(book.faults))
        st.error(t("Nothing is loaded: {bad}.", bad=bad), icon=":material/error:")
        faults = faults_frame(book.faults)
        data_table.show(faults, "workbook_faults", height=table_height(len(faults), 300))
        return False
    machines = tn("{n} machine", "{n} machines", len(book.plant.machines))
    calendars = tn("{n} calendar", "{n} calendars", len(book.plant.calendars))
    st.text(t("{plant}: {machines}, {calendars}.", plant=book.plant.name, machines=machines, calendars=calendars))
    sheet_report.show(book.plant, book.jobs, "workbook")
    return True


def _load(store: Store, book: PlantWorkbook, label: str, token: str, then: Callable[[str], None]) -> None:
    disabled = book.jobs is None or not book.jobs.jobs
    if not st.button(label, type="primary", icon=":material/play_arrow:", key="workbook_load", disabled=disabled):
        return
    try:
        made = authorized.load_workbook(store, current_user.actor(), book, request_id_for(token))
    except ShopwrightError as error:
        st.error(t("Not loaded: {error}", error=safe_text.escape_markdown(str(error))), icon=":material/error:")
        return
    consume_request_id(token)
    then(made)
    st.rerun()
