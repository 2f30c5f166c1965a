"""A backup back into a store, of SQLite or MariaDB whatever it was taken from.

The tables are built anew in the version of the backup, filled, compared with the backup row by row, and then upgraded. On
SQLite all of it is one transaction. MariaDB commits every CREATE and DROP by itself; there a mark stands in the database
from the first of them until the restored store has been verified, and nothing opens the store while it stands.

Where releases were made after the backup was taken, those of the restored store go on above them: ``continuation``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data import migrations
from scheduler_core.data.database import Database, lacks_right, unavailable
from scheduler_core.data.maintenance import backup, continuation, verification
from scheduler_core.data.maintenance.backup import Backup, BackupFailed, Progress
from scheduler_core.data.migrations import UNFINISHED_RESTORE
from scheduler_core.data.server_patience import patiently
from scheduler_core.data.store.records import KnownRelease, ReleaseEpoch
from scheduler_core.data.store.tables import METADATA

FILLED_AT_BIRTH = frozenset({"queue_lock"})
"""Tables in which a store that was never used has rows."""
COUNTS_ON = 13
"""The first version whose releases can go on from a given number."""
WHO_MAY = "; a restore builds tables, which the daily account may not: give --url with the address of store_migrator"


@dataclass(frozen=True)
class Restored:
    """A backup that was restored, and the epoch of releases that has begun with it, None where numbers simply go on."""

    backup: Backup
    epoch: ReleaseEpoch | None


def restore(
    database: Database,
    file: Path,
    progress: Progress,
    *,
    replace: bool = False,
    received: Sequence[KnownRelease] = (),
    next_release: int | None = None,
    keep_version: bool = False,
) -> Restored:
    """Fill the store from a backup; with ``replace`` whatever it holds is given up. With ``keep_version`` the tables stay
    of the backup's version, for an older program: its own verification is still to be done then.

    ``received``: the releases that a receiver holds. If it, or the store that is given up, holds releases that the backup
    does not have, or if ``next_release`` is given (from 1), a new epoch begins: releases go on above all of these numbers.

    Raises InvalidValue for a file that is damaged or too new, BackupFailed if the store is not empty, the restored one
    does not verify or its version is too old to be kept, DatabaseUnavailable. Until the file has been read to its end,
    nothing is touched.
    """
    found = Backup(file, progress)
    if keep_version and found.heading.version < COUNTS_ON:
        raise BackupFailed(
            f"tables of version {found.heading.version} cannot be kept, only those from version {COUNTS_ON} on: "
            "earlier ones cannot count releases on from a number"
        )
    try:
        with _bare(database) as connection:
            _allow(connection, replace)
            given_up = continuation.given_up(connection, told=next_release is not None)
            epoch = _build_and_fill(
                connection, database, found, progress, (*given_up, *received), next_release, keep_version
            )
    except sa.exc.DBAPIError as failure:
        raise unavailable("database: the restore was refused", failure, WHO_MAY if lacks_right(failure) else "") from failure
    return Restored(found, epoch)


@contextmanager
def _bare(database: Database) -> Iterator[Connection]:
    """A connection without checks of references, as rows come before those they name. It never returns to the pool.

    One at a time: by SQLite's write lock, which lasts to the end, or by MariaDB's named lock.
    """
    sqlite = database.dialect == "sqlite"
    with database.engine.connect() as connection, patiently(connection):
        try:
            if sqlite:
                # The setting has no effect inside a transaction, and SQLAlchemy's own begins with the first statement.
                connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
            else:
                migrations.lock(connection)
                connection.exec_driver_sql("SET SESSION foreign_key_checks=0")
            yield connection
            connection.commit()
        finally:
            connection.rollback()
            connection.invalidate()


def _allow(connection: Connection, replace: bool) -> None:
    there = set(sa.inspect(connection).get_table_names())
    if replace or UNFINISHED_RESTORE in there:
        return
    for name in METADATA.tables:
        rows = backup.count(connection, name) if name in there and name not in FILLED_AT_BIRTH else 0
        if rows:
            raise BackupFailed(f"the store is not empty ({rows} rows in {name}): back it up, then restore with --replace")


def _build_and_fill(
    connection: Connection,
    database: Database,
    found: Backup,
    progress: Progress,
    known: Sequence[KnownRelease],
    next_release: int | None,
    keep_version: bool,
) -> ReleaseEpoch | None:
    progress(0.0, "building the tables")
    continuation.mark(connection, known)
    # Bookkeeping goes first: tables without it are built again, tables with it would be taken for whole.
    for name in ("schema_version", *METADATA.tables):
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")
    version = found.heading.version
    migrations.upgrade_within(connection, database.dialect, version, restoring=True)
    with migrations.without_triggers(connection, database.dialect, version):
        _fill(connection, found, progress)
    faults = verification.dangling(connection, progress)
    if faults:
        raise BackupFailed(f"the restored store does not verify: {'; '.join(faults)}")
    if not keep_version or version == len(migrations.MIGRATIONS):
        migrations.upgrade_within(connection, database.dialect, len(migrations.MIGRATIONS), restoring=True)
        faults = list(verification.problems(connection, progress))
        if faults:
            raise BackupFailed(f"the restored store does not verify: {'; '.join(faults)}")
    epoch = continuation.go_on(connection, known, next_release)
    connection.exec_driver_sql(f"DROP TABLE {UNFINISHED_RESTORE}")
    return epoch


def _fill(connection: Connection, found: Backup, progress: Progress) -> None:
    digests: dict[str, int] = defaultdict(int)
    done, total = 0, found.heading.rows
    for table, part, rows in found.blocks():
        digests[table] += backup.digest_of(rows)
        _insert(connection, table, part.columns, rows)
        done += len(rows)
        progress(done / total, f"{done:,} of {total:,} rows: {table}")
    for table, part in found.heading.tables.items():
        progress(1.0, f"comparing {table} with the backup")
        stored = sum(backup.digest_of(block) for block in backup.rows_of(connection, table, part.columns))
        if stored != digests[table] or backup.count(connection, table) != part.rows:
            raise BackupFailed(f"table {table} does not hold what the backup holds")


def _insert(connection: Connection, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    if table in FILLED_AT_BIRTH:
        born = {tuple(row) for block in backup.rows_of(connection, table, columns) for row in block}
        rows = [row for row in rows if tuple(row) not in born]
    if rows:
        insert = sa.insert(sa.table(table, *(sa.column(c) for c in columns)))
        connection.execute(insert, [dict(zip(columns, row, strict=True)) for row in rows])
