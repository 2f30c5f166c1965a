"""The plant's calendar from the ai_* tables. A row that cannot be used is left out and named."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Connection

from scheduler_core.data.erp import source
from scheduler_core.data.erp.cells import BadCell, day, flag, label, minute_of_day, number, shown, whole
from scheduler_core.data.erp.row_accounting import RowAccounting
from scheduler_core.data.erp.rows import Row
from scheduler_core.errors import Unschedulable
from scheduler_core.plant import MAX_DAYS, Break, Calendar, Holiday, WorkWindow

CALENDAR_ID = "plant"


def read_calendar(
    connection: Connection, overtime_begins: int | None, plan_start: datetime, accounting: RowAccounting
) -> Calendar:
    """Windows split where overtime begins (minutes after midnight), pauses and holidays.

    Raises Unschedulable if no working window is left.
    """
    week: list[WorkWindow] = []
    for row in source.working_hours(connection):
        accounting.read("ai_arrangable_hour", row)
        try:
            week += _windows(row, overtime_begins)
        except BadCell as bad:
            accounting.refuse_row("ai_arrangable_hour", f"arrange_day={shown(row['arrange_day'])}", bad)
    breaks: list[Break] = []
    for row in source.breaks(connection):
        accounting.read("ai_breaktimes", row)
        try:
            breaks += _breaks(row)
        except BadCell as bad:
            accounting.refuse_row("ai_breaktimes", f"name={shown(row['name'])}", bad)
    holidays: dict[object, Holiday] = {}
    for row in source.holidays(connection):
        accounting.read("ai_holidays", row)
        try:
            for holiday in _holidays(row, plan_start):
                holidays.setdefault(holiday.date, holiday)
        except BadCell as bad:
            accounting.refuse_row("ai_holidays", f"holiday_date={shown(row['holiday_date'])}", bad)
    if not week:
        raise Unschedulable("the ERP's table ai_arrangable_hour holds no usable working time: nothing can be planned")
    return Calendar(CALENDAR_ID, tuple(week), tuple(breaks), tuple(holidays.values()))


def _windows(row: Row, overtime_begins: int | None) -> list[WorkWindow]:
    weekday = _weekday("arrange_day", row["arrange_day"])
    if not flag("is_working", row["is_working"]):
        return []
    start, end = _span(row)
    split = end if overtime_begins is None else min(end, max(start, overtime_begins))
    windows = []
    if start < split:
        windows.append(WorkWindow(weekday, start, split, "regular"))
    if split < end:
        windows.append(WorkWindow(weekday, split, end, "overtime"))
    return windows


def _breaks(row: Row) -> list[Break]:
    if not flag("is_active", row["is_active"]):
        return []
    start, end = _span(row)
    minutes = number("duration_minutes", row["duration_minutes"])
    if minutes is not None and minutes != end - start:
        reason = f"does not agree with the time from {_clock(start)} to {_clock(end)}"
        raise BadCell("duration_minutes", row["duration_minutes"], reason)
    weekday = None if row["day_of_week"] is None else _weekday("day_of_week", row["day_of_week"])
    return [Break(label("name", row["name"], "break"), start, end, weekday)]


def _holidays(row: Row, plan_start: datetime) -> list[Holiday]:
    if not flag("is_active", row["is_active"]):
        return []
    date = day("holiday_date", row["holiday_date"])
    if date is None:
        raise BadCell("holiday_date", None, "is empty")
    if abs((date - plan_start.date()).days) > MAX_DAYS:
        raise BadCell("holiday_date", date, "is more than 19 years from the plan's start")
    if not flag("is_full_day", row["is_full_day"]):
        raise BadCell("is_full_day", row["is_full_day"], "is not a whole day off: a plan knows whole days only")
    return [Holiday(date, label("name", row["name"], ""))]


def _weekday(field: str, content: object) -> int:
    value = whole(field, content)
    if not 1 <= value <= 7:
        raise BadCell(field, content, "is not a day from 1 (Monday) to 7")
    return value


def _span(row: Row) -> tuple[int, int]:
    start, end = minute_of_day("start_time", row["start_time"]), minute_of_day("end_time", row["end_time"])
    if end <= start:
        raise BadCell("end_time", row["end_time"], f"is not after the start at {_clock(start)}")
    return start, end


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
