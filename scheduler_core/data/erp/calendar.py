"""The plant's calendar from the ai_* tables. A row that cannot be used is left out and named."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.engine import Connection

from scheduler_core.data.erp import source
from scheduler_core.data.erp.cells import BadCell, day, flag, label, shown, whole
from scheduler_core.data.erp.config import ErpConfig
from scheduler_core.data.erp.hours import break_hours, closed_by_cells, closed_half, split_at, window_hours
from scheduler_core.data.erp.row_accounting import RowAccounting
from scheduler_core.data.erp.rows import Row
from scheduler_core.errors import Unschedulable
from scheduler_core.plant import MAX_DAYS, Break, Calendar, Holiday, WorkWindow, time_of_day

CALENDAR_ID = "plant"


def read_calendar(connection: Connection, config: ErpConfig, plan_start: datetime, accounting: RowAccounting) -> Calendar:
    """Windows split where overtime begins, pauses and holidays.

    Raises Unschedulable if no working window is left.
    """
    week: list[WorkWindow] = []
    for row in source.working_hours(connection):
        accounting.read("ai_arrangable_hour", row)
        where = f"arrange_day={shown(row['arrange_day'])}"
        try:
            week += _windows(row, config.overtime_minute, where, accounting)
        except BadCell as bad:
            accounting.refuse_row("ai_arrangable_hour", where, bad)
    breaks: list[Break] = []
    for row in source.breaks(connection):
        accounting.read("ai_breaktimes", row)
        where = f"name={shown(row['name'])}"
        try:
            breaks += _breaks(row, where, accounting)
        except BadCell as bad:
            accounting.refuse_row("ai_breaktimes", where, bad)
    if not week:
        raise Unschedulable("the ERP's table ai_arrangable_hour holds no usable working time: nothing can be planned")
    calendar = Calendar(CALENDAR_ID, tuple(week), tuple(breaks))
    holidays: dict[object, Holiday] = {}
    for row in source.holidays(connection, config.holiday_hours):
        accounting.read("ai_holidays", row)
        where = f"holiday_date={shown(row['holiday_date'])}"
        try:
            for holiday in _holidays(row, calendar, config, plan_start, where, accounting):
                holidays.setdefault((holiday.date, holiday.start, holiday.end), holiday)
        except BadCell as bad:
            accounting.refuse_row("ai_holidays", where, bad)
    return replace(calendar, holidays=tuple(holidays.values()))


def _windows(row: Row, overtime_begins: int | None, where: str, accounting: RowAccounting) -> list[WorkWindow]:
    weekday = weekday_of("arrange_day", row["arrange_day"])
    if not flag("is_working", row["is_working"]):
        return []
    hours, remark = window_hours(("start_time", "end_time"), row["start_time"], row["end_time"])
    if remark is not None:
        accounting.note("ai_arrangable_hour", where, remark)
    return split_at(weekday, hours, overtime_begins)


def _breaks(row: Row, where: str, accounting: RowAccounting) -> list[Break]:
    if not flag("is_active", row["is_active"]):
        return []
    fields = ("start_time", "end_time", "duration_minutes")
    (start, end), remark = break_hours(fields, row["start_time"], row["end_time"], row["duration_minutes"])
    weekday = None if row["day_of_week"] is None else weekday_of("day_of_week", row["day_of_week"])
    if remark is not None:
        accounting.note("ai_breaktimes", where, remark)
    return [Break(label("name", row["name"], "break"), start, end, weekday)]


def _holidays(
    row: Row, calendar: Calendar, config: ErpConfig, plan_start: datetime, where: str, accounting: RowAccounting
) -> list[Holiday]:
    if not flag("is_active", row["is_active"]):
        return []
    date = day("holiday_date", row["holiday_date"])
    if date is None:
        raise BadCell("holiday_date", None, "is empty")
    if abs((date - plan_start.date()).days) > MAX_DAYS:
        raise BadCell("holiday_date", date, "is more than 19 years from the plan's start")
    name = label("name", row["name"], "")
    if flag("is_full_day", row["is_full_day"]):
        return [Holiday(date, name)]
    said = (
        None if config.holiday_hours is None else closed_by_cells(config.holiday_hours, row["start_time"], row["end_time"])
    )
    start, end = said or closed_half(calendar, date, config.half_day_off)
    if said:
        remark = f"is a part of a day: nobody works from {time_of_day(start)} to {time_of_day(end)}"
    else:
        remark = (
            f"is half a day, the ERP does not say which half: nobody works from {time_of_day(start)} to {time_of_day(end)}"
        )
    accounting.note("ai_holidays", where, remark)
    return [Holiday(date, name, start, end)]


def weekday_of(field: str, content: object) -> int:
    """A weekday from 1 (Monday) to 7. Raises BadCell."""
    value = whole(field, content)
    if not 1 <= value <= 7:
        raise BadCell(field, content, "is not a day from 1 (Monday) to 7")
    return value
