"""Tables as a workbook (XLSX) that a spreadsheet opens without running anything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

MOST_WIDE = 60
"""Widest column, in characters."""
RISKY_FIRST = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so may be taken for a formula once somebody edits it."""
MAX_TITLE = 31
"""Longest name of a sheet that spreadsheets accept."""
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOT_IN_TITLE = re.compile(r"[\[\]:*?/\\\x00-\x1f\ud800-\udfff\ufffe\uffff]")

Value = str | bool | int | float | datetime | None


@dataclass(frozen=True)
class Sheet:
    """One sheet: a title of any text, the names of the columns, and rows of as many values."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[Value]]


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """The workbook's bytes; every sheet has a bold, frozen header. ``sheets`` is not empty.

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
            sheet.append([_NOT_IN_XML.sub("\ufffd", v) if isinstance(v, str) else v for v in line])
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for line in sheet.iter_rows():
            for cell in line:
                if isinstance(cell.value, str):
                    cell.data_type = "s"
                    cell.quotePrefix = cell.value.startswith(RISKY_FIRST)
        sheet.freeze_panes = "A2"
        for k, name in enumerate(one.header):
            longest = max([len(name), *(len(str(row[k])) for row in one.rows[:200])])
            sheet.column_dimensions[get_column_letter(k + 1)].width = min(MOST_WIDE, longest + 2)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


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
