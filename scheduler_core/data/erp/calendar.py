"""The calendars of the ERP: the plant's, or one for each key that machines name. A row that cannot be used is left out and
named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from scheduler_core.calendar_hours import without
from scheduler_core.data.erp.cells import BadCell, canonical, day, flag, label, number, whole
from scheduler_core.data.erp.config import ErpConfig
from scheduler_core.data.erp.hours import break_hours, closed_by_cells, closed_half, split_at, window_hours
from scheduler_core.data.erp.mapping import Mapping as ErpMapping
from scheduler_core.data.erp.meanings import DAY, HOURS, MONDAY_IS_0
from scheduler_core.data.erp.row_accounting import RowAccounting, row_name
from scheduler_core.data.erp.rows import Row
from scheduler_core.data.erp.source import ErpTables
from scheduler_core.data.erp.times import local_moment, same_clock
from scheduler_core.errors import Unschedulable
from scheduler_core.plant import (
    MAX_DAYS,
    MINUTES_PER_DAY,
    Break,
    Calendar,
    Holiday,
    WorkWindow,
    time_of_day,
)

CALENDAR_ID = "plant"
DATED_DAYS = 366
"""Days from plan_start for which hours that do not come every week are told apart; after that they come every week."""
OFF_WEEK = "hours of other weeks"
"""What the days off are called by which such hours are closed in the weeks in which they do not come."""
ROUND_THE_CLOCK = tuple(WorkWindow(weekday, 0, MINUTES_PER_DAY) for weekday in range(1, 8))
_WEEKDAYS = range(1, 8)


@dataclass(frozen=True)
class Calendars:
    """``plant``: the calendar of all machines, None where each names its own by a key. ``by_key``: calendars by those keys.
    ``holidays``: days off by key, those of everybody under the empty one. ``unusable``: keys whose hours cannot be used."""

    plant: Calendar | None
    by_key: Mapping[str, Calendar] = field(default_factory=dict)
    holidays: Mapping[str, tuple[Holiday, ...]] = field(default_factory=dict)
    unusable: frozenset[str] = frozenset()

    def days_off(self, key: str) -> tuple[Holiday, ...]:
        """The days off of a key that has no hours: its own and those of everybody."""
        return tuple(dict.fromkeys((*self.holidays.get("", ()), *self.holidays.get(key, ()))))


@dataclass
class _Hours:
    """What the rows of one key say so far."""

    week: list[WorkWindow] = field(default_factory=list)
    dated: list[tuple[WorkWindow, frozenset[date]]] = field(default_factory=list)
    """Windows that count on some dates only."""

    @property
    def windows(self) -> tuple[WorkWindow, ...]:
        """All windows."""
        return (*self.week, *(window for window, _ in self.dated))


def read_calendars(tables: ErpTables, config: ErpConfig, plan_start: datetime, accounting: RowAccounting) -> Calendars:
    """Windows split where overtime begins, pauses and days off.

    Raises Unschedulable if the plant's calendar has no working window left.
    """
    hours: dict[str, _Hours] = {}
    for row in tables.rows("hours"):
        accounting.read("hours", row)
        one = hours.setdefault(_key(row), _Hours())
        where = row_name(row, "calendar", "start") if row.has("calendar") else row_name(row, "day")
        try:
            _add_hours(one, row, config, tables.mapping, plan_start, where, accounting)
        except BadCell as bad:
            accounting.refuse_row("hours", where, bad)
    breaks = _breaks(tables, accounting)
    keyed = tables.mapping.hours.has("calendar")
    if not keyed and not any(one.windows for one in hours.values()):
        table = tables.mapping.table_of("hours")
        raise Unschedulable(f"the ERP's table {table} holds no usable working time: nothing can be planned")
    bare = {key: Calendar(CALENDAR_ID, one.windows, breaks) for key, one in hours.items()}
    holidays = _holidays(tables, config, bare, plan_start, accounting)
    made = {
        key: replace(calendar, holidays=(*holidays.get(key, ()), *_off_weeks(hours[key], plan_start)))
        for key, calendar in bare.items()
    }
    if not keyed:
        return Calendars(made[""])
    usable = {key: calendar for key, calendar in made.items() if calendar.week}
    return Calendars(None, usable, holidays, frozenset(made) - frozenset(usable))


def _key(row: Row) -> str:
    return canonical(row["calendar"]).strip()


def _add_hours(
    hours: _Hours, row: Row, config: ErpConfig, mapping: ErpMapping, plan_start: datetime, where: str,
    accounting: RowAccounting,
) -> None:  # fmt: skip
    weekdays = weekdays_of(row, mapping, "hours")
    if row.has("works") and not flag("works", row["works"]):
        return
    zone = canonical(row["timezone"]).strip()
    if zone and not same_clock(zone, config.timezone, plan_start):
        raise BadCell("timezone", zone, f"is another time zone than the plant's, {config.timezone}")
    cells = [_time_cell(row, meaning, mapping, "hours") for meaning in ("start", "end")]
    span, remark = window_hours((row.name_of("start"), row.name_of("end")), *cells)
    if remark is not None:
        accounting.note("hours", where, remark)
    dates = _dates(row, plan_start)
    for weekday in weekdays:
        for window in split_at(weekday, span, config.overtime_minute):
            if dates is None:
                hours.week.append(window)
            else:
                # Overtime after midnight belongs to the date after.
                later = timedelta(days=(window.day - weekday) % 7)
                hours.dated.append((window, frozenset(date + later for date in dates)))


def weekdays_of(row: Row, mapping: ErpMapping, subject: str) -> Iterable[int]:
    """The weekdays (1 is Monday) of a row: every day where the mapping has no column for it. Raises BadCell."""
    if not row.has("day"):
        return _WEEKDAYS
    value, shift = whole("day", row["day"]), 0
    if mapping.unit(subject, "day") == MONDAY_IS_0:
        shift = 1
        if not 0 <= value <= 6:
            raise BadCell("day", row["day"], "is not a day from 0 (Monday) to 6")
    elif not 1 <= value <= 7:
        raise BadCell("day", row["day"], "is not a day from 1 (Monday) to 7")
    return (value + shift,)


def _time_cell(row: Row, meaning: str, mapping: ErpMapping, subject: str) -> object:
    """A time of day as a cell; hours since midnight (8.5) as the clock says them."""
    if mapping.unit(subject, meaning) != HOURS:
        return row[meaning]
    hours = number(meaning, row[meaning])
    if hours is None or not 0 <= hours <= 24:
        raise BadCell(meaning, row[meaning], "is not a time of day")
    minutes = round(hours * 60)
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _dates(row: Row, plan_start: datetime) -> list[date] | None:
    """The dates near plan_start on which hours count; None: those of every week."""
    week = canonical(row["week"]).strip()
    if week not in ("", "0", "1"):
        raise BadCell("week", row["week"], "is not one of two alternating weeks, 0 or 1")
    first, last = day("first_date", row["first_date"]), day("last_date", row["last_date"])
    if not week and first is None and last is None:
        return None
    every = (plan_start.date() + timedelta(days=offset) for offset in range(-3, DATED_DAYS + 3))
    return [
        date for date in every
        if (not week or (date.toordinal() - 1) // 7 % 2 == int(week))
        and (first is None or date >= first) and (last is None or date <= last)
    ]  # fmt: skip


def _off_weeks(hours: _Hours, plan_start: datetime) -> Iterator[Holiday]:
    """Where windows of single dates do not count: parts of days in which nobody works, for ``DATED_DAYS`` from the start.
    A plan's windows come every week, and these days off say in which weeks they do not."""
    if not hours.dated:
        return
    begin = plan_start.date() - timedelta(days=1)
    every = [(window, None) for window in hours.week] + [(window, dates) for window, dates in hours.dated]
    for offset in range(DATED_DAYS):
        date = begin + timedelta(days=offset)
        counting: list[tuple[int, int]] = []
        others: list[tuple[int, int]] = []
        for shift in (-1, 0, 1):
            near = date + timedelta(days=shift)
            for window, dates in every:
                if window.day == near.isoweekday():
                    span = (window.start + shift * MINUTES_PER_DAY, window.end + shift * MINUTES_PER_DAY)
                    (counting if dates is None or near in dates else others).append(span)
        inside = [(max(0, start), min(MINUTES_PER_DAY, end)) for start, end in others]
        for start, end in sorted(set(without([span for span in inside if span[0] < span[1]], counting))):
            yield Holiday(date, OFF_WEEK, start, end)


