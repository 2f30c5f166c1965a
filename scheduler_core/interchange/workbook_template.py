"""The template of a plant's workbook: a small example plant that can be loaded as it is, and what each column means."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from scheduler_core.interchange import job_columns
from scheduler_core.interchange.sheet_table import SHEET_NAME
from scheduler_core.interchange.workbook import Sheet, Value, workbook
from scheduler_core.interchange.workbook_columns import CALENDARS, COLUMNS, MACHINES, PLANT, SETTINGS, SETUPS
from scheduler_core.limits import MAX_SHEET_BYTES, MAX_SHEET_ROWS

EXAMPLE_PLANT = "Example plant"
"""The name under which the template's plant is known, until somebody writes another."""
READ_ME = "Read me"

_HOW = (
    "Replace the example's rows with those of your plant and keep the headers. Then load the file on the board, or with",
    "shopwright workbook load FILE.",
    "Load it again whenever it has changed: each time makes a new snapshot, and the next run plans it.",
    "A bad cell is named by sheet, row, column and reason; a job with a bad row is left out, the others are planned.",
    f"At most {MAX_SHEET_ROWS} rows a sheet and {MAX_SHEET_BYTES // 1_000_000} MB; values, no formulas.",
)


def plant_template(today: date) -> bytes:
    """The template as a workbook (XLSX); the example's dates lie in the two weeks after ``today``."""
    monday = today + timedelta(days=7 - today.weekday())
    names = {sheet: [column.name for column in COLUMNS[sheet]] for sheet in COLUMNS}
    return workbook(
        [
            Sheet(READ_ME, ["Sheet", "Column", "Needed", "Meaning"], _meanings()),
            Sheet(PLANT, names[PLANT], [["plant", EXAMPLE_PLANT], ["time_zone", "Europe/Berlin"], ["plan_start", None]]),
            Sheet(MACHINES, names[MACHINES], _machines()),
            Sheet(CALENDARS, names[CALENDARS], _calendars(monday)),
            Sheet(SHEET_NAME, job_columns.NAMES, _jobs(monday)),
            Sheet(SETUPS, names[SETUPS], [["Welding", "F01", "F02", 40], ["Welding", "F02", "F01", 25]]),
        ]
    )


def _meanings() -> list[list[Value]]:
    rows: list[list[Value]] = [["", "", "", line] for line in _HOW]
    rows += [[PLANT, name, "no" if name == "plan_start" else "yes", meaning] for name, meaning in SETTINGS.items()]
    for sheet in (MACHINES, CALENDARS):
        rows += [[sheet, column.name, _yes(column.needed), column.meaning] for column in COLUMNS[sheet]]
    rows += [[SHEET_NAME, column.name, _yes(column.needed), column.meaning] for column in job_columns.COLUMNS]
    return rows + [[SETUPS, column.name, _yes(column.needed), column.meaning] for column in COLUMNS[SETUPS]]


def _yes(needed: bool) -> str:
    return "yes" if needed else "no"


def _machines() -> list[Sequence[Value]]:
    return [
        [1, "Saw 1", "Sawing", "Two shifts", None, None],
        [2, "Weld 1", "Welding", "Two shifts", "F01", None],
        [3, "Weld 2", "Welding", "Nights too", None, None],
        [4, "Pack 1", "Packing", "Two shifts", None, None],
    ]


def _calendars(monday: date) -> list[Sequence[Value]]:
    days = [(monday + timedelta(days=k)).isoformat() for k in range(7)]
    return [
        ["Two shifts", "shift", "Mon-Fri", None, "06:00", "14:00", None],
        ["Two shifts", "shift", "Mon-Fri", None, "14:00", "22:00", None],
        ["Two shifts", "break", None, None, "10:00", "10:30", "Early break"],
        ["Two shifts", "holiday", None, days[2], None, None, "A public holiday"],
        ["Two shifts", "holiday", None, days[4], "12:00", "24:00", "A half day"],
        ["Two shifts", "extra", None, days[5], "06:00", "12:00", None],
        ["Nights too", "shift", "Mon-Fri", None, "06:00", "22:00", None],
        ["Nights too", "shift", "Mon-Thu", None, "22:00", "06:00", None],
        ["Nights too", "break", "Mon-Fri", None, "10:00", "10:30", "Early break"],
    ]


def _jobs(monday: date) -> list[list[Value]]:
    columns = ("job", "product", "quantity", "family", "important", "due", "operation", "process", "minutes",
               "setup_minutes", "machine_types")  # fmt: skip
    due = [(monday + timedelta(days=k)).isoformat() for k in (1, 3, 7)]
    rows: list[tuple[Value, ...]] = [
        ("WO-1001", "Frame A", 40, "F01", "no", due[0], 10, "Cut to length", 120, 15, "Sawing"),
        ("WO-1001", "Frame A", 40, "F01", "no", due[0], 20, "Weld", 400, 30, "Welding"),
        ("WO-1001", "Frame A", 40, "F01", "no", due[0], 30, "Pack", 60, 0, "Packing"),
        ("WO-1002", "Frame B", 25, "F02", "yes", due[1], 10, "Cut to length", 80, 15, "Sawing"),
        ("WO-1002", "Frame B", 25, "F02", "yes", due[1], 20, "Weld", 310, 30, "Welding"),
        ("WO-1003", "Frame A", 80, "F01", "no", due[2], 10, "Weld", 760, 30, "Welding"),
    ]
    found: list[list[Value]] = []
    for row in rows:
        values = dict(zip(columns, row, strict=True))
        found.append([values.get(name) for name in job_columns.NAMES])
    return found
