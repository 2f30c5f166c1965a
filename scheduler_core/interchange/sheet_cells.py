"""One cell of a table into a value, or the reason why it cannot be used."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from scheduler_core.interchange.clean_text import cleaned
from scheduler_core.interchange.placeholder_dates import stands_for_none
from scheduler_core.interchange.sheet_rows import Cell
from scheduler_core.interchange.written_numbers import NOT_A_NUMBER, BadNumber, exact_number
from scheduler_core.limits import MAX_TEXT
from scheduler_core.plant import MAX_DURATION
from scheduler_core.rounding import whole_minutes

MAX_NAMES = 4_000
"""Longest list of machines, in characters."""
_YES, _NO = {"yes", "y", "true", "1", "x"}, {"no", "n", "false", "0"}
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)")
_MIDNIGHT_AFTER = re.compile(r"24:00(?::00(?:\.0+)?)?")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+")
"""A number that has a decimal point in one country and separators of thousands in another."""
_POINT = re.compile(r"[+-]?\d+\.\d+")
_COMMA = re.compile(r"[+-]?[\d.]+,\d+")
_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)(?::([0-5]\d)(?:\.\d+)?)?")
_NOISE = Decimal("0.000001")
"""Parts of a number that are smaller come from arithmetic with binary fractions, and nobody wrote them."""


class BadCell(ValueError):
    """Why a cell cannot be used, in a planner's words."""


@dataclass(frozen=True)
class Moment:
    """A date with its time. ``taken_as_end``: 00:00 was written, and the end of that day is meant."""

    at: datetime
    taken_as_end: bool = False


def text(cell: Cell, limit: int = MAX_TEXT) -> str | None:
    """Text without blanks around it, None for an empty cell; a whole number counts as its digits.

    Line breaks, no-break and full-width blanks are plain blanks; joiners and other signs that nobody sees are left out.
    """
    _usable(cell)
    if cell.empty:
        return None
    if isinstance(cell.value, bool | datetime):
        raise BadCell("is not a text")
    value = cleaned(cell.text).strip()
    if isinstance(cell.value, float):
        if not cell.value.is_integer():
            raise BadCell("is not a text")
        value = str(int(cell.value))
    if len(value) > limit:
        raise BadCell(f"is longer than {limit} characters")
    if not value.isprintable():
        raise BadCell("holds a sign that cannot be printed")
    return value or None


def decimal_points(cells: Iterable[Cell]) -> bool:
    """True if the numbers that are written as text in a table have a decimal point and no decimal comma.

    Only then 1.440 is a little more than one; else it may be one thousand four hundred and forty.
    """
    written = [c.value.strip() for c in cells if isinstance(c.value, str)]
    points = any(_POINT.fullmatch(w) and not _THOUSANDS.fullmatch(w) for w in written)
    return points and not any(_COMMA.fullmatch(w) for w in written)


def number(cell: Cell, points: bool = False) -> Decimal | None:
    """A finite number without rounding noise, None for an empty cell. A decimal comma is not guessed at.

    ``points``: `decimal_points` of the table.
    """
    _usable(cell)
    if cell.empty:
        return None
    if isinstance(cell.value, bool | datetime):
        raise BadCell("is not a number")
    written = cell.text.strip()
    if isinstance(cell.value, str) and not points and _THOUSANDS.fullmatch(written):
        small, large = f"{Decimal(written).normalize():f}", written.replace(".", "")
        raise BadCell(f"may be {large} or {small}: write it without separators of thousands")
    try:
        value = exact_number(written)
    except BadNumber as bad:
        hint = " (write it with a decimal point and without separators)" if str(bad) == NOT_A_NUMBER else ""
        raise BadCell(f"{bad}{hint}") from None
    return value.quantize(_NOISE) if value != value.quantize(_NOISE) else value