def _breaks(tables: ErpTables, accounting: RowAccounting) -> tuple[Break, ...]:
    breaks: list[Break] = []
    for row in tables.rows("breaks"):
        accounting.read("breaks", row)
        where = row_name(row, "name")
        try:
            breaks += _break(row, tables.mapping, where, accounting)
        except BadCell as bad:
            accounting.refuse_row("breaks", where, bad)
    return tuple(breaks)


def _break(row: Row, mapping: ErpMapping, where: str, accounting: RowAccounting) -> list[Break]:
    if row.has("active") and not flag("active", row["active"]):
        return []
    fields = (row.name_of("start"), row.name_of("end"), row.name_of("minutes"))
    cells = [_time_cell(row, meaning, mapping, "breaks") for meaning in ("start", "end")]
    (start, end), remark = break_hours(fields, cells[0], cells[1], row["minutes"])
    weekdays = (None,) if row["day"] is None else weekdays_of(row, mapping, "breaks")
    if remark is not None:
        accounting.note("breaks", where, remark)
    return [Break(label("name", row["name"], "break"), start, end, weekday) for weekday in weekdays]


def _holidays(
    tables: ErpTables, config: ErpConfig, calendars: Mapping[str, Calendar], plan_start: datetime, accounting: RowAccounting
) -> dict[str, tuple[Holiday, ...]]:
    """The days off by the key of their calendar. A row that names no calendar is a day off of them all."""
    found: dict[str, dict[object, Holiday]] = {}
    keyed = tables.mapping.hours.has("calendar")
    for row in tables.rows("holidays"):
        accounting.read("holidays", row)
        where = row_name(row, "calendar", "date") if row.has("calendar") else row_name(row, "date")
        key = _key(row)
        whose = tuple(dict.fromkeys(("", *calendars))) if keyed and not key else (key,)
        remarks: dict[str, None] = {}
        try:
            for one in whose:
                calendar = calendars.get(one, Calendar(CALENDAR_ID, ROUND_THE_CLOCK))
                days, remark = _days_off(row, calendar, config, tables.mapping, plan_start)
                for holiday in days:
                    found.setdefault(one, {}).setdefault((holiday.date, holiday.start, holiday.end), holiday)
                if remark is not None and (one in calendars or len(whose) == 1):
                    remarks[remark] = None
        except BadCell as bad:
            accounting.refuse_row("holidays", where, bad)
        for remark in remarks:
            accounting.note("holidays", where, remark)
    return {key: tuple(days.values()) for key, days in found.items()}


