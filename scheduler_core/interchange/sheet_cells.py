"""One cell of a table into a value, or the reason why it cannot be used."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation

from scheduler_core.interchange.sheet_table import Cell
from scheduler_core.limits import MAX_TEXT
from scheduler_core.plant import MAX_DURATION
from scheduler_core.rounding import whole_minutes

MAX_NAMES = 4_000
"""Longest list of machines, in characters."""
_YES, _NO = {"yes", "y", "true", "1", "x"}, {"no", "n", "false", "0"}
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?")
_LIMIT = Decimal(10) ** 12


class BadCell(ValueError):
    """Why a cell cannot be used, in a planner's words."""


def text(cell: Cell, limit: int = MAX_TEXT) -> str | None:
    """Text without blanks around it, None for an empty cell; a whole number counts as its digits."""
    if cell.fault is not None:
        raise BadCell(cell.fault)
    if cell.empty:
        return None
    if isinstance(cell.value, bool | datetime):
        raise BadCell("is not a text")
    value = cell.text.strip()
    if isinstance(cell.value, float):
        if not cell.value.is_integer():
            raise BadCell("is not a text")
        value = str(int(cell.value))
    if len(value) > limit:
        raise BadCell(f"is longer than {limit} characters")
    if not value.isprintable():
        raise BadCell("holds a sign that cannot be printed")
    return value


def number(cell: Cell) -> Decimal | None:
    """An exact finite number, None for an empty cell. A decimal comma is not guessed at."""
    if cell.fault is not None:
        raise BadCell(cell.fault)
    if cell.empty:
        return None
    if isinstance(cell.value, bool | datetime):
        raise BadCell("is not a number")
    try:
        value = Decimal(cell.text.strip())
    except InvalidOperation:
        raise BadCell("is not a number (write it with a decimal point and without separators)") from None
    if not value.is_finite() or abs(value) >= _LIMIT:
        raise BadCell("is not a number that can be meant")
    return value


def whole(cell: Cell, low: int, high: int) -> int | None:
    """A whole number from ``low`` to ``high``, None for an empty cell."""
    value = number(cell)
    if value is None:
        return None
    if value != value.to_integral_value() or not low <= value <= high:
        raise BadCell(f"is not a whole number from {low} to {high}")
    return int(value)


def minutes(cell: Cell, low: int) -> int | None:
    """Minutes from ``low`` to the longest duration, rounded up to whole ones (see ``whole_minutes``)."""
    value = number(cell)
    if value is None:
        return None
    rounded = whole_minutes(value)
    if value < 0 or not low <= rounded <= MAX_DURATION:
        raise BadCell(f"is not a time from {low} to {MAX_DURATION} minutes")
    return rounded


def flag(cell: Cell) -> bool | None:
    """Yes or no, None for an empty cell."""
    if cell.fault is not None:
        raise BadCell(cell.fault)
    if cell.empty:
        return None
    value = cell.text.strip().lower()
    if value not in _YES | _NO:
        raise BadCell("is neither yes nor no")
    return value in _YES


def moment(cell: Cell, end_of_day: bool) -> datetime | None:
    """A date with or without a time, None for an empty cell. A date alone means 00:00, or 23:59 with ``end_of_day``."""
    if cell.fault is not None:
        raise BadCell(cell.fault)
    if cell.empty:
        return None
    value, date_only = cell.value, cell.date_only
    if isinstance(value, str):
        stripped = value.strip()
        date_only = _DATE.fullmatch(stripped) is not None
        try:
            if not date_only and not _MOMENT.fullmatch(stripped):
                raise ValueError
            value = datetime.fromisoformat(stripped)
        except ValueError:
            raise BadCell("is not a date such as 2025-07-25, or 2025-07-25 14:30") from None
    if not isinstance(value, datetime):
        raise BadCell("is a number and not a date")
    if value.second or value.microsecond:
        raise BadCell("is not a time in whole minutes")
    return value.replace(hour=23, minute=59) if date_only and end_of_day else value


def names(cell: Cell) -> tuple[str, ...]:
    """Names apart by commas or semicolons; none for an empty cell."""
    found = text(cell, MAX_NAMES)
    return () if found is None else tuple(n.strip() for n in re.split(r"[,;]", found) if n.strip())
