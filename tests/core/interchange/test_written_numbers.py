"""Every reader of a cell takes whatever a cell may hold, and returns a value or a reason: one bad number costs its job."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler_core.data.erp import cells as erp_cells
from scheduler_core.interchange import sheet_cells
from scheduler_core.interchange.calendar_rows import near
from scheduler_core.interchange.job_sheet import read_jobs
from scheduler_core.interchange.sheet_rows import Cell
from scheduler_core.interchange.written_numbers import BadNumber, exact_number
from tests.support import erp_rows
from tests.support.erp_rows import Erp
from tests.support.plants import job, machine, operation, plant
from tests.support.sheet_files import as_csv, as_ods, as_xlsx, job_row

EXTREME = (
    "1e1000000", "-1e1000000", "1e-1000000", "0e1000000", "1e999999999999999999999", "NaN", "sNaN", "-inf", "9" * 5000,
    "0." + "0" * 5000 + "1", "1e12", "1e-13", "0x10", "--1", "1e", "\u0661\u0662", "9999-12-31 23:59:59.999999",
    "0001-01-01 00:00", "24:00:00", "99:99", "9999-12-31T23:59:59-12:00", "1.797693134862315e308", "",
)  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from(EXTREME),
    st.from_regex(r"\A[+-]?\d{0,30}[.,]?\d{0,30}([eE][+-]?\d{1,9})?\Z"),
    st.from_regex(r"\A\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?\Z"),
    st.text(max_size=20),
)
NUMBERS = st.one_of(st.integers(), st.floats(), st.sampled_from([10**308, -(10**308), 5e-324]))
MOMENTS = st.one_of(st.datetimes(), st.sampled_from([datetime.max, datetime.min]))
SHEET_READERS: tuple[Callable[[Cell], object], ...] = (
    sheet_cells.text, sheet_cells.number, lambda c: sheet_cells.number(c, points=True), lambda c: sheet_cells.whole(c, 0, 9),
    sheet_cells.minutes, sheet_cells.flag, lambda c: sheet_cells.moment(c, end_of_day=True),
    lambda c: sheet_cells.moment(c, end_of_day=False), sheet_cells.time_of_day, lambda c: near(c, date(2025, 7, 21)),
)  # fmt: skip
ERP_READERS: tuple[Callable[[Any], object], ...] = tuple(
    lambda content, read=read: read("field", content)
    for read in (erp_cells.text, erp_cells.number, erp_cells.whole, erp_cells.flag, erp_cells.moment, erp_cells.day,
                 erp_cells.minute_of_day)
)  # fmt: skip


def value_or_reason(read: Callable[[Any], object], content: object) -> object:
    """What a reader makes of a cell; the reason, a text, where it has none."""
    try:
        return read(content)
    except (sheet_cells.BadCell, erp_cells.BadCell) as bad:
        return str(bad)


@given(st.builds(Cell, st.one_of(st.none(), TEXTS, NUMBERS, st.booleans(), MOMENTS), clock=st.none() | st.integers()))
def test_a_spreadsheet_s_cell_is_a_value_or_has_a_reason(cell: Cell) -> None:
    for read in SHEET_READERS:
        value = value_or_reason(read, cell)
        assert not isinstance(value, Decimal) or (value.is_finite() and abs(value) < 10**12)


@given(st.one_of(
    st.none(), TEXTS, NUMBERS.filter(lambda n: not isinstance(n, int) or abs(n) < 2**64), st.booleans(), MOMENTS, st.dates(),
    st.timedeltas(timedelta(0), timedelta(hours=900)), st.binary(max_size=3), st.decimals(),
    st.sampled_from([Decimal("1e1000000"), Decimal("1e-1000000"), Decimal("9" * 60)]),
))  # fmt: skip
def test_a_cell_of_the_erp_is_a_value_or_has_a_reason(content: object) -> None:
    erp_cells.canonical(content)
    for read in ERP_READERS:
        value = value_or_reason(read, content)
        assert not isinstance(value, Decimal) or (value.is_finite() and abs(value) < 10**12)


@settings(max_examples=300)
@given(TEXTS)
def test_a_number_is_exact_and_within_its_bounds_or_refused(written: str) -> None:
    try:
        value = exact_number(written)
    except BadNumber:
        return
    assert value == 0 or 10**-12 <= abs(value) < 10**12
    # What comes after it never leaves the range of decimal numbers.
    assert (value * value + value).is_finite()
    assert value == 0 or (10**12 / value).is_finite()
    if len(written) < 25:
        assert float(value) == pytest.approx(float(written), rel=1e-12)


# ---------------------------------------------------------------- whole files and pulls
def bad_and_good() -> list[dict[str, Any]]:
    """A job for each extreme value in each column of numbers and dates, and one good job at each end."""
    fields = ("quantity", "operation", "minutes", "setup_minutes", "due", "release")
    bad = [job_row(**{field: value}) for field in fields for value in EXTREME if value]
    return [job_row(job=f"J{k}", **{"process": "Cut"} | row) for k, row in enumerate([job_row(), *bad, job_row()])
            if row.pop("job")]  # fmt: skip


@pytest.mark.parametrize(("name", "write"), [("a.csv", as_csv), ("a.xlsx", as_xlsx), ("a.ods", as_ods)])
def test_one_bad_cell_of_a_table_costs_its_job_only(name: str, write: Callable[[Any], bytes]) -> None:
    shop = plant(job("OLD", operation(10)), machines=[machine(1), machine(2), machine(3, type=2)])
    rows = bad_and_good()
    sheet = read_jobs(write(rows), name, shop)
    accepted = {j.id for j in sheet.jobs}
    assert {"J0", f"J{len(rows) - 1}"} <= accepted
    assert sheet.rows_accepted + sheet.rows_refused == len(rows)
    assert {r.job for r in sheet.refused}.isdisjoint(accepted)
    too_large = [r for r in sheet.refused if r.value.startswith("1e1000000")]
    assert {(r.field, r.reason) for r in too_large} >= {
        (field, "is too large to be meant") for field in ("quantity", "operation", "minutes", "setup_minutes")
    }


def test_one_bad_cell_of_the_erp_costs_its_job_only(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for table in ("tbl_jo_txn", "tbl_jo_process", "tbl_daily_item"):  # in an ERP whose numbers are texts
        monkeypatch.setitem(erp_rows.TABLES, table, re.sub(r"DECIMAL\([^)]*\)", "VARCHAR(9000)", erp_rows.TABLES[table]))
    start = Erp()
    start.job(1)
    start.step(1)
    count = 1
    for field in (
        "SetupTime_d",
        "CapMin_d",
        "CapQty_d",
        "LeadTime_d",
        "JoQty_d",
        "TargetDate_dd",
        "MaterialDate_dd",
        "Qty_d",
    ):
        for value in EXTREME:
            count += 1
            own = {field: value}
            start.job(count, **(own if field in ("JoQty_d", "TargetDate_dd", "MaterialDate_dd") else {}))
            start.step(count, **(own if field.endswith("_d") and field not in ("JoQty_d", "Qty_d") else {}))
            if field == "Qty_d":
                start.made(value, count)
    pull = start.read(f"sqlite:///{tmp_path / 'erp.sqlite3'}")
    assert pull.counts.jobs_accepted + pull.counts.jobs_quarantined == pull.counts.jobs_read == count
    assert "JOST0001" in {j.id for j in pull.plant.jobs}
    refused = {row.reason for row in pull.quarantine if row.value.startswith("1e1000000")}
    assert "is too large to be meant" in refused
