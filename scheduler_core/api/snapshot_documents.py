"""Snapshots as programs get them."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field

from scheduler_core.api.documents import Document, Id, Moment
from scheduler_core.data.store.records import PullNote, QuarantinedRow, SnapshotInfo, Source
from scheduler_core.plant import Plant


class CountsDocument(Document):
    """What a pull has read: accepted and refused add up."""

    orders_read: int
    orders_accepted: int
    orders_refused: int
    rows_read: int
    rows_accepted: int
    rows_refused: int
    beyond_horizon: int = Field(description="Orders due after the planning horizon, which are not read")


class SnapshotDocument(Document):
    """A plant at a moment, as plans are made of it."""

    id: Id
    plant: str
    source: Source
    taken_at: Moment = Field(description="When the orders were pulled or loaded")
    plan_start: Moment = Field(description="From when plans of it count")
    timezone: str
    operations: int
    counts: CountsDocument
    sha256: str = Field(description="Of the snapshot file")


class SnapshotList(Document):
    """A page of snapshots, newest first."""

    items: list[SnapshotDocument]
    next: str | None = Field(description="The cursor of the next page; null on the last")


class RefusedRow(Document):
    """A row that could not be used, and why."""

    table: str
    row: str
    field: str
    value: str
    reason: str
    job: str | None = Field(description="The order that is left out for it")


class NotedRow(Document):
    """A remark on a row that was used."""

    table: str
    row: str
    message: str
    job: str | None


class Quarantine(Document):
    """What a pull could not use, and what it remarks."""

    snapshot: Id
    refused: list[RefusedRow]
    notes: list[NotedRow]


class FieldFault(Document):
    """One value that is wrong in a snapshot file."""

    where: str = Field(description="Its place in the file, such as jobs[3].operations[0].minutes")
    reason: str


class CheckedSnapshot(Document):
    """What a snapshot file holds, or what is wrong with it."""

    usable: bool
    plant: str | None
    orders: int
    operations: int
    machines: int
    errors: list[FieldFault]


def snapshot_document(info: SnapshotInfo) -> SnapshotDocument:
    """A stored snapshot without its plant."""
    counts = info.counts
    return SnapshotDocument(
        id=info.id, plant=info.plant, source=info.source, taken_at=info.taken_at,
        plan_start=_with_offset(info), timezone=info.timezone, operations=info.operation_count, sha256=info.sha256,
        counts=CountsDocument(
            orders_read=counts.jobs_read, orders_accepted=counts.jobs_accepted, orders_refused=counts.jobs_quarantined,
            rows_read=counts.rows_read, rows_accepted=counts.rows_accepted, rows_refused=counts.rows_quarantined,
            beyond_horizon=counts.beyond_horizon,
        ),
    )  # fmt: skip


def quarantine_document(snapshot_id: str, refused: tuple[QuarantinedRow, ...], notes: tuple[PullNote, ...]) -> Quarantine:
    """What was refused and noted of a snapshot."""
    return Quarantine(
        snapshot=snapshot_id,
        refused=[
            RefusedRow(table=r.table, row=r.row, field=r.field, value=r.value, reason=r.reason, job=r.job) for r in refused
        ],
        notes=[NotedRow(table=n.table, row=n.row, message=n.message, job=n.job) for n in notes],
    )


def checked_document(plant: Plant | None, errors: list[FieldFault]) -> CheckedSnapshot:
    """A file that was checked; ``plant`` None: it cannot be read."""
    told: dict[str, Any] = {"plant": None, "orders": 0, "operations": 0, "machines": 0}
    if plant is not None:
        told = {
            "plant": plant.name, "orders": len(plant.jobs), "operations": plant.operation_count,
            "machines": len(plant.machines),
        }  # fmt: skip
    return CheckedSnapshot(usable=not errors, errors=errors, **told)


def _with_offset(info: SnapshotInfo) -> Moment:
    return info.plan_start.replace(tzinfo=ZoneInfo(info.timezone))
