"""Rows of a CSV file: the separator is found, and a line with a bad quotation mark costs that line, not the file."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from scheduler_core.errors import InvalidValue
from scheduler_core.interchange.sheet_rows import Cell, Row, SheetTitle
from scheduler_core.limits import MAX_SHEET_COLUMNS

SEPARATORS = (",", ";", "\t")
MOST_LINES = 100
"""Lines of one row: a cell may hold line breaks, and a quotation mark that is never closed must not take the whole file."""
BAD_QUOTE = "has a quotation mark that is not closed or not doubled"
_SEPARATOR_LINE = re.compile(r'sep=(\t|[^\w\s"])', re.IGNORECASE)
_LINE_END = re.compile(r"\r\n|\r|\n")


class CsvFile:
    """A CSV file as one sheet. ``separator``: the one that the first line names (``sep=;``) or the header's most."""

    titles: tuple[SheetTitle, ...] = (SheetTitle(""),)

    def __init__(self, content: bytes, name: str) -> None:
        """Raises InvalidValue for what is not UTF-8."""
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise InvalidValue(
                f"{name}: byte {error.start}", content[max(0, error.start - 10) : error.end + 10],
                "is not UTF-8: save the file as “CSV UTF-8”",
            ) from None  # fmt: skip
        self._lines = _LINE_END.split(text)
        self._first = next((k for k, line in enumerate(self._lines) if line.strip()), len(self._lines))
        head = self._lines[self._first] if self._first < len(self._lines) else ""
        if named := _SEPARATOR_LINE.fullmatch(head.strip(' "')):
            self.separator = named[1]
            self._first += 1
        else:
            self.separator = max(SEPARATORS, key=head.count)

    def expected_rows(self, sheet: int) -> int:
        """See SheetFile."""
        return len(self._lines)

    def rows(self, sheet: int) -> Iterator[Row]:
        """The rows that are not empty, numbered by their first lines."""
        at, width = self._first, 0
        while at < len(self._lines):
            values, used = self._record(at)
            if values is None or (used > 1 and width and self._swallows(values, self._lines[at : at + used], width)):
                yield Row(at + 1, _cells(self._parted(self._lines[at])), fault=BAD_QUOTE)
                at += 1
                continue
            cells = _cells(values)
            if any(not c.empty for c in cells):
                width = width or len(values)
                yield Row(at + 1, cells)
            at += used

    def _record(self, at: int) -> tuple[list[str] | None, int]:
        """The values of the row that begins at a line, and how many lines it has; None for a bad quotation mark."""
        line = self._lines[at]
        if '"' not in line:
            return line.split(self.separator), 1
        taken = (f"{line}\n" for line in self._lines[at : at + MOST_LINES])
        reader = csv.reader(taken, delimiter=self.separator, strict=True)
        try:
            return next(reader, []), max(1, reader.line_num)
        except csv.Error:
            return None, 1

    def _swallows(self, values: list[str], lines: list[str], width: int) -> bool:
        """True if a row of several lines looks like several rows, of which one has a quotation mark too many."""
        return len(values) != width or all(line.count(self.separator) >= width - 1 for line in lines)

    def _parted(self, line: str) -> list[str]:
        """A guess at the values of a line with a bad quotation mark."""
        return [value.strip().strip('"') for value in line.split(self.separator)]


def _cells(values: list[str]) -> tuple[Cell, ...]:
    return tuple(Cell(value) for value in values[:MAX_SHEET_COLUMNS])
