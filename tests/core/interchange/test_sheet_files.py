"""CSV, XLSX and ODS files as people and programs write them, and files that were made to do harm."""

from __future__ import annotations

import zipfile
from datetime import datetime
from io import BytesIO

import pytest
from openpyxl import Workbook, load_workbook

from scheduler_core.errors import InvalidValue
from scheduler_core.interchange import packed_files, xml_stream
from scheduler_core.interchange.csv_rows import BAD_QUOTE
from scheduler_core.interchange.sheet_rows import Row
from scheduler_core.interchange.sheet_table import read_table
from scheduler_core.interchange.xlsx_formats import shows_time
from tests.support.sheet_files import (
    SHEET,
    as_ods,
    as_xlsx,
    job_row,
    ods_cell,
    packed_ods,
    repacked,
    with_shared_texts,
    with_texts,
)


def csv_rows(text: str) -> list[tuple[int, list[str], str | None]]:
    table = read_table(text.encode(), "a.csv")
    return [(r.number, [c.text for c in r.cells], r.fault) for r in table.rows]


def saved(book: Workbook) -> bytes:
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def texts(row: Row) -> list[str]:
    return [c.text for c in row.cells]


# ---------------------------------------------------------------- CSV
@pytest.mark.parametrize(
    "text",
    [
        "sep=;\njob;process\nN1;Cut, rough\n", "\ufeffSEP=;\r\njob;process\r\nN1;Cut, rough\r\n",
        "\njob;process\nN1;Cut, rough\n", '"sep=;"\njob;process\nN1;"Cut, rough"\n', "\r\rjob;process\rN1;Cut, rough\r",
        "sep=|\njob|process\nN1|Cut, rough\n", ";;\n;\njob;process\nN1;Cut, rough\n",
    ],
)  # fmt: skip
def test_the_separator_is_the_one_that_is_named_or_the_header_s(text: str) -> None:
    (row,) = csv_rows(text)
    assert row[1:] == (["N1", "Cut, rough"], None)


def test_a_bad_quotation_mark_costs_its_row_and_not_the_file() -> None:
    text = (
        'job,process,minutes\nN1,"Cut 3" pipe",5\nN2,"never closed,5\nN3,"a ""good"" one",5\nN4,"two\nlines",5\nN5,Cut,5\n'
    )
    assert csv_rows(text) == [
        (2, ["N1", 'Cut 3" pipe', "5"], BAD_QUOTE),
        (3, ["N2", "never closed", "5"], BAD_QUOTE),
        (4, ["N3", 'a "good" one', "5"], None),
        (5, ["N4", "two\nlines", "5"], None),
        (7, ["N5", "Cut", "5"], None),
    ]


def test_a_quotation_mark_that_closes_in_a_later_row_swallows_no_row() -> None:
    found = csv_rows('job,process,minutes\nN1,"Cut,5\nN2,Drill",5\nN3,Pack,5\n')
    assert [(number, values[0], fault) for number, values, fault in found] == [
        (2, "N1", BAD_QUOTE), (3, "N2", None), (4, "N3", None),
    ]  # fmt: skip


def test_quotation_marks_that_are_never_closed_cost_no_more_than_their_rows() -> None:
    found = csv_rows("job,process\n" + '"N,never closed\n' * 3000)
    assert {fault for *_, fault in found} == {BAD_QUOTE}
    assert len(found) == 3000


# ---------------------------------------------------------------- workbooks
@pytest.mark.parametrize("title", ["JOBS", "jobs", " Jobs ", "j\u00adobs"])
def test_the_sheet_of_jobs_is_found_whatever_its_case(title: str) -> None:
    book = load_workbook(BytesIO(as_xlsx([job_row(job="N7")], title=title)))
    book.create_sheet("Prices").append(["no", "table"])
    assert texts(read_table(saved(book), "a.xlsx").rows[0])[0] == "N7"
    other = '<table:table table:name="Prices"><table:table-row/></table:table>'
    tables = f'{other}<table:table table:name="{title}"><table:table-row>{ods_cell("h")}</table:table-row></table:table>'
    assert read_table(packed_ods(tables), "a.ods").header == ("h",)


