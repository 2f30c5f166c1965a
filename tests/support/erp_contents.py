"""ERP contents of every kind of wrongness: mostly good rows with cells, rows and whole tables spoiled at random.

For SQLite, whose columns hold anything, and for a MariaDB whose server is as lenient as old ones are: it stores zero dates
and cuts what does not fit.
"""

from __future__ import annotations

import math
from contextlib import closing

import sqlalchemy as sa
from hypothesis import strategies as st

from scheduler_core import interchange
from scheduler_core.data.database import Database, open_erp
from scheduler_core.data.demo.erp_tables import TABLES
from scheduler_core.data.erp import Pull, read
from scheduler_core.data.erp.source import ErpTables
from scheduler_core.errors import Unschedulable
from tests.support.erp_rows import CONFIG, START, Erp, Row

NUMBERS: tuple[object, ...] = (
    None, "", " ", 0, -1, 1, 7, 99, 2**31, 10**15, -(10**15), 0.1, 1e-9, 1e300, math.inf, -math.inf, "NaN", "sNaN",
    "Infinity", "1e-999999", "1e999999", "12,5", "0x10", "twelve", "١٢", "1_000", "99999999999999999999.99", b"\x00",
    b"\x01", b"\xff\xfe",
)  # fmt: skip
TEXTS: tuple[object, ...] = (
    None, "", " ", "x" * 119, "x" * 121, "y" * 5000, "=cmd|' /C calc'!A0", "<script>alert(1)</script>",
    "'; DROP TABLE t; --", "部品😀\u202e", "a\x00b", "a\nb", "\ufeff", "Jó", "jo", "JO", b"\xff\xfe", 12, 1.5,
)  # fmt: skip
DATES: tuple[object, ...] = (
    None, "", "0000-00-00", "2025-00-10", "2025-02-30", "0001-01-01", "9999-12-31", "2025-07-20", "2025-08-01",
    "2025-07-20 10:00:00", "2025-07-20T10:00:00+09:00", "20250720", "21.07.2025", "tomorrow", 0, 1e20, b"\x00", "2044-07-01",
)  # fmt: skip
TIMES: tuple[object, ...] = (
    None, "", "00:00:00", "24:00:00", "25:00:00", "-01:00:00", "12:30:30", "12:30", "838:59:59", "noon", 7, b"\x00",
    "13:15:00",
)  # fmt: skip
MACHINES: tuple[object, ...] = (None, "", "6", "6,7", "7 , 6", "8", "99", "6,6", "6,", "CM01", "1" * 50, "6;7", "٦", 20)
POOLS: dict[str, tuple[object, ...]] = {
    "DocRef_v": TEXTS, "Task_v": TEXTS, "MachineName_v": TEXTS, "ProcessDescr_v": TEXTS, "name": TEXTS,
    "Machine_v": MACHINES,
    "TargetDate_dd": DATES, "MaterialDate_dd": DATES, "CreateDate_dt": DATES, "holiday_date": DATES, "start_time": TIMES,
    "end_time": TIMES, "DocStatus_c": ("CP", "CX", "OP", None, "", "zz"), "QtyStatus_c": ("FF", "", None, " FF ", "?"),
    "Void_c": ("0", "1", None, "", "x", 1),
}  # fmt: skip
"""What a spoiled cell of a column may hold; every other column is a number."""


@st.composite
def contents(draw: st.DrawFn) -> Erp:
    """An ERP of a few jobs, some of whose cells and rows are spoiled, doubled or missing."""
    erp = Erp()
    for number in range(1, draw(st.integers(1, 5)) + 1):
        erp.job(number)
        for row in range(1, draw(st.sampled_from((0, 1, 1, 2, 2, 3, 4))) + 1):
            erp.step(number, row, Machine_v=draw(st.sampled_from(("6", "7", "20", "", "6,7"))))
            if draw(st.integers(0, 3)) == 0:
                erp.made(draw(st.integers(1, 120)), number, row)
            if draw(st.integers(0, 2)) == 0:
                erp.routing(f"CP08-428-{row}/3", draw(st.sampled_from((5, 9, 77))), row)
    if draw(st.booleans()):
        erp.add("ai_holidays", holiday_date="2025-08-31", name="Merdeka", is_full_day=1, is_active=1)
    for _ in range(draw(st.integers(0, 6))):
        _spoil(draw, erp)
    return erp


