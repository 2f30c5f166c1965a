"""Jobs from a table on top of a snapshot: a new snapshot, so that the next run plans them."""

from __future__ import annotations

from scheduler_core.data.codec import printable
from scheduler_core.data.records import PullCounts, PullNote, QuarantinedRow
from scheduler_core.data.store import Store
from scheduler_core.errors import InvalidValue
from scheduler_core.interchange.job_sheet import JobSheet, with_jobs

TABLE = "table of jobs"
"""What quarantine and notes call the source."""


def add_jobs(store: Store, snapshot_id: str, sheet: JobSheet, *, request_id: str, actor: str = "planner") -> str:
    """Keep the snapshot's plant with the table's jobs as a new snapshot and return its id; the same request id again returns
    the first one's.

    Source and fingerprint stay those of the snapshot, so that a release still asks whether the ERP has changed. Refused rows
    join its quarantine. Raises InvalidValue if the table has no usable job, or one that the snapshot has.
    """
    if not sheet.jobs:
        raise InvalidValue(sheet.file, sheet.rows_read, "rows were read, and no job among them can be used")
    info = store.snapshot(snapshot_id)
    counts = info.counts
    refused = [
        QuarantinedRow(TABLE, printable(f"{sheet.file[:80]}, row {r.number}"), r.field, r.value, r.reason, r.job)
        for r in sheet.refused
    ]
    added = [PullNote(TABLE, printable(sheet.file[:80]), "was added from this table", job.id) for job in sheet.jobs]
    return store.save_snapshot(
        with_jobs(store.plant(snapshot_id), sheet.jobs),
        request_id=request_id,
        source=info.source,
        counts=PullCounts(
            counts.jobs_read + len(sheet.jobs) + sheet.jobs_refused, counts.jobs_accepted + len(sheet.jobs),
            counts.jobs_quarantined + sheet.jobs_refused, counts.rows_read + sheet.rows_read,
            counts.rows_accepted + sheet.rows_accepted, counts.rows_quarantined + sheet.rows_refused, counts.beyond_horizon,
        ),
        quarantine=(*store.quarantine(snapshot_id), *refused),
        notes=(*store.notes(snapshot_id), *added),
        fingerprint=info.fingerprint,
        banner=info.banner,
        actor=actor,
    )  # fmt: skip
