"""Workbooks that were made to cost time or memory, and honest ones that look like them. What is ten times too large: see
test_limits."""

from __future__ import annotations

import zipfile
from datetime import datetime
from io import BytesIO

import pytest

from scheduler_core import limits
from scheduler_core.errors import InvalidValue
from scheduler_core.interchange import xlsx_book, xlsx_rows
from scheduler_core.interchange.sheet_rows import NO_VALUE
from scheduler_core.interchange.sheet_table import Table, read_table
from tests.support.own_time import own_time
from tests.support.sheet_files import SHEET, as_ods, as_xlsx, job_row, repacked, with_shared_texts

ROWS = b'<row r="%d"><c r="A%d" t="inlineStr"><is><t>far</t></is></c></row>'


def with_rows(rows: bytes, below: bytes = b"") -> bytes:
    """A table of one job, with more rows, and elements below them."""
    end = b"</sheetData>"
    return repacked(as_xlsx([job_row()]), {SHEET: lambda old: old.replace(end, rows + end + below)})


def read(content: bytes, name: str = "a.xlsx") -> Table:
    """The table, read within half a second of an idle machine."""
    with own_time() as took:
        table = read_table(content, name)
    assert took.seconds < 1.0
    return table


def refusal(content: bytes, name: str = "a.xlsx") -> str:
    with own_time() as took, pytest.raises(InvalidValue) as refused:
        read_table(content, name)
    assert took.seconds < 1.0
    return str(refused.value)


def test_a_stray_cell_in_the_last_row_is_read_and_one_beyond_it_refused() -> None:
    last = 1_048_576
    assert [r.number for r in read(with_rows(ROWS % (last, last))).rows] == [2, last]
    for far in (last + 1, 99_999_999_999):
        assert f"row: {far} is beyond the last row of a workbook, {last}" in refusal(with_rows(ROWS % (far, far)))
    assert "cannot be read from the spreadsheet" in refusal(with_rows(b'<row r="%s"/>' % (b"9" * 5000)))


def test_rows_that_go_back_and_cells_of_other_rows_are_refused() -> None:
    assert "row: 2 stands below row 2" in refusal(with_rows(ROWS % (2, 2)))
    assert "'A7' is not the address of a cell in this row" in refusal(with_rows(ROWS % (5, 7)))


def test_what_says_nothing_of_jobs_costs_next_to_nothing() -> None:
    rule = b'<conditionalFormatting sqref="A1"><cfRule type="expression" priority="1"/></conditionalFormatting>'
    shared = b'<c><f t="shared" si="0"/><v>1</v></c>'
    formula = (
        b'<row><c r="A3"><f t="shared" ref="A3:AX3" si="0">'
        + b"A1+" * 2_000
        + b"1</f><v>1</v></c>"
        + shared * 49
        + b"</row>"
    )
    table = read(with_rows(formula, rule * 20_000))
    assert [c.fault for c in table.rows[1].cells] == ["is a formula: paste its value instead"] * 50
    assert table.rows[1].cells[1].text == "=…"


def test_cells_with_a_value_are_counted_as_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_rows, "MAX_SHEET_CELLS", 40)
    assert len(read(with_rows(b"<row>" + b"<c/>" * 500 + b"<c><v>1</v></c>" * 500 + b"</row>")).rows) == 1
    full = b"<row>" + b"<c><v>1</v></c>" * 9 + b"</row>"
    assert "sheet Sheet: 41 cells with a value or more are more than the limit of 40 cells" in refusal(with_rows(full * 5))


def test_shared_texts_and_formats_are_counted_as_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_book, "MAX_SHEET_CELLS", 3)
    assert "4 shared texts or more are more than the limit of 3" in refusal(with_shared_texts(as_xlsx([job_row()])))
    monkeypatch.setattr(xlsx_book, "MAX_BOOK_ENTRIES", 0)
    monkeypatch.setattr(xlsx_book, "MAX_SHEET_CELLS", limits.MAX_SHEET_CELLS)
    assert "1 cell formats or more are more than the limit of 0" in refusal(as_xlsx([job_row()]))


