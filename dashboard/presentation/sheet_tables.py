"""Tables that say what became of the rows of a spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from dashboard.presentation import formatting
from dashboard.presentation.columns import DURATION, MOMENT, NUMBER_NAME, PIECES, TICK, WHOLE, Column, frame_of, minutes
from scheduler_core.i18n.translate import t
from scheduler_core.interchange.job_rows import NotedRow, RefusedRow
from scheduler_core.interchange.sheet_faults import SheetFault
from scheduler_core.plant import Job, Plant
from scheduler_core.services.note_words import note_words
from scheduler_core.services.planner_additions import row_note


def refused_frame(rows: Sequence[RefusedRow]) -> pd.DataFrame:
    """The refused rows: what is wrong first."""
    columns = [
        Column(t("Row"), NUMBER_NAME), Column(t("Job")), Column(t("What is wrong")), Column(t("Field")), Column(t("Value"))
    ]  # fmt: skip
    return frame_of(columns, [(r.number, r.job or formatting.NOTHING, r.reason, r.field, r.value) for r in rows])


def faults_frame(faults: Sequence[SheetFault]) -> pd.DataFrame:
    """The bad cells of a workbook by sheet and row."""
    columns = [
        Column(t("Sheet")), Column(t("Row"), NUMBER_NAME), Column(t("What is wrong")), Column(t("Field")), Column(t("Value"))
    ]  # fmt: skip
    return frame_of(columns, [(f.sheet, f.row, f.reason, f.column, f.value) for f in faults])


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