def test_without_a_sheet_of_jobs_the_only_one_that_is_shown_is_read() -> None:
    book = load_workbook(BytesIO(as_xlsx([job_row()])))
    lists = book.create_sheet("Lists")
    lists.sheet_state = "hidden"
    assert len(read_table(saved(book), "a.xlsx").rows) == 1
    lists.sheet_state = "visible"
    with pytest.raises(InvalidValue, match="none is called “Jobs”"):
        read_table(saved(book), "a.xlsx")
    unseen = '<style:table-properties table:display="false"/>'
    style = f'<style:style style:name="h" style:family="table">{unseen}</style:style>'
    shown = f'<table:table table:name="s"><table:table-row>{ods_cell("h")}</table:table-row></table:table>'
    hidden = '<table:table table:name="t" table:style-name="h"><table:table-row/></table:table>'
    assert read_table(packed_ods(shown + hidden, before=style), "a.ods").header == ("h",)


def test_texts_that_cells_share_are_those_that_stand_in_them() -> None:
    inline = as_xlsx([job_row(process="Cut & bend", product="a\nb")])
    assert read_table(with_shared_texts(inline), "a.xlsx") == read_table(inline, "a.xlsx")
    run = b"<r><rPr><b/></rPr><t xml:space='preserve'> off</t></r>"
    texts = b"<si><r><t>Cut</t></r>" + run + b"<rPh><t>KAT</t></rPh></si><si><t>_x0041_1</t></si>"
    cells = b"".join(b'<c t="s"><v>%d</v></c>' % place for place in (0, 1, 2, -1))
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = b'<worksheet xmlns="%s"><sheetData><row>%s</row></sheetData></worksheet>' % (main, cells)
    content = with_texts(repacked(inline, {SHEET: lambda _: sheet}), texts)
    assert read_table(content, "a.xlsx").header == ("Cut off", "A1", "2", "-1")


def test_a_value_in_the_last_row_is_found_at_once() -> None:
    book = load_workbook(BytesIO(as_xlsx([job_row()])))
    assert book.active is not None
    book.active.cell(900_000, 1).value = "far"
    book.active.row_dimensions[1_000_000].height = 30
    assert [r.number for r in read_table(saved(book), "a.xlsx").rows] == [2, 900_000]


def test_a_row_that_no_workbook_can_have_is_refused_at_once() -> None:
    """Whoever reads row by row would walk over two thousand million rows: twenty minutes for a file of 5 kB."""
    book = load_workbook(BytesIO(as_xlsx([job_row()])))
    assert book.active is not None
    book.active.cell(900_000, 1).value = "far"
    packed, made = zipfile.ZipFile(BytesIO(saved(book))), BytesIO()
    with zipfile.ZipFile(made, "w") as changed:
        for part in packed.namelist():
            changed.writestr(part, packed.read(part).replace(b"900000", b"2000000000"))
    with pytest.raises(InvalidValue, match=r"row: 2000000000 is beyond the last row of a workbook, 1048576"):
        read_table(made.getvalue(), "a.xlsx")


@pytest.mark.parametrize(
    ("number_format", "time"),
    [("General", False), ("dd/mm/yyyy", False), ("[$-F800]dddd, mmmm dd", False), ("[Magenta]yyyy", False),
     ('"hours" d', False), (r"\h d", False), ("d_h", False), ("[h]:mm", True), ("yyyy-mm-dd hh:mm", True), ("mm:ss", True)],
)  # fmt: skip
def test_only_hours_and_seconds_of_a_number_format_are_a_time(number_format: str, time: bool) -> None:
    assert shows_time(number_format) is time


def test_an_iso_date_cell_is_a_date() -> None:
    content = as_xlsx([job_row(due="placeholder")])
    stream = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as new:
        for part in old.namelist():
            text = old.read(part)
            if part.endswith("sheet1.xml"):
                start = text.index(b'<c r="G2"')
                text = text[:start] + b'<c r="G2" t="d"><v>2025-07-22</v></c>' + text[text.index(b"</c>", start) + 4 :]
            new.writestr(part, text)
    (row,) = read_table(stream.getvalue(), "a.xlsx").rows
    assert (row.cells[6].text, row.cells[6].date_only, row.cells[6].fault) == ("2025-07-22 00:00:00", True, None)


