"""Rows of an OpenDocument spreadsheet (ODS), read as a stream: memory stays small however large the table is.

Neither library of the field would do: odfpy holds the whole document as objects (22 s and 715 MB for a table within the
limits, which takes 4 s and 90 MB here) and has had no release since 2020; calamine is fast and says nothing of hidden rows,
formulas and merged cells, without which half a job may be planned.

Of ISO/IEC 26300 this reads tables, rows (repeated, hidden) and cells (repeated, merged, typed values, formulas, text).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from scheduler_core.errors import InvalidValue
from scheduler_core.interchange.packed_files import check_elements, opened
from scheduler_core.interchange.sheet_rows import FORMULA, NO_VALUE, SPREADSHEET_ERROR, Cell, Row, SheetTitle
from scheduler_core.interchange.xml_stream import MOST_CHARACTERS, Attributes, XmlHandler, parsed
from scheduler_core.limits import MAX_SHEET_CELLS, MAX_SHEET_COLUMNS, MAX_SHEET_ROWS, SURPLUS

CONTENT = "content.xml"
_SHEET_DEPTH = 4
"""A sheet is a table in office:spreadsheet in office:body in the document; other tables are details of one."""
_PREFIX = "urn:oasis:names:tc:opendocument:xmlns:"
_TABLE, _TEXT, _OFFICE, _STYLE = (f"{_PREFIX}{part}:1.0 " for part in ("table", "text", "office", "style"))
_VALUE_TYPE = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 value-type"
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
_NUMBERS = ("float", "currency", "percentage")

_DURATION = re.compile(r"PT(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6}(?:[.,]\d+)?)S)?")


class OdsFile:
    """An OpenDocument spreadsheet."""

    def __init__(self, content: bytes, name: str) -> None:
        """Raises InvalidValue for what is no spreadsheet and above the limits."""
        self._name = name
        self._packed = opened(content, name, "ODS")
        if CONTENT not in self._packed.namelist():
            raise InvalidValue(name, CONTENT, "is not in the file: it is not a spreadsheet (ODS)")
        check_elements(self._packed, CONTENT, name)
        outline = _Outline(name)
        for _ in parsed(self._packed, CONTENT, name, outline):
            pass
        self.titles = tuple(outline.titles)
        self._written = outline.rows

    def expected_rows(self, sheet: int) -> int:
        """See SheetFile; rows that are written once and repeated count once."""
        return self._written[sheet]

    def rows(self, sheet: int) -> Iterator[Row]:
        """The rows of a sheet that are not empty; a merged range's height stands at its first cell."""
        reader = _SheetReader(sheet)
        for _ in parsed(self._packed, CONTENT, self._name, reader):
            for one in reader.take():
                for number in range(one.number, one.number + one.repeated):
                    yield Row(number, one.cells, one.hidden)
            if reader.over:
                return


class _Outline(XmlHandler):
    """The names of the sheets, and a count of the rows that the file writes down."""

    def __init__(self, name: str) -> None:
        self.titles: list[SheetTitle] = []
        self._name = name
        self.rows: list[int] = []
        """Of each sheet."""
        self._rows = self._cells = 0
        self._style = ""
        self._hidden_styles: set[str] = set()

    def start(self, tag: str, attributes: Attributes) -> None:
        if tag == f"{_TABLE}table-row":
            self._rows += 1
            self.rows[-1:] = [count + 1 for count in self.rows[-1:]]
            if self._rows > SURPLUS * MAX_SHEET_ROWS:
                raise InvalidValue(self._name, self._rows, f"rows or more are more than the limit of {MAX_SHEET_ROWS} rows")
        elif f"{_OFFICE}value-type" in attributes:
            self._cells += 1
            if self._cells > MAX_SHEET_CELLS:
                reason = f"cells with a value or more are more than the limit of {MAX_SHEET_CELLS} cells of a sheet"
                raise InvalidValue(self._name, self._cells, reason)
        elif tag == f"{_TABLE}table" and self.depth == _SHEET_DEPTH:
            self._cells = 0
            self.rows.append(0)
            hidden = attributes.get(f"{_TABLE}style-name") in self._hidden_styles
            self.titles.append(SheetTitle(attributes.get(f"{_TABLE}name", ""), hidden))
        elif tag == f"{_STYLE}style":
            self._style = attributes.get(f"{_STYLE}name", "")
        elif tag == f"{_STYLE}table-properties" and attributes.get(f"{_TABLE}display") == "false":
            self._hidden_styles.add(self._style)


@dataclass
class _ReadRow:
    """A row that stands ``repeated`` times from ``number`` on."""

    number: int
    repeated: int
    hidden: bool
    cells: tuple[Cell, ...] = ()


@dataclass
class _OpenCell:
    """A cell whose text is being read."""

    attributes: Attributes
    covered: bool
    paragraphs: list[str] = field(default_factory=list)
    length: int = 0

    def add(self, text: str) -> None:
        """Text of the paragraph that is open, up to the limit."""
        kept = text[: MOST_CHARACTERS - self.length]
        self.length += len(kept)
        if self.paragraphs:
            self.paragraphs[-1] += kept


