"""After a restore from an older backup: from which number releases go on, so that they reach the receiver.

Releases that were made after the backup are lost to the store, but whoever received them knows their numbers: the receiving
tables would refuse a second release with one of them, and a webhook's receiver that acts on the highest number would ignore
it.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.database import DatabaseUnavailable
from scheduler_core.data.migrations import UNFINISHED_RESTORE
from scheduler_core.data.store import release_numbers
from scheduler_core.data.store.records import KnownRelease, ReleaseEpoch
from scheduler_core.data.store.tables import APPROVAL, RELEASE_EPOCH

ACTOR = "restore"


def held(connection: Connection) -> tuple[KnownRelease, ...]:
    """The releases of a store of any version, and those that it knew to be elsewhere when it began its epochs; none if it
    has no such table."""
    inspector = sa.inspect(connection)
    if not inspector.has_table(APPROVAL.name):
        return ()
    names = {str(column["name"]) for column in inspector.get_columns(APPROVAL.name)}
    with_epoch = {"number_offset", "epoch"} <= names
    number = release_numbers.number_of() if with_epoch else APPROVAL.c.release_no
    epoch = APPROVAL.c.epoch if with_epoch else sa.literal(0)
    rows = connection.execute(sa.select(APPROVAL.c.approval_id, number, epoch))
    found = tuple(KnownRelease(str(one), int(numbered), int(at)) for one, numbered, at in rows)
    return (*found, *_elsewhere(connection)) if inspector.has_table(RELEASE_EPOCH.name) else found


def _elsewhere(connection: Connection) -> tuple[KnownRelease, ...]:
    """Releases that are below the first numbers of a store's epochs, without an id: a receiver may have them though no row
    here tells of them."""
    return tuple(KnownRelease("", one.first_number - 1, one.number) for one in release_numbers.epochs(connection))


def mark(connection: Connection, known: Iterable[KnownRelease]) -> None:
    """Begin a restore: the table that keeps everybody out, with the highest number and epoch of the ``known`` releases.

    A restore that is cut short on MariaDB has given those releases up already when it is done again.
    """
    connection.exec_driver_sql(f"CREATE TABLE IF NOT EXISTS {UNFINISHED_RESTORE}(highest_no BIGINT, highest_epoch BIGINT)")
    if connection.dialect.name != "sqlite":
        # The mark of an earlier program has neither column. (On SQLite none outlasts its restore.)
        for column in ("highest_no", "highest_epoch"):
            connection.exec_driver_sql(f"ALTER TABLE {UNFINISHED_RESTORE} ADD COLUMN IF NOT EXISTS {column} BIGINT")
    releases = list(known)
    values = {
        "number": max((one.number for one in releases), default=0),
        "epoch": max((one.epoch for one in releases), default=0),
    }
    if not values["number"]:
        return
    insert = f"INSERT INTO {UNFINISHED_RESTORE}(highest_no,highest_epoch) VALUES(:number,:epoch)"
    connection.execute(sa.text(insert), values)
    if connection.dialect.name != "sqlite":
        connection.commit()


def marked(connection: Connection) -> tuple[KnownRelease, ...]:
    """What an earlier restore that was cut short had given up, as releases without an id."""
    inspector = sa.inspect(connection)
    if not inspector.has_table(UNFINISHED_RESTORE):
        return ()
    if "highest_no" not in {str(column["name"]) for column in inspector.get_columns(UNFINISHED_RESTORE)}:
        return ()
    rows = connection.execute(sa.text(f"SELECT highest_no,highest_epoch FROM {UNFINISHED_RESTORE} WHERE highest_no>0"))
    return tuple(KnownRelease("", int(number), int(epoch)) for number, epoch in rows)


def given_up(connection: Connection, told: bool) -> tuple[KnownRelease, ...]:
    """What a restore gives up: the releases of the store, and of one that was given up before and not restored to its end.

    Raises DatabaseUnavailable for a store whose releases cannot be read, unless somebody has ``told`` where to go on.
    """
    try:
        return (*held(connection), *marked(connection))
    except sa.exc.DBAPIError as failure:
        if told:
            return ()
        raise DatabaseUnavailable(
            f"database: the releases that are given up cannot be read ({failure.orig}): give --next-release N, a number "
            "above the newest release that the ERP has"
        ) from failure


def go_on(connection: Connection, known: Iterable[KnownRelease], next_release: int | None) -> ReleaseEpoch | None:
    """Begin a new epoch if somebody holds releases that the restored store does not have, or if a number is given.

    ``known``: what receivers and the store before the restore hold. ``next_release``: None or 0: no number is given.
    Returns None where every release is here, so that numbers simply go on.
    """
    stored = held(connection)
    here = {one.approval_id for one in stored if one.approval_id}
    # Marks and epochs tell of a number without an id: it is lost only if it is above all that are known here.
    top = max((one.number for one in stored), default=0)
    lost = [one for one in known if (one.approval_id not in here if one.approval_id else one.number > top)]
    if not lost and not next_release:
        return None
    first = max((next_release or 0, *(one.number + 1 for one in lost)))
    return release_numbers.begin_epoch(connection, first, max((one.epoch for one in lost), default=0), ACTOR)