# ---------------------------------------------------------------- OpenDocument
def test_repeated_rows_and_cells_comments_and_typed_values() -> None:
    empty = '<table:table-cell table:number-columns-repeated="900"/>'
    empty = '<table:table-cell table:number-columns-repeated="900"/>'
    gap = f'<table:table-row table:number-rows-repeated="3">{empty}</table:table-row>'
    comment = "<office:annotation><text:p>who wrote this?</text:p></office:annotation>"
    text = f'{comment}<text:p>a<text:s text:c="2"/>b</text:p>'
    spaced = f'<table:table-cell office:value-type="string">{text}</table:table-cell>'
    moment = '<table:table-cell office:value-type="date" office:date-value="2025-07-22T10:30:00"/>'
    yes = '<table:table-cell office:value-type="boolean" office:boolean-value="true"/>'
    sums = '<table:table-cell table:formula="of:=1+1" office:value-type="float" office:value="2"/>'
    twice = f'<table:table-row table:number-rows-repeated="2">{spaced}{moment}{yes}{sums}{ods_cell(2.5)}</table:table-row>'
    head = f"<table:table-row>{ods_cell('h', 'table:number-columns-repeated=' + chr(34) + '5' + chr(34))}</table:table-row>"
    table = read_table(packed_ods(f"<table:table>{head}{gap}{twice}</table:table>"), "a.ods")
    assert table.header == ("h",) * 5
    assert [r.number for r in table.rows] == [5, 6]
    cells = table.rows[1].cells
    assert [c.value for c in cells[:3]] == ["a  b", datetime(2025, 7, 22, 10, 30), True]
    assert (cells[1].date_only, cells[3].fault, cells[4].value) == (False, "is a formula: paste its value instead", 2.5)


BILLION = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


DEEP = f"<table:table>{'<table:a>' * 300}{'</table:a>' * 300}</table:table>"
MANY = (
    f'<table:table><table:table-row table:number-rows-repeated="999999999">{ods_cell("x")}</table:table-row></table:table>'
)
EMPTY_ROWS = f"<table:table>{'<table:table-row/>' * 100_001}</table:table>"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"no zip", "is not a workbook (ODS)"),
        (as_xlsx([job_row()]), "is not in the file: it is not a spreadsheet (ODS)"),
        (packed_ods("<table:table>"), "is the file damaged, or protected by a password?"),
        (packed_ods(DEEP), "inside each other are more than"),
        (packed_ods(MANY), "is a row beyond the limit of 20000 rows"),
        (packed_ods(EMPTY_ROWS), "are more than the limit of 20000 rows"),
    ],
    ids=["no zip", "XLSX", "damaged", "deep", "repeated", "empty rows"],
)
def test_what_is_no_spreadsheet_and_what_would_do_harm_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        read_table(content, "a.ods")
    assert reason in str(refused.value)


def test_entities_and_bombs_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        packed.writestr("content.xml", f"{BILLION}<x>&b;</x>")
    with pytest.raises(InvalidValue, match="declares a document type"):
        read_table(stream.getvalue(), "a.ods")
    blanks = '<text:p><text:s text:c="999999999"/></text:p>'
    long = f'{ods_cell("x" * 50_000)}<table:table-cell office:value-type="string">{blanks}</table:table-cell>'
    table = read_table(packed_ods(f"<table:table><table:table-row>{long}</table:table-row></table:table>"), "a.ods")
    assert [len(text) for text in table.header] == [xml_stream.MOST_CHARACTERS, 0]
    monkeypatch.setattr(packed_files, "MAX_UNPACKED_BYTES", 500)
    with pytest.raises(InvalidValue, match="unpacked content are more than the limit"):
        read_table(as_ods([job_row()]), "a.ods")