class _SheetReader(XmlHandler):
    """The rows of one sheet, as far as the document has been read."""

    def __init__(self, sheet: int) -> None:
        self.over = False
        self._sheet = sheet
        self._tables = -1
        self._inside = False
        self._next_row = 1
        self._row: _ReadRow | None = None
        self._cells: list[Cell] = []
        self._cell: _OpenCell | None = None
        self._in_paragraph = 0
        self._skipped: int | None = None
        """The depth of the comment or picture whose text is not the cell's."""
        self._ready: list[_ReadRow] = []

    def take(self) -> list[_ReadRow]:
        """The rows that have been read since the last call and are not empty."""
        ready, self._ready = self._ready, []
        return ready

    def start(self, tag: str, attributes: Attributes) -> None:
        if tag == f"{_TABLE}table" and self.depth == _SHEET_DEPTH:
            self._tables += 1
            self._inside = self._tables == self._sheet
        if not self._inside or self._skipped is not None:
            return
        if self._cell is not None:
            self._start_in_cell(self._cell, tag, attributes)
        elif tag == f"{_TABLE}table-row":
            hidden = attributes.get(f"{_TABLE}visibility", "visible") != "visible"
            self._row = _ReadRow(self._next_row, _count(attributes, f"{_TABLE}number-rows-repeated"), hidden)
            self._cells = []
        elif tag in _CELLS and self._row is not None:
            self._cell = _OpenCell(attributes, covered=tag == _CELLS[1])
        elif tag == f"{_TABLE}shapes" or not tag.startswith(_TABLE):
            self._skipped = self.depth

    def _start_in_cell(self, cell: _OpenCell, tag: str, attributes: Attributes) -> None:
        if tag == f"{_TEXT}p" and self._in_paragraph == 0:
            self._in_paragraph = self.depth
            cell.paragraphs.append("")
        elif tag == f"{_TEXT}s":
            cell.add(" " * min(_count(attributes, f"{_TEXT}c"), MOST_CHARACTERS))
        elif tag in (f"{_TEXT}tab", f"{_TEXT}line-break"):
            cell.add("\n")
        elif not tag.startswith(_TEXT):
            self._skipped = self.depth

    def text(self, characters: str) -> None:
        if self._cell is not None and self._skipped is None and self._in_paragraph:
            self._cell.add(characters)

    def end(self, tag: str) -> None:
        if self._skipped is not None:
            self._skipped = None if self._skipped == self.depth else self._skipped
        elif self._cell is not None:
            if self._in_paragraph == self.depth:
                self._in_paragraph = 0
            elif tag in _CELLS:
                self._end_cell(self._cell)
        elif tag == f"{_TABLE}table-row" and self._row is not None:
            row = replace(self._row, cells=tuple(self._cells))
            if any(not c.empty for c in row.cells):
                self._ready.append(row)
            self._next_row += row.repeated
            self._row = None
        elif tag == f"{_TABLE}table" and self.depth == _SHEET_DEPTH and self._inside:
            self._inside, self.over = False, True

    def _end_cell(self, cell: _OpenCell) -> None:
        repeated = _count(cell.attributes, f"{_TABLE}number-columns-repeated")
        made = Cell(None) if cell.covered else _value(cell.attributes, "\n".join(cell.paragraphs))
        self._cells += [made] * min(repeated, MAX_SHEET_COLUMNS - len(self._cells))
        self._cell = None


def _count(attributes: Attributes, name: str) -> int:
    """A count of 1 or more; 1 where there is none."""
    return max(1, int(attributes.get(name, 1)))


def _value(attributes: Attributes, shown: str) -> Cell:
    """A cell of its typed value; ``shown`` is its text."""
    height = _count(attributes, f"{_TABLE}number-rows-spanned")
    kind = attributes.get(f"{_OFFICE}value-type")
    if attributes.get(f"{_TABLE}formula") is not None:
        return Cell(attributes[f"{_TABLE}formula"], FORMULA, height=height)
    if attributes.get(_VALUE_TYPE) == "error":
        return Cell(shown, SPREADSHEET_ERROR, height=height)
    if kind in _NUMBERS:
        return replace(_number(attributes.get(f"{_OFFICE}value", ""), shown), height=height)
    if kind == "boolean":
        return Cell(attributes.get(f"{_OFFICE}boolean-value") == "true", height=height)
    if kind == "date":
        return replace(_moment(attributes.get(f"{_OFFICE}date-value", ""), shown), height=height)
    if kind == "time":
        return Cell(shown, NO_VALUE, height=height, clock=_seconds(attributes.get(f"{_OFFICE}time-value", "")))
    return Cell(attributes.get(f"{_OFFICE}string-value", shown)[:MOST_CHARACTERS] or None, height=height)


def _number(written: str, shown: str) -> Cell:
    return _typed(written, shown, lambda: int(written) if written.lstrip("-").isdecimal() else float(written))


def _moment(written: str, shown: str) -> Cell:
    cell = _typed(written, shown, lambda: datetime.fromisoformat(written).replace(tzinfo=None))
    return replace(cell, date_only="T" not in written)


def _seconds(written: str) -> int | None:
    """Seconds of a duration such as PT06H30M00S, None for another text."""
    found = _DURATION.fullmatch(written)
    if found is None:
        return None
    hours, minutes, seconds = (float((part or "0").replace(",", ".")) for part in found.groups())
    return round(hours * 3600 + minutes * 60 + seconds)


def _typed(written: str, shown: str, read: Callable[[], int | float | datetime]) -> Cell:
    try:
        return Cell(read())
    except ValueError:
        return Cell(shown or written, NO_VALUE)
