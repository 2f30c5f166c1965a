"""Jobs from a table, one row per operation. Nothing is guessed: a row that cannot be used is refused with its job.

Accepted, refused and left-out hidden rows add up to the rows read; each refused row is listed with field, value and reason.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from scheduler_core.errors import InvalidValue
from scheduler_core.interchange.job_columns import COLUMNS
from scheduler_core.interchange.job_rows import JobRows, NotedRow, RefusedRow
from scheduler_core.interchange.sheet_header import column_places
from scheduler_core.interchange.sheet_table import Progress, Table, read_table
from scheduler_core.limits import MAX_JOBS, MAX_OPERATIONS
from scheduler_core.plant import Job, Plant

HiddenRows = Literal["read", "skip"]
HIDDEN_ROWS: tuple[HiddenRows, ...] = ("read", "skip")
"""What may be done with the rows that a spreadsheet does not show: read them as all others, or leave them out."""


@dataclass(frozen=True)
class JobSheet:
    """What a table holds. ``rows_read`` counts rows that are not empty, without the header."""

    file: str
    rows_read: int
    rows_accepted: int
    jobs: tuple[Job, ...]
    refused: tuple[RefusedRow, ...]
    """At least one entry per refused row, in the table's order."""
    jobs_refused: int
    notes: tuple[NotedRow, ...] = ()
    """On rows of accepted jobs, in the table's order."""
    rows_left_out: int = 0
    """Hidden rows that were not to be read."""

    @property
    def rows_refused(self) -> int:
        """Rows that are not used, although they were to be read."""
        return self.rows_read - self.rows_accepted - self.rows_left_out


class UndecidedHiddenRows(InvalidValue):
    """A table has hidden rows, and nobody has said whether they count; ``value`` has the first of their numbers."""

    def __init__(self, file: str, hidden: tuple[int, ...]) -> None:
        self.hidden = hidden
        super().__init__(
            file, list(hidden[:10]), f"are hidden rows ({len(hidden)} in all): say whether to read or to skip them"
        )


def read_jobs(
    content: bytes, file: str, plant: Plant, progress: Progress | None = None, hidden_rows: HiddenRows | None = None
) -> JobSheet:
    """The jobs of a table (XLSX, ODS or CSV by the file's ending) for a plant, whose machines and times they name.

    ``hidden_rows`` None: a table that has any raises UndecidedHiddenRows. Raises InvalidValue for a file that is none, is
    above a limit, or has unknown or missing columns; passes on whatever ``progress`` raises.
    """
    return jobs_of(read_table(content, file, progress), file, plant, hidden_rows)


def jobs_of(table: Table, file: str, plant: Plant, hidden_rows: HiddenRows | None = None) -> JobSheet:
    """The same of a table that is read already; ``file`` is what messages call it."""
    places = column_places(table.header, COLUMNS, f"{file}: header", "a table of jobs")
    if table.hidden and hidden_rows is None:
        raise UndecidedHiddenRows(file, table.hidden)
    rows = JobRows(plant, places, table.rows)
    for row in table.rows:
        if row.hidden and hidden_rows == "skip":
            rows.leave_out(row)
        else:
            rows.take(row)
    found = rows.result()
    return JobSheet(
        file, len(table.rows), found.rows_accepted, found.jobs, found.refused, found.jobs_refused, found.notes,
        found.rows_left_out,
    )  # fmt: skip


def with_jobs(plant: Plant, jobs: tuple[Job, ...]) -> Plant:
    """The plant with jobs more. Raises InvalidValue above the limits of a snapshot and for a job that it has."""
    merged = replace(plant, jobs=(*plant.jobs, *jobs))
    if len(merged.jobs) > MAX_JOBS:
        raise InvalidValue("jobs", len(merged.jobs), f"are more than the limit of {MAX_JOBS}")
    if merged.operation_count > MAX_OPERATIONS:
        raise InvalidValue("operations", merged.operation_count, f"are more than the limit of {MAX_OPERATIONS}")
    return merged
