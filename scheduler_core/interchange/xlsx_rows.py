"""Rows of an XLSX workbook, read as a stream: memory stays small however large the workbook is.

openpyxl reads more than is asked for, at 10 to 100 microseconds a piece: styles, rules of colouring, checks of input, and
formulas that cells share are made into objects or written out, so that a file of some kilobytes takes it minutes; and one
number that it cannot read costs the whole sheet. The tests compare the values that it reads with those that are read here.

Of ECMA-376 this reads rows (hidden, left out) and cells (numbers, dates, texts, truth values, errors, formulas, merged).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from scheduler_core.errors import InvalidValue
from scheduler_core.interchange.packed_files import check_elements, opened
from scheduler_core.interchange.sheet_rows import EMPTY, FORMULA, NO_VALUE, SPREADSHEET_ERROR, Cell, Row
from scheduler_core.interchange.xlsx_book import PHONETIC, Book, plain, read_book
from scheduler_core.interchange.xlsx_formats import GENERAL, iso_cell, numeric_cell
from scheduler_core.interchange.xml_stream import MOST_CHARACTERS, Attributes, XmlHandler, parsed
from scheduler_core.limits import MAX_SHEET_CELLS, MAX_SHEET_COLUMNS

_PLACE = re.compile(r"([A-Z]{1,3})(\d{1,10})")
_RANGE = re.compile(r"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})")
_LAST_ROW = 1_048_576
"""The last row that a sheet can have."""
_ROW_END: Final = b"</row>"
_MERGED: Final = b"mergeCell"
_TWO_BYTES: Final = b"\0"
"""Stands in every text of two bytes a sign, where marks cannot be looked for."""

Heights = dict[int, dict[int, int]]
"""Rows of merged ranges, by row and place of their first cells."""


class XlsxFile:
    """An XLSX workbook."""

    def __init__(self, content: bytes, name: str) -> None:
        """Raises InvalidValue for what is no workbook and above the limits."""
        self._name = name
        self._packed = opened(content, name, "XLSX")
        self._book = read_book(self._packed, name)
        self.titles = self._book.titles

    def expected_rows(self, sheet: int) -> int:
        """See SheetFile."""
        return check_elements(self._packed, self._part(sheet), self._name, (_ROW_END,))[_ROW_END]

    def rows(self, sheet: int) -> Iterator[Row]:
        """The rows of a sheet that are not empty; a merged range's height stands at its first cell."""
        part = self._part(sheet)
        marks = check_elements(self._packed, part, self._name, (_MERGED, _TWO_BYTES))
        heights = self._heights(part) if marks[_MERGED] or marks[_TWO_BYTES] else {}
        reader = _SheetReader(self._book, f"{self._name}: sheet {self.titles[sheet].name}")
        for _ in parsed(self._packed, part, self._name, reader):
            for row in reader.take():
                yield _with_heights(row, heights[row.number]) if row.number in heights else row

    def _part(self, sheet: int) -> str:
        part = self._book.sheets[sheet]
        if part not in self._packed.namelist():
            raise InvalidValue(self._name, self.titles[sheet].name, "is a sheet that is missing in the workbook")
        return part

    def _heights(self, part: str) -> Heights:
        """What a sheet says of merged ranges below its cells."""
        ranges = _MergedRanges()
        for _ in parsed(self._packed, part, self._name, ranges):
            pass
        return ranges.found


def _with_heights(row: Row, heights: dict[int, int]) -> Row:
    return replace(row, cells=tuple(replace(c, height=heights.get(k, 1)) for k, c in enumerate(row.cells)))


class _MergedRanges(XmlHandler):
    def __init__(self) -> None:
        self.found: Heights = {}

    def start(self, tag: str, attributes: Attributes) -> None:
        if tag.endswith(" mergeCell") and (corners := _RANGE.fullmatch(attributes.get("ref", ""))):
            first, last = int(corners[2]), int(corners[4])
            if last > first:
                self.found.setdefault(first, {})[_place(corners[1])] = last - first + 1


