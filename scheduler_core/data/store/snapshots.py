"""Snapshots in the store: what was read, when, and what could not be used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core import interchange
from scheduler_core.data.store import applied_facts, arrival_order, audit, serialization
from scheduler_core.data.store.records import NewSnapshot, PullCounts, PullNote, QuarantinedRow, SnapshotInfo, Source
from scheduler_core.data.store.tables import FINDING, SCENARIO, SNAPSHOT
from scheduler_core.data.store_errors import NotFound, Superseded
from scheduler_core.errors import InvalidValue
from scheduler_core.plant import Plant

_FACTS = [column for column in SNAPSHOT.c if column.name not in ("document", "request_id")]


def save(connection: Connection, new: NewSnapshot) -> str:
    """Insert the snapshot and return its id; the id of the earlier one if this request was served before. Raises Superseded
    where ``new.on_top_of`` is no longer the latest."""
    request = serialization.request_id(new.request_id)
    if (found := of_request(connection, new.request_id)) is not None:
        return found
    if new.on_top_of is not None:
        audit.wait_in_line(connection)
        if [newest.id for newest in infos(connection, 1)] != [new.on_top_of]:
            raise Superseded("the jobs were pulled or changed by somebody else meanwhile: look at them and try again")
    for i, job in enumerate(new.plant.jobs):
        serialization.name(f"jobs[{i}].id", job.id)
    document = interchange.snapshot_to_json(new.plant)
    sha256 = interchange.sha256_of(document)
    snapshot_id = serialization.new_id()
    taken = serialization.now_us() if new.taken_at is None else serialization.to_us(new.taken_at)
    connection.execute(
        sa.insert(SNAPSHOT).values(
            snapshot_id=snapshot_id, request_id=request, plant=serialization.name("name", new.plant.name),
            source=new.source.value, taken_us=taken, plan_start=new.plant.clock.text(0, "seconds"),
            timezone=new.plant.timezone, operation_count=new.plant.operation_count, jobs_read=new.counts.jobs_read,
            jobs_accepted=new.counts.jobs_accepted, jobs_quarantined=new.counts.jobs_quarantined,
            rows_read=new.counts.rows_read, rows_accepted=new.counts.rows_accepted,
            rows_quarantined=new.counts.rows_quarantined, beyond_horizon=new.counts.beyond_horizon, document=document,
            sha256=sha256, fingerprint=new.fingerprint or "", banner=new.banner,
            order_no=arrival_order.next_number(connection),
        )
    )  # fmt: skip
    findings = [_of_quarantine(q) for q in new.quarantine] + [_of_note(n) for n in new.notes]
    if findings:
        rows = [{"snapshot_id": snapshot_id, "position": i, **finding} for i, finding in enumerate(findings)]
        connection.execute(sa.insert(FINDING), rows)
    detail = {
        "source": new.source.value, "plant": new.plant.name, "sha256": sha256,
        "jobs": len(new.plant.jobs), "quarantined": new.counts.jobs_quarantined,
    }  # fmt: skip
    audit.record(connection, new.actor, "snapshot", snapshot_id, detail)
    if new.facts:
        applied_facts.save(connection, snapshot_id, new.before, new.facts, new.actor)
    return snapshot_id


def info(connection: Connection, snapshot_id: str) -> SnapshotInfo:
    """One snapshot's facts."""
    row = connection.execute(sa.select(*_FACTS).where(SNAPSHOT.c.snapshot_id == snapshot_id)).first()
    if row is None:
        raise NotFound(f"snapshot {snapshot_id!r} is not in the store")
    return _info(row)


def of_request(connection: Connection, request_id: str) -> str | None:
    """The snapshot that a request id has led to; None if there is none."""
    request = serialization.request_id(request_id)
    found = connection.execute(sa.select(SNAPSHOT.c.snapshot_id).where(SNAPSHOT.c.request_id == request)).scalar()
    return None if found is None else str(found)


