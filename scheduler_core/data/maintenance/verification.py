"""Whether a store holds together: its file, its references, its audit trail, and the content of all that was released."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.maintenance.backup import Progress
from scheduler_core.data.store import audit, audit_verification, schedules, serialization, snapshots
from scheduler_core.data.store.tables import APPROVAL, BEFORE_FACTS, METADATA, SNAPSHOT


def problems(connection: Connection, progress: Progress) -> tuple[str, ...]:
    """What is wrong, each in a sentence; empty if all is well. The tables must be of this program's version."""
    found: list[str] = []
    if connection.dialect.name == "sqlite":
        progress(0.0, "reading every page of the file")
        said = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
        found += [f"the file is damaged: {text}" for text in said if text != "ok"]
    found += dangling(connection, progress)
    progress(0.3, "following the audit trail")
    broken = audit.first_broken(connection)
    if broken is not None:
        found.append(f"line {broken} of the audit trail does not follow from the one before")
    found += [one.reason for one in audit_verification.past_the_trail(connection)]
    return (*found, *_changed_content(connection, progress))


def dangling(connection: Connection, progress: Progress) -> list[str]:
    """References to rows that are not there. The databases see to them, except while a restore fills the tables."""
    inspector, found = sa.inspect(connection), []
    there = set(inspector.get_table_names())
    names = [name for name in METADATA.tables if name in there]
    for number, name in enumerate(names):
        progress(0.3 * number / len(names), f"following the references of {name}")
        for key in inspector.get_foreign_keys(name):
            pairs = list(zip(key["constrained_columns"], key["referred_columns"], strict=True))
            child = sa.table(name, *(sa.column(c) for c, _ in pairs)).alias("child")
            parent = sa.table(key["referred_table"], *(sa.column(p) for _, p in pairs)).alias("parent")
            match = sa.and_(*(child.c[c] == parent.c[p] for c, p in pairs))
            alone = sa.and_(*(child.c[c].is_not(None) for c, _ in pairs), ~sa.exists(sa.select(1).where(match)))
            count = connection.execute(sa.select(sa.func.count()).select_from(child).where(alone)).scalar_one()
            if count:
                columns = ", ".join(c for c, _ in pairs)
                found.append(f"{count} rows of {name} name a row of {key['referred_table']} that is not there ({columns})")
    return found


def _changed_content(connection: Connection, progress: Progress) -> list[str]:
    """Snapshots whose document and released plans whose rows are not those that their hash was taken of."""
    found = []
    for table, said in ((SNAPSHOT, "snapshot"), (BEFORE_FACTS, "the plant before the facts of snapshot")):
        held = sa.select(table.c.snapshot_id, table.c.document, table.c.sha256)
        found += [
            f"{said} {snapshot_id} does not have the content that its hash was taken of"
            for snapshot_id, document, sha256 in connection.execute(
                held, execution_options={"stream_results": True, "yield_per": 20}
            )
            if hashlib.sha256(document.encode()).hexdigest() != sha256
        ]
    released = connection.execute(sa.select(APPROVAL.c.schedule_id, APPROVAL.c.content_sha256).distinct()).all()
    for number, row in enumerate(released):
        progress(0.5 + 0.5 * number / len(released), f"checking released plan {number + 1} of {len(released)}")
        facts = schedules.get(connection, row.schedule_id)
        of = snapshots.info(connection, facts.snapshot_id).sha256
        if serialization.content_sha256(of, schedules.load(connection, row.schedule_id)) != row.content_sha256:
            found.append(f"released plan {row.schedule_id} does not have the content that was approved")
    return found
