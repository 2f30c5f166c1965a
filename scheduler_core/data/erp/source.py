"""The ERP's tables as streams of rows. Nothing but SELECT is ever sent."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.database import Database, DatabaseUnavailable, MissingRight, unavailable
from scheduler_core.data.erp.cells import BadCell, moment
from scheduler_core.data.erp.fitting import misfits
from scheduler_core.data.erp.mapping import Mapping
from scheduler_core.data.erp.meanings import SUBJECTS
from scheduler_core.data.erp.queries import Queries
from scheduler_core.data.erp.rows import Columns, Row, plain_columns
from scheduler_core.data.read_progress import ReadProgress
from scheduler_core.errors import InvalidValue
from scheduler_core.limits import MAX_OTHER_ROWS

_FOLLOWER = "shopwright_follower"
BATCH = 1000
"""Rows that the database hands over at once, after which the listener is told."""
_OF_JOBS = frozenset({"jobs", "operations", "output", "alternatives"})
DEMO_TABLE = "shopwright_demo"
"""The one table that only the demo ERP has: its clock and the banner that names it."""


class _Follower:
    """Counts the rows that one connection reads, whatever their table."""

    def __init__(self, listener: ReadProgress, expected: int) -> None:
        self._listener, self._expected, self._read = listener, expected, 0

    def more(self, rows: int) -> None:
        self._read += rows
        self._listener.rows(self._read, max(self._read, self._expected))


class ErpTables:
    """The subjects of a mapping, read over one connection. A subject that the mapping does not have has no rows."""

    def __init__(self, connection: Connection, mapping: Mapping) -> None:
        self.connection = connection
        self.mapping = mapping
        quote = connection.dialect.identifier_preparer.quote
        self._queries = Queries(mapping, connection.dialect.name, quote)

    def rows(self, subject: str, column: str = "", cells: Collection[object] = ()) -> Iterator[Row]:
        """A subject's rows, sorted as ``SUBJECTS`` says: of jobs the open ones, of operations, output and alternatives those
        of open jobs. ``column`` (its own name): those that hold one of the ``cells`` there, and maybe others.

        Raises InvalidValue where a table that has nothing to do with single jobs has more rows than MAX_OTHER_ROWS.
        """
        found = self.mapping.subjects.get(subject)
        if found is None:
            return iter(())
        names = {meaning: column.column for meaning, column in found.columns.items()}
        query = self._queries.select(subject, self._queries.holds(subject, column, cells) if column else None)
        rows = self._explained(subject, _stream(self.connection, query, Columns(names, SUBJECTS[subject].meanings)))
        return rows if subject in _OF_JOBS else self._bounded(subject, rows)

    def _bounded(self, subject: str, rows: Iterator[Row]) -> Iterator[Row]:
        for number, row in enumerate(rows, start=1):
            if number > MAX_OTHER_ROWS:
                where = self.mapping.table_of(subject)
                why = f"rows of {subject} are more than the limit of {MAX_OTHER_ROWS}: leave old ones out by 'where'"
                raise InvalidValue(where, number, why)
            yield row

    def first(self, subject: str, most: int) -> Iterator[Row]:
        """A sample of a subject: its first rows up to a limit, in no order, also of orders that are not open."""
        found = self.mapping.subjects[subject]
        names = {meaning: column.column for meaning, column in found.columns.items()}
        query = f"{self._queries.every(subject)} LIMIT {most}"
        return _stream(self.connection, query, Columns(names, SUBJECTS[subject].meanings))

    def count(self, subject: str) -> int:
        """How many rows ``rows`` gives, so that an absurd number is refused before it is read."""
        if subject not in self.mapping.subjects:
            return 0
        (row,) = self._explained(subject, _stream(self.connection, self._queries.count(subject)))
        return int(str(row["amount"]))

    def _explained(self, subject: str, rows: Iterator[Row]) -> Iterator[Row]:
        """The rows; if the database refuses them, what the mapping names and the database does not have is added."""
        try:
            yield from rows
        except DatabaseUnavailable as failure:
            if isinstance(failure, MissingRight):
                table = self.mapping.table_of(subject)
                needed = "the account of the ERP must have the right to SELECT from every table of the mapping"
                raise MissingRight(f"ERP table {table} ({subject}) cannot be read: {needed}; {failure}") from failure
            try:
                # The connection that failed may answer nothing more.
                with self.connection.engine.connect() as another, another.begin():
                    missing = misfits(another, self.mapping.subjects[subject])
            except sa.exc.DBAPIError:
                missing = []
            if not missing:
                raise
            raise DatabaseUnavailable(f"{failure}; the mapping does not fit: {subject}: {'; '.join(missing)}") from failure

    def follow(self, listener: ReadProgress, expected: int) -> None:
        """Tell the listener of all rows that this connection reads from now on, of about so many."""
        self.connection.execution_options(**{_FOLLOWER: _Follower(listener, expected)})

    def pause(self) -> None:
        """A moment at which a reading may be called off. Raises Cancelled."""
        _pause(self.connection, 0)

    def ignores_case(self, subject: str, meaning: str) -> bool:
        """True if the database takes 'a' and 'A' in the column of this meaning for one: its collation decides."""
        found = self.mapping.subjects.get(subject)
        if found is None or not found.has(meaning) or self.connection.dialect.name == "postgresql":
            return False
        column = found.columns[meaning].column
        if self.connection.dialect.name != "sqlite":
            named = (
                "SELECT COLLATION_NAME AS collation_name FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()"
                f" AND TABLE_NAME = '{_quoted(found.table)}' AND COLUMN_NAME = '{_quoted(column)}'"
            )
            return any(without_case(row["collation_name"]) for row in _stream(self.connection, named))
        quoted, source = self._queries.quote(column), self._queries.source(subject)
        probe = f"(SELECT {quoted} AS content FROM {source} WHERE 1 = 0 UNION ALL SELECT 'a') AS probe WHERE content = 'A'"
        return _count(self.connection, f"SELECT COUNT(*) AS amount FROM {probe}") > 0


def without_case(collation: object) -> bool:
    """True for the name of a collation of MariaDB or MySQL that ignores letter case; a column of numbers has none."""
    return str(collation).endswith("_ci")


def demo_clock(connection: Connection) -> tuple[datetime, str] | None:
    """The demo's standing time and its banner; None for a real ERP."""
    if not _may_read_demo(connection):
        return None
    settings = {str(r["setting"]): r["content"] for r in _stream(connection, f"SELECT setting, content FROM {DEMO_TABLE}")}
    try:
        now = moment("clock", settings.get("clock"))
    except BadCell as bad:
        raise DatabaseUnavailable(f"ERP table {DEMO_TABLE}: {bad}") from bad
    if now is None or not settings.get("banner"):
        raise DatabaseUnavailable(f"ERP table {DEMO_TABLE}: names no clock or no banner")
    return now, str(settings["banner"])


