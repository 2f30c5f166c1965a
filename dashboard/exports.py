"""Tables as workbooks that a spreadsheet opens without running anything."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO

import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_WIDE = 60
RISKY_FIRST = ("=", "+", "-", "@", "\t", "\r")


def workbook(frame: pd.DataFrame, title: str) -> bytes:
    """One sheet with a bold, frozen header. Text that begins like a formula is kept as text, also after it is edited."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title[:31]
    sheet.append([str(name) for name in frame.columns])
    for row in frame.itertuples(index=False):
        sheet.append([_cell(value) for value in row])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for line in sheet.iter_rows():
        for cell in line:
            if isinstance(cell.value, str):
                cell.data_type = "s"
                cell.quotePrefix = cell.value.startswith(RISKY_FIRST)
    sheet.freeze_panes = "A2"
    for k, name in enumerate(frame.columns, start=1):
        longest = max([len(str(name)), *(len(str(v)) for v in frame.iloc[:, k - 1].head(200))])
        sheet.column_dimensions[get_column_letter(k)].width = min(MOST_WIDE, longest + 2)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _cell(value: object) -> object:
    if value is None or value is pd.NaT or (isinstance(value, float) and pd.isna(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    if isinstance(value, str | bool | int | float | datetime):
        return value
    return value.item() if hasattr(value, "item") else str(value)
