"""A table of a spreadsheet, XLSX or CSV, as a header and numbered rows of cells; nothing in it is understood yet."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scheduler_core.errors import InvalidValue
from scheduler_core.limits import (
    MAX_SHEET_BYTES,
    MAX_SHEET_COLUMNS,
    MAX_SHEET_ROWS,
    MAX_UNPACKED_BYTES,
    SURPLUS,
)

SHEET_NAME = "Jobs"
REPORT_EVERY = 500
"""Rows between two reports of progress."""
Progress = Callable[[float, str], None]
"""Called with the share of the largest table (0 to 1) and words; may raise to stop the reading."""
_SEPARATORS = (",", ";", "\t")
_BLOCK = 1_000_000


@dataclass(frozen=True)
class Cell:
    """A cell's value as the file holds it. ``fault`` says why it cannot be used; ``date_only``: a date without a time."""

    value: str | int | float | bool | datetime | None
    fault: str | None = None
    date_only: bool = False

    @property
    def empty(self) -> bool:
        """True for nothing and for blanks."""
        return self.fault is None and (self.value is None or (isinstance(self.value, str) and not self.value.strip()))

    @property
    def text(self) -> str:
        """The value as a person sees it."""
        return "" if self.value is None else str(self.value)


EMPTY = Cell(None)


@dataclass(frozen=True)
class Row:
    """A row that is not empty; ``number`` is the one that the spreadsheet shows."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """The first row's texts, and the rows under it."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(content: bytes, name: str, progress: Progress | None = None) -> Table:
    """The table of a file; ``name`` tells the kind by its ending. Raises InvalidValue for what is no such file, and above
    the limits, and whatever ``progress`` raises."""
    if len(content) > MAX_SHEET_BYTES:
        raise InvalidValue(name, len(content), f"bytes are more than the limit of {MAX_SHEET_BYTES}")
    ending = name.lower().rpartition(".")[2]
    if ending == "xlsx":
        rows = _workbook_rows(content, name)
    elif ending in ("csv", "txt"):
        rows = _csv_rows(content, name)
    else:
        raise InvalidValue(name, ending, "is not a kind of file that is read here: use XLSX or CSV")
    header = next(rows, None)
    if header is None:
        raise InvalidValue(name, "(empty)", "has no row at all")
    found: list[Row] = []
    for row in rows:
        if len(found) == MAX_SHEET_ROWS:
            raise InvalidValue(name, row.number, f"is a row beyond the limit of {MAX_SHEET_ROWS} rows")
        found.append(row)
        if progress is not None and len(found) % REPORT_EVERY == 0:
            progress(len(found) / MAX_SHEET_ROWS, f"{len(found)} rows read")
    return Table(tuple(cell.text.strip() for cell in header.cells), tuple(found))


def _csv_rows(content: bytes, name: str) -> Iterator[Row]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidValue(
            f"{name}: byte {error.start}", content[max(0, error.start - 10) : error.end + 10],
            "is not UTF-8: save the file as “CSV UTF-8”",
        ) from None  # fmt: skip
    first = text.split("\n", 1)[0]
    separator = max(_SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for values in reader:
            cells = tuple(Cell(v) for v in values[:MAX_SHEET_COLUMNS])
            if any(not c.empty for c in cells):
                yield Row(line, cells)
            line = reader.line_num + 1
    except csv.Error as error:
        raise InvalidValue(f"{name}: line {line}", first[:40], f"is not CSV: {error}") from None


def _workbook_rows(content: bytes, name: str) -> Iterator[Row]:
    from openpyxl import load_workbook

    _check_unpacked(content, name)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False)
    except Exception as error:  # whatever the parser meets in a broken file is the file's fault
        raise InvalidValue(name, type(error).__name__, "is not a workbook that can be opened (XLSX)") from None
    try:
        yield from _sheet_rows(book, name)
    finally:
        book.close()


def _sheet_rows(book: Any, name: str) -> Iterator[Row]:
    sheets = book.worksheets
    named = [s for s in sheets if s.title == SHEET_NAME]
    if not named and len(sheets) != 1:
        raise InvalidValue(name, [s.title for s in sheets], f"are several sheets, and none is called “{SHEET_NAME}”")
    sheet = (named or sheets)[0]
    sheet.reset_dimensions()  # what the file says of its own size is not to be trusted
    number = 0
    try:
        for number, line in enumerate(sheet.iter_rows(max_col=MAX_SHEET_COLUMNS), start=1):
            cells = tuple(_cell(c) for c in line)
            if any(not c.empty for c in cells):
                yield Row(number, cells)
    except InvalidValue:
        raise
    except Exception as error:  # as above: a sheet is parsed only while it is read
        raise InvalidValue(f"{name}: row {number + 1}", type(error).__name__, "cannot be read from the workbook") from None


def _cell(cell: Any) -> Cell:
    value = cell.value
    if cell.data_type == "f":
        return Cell(str(value), "is a formula: paste its value instead")
    if cell.data_type == "e":
        return Cell(str(value), "is an error of the spreadsheet")
    if isinstance(value, datetime):
        pattern = (cell.number_format or "").lower()
        return Cell(value, date_only="h" not in pattern and (value.hour, value.minute, value.second) == (0, 0, 0))
    if value is None or isinstance(value, str | bool | int | float):
        return Cell(value)
    return Cell(str(value), "is not a text, a number or a date")


def _check_unpacked(content: bytes, name: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            size = sum(part.file_size for part in packed.infolist())
            if size <= MAX_UNPACKED_BYTES:
                _check_row_count(packed, name)
    except zipfile.BadZipFile:
        raise InvalidValue(name, content[:8], "is not a workbook (XLSX); save older ones in the new format") from None
    if size > MAX_UNPACKED_BYTES:
        raise InvalidValue(name, size, f"bytes of unpacked content are more than the limit of {MAX_UNPACKED_BYTES}")


def _check_row_count(packed: zipfile.ZipFile, name: str) -> None:
    """Refuse far too many rows before any is parsed, which takes seconds; up to there they are counted as they are read."""
    for part in packed.namelist():
        if not part.startswith("xl/worksheets/"):
            continue
        count = 0
        with packed.open(part) as sheet:
            while block := sheet.read(_BLOCK):
                count += block.count(b"<row")
                if count > SURPLUS * MAX_SHEET_ROWS:
                    raise InvalidValue(name, count, f"rows or more are more than the limit of {MAX_SHEET_ROWS} rows")
