"""A table of a spreadsheet (XLSX, ODS or CSV) as a header and numbered rows of cells; nothing in it is understood yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from scheduler_core.errors import InvalidValue
from scheduler_core.interchange.clean_text import cleaned
from scheduler_core.interchange.csv_rows import CsvFile
from scheduler_core.interchange.ods_rows import OdsFile
from scheduler_core.interchange.sheet_rows import EMPTY, Cell, Row, SheetFile
from scheduler_core.interchange.xlsx_rows import XlsxFile
from scheduler_core.limits import MAX_SHEET_BYTES, MAX_SHEET_ROWS

SHEET_NAME = "Jobs"
ENDINGS = ("xlsx", "ods", "csv", "txt")
"""Of the files that are read."""
REPORT_EVERY = 500
"""Rows between two reports of progress."""
Progress = Callable[[int, int], None]
"""Called with the rows read, and of about how many; may raise to stop the reading."""


@dataclass(frozen=True)
class Table:
    """The first row's texts, and the rows under it."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def hidden(self) -> tuple[int, ...]:
        """The numbers of the hidden rows."""
        return tuple(row.number for row in self.rows if row.hidden)


def open_sheets(content: bytes, name: str) -> SheetFile:
    """The sheets of a file; ``name`` tells the kind by its ending.

    Raises InvalidValue for what is no such file, and above the limits.
    """
    if len(content) > MAX_SHEET_BYTES:
        raise InvalidValue(name, len(content), f"bytes are more than the limit of {MAX_SHEET_BYTES}")
    ending = name.lower().rpartition(".")[2]
    if ending == "xlsx":
        return XlsxFile(content, name)
    if ending == "ods":
        return OdsFile(content, name)
    if ending in ("csv", "txt"):
        return CsvFile(content, name)
    raise InvalidValue(name, ending, "is not a kind of file that is read here: use XLSX, ODS or CSV")


def read_table(content: bytes, name: str, progress: Progress | None = None) -> Table:
    """The table of a file: the sheet “Jobs”, or the only one. Raises InvalidValue as `open_sheets` and above the limit of
    rows, and whatever ``progress`` raises."""
    sheets = open_sheets(content, name)
    return table_of(sheets, _chosen(sheets, name), name, progress)


def table_of(sheets: SheetFile, sheet: int, name: str, progress: Progress | None = None) -> Table:
    """The table of one sheet; ``name`` is what messages call the file. Raises as `read_table`."""
    rows, expected = sheets.rows(sheet), 0 if progress is None else sheets.expected_rows(sheet)
    header = next(rows, None)
    if header is None:
        raise InvalidValue(name, "(empty)", "has no row at all")
    if header.fault is not None:
        raise InvalidValue(f"{name}: row {header.number}", header.cells[0].text, f"{header.fault} (the header)")
    found: list[Row] = []
    for row in _with_merged(rows):
        if len(found) == MAX_SHEET_ROWS:
            raise InvalidValue(name, row.number, f"is a row beyond the limit of {MAX_SHEET_ROWS} rows")
        found.append(row)
        if progress is not None and len(found) % REPORT_EVERY == 0:
            progress(len(found), max(expected, len(found)))
    return Table(tuple(cleaned(cell.text).strip() for cell in header.cells), tuple(found))


def sheet_place(sheets: SheetFile, wanted: str) -> int | None:
    """The place of the sheet of that name, None if there is none; letter case and blanks around it do not count."""
    found = [k for k, title in enumerate(sheets.titles) if cleaned(title.name).strip().casefold() == wanted.casefold()]
    return found[0] if found else None


def _chosen(sheets: SheetFile, name: str) -> int:
    """The sheet “Jobs”, else the only one, else the only one that the spreadsheet shows."""
    named = sheet_place(sheets, SHEET_NAME)
    if named is not None:
        return named
    shown: Sequence[int] = [k for k, title in enumerate(sheets.titles) if not title.hidden or len(sheets.titles) == 1]
    if len(shown) != 1:
        titles = [title.name for title in sheets.titles]
        raise InvalidValue(name, titles, f"are several sheets, and none is called “{SHEET_NAME}”")
    return shown[0]


def _with_merged(rows: Iterator[Row]) -> Iterator[Row]:
    """The rows with the value of a merged range in each row that it covers, in the range's first column."""
    open_ranges: dict[int, Cell] = {}
    for row in rows:
        cells = list(row.cells)
        for place, first in list(open_ranges.items()):
            assert first.merged is not None
            if first.merged[1] < row.number:
                del open_ranges[place]
                continue
            cells += [EMPTY] * (place + 1 - len(cells))
            cells[place] = first
        for place, cell in enumerate(row.cells):
            if cell.height > 1:
                cells[place] = replace(cell, merged=(row.number, row.number + cell.height - 1))
                open_ranges[place] = cells[place]
        yield replace(row, cells=tuple(cells))