def _spoil(draw: st.DrawFn, erp: Erp) -> None:
    rows = [(table, place) for table, found in sorted(erp.tables.items()) for place in range(len(found))]
    if not rows:
        return
    table, place = draw(st.sampled_from(rows))
    found = erp.tables[table]
    match draw(st.integers(0, 7)):
        case 0:
            found.append(dict(found[place]))
        case 1:
            del found[place]
        case _:
            column = draw(st.sampled_from(sorted(found[place])))
            anything = draw(st.integers(0, 9)) == 0
            found[place][column] = draw(
                st.one_of(st.text(max_size=30), st.floats(), st.integers(-(2**63), 2**63 - 1), st.binary(max_size=9))
                if anything
                else st.sampled_from(POOLS.get(column, NUMBERS))
            )


class Bench:
    """A database that is filled with one content after the other and pulled."""

    def __init__(self, url: str) -> None:
        Erp().write(url)
        # Not by the store: it refuses numbers that an ERP may well hold.
        self._writer = sa.create_engine(url)
        self._reader: Database = open_erp(url)

    def close(self) -> None:
        """Close the connections."""
        self._writer.dispose()
        self._reader.close()

    def pull(self, content: Erp) -> Pull | None:
        """The pull of a content, checked; None if it holds nothing to plan with and says so."""
        self._fill(content)
        try:
            pull = read(self._reader, CONFIG, START)
        except Unschedulable:
            return None
        with self._reader.reading() as connection:
            open_jobs = ErpTables(connection, CONFIG.tables).count("jobs")
        check(pull, open_jobs)
        return pull

    def _fill(self, content: Erp) -> None:
        lenient = self._writer.dialect.name != "sqlite"
        with closing(self._writer.connect()) as connection:
            if lenient:
                connection.exec_driver_sql("SET SESSION sql_mode = ''")
                connection.commit()
            with connection.begin():
                for table in TABLES:
                    if table != "shopwright_demo":
                        connection.exec_driver_sql(f"DELETE FROM {table}")
                        for row in content.tables[table]:
                            _insert(connection, table, row, lenient)


def _insert(connection: sa.Connection, table: str, row: Row, lenient: bool) -> None:
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    cells = {name: _storable(cell, lenient) for name, cell in row.items()}
    ignore = "IGNORE " if lenient else ""
    connection.execute(sa.text(f"INSERT {ignore}INTO {table} ({names}) VALUES ({values})"), cells)


def _storable(cell: object, lenient: bool) -> object:
    if lenient and isinstance(cell, float) and not math.isfinite(cell):
        return repr(cell)
    # A driver refuses to send half a character; what of it may stand in a file is tested by its own test.
    return cell.encode("utf-8", "replace").decode() if isinstance(cell, str) else cell


def check(pull: Pull, open_jobs: int) -> None:
    """Nothing vanished, every reason is named, and the plant can be kept. Raises AssertionError."""
    counts = pull.counts
    assert counts.jobs_accepted + counts.jobs_quarantined == counts.jobs_read
    assert counts.rows_accepted + counts.rows_quarantined == counts.rows_read
    assert counts.jobs_read + counts.beyond_horizon == open_jobs
    assert counts.jobs_accepted == len(pull.plant.jobs)
    for found in pull.quarantine:
        assert all((found.table, found.row, found.field, found.value, found.reason)), found
        assert found.table in TABLES
    named = [q for q in pull.quarantine if q.job is not None]
    assert len({(q.job, q.row.split(",")[0]) for q in named}) >= bool(counts.jobs_quarantined)
    assert len(named) >= counts.jobs_quarantined
    assert len(pull.quarantine) <= counts.rows_quarantined + len(named)
    text = interchange.snapshot_to_json(pull.plant)
    text.encode()
    assert interchange.snapshot_from_json(text, "pull") == pull.plant
