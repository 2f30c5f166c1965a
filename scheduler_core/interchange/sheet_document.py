"""What became of a table of jobs as plain values for JSON: the same for the commands and the API."""

from __future__ import annotations

from dataclasses import asdict

from scheduler_core.interchange.job_sheet import JobSheet


def sheet_document(sheet: JobSheet) -> dict[str, object]:
    """Counts that add up, every refused row and every note."""
    return {
        "file": sheet.file,
        "rows": {
            "read": sheet.rows_read, "accepted": sheet.rows_accepted, "refused": sheet.rows_refused,
            "left_out": sheet.rows_left_out,
        },
        "jobs": {"accepted": [job.id for job in sheet.jobs], "refused": sheet.jobs_refused},
        "refused": [asdict(row) for row in sheet.refused],
        "notes": [asdict(row) for row in sheet.notes],
    }  # fmt: skip