def test_a_text_longer_than_any_cell_is_refused_before_it_is_parsed() -> None:
    long = b"<row><c t='inlineStr'><is><t>" + b"x" * 3_000_000 + b"</t></is></c></row>"
    assert "holds a text of more than 1000000 characters" in refusal(with_rows(long))
    remark = b"<!--" + (b" " * 900_000 + b"<") * 12 + b"-->"
    assert "holds a tag or a comment of more than 1000000 characters" in refusal(with_rows(remark))
    assert len(read(with_rows(b"<!-- short -->" * 1_000)).rows) == 1


def test_in_two_bytes_a_sign_a_sheet_is_read_with_its_merged_cells() -> None:
    table = as_xlsx([job_row(), job_row(job=None, operation=2)], merged=["A2:A3"])
    wide = repacked(table, {SHEET: lambda old: ("<?xml version='1.0'?>" + old.decode().partition("?>")[2]).encode("utf-16")
                            if old.startswith(b"<?xml") else old.decode().encode("utf-16")})  # fmt: skip
    assert [r.cells[0].text for r in read(wide).rows] == ["N1", "N1"]


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("_rels/.rels", lambda old: b""),
        ("_rels/.rels", lambda old: b"<!DOCTYPE x [<!ENTITY a 'aaaa'>]>" + old),
        ("xl/_rels/workbook.xml.rels", lambda old: old[:-20]),
        ("xl/_rels/workbook.xml.rels", lambda old: old.replace(b"sheet1.xml", b"sheet9.xml")),
        ("xl/styles.xml", lambda old: old.replace(b'numFmtId="', b'numFmtId="x')),
        ("xl/workbook.xml", lambda old: b"<x>" * 500),
        (SHEET, lambda old: old.replace(b"</sheetData>", b"")),
    ],
)  # fmt: skip
def test_a_damaged_part_refuses_the_file_and_says_so(part: str, change: object) -> None:
    broken = repacked(as_xlsx([job_row()]), {part: change})  # type: ignore[dict-item]
    said = refusal(broken)
    assert (
        "cannot be read from" in said or "is missing" in said or "declares a document type" in said or "inside each" in said
    )


def test_a_part_whose_bytes_are_damaged_refuses_the_file() -> None:
    content = bytearray(as_xlsx([job_row()]))
    with zipfile.ZipFile(BytesIO(bytes(content))) as packed:
        at = packed.getinfo(SHEET).header_offset + 80
    content[at : at + 40] = b"\xff" * 40
    assert "cannot be read from the spreadsheet" in refusal(bytes(content))


@pytest.mark.parametrize("number", ["9" * 5_000, "1e1000000", "NaN", "1_000", "-", "--5", "\u0661\u0662", "0x10"])
def test_a_number_that_cannot_be_read_costs_its_cell_and_no_other(number: str) -> None:
    cell = f'<row r="3"><c r="A3"><v>{number}</v></c><c r="B3"><v>7</v></c></row>'
    bad, good = read(with_rows(cell.encode())).rows[1].cells
    assert good.value == 7
    assert bad.fault in (None, NO_VALUE)
    assert bad.text
    spoiled = as_ods([job_row(minutes=5)]).replace(b"\0", b"\0")
    ods = repacked(
        spoiled, {"content.xml": lambda old: old.replace(b'office:value="5"', f'office:value="{number}"'.encode(), 1)}
    )
    (row,) = read(ods, "a.ods").rows
    assert row.cells[0].text == "N1"


@pytest.mark.parametrize(
    ("part", "in_file"),
    [
        ("xl/sharedStrings.xml", "xl/SharedStrings.xml"), (SHEET, "xl/worksheets/Sheet1.xml"),
        (SHEET, "xl\\worksheets\\sheet1.xml"), ("xl/workbook.xml", "xl/Workbook.XML"), ("xl/styles.xml", "xl/st%79les.xml"),
    ],
)  # fmt: skip
def test_a_part_is_found_whatever_the_case_of_its_name(part: str, in_file: str) -> None:
    """As programs write it whose parts are named in another way than they refer to them."""
    usual = with_shared_texts(as_xlsx([job_row(due=datetime(2026, 11, 29, 14, 30))]))
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(usual)) as old, zipfile.ZipFile(made, "w") as new:
        assert part in old.namelist()
        for one in old.namelist():
            new.writestr(in_file if one == part else one, old.read(one))
    assert read_table(made.getvalue(), "a.xlsx") == read_table(usual, "a.xlsx")
