"""Workbooks that open in a spreadsheet and run nothing."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO

import pandas as pd
from openpyxl import load_workbook

from dashboard.presentation.xlsx import workbook


def test_formulas_arrive_as_text_and_values_as_values() -> None:
    moment = datetime(2025, 7, 21, 6, 30)
    frame = pd.DataFrame(
        {"=Part": ["=1+1", "@SUM(A1)"], "Late": ["+2 d 1 h", "-x"], "Count": [3, 4], "Due": [pd.Timestamp(moment), pd.NaT],
         "Sure": [True, False], "Share": [0.5, float("nan")]}
    )  # fmt: skip
    sheet = load_workbook(BytesIO(workbook(frame, "what differs"))).active
    assert sheet is not None
    rows = [[cell.value for cell in line] for line in sheet.iter_rows()]
    assert rows == [
        ["=Part", "Late", "Count", "Due", "Sure", "Share"],
        ["=1+1", "+2 d 1 h", 3, moment, True, 0.5],
        ["@SUM(A1)", "-x", 4, None, False, None],
    ]
    assert sheet["A2"].quotePrefix
    assert all(cell.data_type != "f" for line in sheet.iter_rows() for cell in line)
    assert sheet.freeze_panes == "A2"


def test_an_empty_table_is_a_header() -> None:
    sheet = load_workbook(BytesIO(workbook(pd.DataFrame(columns=["A", "B"]), "x" * 40))).active
    assert sheet is not None
    assert [[c.value for c in line] for line in sheet.iter_rows()] == [["A", "B"]]
    assert len(sheet.title) == 31
