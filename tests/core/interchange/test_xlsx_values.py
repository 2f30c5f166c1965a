"""What is read of a workbook, cell by cell, is what openpyxl reads, which is another program of other people."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from scheduler_core.interchange import xlsx_formats
from scheduler_core.interchange.sheet_rows import NO_VALUE, Cell
from scheduler_core.interchange.sheet_table import open_sheets
from scheduler_core.interchange.xlsx_formats import NumberFormat, iso_cell, shows_time

FORMATS = (
    "General", "0.00", "#,##0 \"days\"", "yyyy-mm-dd", "yyyy-mm-dd hh:mm", "d/m/yy", "h:mm AM/PM", "hh:mm:ss", "[h]:mm",
    "mm:ss", "[Red]0;[Blue]-0", "[$-409]d mmm yyyy", "0E+00", "@", "# ?/?", "[mm]:ss",
)  # fmt: skip
VALUES: st.SearchStrategy[Any] = st.one_of(
    st.integers(-(10**15), 10**15),
    st.floats(-1e9, 1e9).map(lambda x: round(x, 6)),
    st.floats(0, 60_000).map(lambda x: round(x, 6)),
    st.integers(0, 2_958_465),
    st.booleans(),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn"]), min_size=1, max_size=20).filter(
        lambda text: "_x" not in text  # a sign by its number: openpyxl leaves it as it is
    ),
    st.datetimes(datetime(1901, 1, 1), datetime(9999, 12, 31)).map(lambda m: m.replace(microsecond=0)),
    st.dates(date(1901, 1, 1)),
    st.times().map(lambda t: t.replace(microsecond=0)),
    st.timedeltas(timedelta(0), timedelta(days=3)).map(lambda d: timedelta(seconds=d.seconds)),
    st.sampled_from(["#N/A", "#DIV/0!", "a\nb", "  blanks  ", "=1+1"]),
)


def as_openpyxl_says(cell: Any) -> Cell:
    """The cell that openpyxl has read."""
    value = cell.value
    if cell.data_type in ("f", "e"):
        return Cell(str(value), "fault")
    if isinstance(value, time):
        return Cell(None, NO_VALUE, clock=value.hour * 3600 + value.minute * 60 + value.second)
    if isinstance(value, timedelta):
        return Cell(None, NO_VALUE, clock=round(value.total_seconds()))
    if isinstance(value, datetime):
        if value.year < 1901:
            return Cell(None, NO_VALUE, clock=round((value - datetime(1899, 12, 31)).total_seconds()))
        return Cell(value, date_only=not shows_time(cell.number_format or ""))
    return Cell(value)


@pytest.mark.filterwarnings("ignore:Cell .* is marked as a date")
@settings(max_examples=15)
@given(st.lists(st.tuples(VALUES, st.sampled_from(FORMATS), st.booleans()), min_size=1, max_size=25), st.booleans())
def test_every_cell_is_what_openpyxl_reads(written: list[tuple[Any, str, bool]], mac: bool) -> None:
    book = Workbook()
    if mac:
        book.epoch = datetime(1904, 1, 1)
    sheet = book.active
    assert sheet is not None
    for row, (value, number_format, as_it_is) in enumerate(written, start=1):
        cell = sheet.cell(row, 1)
        cell.value = value
        if not as_it_is:
            cell.number_format = number_format
    stream = BytesIO()
    book.save(stream)
    theirs = load_workbook(BytesIO(stream.getvalue())).active
    assert theirs is not None
    ours = {row.number: row.cells[0] for row in open_sheets(stream.getvalue(), "a.xlsx").rows(0)}
    for row in range(1, len(written) + 1):
        expected = as_openpyxl_says(theirs.cell(row, 1))
        found = ours.get(row, Cell(None))
        if expected.fault == "fault":
            assert found.fault is not None
        elif expected.fault is not None:
            assert found.fault == expected.fault
            assert expected.clock is not None
            if 0 <= expected.clock <= 86_400:
                assert found.clock is not None
                assert abs(found.clock - expected.clock) <= 1
            else:
                assert found.clock is None or found.clock > 86_400, "both are no time of day"
        elif isinstance(expected.value, datetime):
            assert isinstance(found.value, datetime)
            assert abs(found.value - expected.value) <= timedelta(milliseconds=1)
            assert found.date_only == expected.date_only
        else:
            assert found.empty == expected.empty
            assert found.empty or (type(found.value), found.value) == (type(expected.value), expected.value)


def strict_cell(written: str) -> Cell:
    """A cell of a strict workbook, which writes dates and times as text."""
    return iso_cell(written, NumberFormat(date=True, time=True))


@pytest.mark.parametrize(
    ("written", "clock"),
    [
        ("1899-12-30T08:30:00", 30_600), ("1899-12-31T08:30:00.000", 30_600), ("T08:30:00", 30_600), ("08:30:00Z", 30_600),
        ("1899-12-30T00:00:00", 0), ("1899-12-31T00:00:00", 0), ("1900-01-01T00:00:00", 86_400),
    ],
)  # fmt: skip
def test_a_time_of_a_strict_workbook_is_no_day_of_1899(written: str, clock: int) -> None:
    assert strict_cell(written) == Cell(written, NO_VALUE, clock=clock)


def test_a_date_of_a_strict_workbook_is_that_date() -> None:
    assert strict_cell("2026-11-29T14:30:00") == Cell(datetime(2026, 11, 29, 14, 30))
    assert strict_cell("2026-11-29") == Cell(datetime(2026, 11, 29), date_only=True)


@pytest.mark.parametrize("written", ['"days; "0', '0" h; m"', '"a;d"#,##0;-0', "0\\;\\d"])
def test_a_semicolon_in_a_quoted_word_makes_no_date(written: str) -> None:
    assert xlsx_formats.number_format(164, {164: written}) == NumberFormat()
    assert xlsx_formats.number_format(164, {164: 'yyyy" ; "mm;@'}).date
