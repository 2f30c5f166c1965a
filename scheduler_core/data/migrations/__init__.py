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
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from scheduler_core.data.database import Database, DatabaseUnavailable, Dialect, MissingRight, lacks_right
from scheduler_core.data.migrations import (
    m0001_first_tables,
    m0002_keep_best,
    m0003_scenarios,
    m0004_releases,
    m0005_roles,
    m0006_acknowledgements,
    m0007_withdrawals,
    m0008_frozen_zones,
    m0009_facts,
    m0010_planners_facts,
    m0011_order,
    m0012_guarded_additions,
    m0013_release_epochs,
    m0014_actuals,
    m0015_odds,
    m0016_programs,
)
from scheduler_core.data.server_patience import patiently

Statements = Callable[[Dialect], Sequence[str]]
MIGRATIONS: tuple[Statements, ...] = (
    m0001_first_tables.statements,
    m0002_keep_best.statements,
    m0003_scenarios.statements,
    m0004_releases.statements,
    m0005_roles.statements,
    m0006_acknowledgements.statements,
    m0007_withdrawals.statements,
    m0008_frozen_zones.statements,
    m0009_facts.statements,
    m0010_planners_facts.statements,
    m0011_order.statements,
    m0012_guarded_additions.statements,
    m0013_release_epochs.statements,
    m0014_actuals.statements,
    m0015_odds.statements,
    m0016_programs.statements,
)
"""Migration n is the n-th entry. A released one is never edited: its statements' hashes are compared on every start."""

_BOOKKEEPING = """CREATE TABLE IF NOT EXISTS schema_version(
 version INTEGER NOT NULL CHECK(version>=1), step INTEGER NOT NULL CHECK(step>=1), statement_sha256 CHAR(64) NOT NULL,
 applied_us BIGINT NOT NULL, PRIMARY KEY(version,step))"""


_CREATE_TRIGGER = "CREATE TRIGGER IF NOT EXISTS "
UPGRADE_FIRST = (
    "back it up and run 'shopwright db upgrade' (MariaDB: with --url and the account store_migrator, then the SQL of "
    "'shopwright db accounts store_app' again; docs/databases.md)"
)
UNFINISHED_RESTORE = "restore_unfinished"
"""A table that stands in a store while a restore fills it, so that nobody takes half of it for the whole."""


@dataclass(frozen=True)
class Status:
    """What has been done to a store's tables, and what an upgrade would do.

    ``version``: the last one that is complete (0: none); ``newest``: what this program knows; ``missing``: statements
    still to run; ``begun``: True if an upgrade was cut short, so that some statements of version + 1 have run.
    """

    version: int
    newest: int
    missing: int
    begun: bool


def status(database: Database) -> Status:
    """Look at the tables without changing them. Raises DatabaseUnavailable as ``upgrade`` does."""
    with database.reading() as connection:
        applied = _applied(connection)
        missing = _missing(database.dialect, applied, len(MIGRATIONS))
    first = min((version for version, _, _ in missing), default=len(MIGRATIONS) + 1)
    return Status(first - 1, len(MIGRATIONS), len(missing), any(version >= first for version, _ in applied))


Progress = Callable[[float, str], None]


def upgrade(database: Database, up_to: int | None = None, progress: Progress | None = None) -> int:
    """Apply what is missing and return the version reached. Safe to call from several processes at once, and after a crash.

    ``up_to``: stop at this version (default: the newest). Tables that are up to date are only looked at, so the daily
    account needs no right to change them. Raises DatabaseUnavailable if the tables are newer than this program, were made by
    different statements, or are being restored; MissingRight if this account may not change them.
    """
    goal = len(MIGRATIONS) if up_to is None else up_to
    with database.reading() as connection:
        if not _missing(database.dialect, _applied(connection), goal):
            return goal
        reached = version(connection)
    try:
        with alone(database) as connection:
            upgrade_within(connection, database.dialect, goal, progress=progress)
    except DBAPIError as failure:
        if not lacks_right(failure):
            raise
        state = f"its tables are of version {reached}, this program wants {goal}" if reached else "it has no tables"
        raise MissingRight(f"database: {state}, and this account may not change them: {UPGRADE_FIRST}") from failure
    return goal