class _SheetReader(XmlHandler):
    """The rows of one sheet, as far as it has been read. ``where``: what messages call the sheet."""

    def __init__(self, book: Book, where: str) -> None:
        self._book = book
        self._where = where
        self._number = self._count = self._last = 0
        self._hidden = False
        self._cells: list[Cell] | None = None
        self._column = 0
        self._cell: Attributes | None = None
        self._taking = ""
        self._skipped = 0
        self._said: dict[str, str] = {}
        self._ready: list[Row] = []

    def take(self) -> list[Row]:
        """The rows that have been read since the last call and are not empty."""
        ready, self._ready = self._ready, []
        return ready

    # ------------------------------------------------------------------ elements
    def start(self, tag: str, attributes: Attributes) -> None:
        kind = tag[tag.rfind(" ") + 1 :]
        if self._cell is not None:
            if kind == PHONETIC:
                self._skipped = self.depth
            elif kind in ("v", "t", "f") and not self._skipped:
                self._taking = kind
                self._said.setdefault(kind, "")
        elif kind == "c" and self._cells is not None:
            self._cell, self._said = attributes, {}
            self._column = self._place_of(attributes)
        elif kind == "row":
            self._start_row(attributes)

    def text(self, characters: str) -> None:
        if self._taking:
            known = self._said[self._taking]
            if len(known) < MOST_CHARACTERS:
                self._said[self._taking] = known + characters

    def end(self, tag: str) -> None:
        self._taking = ""
        if self._skipped:
            self._skipped = 0 if self._skipped == self.depth else self._skipped
        elif self._cell is not None:
            if tag.endswith(" c"):
                self._end_cell(self._cell)
        elif self._cells is not None and tag.endswith(" row"):
            if any(not c.empty for c in self._cells):
                self._ready.append(Row(self._number, tuple(self._cells), self._hidden))
            self._cells = None

    # ------------------------------------------------------------------ rows and cells
    def _start_row(self, attributes: Attributes) -> None:
        self._number = int(attributes.get("r", self._last + 1))
        if not self._last < self._number <= _LAST_ROW:
            last = f"is beyond the last row of a workbook, {_LAST_ROW}"
            reason = last if self._number > _LAST_ROW else f"stands below row {self._last}"
            raise InvalidValue(f"{self._where}: row", self._number, reason)
        self._last = self._number
        self._hidden = attributes.get("hidden") in ("1", "true")
        self._cells, self._column = [], -1

    def _place_of(self, attributes: Attributes) -> int:
        """The place of a cell in its row, from 0."""
        address = attributes.get("r")
        if address is None:
            return self._column + 1
        found = _PLACE.fullmatch(address)
        if found is None or int(found[2]) != self._number:
            raise InvalidValue(
                f"{self._where}: row {self._number}", address[:40], "is not the address of a cell in this row"
            )
        return _place(found[1])

    def _end_cell(self, cell: Attributes) -> None:
        assert self._cells is not None
        self._cell = None
        if not self._said or self._column >= MAX_SHEET_COLUMNS:
            return
        self._count += 1
        if self._count > MAX_SHEET_CELLS:
            reason = f"cells with a value or more are more than the limit of {MAX_SHEET_CELLS} cells of a sheet"
            raise InvalidValue(self._where, self._count, reason)
        self._cells += [EMPTY] * (self._column + 1 - len(self._cells))
        self._cells[self._column] = self._value(cell)

    def _value(self, cell: Attributes) -> Cell:
        kind, written = cell.get("t", "n"), self._said.get("v", "")
        if "f" in self._said:
            return Cell(f"={plain(self._said['f']) or '…'}", FORMULA)
        if kind == "inlineStr":
            return Cell(plain(self._said.get("t", "")) or None)
        if not written:
            return EMPTY
        if kind == "s":
            return self._shared(written)
        if kind == "str":
            return Cell(plain(written))
        if kind == "e":
            return Cell(written, SPREADSHEET_ERROR)
        if kind == "b":
            return Cell(written.strip() in ("1", "true"))
        style = cell.get("s", "0")
        formats = self._book.formats
        form = formats[int(style)] if style.isdecimal() and int(style) < len(formats) else GENERAL
        return iso_cell(written, form) if kind == "d" else numeric_cell(written, form, mac=self._book.mac)

    def _shared(self, written: str) -> Cell:
        texts = self._book.texts
        if not written.isdecimal() or int(written) >= len(texts):
            return Cell(written, NO_VALUE)
        return Cell(texts[int(written)] or None)


def _place(letters: str) -> int:
    """The place of a column, from 0."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
