"""Jobs from a table on top of a snapshot: a new snapshot, so that the next run plans them."""

from __future__ import annotations

from dataclasses import replace

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import PullCounts, QuarantinedRow
from scheduler_core.data.store.serialization import printable
from scheduler_core.errors import InvalidValue
from scheduler_core.interchange.job_sheet import JobSheet, with_jobs
from scheduler_core.services.planner_additions import TABLE, imported_jobs, job_note, row_note
from scheduler_core.services.planner_facts.layering import again, lower_layer, save_changed


def add_jobs(store: Store, snapshot_id: str, sheet: JobSheet, *, request_id: str, actor: str = "planner") -> str:
    """Keep the snapshot's plant with the table's jobs as a new snapshot and return its id; the same request id again returns
    the first one's. Notes on rows become notes of the snapshot.

    Source and fingerprint stay those of the snapshot, so that a release still asks whether the ERP has changed. Refused rows
    join its quarantine. Raises InvalidValue if the table has no usable job, or one that the snapshot has, and Superseded
    where the snapshot is no longer the latest.
    """
    if not sheet.jobs:
        raise InvalidValue(sheet.file, sheet.rows_read, "rows were read, and no job among them can be used")
    info = store.snapshots.get(snapshot_id)
    counts = info.counts
    made = again(store, snapshot_id, with_jobs(lower_layer(store, snapshot_id), sheet.jobs))
    refused = [
        QuarantinedRow(TABLE, printable(f"{sheet.file[:80]}, row {r.number}"), r.field, r.value, r.reason, r.job)
        for r in sheet.refused
    ]
    added = [job_note(job.id, sheet.file) for job in sheet.jobs] + [row_note(noted, sheet.file) for noted in sheet.notes]
    return store.snapshots.save(
        made.plant,
        request_id=request_id,
        source=info.source,
        counts=PullCounts(
            counts.jobs_read + len(sheet.jobs) + sheet.jobs_refused, counts.jobs_accepted + len(sheet.jobs),
            counts.jobs_quarantined + sheet.jobs_refused,
            counts.rows_read + sheet.rows_accepted + sheet.rows_refused,
            counts.rows_accepted + sheet.rows_accepted, counts.rows_quarantined + sheet.rows_refused, counts.beyond_horizon,
        ),
        quarantine=(*store.snapshots.quarantine(snapshot_id), *refused),
        notes=(*store.snapshots.notes(snapshot_id), *added),
        fingerprint=info.fingerprint,
        banner=info.banner,
        actor=actor,
        before=made.before,
        facts=made.facts,
        on_top_of=snapshot_id,
        taken_at=info.taken_at,
    )  # fmt: skip


def remove_job(store: Store, snapshot_id: str, job_id: str, *, request_id: str, actor: str = "planner") -> str:
    """Keep the snapshot without a job that came from a table, as a new snapshot, and return its id.

    Raises InvalidValue for a job that came from no table (those are the ERP's) and for the only job of the plant.
    """
    plant, notes = lower_layer(store, snapshot_id), store.snapshots.notes(snapshot_id)
    if job_id not in {one.job.id for one in imported_jobs(plant, notes)}:
        raise InvalidValue("job", job_id, "came from no table: it can only be closed in the ERP")
    if len(plant.jobs) == 1:
        raise InvalidValue("job", job_id, "is the only one: nothing would be left to plan")
    counts = store.snapshots.get(snapshot_id).counts
    less = replace(counts, jobs_read=counts.jobs_read - 1, jobs_accepted=counts.jobs_accepted - 1)
    left = replace(plant, jobs=tuple(j for j in plant.jobs if j.id != job_id))
    return save_changed(
        store, snapshot_id, again(store, snapshot_id, left), [n for n in notes if n.job != job_id], request_id=request_id,
        actor=actor, counts=less,
    )  # fmt: skip
