"""Numbered steps that bring the store's tables from any earlier version to this one.

A small runner of our own instead of a migration framework: the tables live on hand-written CHECK constraints, composite
foreign keys and triggers, which a framework's automatic comparison does not see, and every statement has to be resumable,
because MariaDB commits each one by itself.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.database import Database, DatabaseUnavailable, Dialect
from scheduler_core.data.migrations import m0001_first_tables

Statements = Callable[[Dialect], Sequence[str]]
MIGRATIONS: tuple[Statements, ...] = (m0001_first_tables.statements,)
"""Migration n is the n-th entry. A released one is never edited: its statements' hashes are compared on every start."""

_BOOKKEEPING = """CREATE TABLE IF NOT EXISTS schema_version(
 version INTEGER NOT NULL CHECK(version>=1), step INTEGER NOT NULL CHECK(step>=1), statement_sha256 CHAR(64) NOT NULL,
 applied_us BIGINT NOT NULL, PRIMARY KEY(version,step))"""


def upgrade(database: Database) -> int:
    """Apply what is missing and return the version reached. Safe to call from several processes at once, and after a crash.

    Raises DatabaseUnavailable if the tables are newer than this program or were made by different statements.
    """
    with _alone(database) as connection:
        connection.exec_driver_sql(_BOOKKEEPING)
        rows = connection.execute(sa.text("SELECT version, step, statement_sha256 FROM schema_version")).all()
        applied = {(int(version), int(step)): str(digest) for version, step, digest in rows}
        known = max((version for version, _ in applied), default=0)
        if known > len(MIGRATIONS):
            raise DatabaseUnavailable(
                f"database: its tables are of version {known}, this program knows {len(MIGRATIONS)}: update the program"
            )
        for version, statements in enumerate(MIGRATIONS, start=1):
            for step, statement in enumerate(statements(database.dialect), start=1):
                _apply(connection, version, step, statement, applied.get((version, step)))
    return len(MIGRATIONS)


def _apply(connection: Connection, version: int, step: int, statement: str, already: str | None) -> None:
    digest = hashlib.sha256(statement.encode()).hexdigest()
    if already is None:
        connection.exec_driver_sql(statement)
        connection.execute(
            sa.text("INSERT INTO schema_version VALUES (:version, :step, :digest, :now)"),
            {"version": version, "step": step, "digest": digest, "now": time.time_ns() // 1000},
        )
        if connection.dialect.name != "sqlite":
            connection.commit()
            connection.begin()
    elif already != digest:
        raise DatabaseUnavailable(f"database: step {step} of version {version} was made by a different statement")


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