def whole(cell: Cell, low: int, high: int, points: bool = False) -> int | None:
    """A whole number from ``low`` to ``high``, None for an empty cell."""
    value = number(cell, points)
    if value is None:
        return None
    if value != value.to_integral_value() or not low <= value <= high:
        raise BadCell(f"is not a whole number from {low} to {high}")
    return int(value)


def minutes(cell: Cell, points: bool = False) -> int | None:
    """Minutes from 0 to the longest duration, rounded up to whole ones (see ``whole_minutes``)."""
    value = number(cell, points)
    if value is None:
        return None
    if cell.merged is not None:
        first, last = cell.merged
        raise BadCell(f"is one cell over the rows {first} to {last}: write the time of each operation")
    rounded = whole_minutes(value)
    if value < 0 or rounded > MAX_DURATION:
        raise BadCell(f"is not a time from 0 to {MAX_DURATION} minutes")
    return rounded


def flag(cell: Cell) -> bool | None:
    """Yes or no, None for an empty cell."""
    _usable(cell)
    if cell.empty:
        return None
    value = cleaned(cell.text).strip().lower()
    if value not in _YES | _NO:
        raise BadCell("is neither yes nor no")
    return value in _YES


def moment(cell: Cell, end_of_day: bool) -> Moment | None:
    """A date with or without a time, None for an empty cell.

    A date alone means 00:00, or 23:59 with ``end_of_day``; so does a date with the time 00:00, which most programs write for
    a date alone. Seconds are rounded: down with ``end_of_day``, so that nothing is due later than it says, else up.
    """
    _usable(cell)
    if cell.empty:
        return None
    value, shows_time = cell.value, not cell.date_only
    if isinstance(value, str):
        value, shows_time, midnight_after = _written(value.strip())
        if midnight_after:
            return Moment(_later(value, timedelta(days=1)))
    if not isinstance(value, datetime):
        raise BadCell("is a number and not a date")
    if end_of_day and (value.hour, value.minute, value.second) == (0, 0, 0):
        return Moment(value.replace(hour=23, minute=59, microsecond=0), taken_as_end=shows_time)
    down = value.replace(second=0, microsecond=0)
    if end_of_day or down == value:
        return Moment(down)
    return Moment(_later(down, timedelta(minutes=1)))


def _later(moment: datetime, span: timedelta) -> datetime:
    try:
        return moment + span
    except OverflowError:
        raise BadCell("is not a date that can be meant") from None


def time_of_day(cell: Cell) -> int | None:
    """A time of day in minutes after midnight, 0 to 1440, None for an empty cell. Seconds are rounded to the next minute."""
    seconds = cell.clock
    if seconds is None:
        _usable(cell)
        if cell.empty:
            return None
        found = _CLOCK.fullmatch(cell.text.strip()) if isinstance(cell.value, str) else None
        seconds = -1 if found is None else int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3] or 0)
    if not 0 <= seconds <= 86400:
        raise BadCell("is not a time of day from 00:00 to 24:00")
    return -(-seconds // 60)


def stands_for_no_date(cell: Cell) -> bool:
    """True for the dates that programs write where there is none (9999-12-31, 1970-01-01)."""
    return cell.fault is None and isinstance(cell.value, str | datetime) and stands_for_none(cell.text.strip())


def _usable(cell: Cell) -> None:
    if cell.fault is not None:
        raise BadCell(cell.fault)


def _written(written: str) -> tuple[datetime, bool, bool]:
    """A date of a text, whether a time stands with it, and whether that is 24:00."""
    found = _MOMENT.fullmatch(written)
    try:
        if found is None and not _DATE.fullmatch(written):
            raise ValueError
        if found is not None and _MIDNIGHT_AFTER.fullmatch(found[2]):
            return datetime.fromisoformat(found[1]), True, True
        return datetime.fromisoformat(written), found is not None, False
    except ValueError:
        raise BadCell("is not a date such as 2025-07-25, or 2025-07-25 14:30") from None