def _may_read_demo(connection: Connection) -> bool:
    """Whether there is the demo's table and it can be read. An account with rights on the mapping's tables alone must not be
    asked about it: MariaDB refuses to describe a table to whoever has no right to it, whether it is there or not."""
    if connection.dialect.name == "sqlite":
        return sa.inspect(connection).has_table(DEMO_TABLE)
    if connection.dialect.name == "postgresql":
        asked = f"SELECT COALESCE(has_table_privilege(to_regclass('{DEMO_TABLE}'), 'SELECT'), FALSE)"
    else:
        asked = (
            f"SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{DEMO_TABLE}'"
        )
    return bool(connection.exec_driver_sql(asked).scalar())


@contextmanager
def transaction(erp: Database) -> Iterator[Connection]:
    """The ERP's tables in one read-only transaction. Raises DatabaseUnavailable for whatever the database answers with."""
    try:
        with erp.reading() as connection:
            yield connection
    except sa.exc.DBAPIError as failure:
        raise unavailable("ERP database", failure) from failure


def _pause(connection: Connection, rows: int) -> None:
    follower = connection.get_execution_options().get(_FOLLOWER)
    if follower is not None:
        follower.more(rows)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "''")


def _count(connection: Connection, query: str) -> int:
    (row,) = _stream(connection, query)
    return int(str(row["amount"]))


def _stream(connection: Connection, query: str, columns: Columns | None = None) -> Iterator[Row]:
    try:
        # A mapping's query goes to the database as it is: neither a colon nor a percent sign in it stands for a value.
        reading = connection.execution_options(stream_results=True, yield_per=BATCH, no_parameters=True)
        result = reading.exec_driver_sql(query)
        found = columns or plain_columns(tuple(result.keys()))
        for number, cells in enumerate(result, start=1):
            yield Row(found, cells)
            if number % BATCH == 0:
                _pause(connection, BATCH)
        _pause(connection, 0)
    except sa.exc.DBAPIError as failure:
        raise unavailable("ERP database", failure, f" (in: {query[:90]} …)") from failure
