"""What pulls told of operations: an append-only list with one row a pull.

The rows follow from snapshots and releases, which the audit trail guards, so they have no line of their own in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.actuals.operation_actual import OperationActual, Progress
from scheduler_core.data.store import actual_documents, arrival_order, snapshots
from scheduler_core.data.store.records import ReadPull, SnapshotInfo, Source, UnreadPull
from scheduler_core.data.store.tables import ACTUAL_PULL, APPROVAL, SCENARIO, SNAPSHOT

_PULLED = (Source.ERP.value, Source.DEMO.value)


def last(connection: Connection, plant: str) -> ReadPull | None:
    """The newest pull of a plant that has a row; None before the first."""
    query = sa.select(ACTUAL_PULL.c.snapshot_id, ACTUAL_PULL.c.running).where(ACTUAL_PULL.c.plant == plant)
    row = connection.execute(query.order_by(ACTUAL_PULL.c.pull_no.desc()).limit(1)).first()
    if row is None:
        return None
    return ReadPull(snapshots.info(connection, row.snapshot_id), actual_documents.from_json(row.running))


def first(connection: Connection, plant: str) -> SnapshotInfo | None:
    """The oldest pull of a plant that has a row; None before there is one."""
    query = sa.select(ACTUAL_PULL.c.snapshot_id).where(ACTUAL_PULL.c.plant == plant)
    found = connection.execute(query.order_by(ACTUAL_PULL.c.pull_no).limit(1)).scalar()
    return None if found is None else snapshots.info(connection, str(found))


def unread(connection: Connection, plant: str) -> tuple[UnreadPull, ...]:
    """The pulled snapshots of a plant after the newest one with a row, in the order in which they were kept. Those that
    planners' additions made of a pull are among them."""
    order = sa.select(sa.func.max(SNAPSHOT.c.order_no)).select_from(
        ACTUAL_PULL.join(SNAPSHOT, SNAPSHOT.c.snapshot_id == ACTUAL_PULL.c.snapshot_id)
    )
    known = connection.execute(order.where(ACTUAL_PULL.c.plant == plant)).scalar()
    query = sa.select(SNAPSHOT.c.snapshot_id, SNAPSHOT.c.order_no).where(
        SNAPSHOT.c.plant == plant, SNAPSHOT.c.source.in_(_PULLED),
        SNAPSHOT.c.snapshot_id.not_in(sa.select(SCENARIO.c.snapshot_id)),
        SNAPSHOT.c.order_no > (-1 if known is None else int(known)),
    )  # fmt: skip
    rows = connection.execute(query.order_by(SNAPSHOT.c.order_no, SNAPSHOT.c.snapshot_id)).all()
    releases = _releases(connection, plant) if rows else ()
    return tuple(
        UnreadPull(snapshots.info(connection, row.snapshot_id), _in_force(releases, int(row.order_no))) for row in rows
    )


def add(connection: Connection, plant: str, snapshot_id: str, on_top_of: str | None, found: Progress) -> bool:
    """Add the row of a pull that was compared with ``on_top_of``; False where another row has been added since."""
    newest = last(connection, plant)
    if (None if newest is None else newest.snapshot.id) != on_top_of:
        return False
    number = (connection.execute(sa.select(sa.func.max(ACTUAL_PULL.c.pull_no))).scalar() or 0) + 1
    connection.execute(
        sa.insert(ACTUAL_PULL).values(
            pull_no=number, plant=plant, snapshot_id=snapshot_id,
            running=actual_documents.to_json(found.running), ended=actual_documents.to_json(found.ended),
        )
    )  # fmt: skip
    return True


def of_plant(connection: Connection, plant: str, since: datetime | None) -> tuple[OperationActual, ...]:
    """Operations that have ended, in the order in which pulls told it, and what runs at the newest pull."""
    query = sa.select(ACTUAL_PULL.c.ended).where(ACTUAL_PULL.c.plant == plant).order_by(ACTUAL_PULL.c.pull_no)
    if since is not None:
        query = query.join(SNAPSHOT, SNAPSHOT.c.snapshot_id == ACTUAL_PULL.c.snapshot_id).where(
            SNAPSHOT.c.plan_start >= since.isoformat(timespec="seconds")
        )
    ended = [one for text in connection.execute(query).scalars() for one in actual_documents.from_json(str(text))]
    newest = last(connection, plant)
    return (*ended, *(newest.running if newest is not None else ()))


def pulls(connection: Connection, plant: str) -> int:
    """How many pulls of a plant have a row."""
    query = sa.select(sa.func.count()).select_from(ACTUAL_PULL).where(ACTUAL_PULL.c.plant == plant)
    return int(connection.execute(query).scalar_one())


def _releases(connection: Connection, plant: str) -> Sequence[tuple[int, str, str]]:
    """Of each release of a plant the place in the order in which things were kept, schedule and snapshot; newest first."""
    place = arrival_order.line_of(APPROVAL.c.approval_id, "approve").label("order_no")
    query = sa.select(place, APPROVAL.c.schedule_id, APPROVAL.c.snapshot_id).where(APPROVAL.c.plant == plant)
    rows = connection.execute(query.order_by(APPROVAL.c.release_no.desc()))
    return [(int(row.order_no), row.schedule_id, row.snapshot_id) for row in rows]


def _in_force(releases: Sequence[tuple[int, str, str]], order: int) -> tuple[str, str] | None:
    return next(((schedule, snapshot) for place, schedule, snapshot in releases if place < order), None)
