"""The numbers of releases, and the epochs in which they are counted.

``approval.release_no`` counts a plant's releases within this store; ``number_offset`` is added for the number that people
and receivers see. Both differ once a store has gone on from an older backup: the releases that were made after the backup
are lost here, but not at the receiver, and their numbers must not be given twice.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.store import audit, serialization
from scheduler_core.data.store.records import ReleaseEpoch
from scheduler_core.data.store.tables import APPROVAL, RELEASE_EPOCH


@dataclass(frozen=True)
class NextRelease:
    """Where a plant's next release stands: ``place`` in the store's chain (from 1), what is added to it for its number,
    and its epoch (0 until a first restore has begun one)."""

    place: int
    offset: int
    epoch: int

    @property
    def number(self) -> int:
        """The number that people and receivers see."""
        return self.place + self.offset


def number_of(approvals: sa.FromClause = APPROVAL) -> sa.ColumnElement[int]:
    """The number of a release that people and receivers see, of the table or an alias of it."""
    number: sa.ColumnElement[int] = approvals.c.release_no + approvals.c.number_offset
    return number


def epochs(connection: Connection) -> tuple[ReleaseEpoch, ...]:
    """All epochs that have begun, oldest first; none before the first restore that began one."""
    rows = connection.execute(sa.select(RELEASE_EPOCH).order_by(RELEASE_EPOCH.c.epoch))
    return tuple(
        ReleaseEpoch(int(row.epoch), int(row.first_no), row.actor, serialization.from_us(row.begun_us)) for row in rows
    )


def following(connection: Connection, plant: str) -> NextRelease:
    """What a plant's next release gets: one more than its last one, and no less than the first number of the epoch."""
    query = sa.select(APPROVAL.c.release_no, APPROVAL.c.number_offset).where(APPROVAL.c.plant == plant)
    last = connection.execute(query.order_by(APPROVAL.c.release_no.desc()).limit(1)).first()
    place, offset = (1, 0) if last is None else (int(last.release_no) + 1, int(last.number_offset))
    begun = epochs(connection)
    if not begun:
        return NextRelease(place, offset, 0)
    return NextRelease(place, max(offset, begun[-1].first_number - place), begun[-1].number)


def highest(connection: Connection) -> int:
    """The highest number of a release of any plant, 0 if there is none."""
    return int(connection.execute(sa.select(sa.func.max(number_of()))).scalar() or 0)


def begin_epoch(connection: Connection, first_number: int, above: int, actor: str) -> ReleaseEpoch:
    """Let releases of all plants go on from ``first_number`` or, if that is higher, from one above the highest here or
    from the first number of an epoch before: what was promised to be above the receiver's releases never falls.

    The epoch is the UTC second of this moment, or one more than ``above`` and all that are here where a clock has been set
    back: two stores that go on from the same backup do not share one. Adds a line to the audit trail.
    """
    audit.wait_in_line(connection)
    now = serialization.now_us()
    begun = epochs(connection)
    known = max((epoch.number for epoch in begun), default=0)
    first = max(first_number, highest(connection) + 1, *(epoch.first_number for epoch in begun))
    made = ReleaseEpoch(
        max(now // 1_000_000, known + 1, above + 1), first,
        serialization.name("actor", actor), serialization.from_us(now),
    )  # fmt: skip
    values = {"epoch": made.number, "first_no": made.first_number, "actor": made.actor, "begun_us": now}
    connection.execute(sa.insert(RELEASE_EPOCH).values(**values))
    audit.record(connection, made.actor, "begin-epoch", str(made.number), {"first_no": made.first_number})
    return made
