"""Rows of an XLSX workbook. The values are openpyxl's, read row by row; hidden rows and merged cells, which it tells only of
a workbook that it holds in memory as a whole, are scanned beside."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.parsers import expat

from scheduler_core.errors import InvalidValue
from scheduler_core.interchange.packed_files import BLOCK, check_row_count, opened
from scheduler_core.interchange.sheet_rows import FORMULA, NO_VALUE, SPREADSHEET_ERROR, Cell, Row, SheetTitle
from scheduler_core.limits import MAX_SHEET_COLUMNS

_NOT_SHOWN = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
"""Parts of a number format that show no part of the date: quoted words, single signs, locales, colours and conditions."""
_RANGE = re.compile(r"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})")
_LAST_ROW = 1_048_576
"""The last row that a sheet can have. Whoever reads row by row walks over all that lie before one that a file makes up."""
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT_RELATION = "http://purl.oclc.org/ooxml/officeDocument/relationships"


class XlsxFile:
    """An XLSX workbook."""

    def __init__(self, content: bytes, name: str) -> None:
        """Raises InvalidValue for what is no workbook and above the limits."""
        from openpyxl import load_workbook

        self._name = name
        self._packed = opened(content, name, "XLSX")
        check_row_count(self._packed, "xl/worksheets/", b"<row", name)
        try:
            self._book = load_workbook(io.BytesIO(content), read_only=True, data_only=False)
        except Exception as error:  # whatever the parser meets in a broken file is the file's fault
            raise InvalidValue(name, type(error).__name__, "is not a workbook that can be opened (XLSX)") from None
        self._sheets = self._book.worksheets
        self.titles = tuple(SheetTitle(s.title, s.sheet_state != "visible") for s in self._sheets)

    def rows(self, sheet: int) -> Iterator[Row]:
        """The rows of a sheet that are not empty; a merged range's height stands at its first cell."""
        chosen = self._sheets[sheet]
        chosen.reset_dimensions()  # what the file says of its own size is not to be trusted
        number = 0
        try:
            marks = _marks(self._packed, chosen.title)
            last = max(marks.filled, default=1)
            if last > _LAST_ROW:
                raise InvalidValue(f"{self._name}: row", last, f"is beyond the last row of a workbook, {_LAST_ROW}")
            for number, line in enumerate(chosen.iter_rows(max_row=last, max_col=MAX_SHEET_COLUMNS), start=1):
                if number not in marks.filled:
                    continue  # a file may have a million empty rows in front of one that somebody has coloured
                cells = tuple(_cell(c) for c in line)
                if any(not c.empty for c in cells):
                    yield Row(number, _with_heights(cells, marks.heights.get(number)), number in marks.hidden)
        except InvalidValue:
            raise
        except Exception as error:  # as above: a sheet is parsed only while it is read
            reason = "cannot be read from the workbook"
            raise InvalidValue(f"{self._name}: row {number + 1}", type(error).__name__, reason) from None


def shows_time(number_format: str) -> bool:
    """True if a cell of this number format shows hours or seconds: locales, colours and quoted words do not count."""
    shown = _NOT_SHOWN.sub("", number_format.split(";")[0]).lower()
    return "h" in shown or "s" in shown


def _cell(cell: Any) -> Cell:
    value = cell.value
    if cell.data_type == "f":
        return Cell(str(value), FORMULA)
    if cell.data_type == "e":
        return Cell(str(value), SPREADSHEET_ERROR)
    if isinstance(value, time | timedelta) or (isinstance(value, datetime) and value.year < 1901):
        return Cell(str(value), NO_VALUE, clock=_seconds(value))
    if isinstance(value, datetime):
        return Cell(value, date_only=not shows_time(cell.number_format or ""))
    if isinstance(value, date):
        return Cell(datetime(value.year, value.month, value.day), date_only=True)
    if value is None or isinstance(value, str | bool | int | float):
        return Cell(value)
    return Cell(str(value), NO_VALUE)


def _seconds(value: time | timedelta | datetime) -> int:
    """Seconds after midnight of a time without a date, which the file counts in days from 1899-12-30."""
    if isinstance(value, time):
        return value.hour * 3600 + value.minute * 60 + value.second
    return round((value if isinstance(value, timedelta) else value - datetime(1899, 12, 31)).total_seconds())


def _with_heights(cells: tuple[Cell, ...], heights: dict[int, int] | None) -> tuple[Cell, ...]:
    if heights is None:
        return cells
    return tuple(replace(c, height=heights[k]) if k in heights else c for k, c in enumerate(cells))


@dataclass
class _Marks:
    """Of one sheet: rows with a value, hidden rows, heights of merged ranges by row and place of their first cells."""

    filled: set[int] = field(default_factory=set)
    hidden: set[int] = field(default_factory=set)
    heights: dict[int, dict[int, int]] = field(default_factory=dict)


def _marks(packed: zipfile.ZipFile, title: str) -> _Marks:
    """Scan a sheet for what openpyxl does not tell while it reads row by row."""
    found = _Marks()
    number = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal number
        kind = tag.rpartition(" ")[2]
        if kind == "row":
            number = int(attributes.get("r", number + 1))
            if attributes.get("hidden") in ("1", "true"):
                found.hidden.add(number)
        elif kind in ("v", "is", "f"):
            found.filled.add(number)
        elif kind == "mergeCell" and (corners := _RANGE.fullmatch(attributes.get("ref", ""))):
            first, last = int(corners[2]), int(corners[4])
            if last > first:
                found.heights.setdefault(first, {})[_place(corners[1])] = last - first + 1

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    with packed.open(_part_of(packed, title)) as sheet:
        while block := sheet.read(BLOCK):
            parser.Parse(block)
    parser.Parse(b"", True)
    return found


def _place(letters: str) -> int:
    """The place of a column, from 0."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _part_of(packed: zipfile.ZipFile, title: str) -> str:
    """The part that holds a sheet. Raises KeyError for a workbook that does not name it."""
    book = _main_part(packed)
    relation = None
    for tag, attributes in _elements(packed, book):
        if tag.endswith(" sheet") and attributes.get("name") == title:
            relation = attributes.get(f"{_RELATION} id", attributes.get(f"{_STRICT_RELATION} id"))
    folder, _, file = book.rpartition("/")
    for _, attributes in _elements(packed, f"{folder}/_rels/{file}.rels".lstrip("/")):
        if attributes.get("Id") == relation and "Target" in attributes:
            return posixpath.normpath(posixpath.join(f"/{folder}", attributes["Target"])).lstrip("/")
    raise KeyError(title)


def _main_part(packed: zipfile.ZipFile) -> str:
    """The part that lists the sheets; nearly every program calls it xl/workbook.xml."""
    for _, attributes in _elements(packed, "_rels/.rels"):
        if attributes.get("Type", "").endswith("/officeDocument"):
            return posixpath.normpath(posixpath.join("/", attributes.get("Target", ""))).lstrip("/")
    raise KeyError("xl/workbook.xml")


def _elements(packed: zipfile.ZipFile, part: str) -> list[tuple[str, dict[str, str]]]:
    found: list[tuple[str, dict[str, str]]] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda tag, attributes: found.append((tag, attributes))
    parser.Parse(packed.read(part), True)
    return found
