"""Tables as a workbook (XLSX) that a spreadsheet opens without running anything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

MOST_WIDE = 60
"""Widest column, in characters."""
FILTER_ARROW = 3
"""Room that the arrow of a header's filter takes, in characters."""
RISKY_FIRST = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so may be taken for a formula once somebody edits it."""
MAX_TITLE = 31
"""Longest name of a sheet that spreadsheets accept."""
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOT_IN_TITLE = re.compile(r"[\[\]:*?/\\\x00-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Styled:
    """A number, moment or truth value with the number format that a spreadsheet shows it in."""

    value: bool | int | float | datetime
    number_format: str


Value = str | bool | int | float | datetime | Styled | None


@dataclass(frozen=True)
class Sheet:
    """One sheet: a title of any text, the names of the columns, and rows of as many values."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[Value]]


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """The workbook's bytes; every sheet has a bold, frozen header with a filter. ``sheets`` is not empty.

    Text that begins like a formula is kept as text, also after it is edited. Signs that a workbook cannot hold come out as
    replacement characters. Titles are cut and made different where they would be equal.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.remove(book.active)
    for title, one in zip(titles(s.title for s in sheets), sheets, strict=True):
        sheet = book.create_sheet(title)
        for line in (one.header, *one.rows):
            sheet.append([_plain(v) for v in line])
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for line in sheet.iter_rows():
            for cell in line:
                if isinstance(cell.value, str):
                    cell.data_type = "s"
                    cell.quotePrefix = cell.value.startswith(RISKY_FIRST)
        for number, line in enumerate(one.rows, 2):
            for column, value in enumerate(line, 1):
                if isinstance(value, Styled):
                    sheet.cell(number, column).number_format = value.number_format
        sheet.freeze_panes = "A2"
        if one.rows:
            sheet.auto_filter.ref = sheet.dimensions
        for k, name in enumerate(one.header):
            longest = max([len(name) + FILTER_ARROW, *(_width(row[k]) for row in one.rows[:200])])
            sheet.column_dimensions[get_column_letter(k + 1)].width = min(MOST_WIDE, longest + 2)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _plain(value: Value) -> str | bool | int | float | datetime | None:
    value = value.value if isinstance(value, Styled) else value
    return _NOT_IN_XML.sub("\ufffd", value) if isinstance(value, str) else value


def _width(value: Value) -> int:
    """Characters that a cell needs; a moment needs as many as its format has."""
    if isinstance(value, Styled):
        return len(value.number_format) if isinstance(value.value, datetime) else len(str(value.value)) + 3
    return 0 if value is None else len(str(value))


def titles(wanted: Iterable[str]) -> list[str]:
    """Names that spreadsheets accept for sheets: without forbidden signs, short, and different whatever their case."""
    found: list[str] = []
    taken: set[str] = {"history"}  # reserved
    for text in wanted:
        base = _NOT_IN_TITLE.sub(" ", text).strip(" '") or "Sheet"
        number, name = 1, base[:MAX_TITLE].rstrip(" '")
        while name.casefold() in taken:
            number += 1
            name = f"{base[: MAX_TITLE - len(str(number)) - 3].rstrip()} ({number})"
        taken.add(name.casefold())
        found.append(name)
    return found