def upgrade_within(
    connection: Connection, dialect: Dialect, up_to: int, *, restoring: bool = False, progress: Progress | None = None
) -> None:
    """The same on a connection that nobody else disturbs (see ``alone``)."""
    connection.exec_driver_sql(_BOOKKEEPING)
    # Another process may have been faster.
    missing = _missing(dialect, _applied(connection, restoring), up_to)
    for number, (version, step, statement) in enumerate(missing):
        if progress is not None:
            progress(number / len(missing), f"version {version}, statement {step}")
        _apply(connection, version, step, statement)


@contextmanager
def without_triggers(connection: Connection, dialect: Dialect, up_to: int) -> Iterator[None]:
    """Take the triggers of version ``up_to`` away and set them again in the end, for somebody who fills empty tables.

    They guard what is added later; rows that come back from a backup are compared with it and verified as a whole instead.
    MariaDB commits at each of these statements, and after a failure the triggers are missing there: whoever fills a store
    marks it as unfinished first (``UNFINISHED_RESTORE``).
    """
    made = [s for one in MIGRATIONS[:up_to] for s in one(dialect) if s.startswith(_CREATE_TRIGGER)]
    for statement in made:
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {statement.removeprefix(_CREATE_TRIGGER).split()[0]}")
    yield
    for statement in made:
        connection.exec_driver_sql(statement)


def version(connection: Connection) -> int:
    """The version that the tables have reached, 0 without any; only looks."""
    return max((number for number, _ in _applied(connection)), default=0)


Applied = Mapping[tuple[int, int], str]


def _applied(connection: Connection, restoring: bool = False) -> Applied:
    """Hash of the statement of every (version, step) that has been applied."""
    tables = set(sa.inspect(connection).get_table_names())
    if UNFINISHED_RESTORE in tables and not restoring:
        raise DatabaseUnavailable("database: a restore did not come to its end here: run 'shopwright db restore' again")
    if "schema_version" not in tables:
        return {}
    rows = connection.execute(sa.text("SELECT version, step, statement_sha256 FROM schema_version"))
    return {(int(version), int(step)): str(digest) for version, step, digest in rows}


def _missing(dialect: Dialect, applied: Applied, up_to: int) -> list[tuple[int, int, str]]:
    """(version, step, statement) of everything still to do for version ``up_to``."""
    known = max((version for version, _ in applied), default=0)
    if known > len(MIGRATIONS):
        raise DatabaseUnavailable(
            f"database: its tables are of version {known}, this program knows {len(MIGRATIONS)}: update the program"
        )
    missing = []
    for version, statements in enumerate(MIGRATIONS[:up_to], start=1):
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
def alone(database: Database) -> Iterator[Connection]:
    """One process at a time: SQLite by its write lock (the whole upgrade is one transaction), MariaDB by a named lock."""
    with database.engine.connect() as connection:
        if database.dialect == "sqlite":
            with connection.begin():
                yield connection
            return
        with patiently(connection):
            lock(connection)
            try:
                yield connection
                connection.commit()
            finally:
                connection.rollback()
                connection.execute(sa.text("SELECT RELEASE_LOCK(CONCAT('shopwright-schema-', DATABASE()))"))
                connection.commit()


def lock(connection: Connection) -> None:
    """MariaDB's named lock of those who change the tables; it ends with the connection."""
    name = sa.text("SELECT GET_LOCK(CONCAT('shopwright-schema-', DATABASE()), 60)")
    if connection.execute(name).scalar() != 1:
        raise DatabaseUnavailable("database: another process has been changing the tables for a minute")
