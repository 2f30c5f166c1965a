"""Numbered steps that bring the store's tables from any earlier version to this one.

A small runner of our own instead of a migration framework: the tables live on hand-written CHECK constraints, composite
foreign keys and triggers, which a framework's automatic comparison does not see, and every statement has to be resumable,
because MariaDB commits each one by itself.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.database import Database, DatabaseUnavailable, Dialect
from scheduler_core.data.migrations import m0001_first_tables, m0002_keep_best, m0003_scenarios

Statements = Callable[[Dialect], Sequence[str]]
MIGRATIONS: tuple[Statements, ...] = (
    m0001_first_tables.statements, m0002_keep_best.statements, m0003_scenarios.statements
)  # fmt: skip
"""Migration n is the n-th entry. A released one is never edited: its statements' hashes are compared on every start."""

_BOOKKEEPING = """CREATE TABLE IF NOT EXISTS schema_version(
 version INTEGER NOT NULL CHECK(version>=1), step INTEGER NOT NULL CHECK(step>=1), statement_sha256 CHAR(64) NOT NULL,
 applied_us BIGINT NOT NULL, PRIMARY KEY(version,step))"""


def upgrade(database: Database) -> int:
    """Apply what is missing and return the version reached. Safe to call from several processes at once, and after a crash.

    Tables that are up to date are only looked at, so the daily account needs no right to change them. Raises
    DatabaseUnavailable if the tables are newer than this program or were made by different statements.
    """
    with database.reading() as connection:
        if not _missing(database.dialect, _applied(connection)):
            return len(MIGRATIONS)
    with _alone(database) as connection:
        connection.exec_driver_sql(_BOOKKEEPING)
        # Another process may have been faster.
        for version, step, statement in _missing(database.dialect, _applied(connection)):
            _apply(connection, version, step, statement)
    return len(MIGRATIONS)


def version(connection: Connection) -> int:
    """The version that the tables have reached, 0 without any; only looks."""
    return max((number for number, _ in _applied(connection)), default=0)


Applied = Mapping[tuple[int, int], str]


def _applied(connection: Connection) -> Applied:
    """Hash of the statement of every (version, step) that has been applied."""
    if not sa.inspect(connection).has_table("schema_version"):
        return {}
    rows = connection.execute(sa.text("SELECT version, step, statement_sha256 FROM schema_version"))
    return {(int(version), int(step)): str(digest) for version, step, digest in rows}


def _missing(dialect: Dialect, applied: Applied) -> list[tuple[int, int, str]]:
    """(version, step, statement) of everything still to do."""
    known = max((version for version, _ in applied), default=0)
    if known > len(MIGRATIONS):
        raise DatabaseUnavailable(
            f"database: its tables are of version {known}, this program knows {len(MIGRATIONS)}: update the program"
        )
    missing = []
    for version, statements in enumerate(MIGRATIONS, start=1):
        for step, statement in enumerate(statements(dialect), start=1):
            done = applied.get((version, step))
            if done is None:
                missing.append((version, step, statement))
            elif done != _digest(statement):
                raise DatabaseUnavailable(f"database: step {step} of version {version} was made by a different statement")
    return missing


def _digest(statement: str) -> str:
    return hashlib.sha256(statement.encode()).hexdigest()


def _apply(connection: Connection, version: int, step: int, statement: str) -> None:
    connection.exec_driver_sql(statement)
    connection.execute(
        sa.text("INSERT INTO schema_version VALUES (:version, :step, :digest, :now)"),
        {"version": version, "step": step, "digest": _digest(statement), "now": time.time_ns() // 1000},
    )
    if connection.dialect.name != "sqlite":
        connection.commit()


@contextmanager
def _alone(database: Database) -> Iterator[Connection]:
    """One process at a time: SQLite by its write lock (the whole upgrade is one transaction), MariaDB by a named lock."""
    with database.engine.connect() as connection:
        if database.dialect == "sqlite":
            with connection.begin():
                yield connection
            return
        lock = sa.text("SELECT GET_LOCK(CONCAT('shopwright-schema-', DATABASE()), 60)")
        if connection.execute(lock).scalar() != 1:
            raise DatabaseUnavailable("database: another process has been changing the tables for a minute")
        try:
            yield connection
            connection.commit()
        finally:
            connection.rollback()
            connection.execute(sa.text("SELECT RELEASE_LOCK(CONCAT('shopwright-schema-', DATABASE()))"))
            connection.commit()
