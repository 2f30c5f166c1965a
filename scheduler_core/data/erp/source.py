"""The ERP's tables as streams of rows. Nothing but SELECT is ever sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.database import Database, DatabaseUnavailable
from scheduler_core.data.erp.cells import YES, BadCell, moment
from scheduler_core.data.erp.config import MachineHours
from scheduler_core.data.erp.rows import Row, places_of
from scheduler_core.data.read_progress import ReadProgress

# Void_c may be a number (1.0 in a decimal column), a BIT (the character 1 as text), text or an ENUM (its index, if compared
# with a number), and either column may be empty; a comparison with NULL would drop the row. Codes count without blanks and
# without letter case. What is neither yes nor no is read, and refused with its job.
_VOID = "CAST(j.Void_c AS CHAR)"
_YES = ", ".join(f"'{word}'" for word in sorted(YES))
_VOID_DIGITS = f"REPLACE(REPLACE(REPLACE({_VOID},'.',''),'0',''),' ','')"
_OPEN = (
    f"(j.Void_c IS NULL OR ({_VOID} <> CHAR(1) AND UPPER(TRIM({_VOID})) NOT IN ({_YES})"
    f" AND NOT ({_VOID_DIGITS} = '1' AND {_VOID} + 0 = 1)))"
    " AND (j.DocStatus_c IS NULL OR UPPER(RTRIM(j.DocStatus_c)) NOT IN ('CP','CX'))"
)
_JOBS = (
    "SELECT j.TxnId_i, j.DocRef_v, j.JoQty_d, j.TargetDate_dd, j.MaterialDate_dd, j.CreateDate_dt, j.IsImportant, j.Void_c,"
    f" j.DocStatus_c FROM tbl_jo_txn j WHERE {_OPEN} ORDER BY j.TxnId_i"
)
_OPERATIONS = (
    "SELECT p.TxnId_i, p.RowId_i, p.Task_v, p.Machine_v, p.SetupTime_d, p.CapMin_d, p.CapQty_d, p.LeadTime_d, p.QtyStatus_c"
    " FROM tbl_jo_process p WHERE p.TxnId_i IN (SELECT j.TxnId_i FROM tbl_jo_txn j WHERE " + _OPEN + ")"
    " ORDER BY p.TxnId_i, p.RowId_i"
)
_OUTPUT = (
    "SELECT d.JoId_i, d.ProcessrowId_i, d.Qty_d, d.CreateDate_dt FROM tbl_daily_item d"
    " WHERE d.JoId_i IN (SELECT j.TxnId_i FROM tbl_jo_txn j WHERE " + _OPEN + ") ORDER BY d.JoId_i, d.ProcessrowId_i"
)
_MACHINES = "SELECT MachineId_i, MachineName_v, MachinetypeId_i, Status_i FROM tbl_machine ORDER BY MachineId_i"
_ROUTING = "SELECT BstkId_i, RowId_i, ProcessId_i, ProcessDescr_v, MachinetypeId_i FROM tbl_routing_process"
_HOURS = "SELECT arrange_day, start_time, end_time, is_working FROM ai_arrangable_hour ORDER BY arrange_day, start_time"
_BREAKS = (
    "SELECT name, start_time, end_time, duration_minutes, day_of_week, is_active FROM ai_breaktimes"
    " ORDER BY start_time, day_of_week, name"
)
_HOLIDAYS = "SELECT holiday_date, name, is_full_day, is_active{hours} FROM ai_holidays ORDER BY holiday_date, name"
_FOLLOWER = "shopwright_follower"
BATCH = 1000
"""Rows that the database hands over at once, after which the listener is told."""
DEMO_TABLE = "shopwright_demo"
"""The one table that only the demo ERP has: its clock and the banner that names it."""


class _Follower:
    """Counts the rows that one connection reads, whatever their table."""

    def __init__(self, listener: ReadProgress, expected: int) -> None:
        self._listener, self._expected, self._read = listener, expected, 0

    def more(self, rows: int) -> None:
        self._read += rows
        self._listener.rows(self._read, max(self._read, self._expected))


def follow(connection: Connection, listener: ReadProgress, expected: int) -> None:
    """Tell the listener of all rows that this connection reads from now on, of about so many."""
    connection.execution_options(**{_FOLLOWER: _Follower(listener, expected)})


def pause(connection: Connection, rows: int = 0) -> None:
    """A moment at which a reading may be called off. Raises Cancelled."""
    follower = connection.get_execution_options().get(_FOLLOWER)
    if follower is not None:
        follower.more(rows)


def open_job_count(connection: Connection) -> int:
    """How many jobs are open, so that an absurd number is refused before it is read."""
    return _count(connection, f"tbl_jo_txn j WHERE {_OPEN}")


def machine_count(connection: Connection) -> int:
    """How many rows the machine park has."""
    return _count(connection, "tbl_machine")


def operation_count(connection: Connection) -> int:
    """How many operations open jobs have."""
    return _count(connection, f"tbl_jo_process p WHERE p.TxnId_i IN (SELECT j.TxnId_i FROM tbl_jo_txn j WHERE {_OPEN})")


def jobs(connection: Connection) -> Iterator[Row]:
    """Open jobs by TxnId_i."""
    return _stream(connection, _JOBS)


def operations(connection: Connection) -> Iterator[Row]:
    """Operations of open jobs by job and row."""
    return _stream(connection, _OPERATIONS)


def output(connection: Connection) -> Iterator[Row]:
    """Output so far of open jobs."""
    return _stream(connection, _OUTPUT)


def machines(connection: Connection) -> Iterator[Row]:
    """All machines by id."""
    return _stream(connection, _MACHINES)


def routing(connection: Connection) -> Iterator[Row]:
    """All routing lines."""
    return _stream(connection, _ROUTING)


def working_hours(connection: Connection) -> Iterator[Row]:
    """The weekly working windows."""
    return _stream(connection, _HOURS)


def breaks(connection: Connection) -> Iterator[Row]:
    """The pauses."""
    return _stream(connection, _BREAKS)


def holidays(connection: Connection, hours: tuple[str, str] | None) -> Iterator[Row]:
    """The days off; with ``hours`` also the columns of these names, as start_time and end_time."""
    more = "" if hours is None else f", {hours[0]} AS start_time, {hours[1]} AS end_time"
    return _stream(connection, _HOLIDAYS.format(hours=more))


def machine_hours(connection: Connection, names: MachineHours) -> Iterator[Row]:
    """The weekly working windows of single machines and work centres."""
    columns = {
        "machine": names.machine, "work_centre": names.work_centre, "arrange_day": names.day, "start_time": names.start,
        "end_time": names.end,
    }  # fmt: skip
    chosen = ", ".join(f"{column or 'NULL'} AS {name}" for name, column in columns.items())
    return _stream(connection, f"SELECT {chosen} FROM {names.table} ORDER BY 1, 2, 3, 4")


def ignores_case(connection: Connection, table: str, column: str) -> bool:
    """True if the database takes 'a' and 'A' in this column for one: its collation decides."""
    if connection.dialect.name != "sqlite":
        named = (
            "SELECT COLLATION_NAME AS collation_name FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()"
            f" AND TABLE_NAME = '{table}' AND COLUMN_NAME = '{column}'"
        )
        return any(without_case(row["collation_name"]) for row in _stream(connection, named))
    probe = f"(SELECT {column} AS content FROM {table} WHERE 1 = 0 UNION ALL SELECT 'a') AS probe WHERE content = 'A'"
    return _count(connection, probe) > 0


def without_case(collation: object) -> bool:
    """True for the name of a collation of MariaDB or MySQL that ignores letter case; a column of numbers has none."""
    return str(collation).endswith("_ci")


def demo_clock(connection: Connection) -> tuple[datetime, str] | None:
    """The demo's standing time and its banner; None for a real ERP."""
    if not sa.inspect(connection).has_table(DEMO_TABLE):
        return None
    settings = {str(r["setting"]): r["content"] for r in _stream(connection, f"SELECT setting, content FROM {DEMO_TABLE}")}
    try:
        now = moment("clock", settings.get("clock"))
    except BadCell as bad:
        raise DatabaseUnavailable(f"ERP table {DEMO_TABLE}: {bad}") from bad
    if now is None or not settings.get("banner"):
        raise DatabaseUnavailable(f"ERP table {DEMO_TABLE}: names no clock or no banner")
    return now, str(settings["banner"])


@contextmanager
def transaction(erp: Database) -> Iterator[Connection]:
    """The ERP's tables in one read-only transaction. Raises DatabaseUnavailable for whatever the database answers with."""
    try:
        with erp.reading() as connection:
            yield connection
    except sa.exc.DBAPIError as failure:
        raise DatabaseUnavailable(f"ERP database: {failure.orig}") from failure


def _count(connection: Connection, rows: str) -> int:
    (row,) = _stream(connection, f"SELECT COUNT(*) AS amount FROM {rows}")
    return int(str(row["amount"]))


def _stream(connection: Connection, query: str) -> Iterator[Row]:
    try:
        result = connection.execution_options(stream_results=True, yield_per=BATCH).execute(sa.text(query))
        places = places_of(tuple(result.keys()))
        for number, cells in enumerate(result, start=1):
            yield Row(places, cells)
            if number % BATCH == 0:
                pause(connection, BATCH)
        pause(connection)
    except sa.exc.DBAPIError as failure:
        raise DatabaseUnavailable(f"ERP database: {failure.orig} (in: {query[:90]} …)") from failure