def infos(connection: Connection, limit: int, after: tuple[int, str] | None = None) -> tuple[SnapshotInfo, ...]:
    """The one that was kept last comes first, whatever the clock said. Those that a what-if scenario derived are no
    pulls and are left out. ``after``: order and id of the snapshot after which the list goes on."""
    pulled = SNAPSHOT.c.snapshot_id.not_in(sa.select(SCENARIO.c.snapshot_id))
    query = sa.select(*_FACTS).where(pulled).order_by(*arrival_order.newest_first(SNAPSHOT)).limit(limit)
    if after is not None:
        query = query.where(arrival_order.comes_after(SNAPSHOT, *after))
    return tuple(_info(row) for row in connection.execute(query))


def plant(connection: Connection, snapshot_id: str) -> Plant:
    """The plant, rebuilt from its document."""
    document = connection.execute(sa.select(SNAPSHOT.c.document).where(SNAPSHOT.c.snapshot_id == snapshot_id)).scalar()
    if document is None:
        raise NotFound(f"snapshot {snapshot_id!r} is not in the store")
    # One that names no rule was stored before clock changes counted: its plans stay what they were then.
    return interchange.snapshot_from_json(str(document), f"snapshot {snapshot_id}", "even-days")


def quarantine(connection: Connection, snapshot_id: str) -> tuple[QuarantinedRow, ...]:
    """Rows that could not be used, in source order."""
    return tuple(
        QuarantinedRow(r.source_table, r.source_row, r.source_field, r.content, r.reason, r.job_id)
        for r in _findings(connection, snapshot_id, "quarantine")
    )


def notes(connection: Connection, snapshot_id: str) -> tuple[PullNote, ...]:
    """Remarks on rows that were used, in source order."""
    return tuple(
        PullNote(r.source_table, r.source_row, r.reason, r.job_id) for r in _findings(connection, snapshot_id, "note")
    )


def _findings(connection: Connection, snapshot_id: str, kind: str) -> Sequence[sa.Row[Any]]:
    query = sa.select(FINDING).where(FINDING.c.snapshot_id == snapshot_id, FINDING.c.kind == kind)
    return connection.execute(query.order_by(FINDING.c.position)).all()


def _of_quarantine(q: QuarantinedRow) -> dict[str, object]:
    return {
        "kind": "quarantine", "source_table": q.table, "source_row": serialization.printable(q.row), "source_field": q.field,
        "content": serialization.printable(q.value), "reason": serialization.printable(q.reason),
        "job_id": None if q.job is None else serialization.printable(q.job),
    }  # fmt: skip


def _of_note(n: PullNote) -> dict[str, object]:
    return {
        "kind": "note", "source_table": n.table, "source_row": serialization.printable(n.row), "source_field": "",
        "content": "",
        "reason": serialization.printable(n.message), "job_id": None if n.job is None else serialization.printable(n.job),
    }  # fmt: skip


def _info(row: sa.Row[Any]) -> SnapshotInfo:
    return SnapshotInfo(
        id=row.snapshot_id, plant=row.plant, source=Source(row.source), taken_at=serialization.from_us(row.taken_us),
        plan_start=serialization.wall_time(row.plan_start, row.timezone), timezone=row.timezone,
        counts=PullCounts(
            row.jobs_read, row.jobs_accepted, row.jobs_quarantined, row.rows_read, row.rows_accepted,
            row.rows_quarantined, row.beyond_horizon,
        ),
        operation_count=row.operation_count, sha256=row.sha256, fingerprint=row.fingerprint or None, banner=row.banner,
        order=int(row.order_no),
    )  # fmt: skip


def counts_of(plant: Plant) -> PullCounts:
    """The counts of a snapshot of which every row was used (a file)."""
    if not plant.jobs:
        raise InvalidValue("jobs", (), "is empty: there is nothing to plan")
    rows = plant.operation_count + len(plant.jobs) + len(plant.machines)
    return PullCounts(len(plant.jobs), len(plant.jobs), 0, rows, rows, 0)
