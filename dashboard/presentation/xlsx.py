"""Tables as workbooks that a spreadsheet opens without running anything."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import pandas as pd

from dashboard.presentation.columns import cells
from scheduler_core.interchange.workbook import Sheet, Styled, Value
from scheduler_core.interchange.workbook import workbook as written

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(frame: pd.DataFrame, title: str) -> bytes:
    """One sheet with a bold, frozen header that filters; numbers, dates and durations can be sorted and summed.

    Text that begins like a formula is kept as text, also after it is edited.
    """
    return workbook_of({title: frame})


def workbook_of(frames: Mapping[str, pd.DataFrame]) -> bytes:
    """One sheet for each frame, named by its key as far as a spreadsheet allows; the same care."""
    return written(
        [
            Sheet(title, [str(c) for c in frame.columns], [[_cell(v) for v in row] for row in cells(frame)])
            for title, frame in frames.items()
        ]
    )


def _cell(value: object) -> Value:
    if value is None or value is pd.NaT or (isinstance(value, float) and pd.isna(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    if isinstance(value, str | bool | int | float | datetime | Styled):
        return value
    scalar: Value = value.item() if hasattr(value, "item") else str(value)
    return scalar