def _days_off(
    row: Row, calendar: Calendar, config: ErpConfig, mapping: ErpMapping, plan_start: datetime
) -> tuple[Iterable[Holiday], str | None]:
    """The days off that a row means in a calendar, and what to note about them."""
    if row.has("active") and not flag("active", row["active"]):
        return (), None
    unit = mapping.unit("holidays", "date")
    begins = local_moment("date", row["date"], unit, config.timezone)
    if begins is None:
        raise BadCell("date", None, "is empty")
    if abs((begins.date() - plan_start.date()).days) > MAX_DAYS:
        raise BadCell("date", begins.date(), "is more than 19 years from the plan's start")
    name = label("name", row["name"], "")
    if row.has("until"):
        ends = local_moment("until", row["until"], unit, config.timezone)
        if ends is None or ends < begins:
            raise BadCell("until", row["until"], "is not after the beginning of the time off")
        if (ends.date() - begins.date()).days > MAX_DAYS:
            raise BadCell("until", ends.date(), "is more than 19 years from the plan's start")
        return _each_day(begins, ends, name, whole_days=unit == DAY), None
    if row.has("full_day") and flag("full_day", row["full_day"]):
        return (Holiday(begins.date(), name),), None
    fields = (row.name_of("start"), row.name_of("end"))
    said = closed_by_cells(fields, row["start"], row["end"]) if row.has("start") or row.has("end") else None
    if said is None and not row.has("full_day"):
        return (Holiday(begins.date(), name),), None
    start, end = said or closed_half(calendar, begins.date(), config.half_day_off)
    if said:
        remark = f"is a part of a day: nobody works from {time_of_day(start)} to {time_of_day(end)}"
    else:
        remark = (
            f"is half a day, the ERP does not say which half: nobody works from {time_of_day(start)} to {time_of_day(end)}"
        )
    return (Holiday(begins.date(), name, start, end),), remark


def _each_day(begins: datetime, ends: datetime, name: str, whole_days: bool) -> Iterator[Holiday]:
    """The days, or parts of days, of a time off. Its last second of a day (23:59:59) means midnight."""
    for offset in range((ends.date() - begins.date()).days + 1):
        date = begins.date() + timedelta(days=offset)
        start = begins.hour * 60 + begins.minute if offset == 0 and not whole_days else 0
        last = date == ends.date() and not whole_days
        end = round((ends.hour * 3600 + ends.minute * 60 + ends.second) / 60) if last else MINUTES_PER_DAY
        if end == MINUTES_PER_DAY - 1:
            end = MINUTES_PER_DAY
        if start < end:
            yield Holiday(date, name, start, end)
