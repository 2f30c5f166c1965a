"""The sheet of calendars: shifts, overtime, breaks, holidays and extra hours, one row each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from scheduler_core.errors import InvalidValue
from scheduler_core.interchange import sheet_cells as cells
from scheduler_core.interchange.sheet_cells import BadCell
from scheduler_core.interchange.sheet_faults import SheetRow
from scheduler_core.interchange.sheet_rows import Cell
from scheduler_core.interchange.workbook_columns import KINDS
from scheduler_core.plant import MAX_DAYS, MINUTES_PER_DAY, Break, Calendar, ExtraHours, Holiday, WorkWindow, end_after

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LAST_MINUTE = MINUTES_PER_DAY - 1
"""23:59 as an end means midnight."""


@dataclass
class _Gathered:
    """What the rows of one calendar say; ``first``: its first row."""

    first: SheetRow
    week: list[WorkWindow] = field(default_factory=list)
    breaks: list[Break] = field(default_factory=list)
    holidays: list[Holiday] = field(default_factory=list)
    extra: list[ExtraHours] = field(default_factory=list)


def read_calendars(rows: Sequence[SheetRow], start: date) -> tuple[Calendar, ...]:
    """The calendars of the sheet in its order; what is wrong stands in the rows' faults. ``start``: the plan's first day."""
    found: dict[str, _Gathered] = {}
    for row in rows:
        name = row.needed("calendar", cells.text)
        if name is None:
            continue
        gathered = found.setdefault(name, _Gathered(row))
        try:
            _take(row, gathered, start)
        except InvalidValue as invalid:
            row.refuse(invalid.where if invalid.where in ("start", "end", "date") else "kind", invalid.reason)
    made = []
    for name, one in found.items():
        if not one.week and not one.extra and one.first.usable:
            one.first.refuse("calendar", "has no shift and no extra hours: nothing would ever be made")
        made.append(Calendar(name, tuple(one.week), tuple(one.breaks), tuple(one.holidays), tuple(one.extra)))
    return tuple(made)


def _take(row: SheetRow, gathered: _Gathered, first_day: date) -> None:
    """Add what one row says. Raises InvalidValue for hours that the plant's types refuse."""
    kind = row.needed("kind", _kind)
    if kind is None:
        return
    name = row.value("name", cells.text) or ""
    if kind in ("holiday", "extra"):
        row.value("days", _nothing)
        on = row.needed("date", lambda cell: near(cell, first_day))
    else:
        row.value("date", _nothing)
        days = (row.value if kind == "break" else row.needed)("days", _weekdays)
    if kind == "holiday":
        start, end = row.value("start", cells.time_of_day), row.value("end", cells.time_of_day)
        if row.usable and on is not None:
            gathered.holidays.append(Holiday(on.date(), name, start or 0, _end(0, MINUTES_PER_DAY if end is None else end)))
        return
    start, end = row.needed("start", cells.time_of_day), row.needed("end", cells.time_of_day)
    if not row.usable or start is None or end is None:
        return
    hours = (start % MINUTES_PER_DAY, _end(start % MINUTES_PER_DAY, end))
    if kind == "extra" and on is not None:
        gathered.extra.append(ExtraHours(on.date(), *hours))
    elif kind == "break":
        gathered.breaks += [Break(name, *hours, day=day) for day in days or (None,)]
    else:
        gathered.week += [WorkWindow(day, *hours, "overtime" if kind == "overtime" else "regular") for day in days or ()]


def _end(start: int, end: int) -> int:
    """The end in minutes after the midnight of the start's day: at or before the start it lies on the next day."""
    return end_after(start, MINUTES_PER_DAY if end in (0, _LAST_MINUTE) else end)


def _kind(cell: Cell) -> str | None:
    written = cells.text(cell)
    kind = None if written is None else written.lower().removesuffix(" hours")
    if kind is not None and kind not in KINDS:
        raise BadCell(f"must be one of: {', '.join(KINDS)}")
    return kind


def near(cell: Cell, start: date) -> datetime | None:
    """A date, or date and time, that is no farther from the plan's first day than a plan may reach; None for none."""
    moment = cells.moment(cell, end_of_day=False)
    if moment is not None and abs((moment.at.date() - start).days) >= MAX_DAYS:
        raise BadCell("is more than 19 years from the plan's start")
    return None if moment is None else moment.at


def _nothing(cell: Cell) -> None:
    if not cell.empty:
        raise BadCell("must be empty for this kind")


def _weekdays(cell: Cell) -> tuple[int, ...] | None:
    """Days from 1 (Monday) to 7, of a text such as Mon-Fri, or Mon, Wed, or 1-5."""
    written = cells.text(cell)
    if written is None:
        return None
    if written.lower() in ("daily", "every day"):
        return tuple(range(1, 8))
    days: list[int] = []
    for part in re.split(r"[,;/]", written):
        first, _, last = re.sub(r"\s*[-–—]\s*", "-", part.strip()).partition("-")
        start = _weekday(first)
        length = (_weekday(last) - start) % 7 if last else 0
        days += [(start - 1 + k) % 7 + 1 for k in range(length + 1)]
    if len(set(days)) < len(days):
        raise BadCell("names a day twice")
    return tuple(sorted(days))


def _weekday(written: str) -> int:
    word = written.strip().lower()
    if word in "1234567" and len(word) == 1:
        return int(word)
    if word[:3] in _DAYS and len(word) >= 3:
        return _DAYS.index(word[:3]) + 1
    raise BadCell("is not a list of weekdays such as Mon-Fri, or Mon, Wed")
