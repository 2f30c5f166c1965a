"""What an XLSX workbook's number formats say of a number: whether it is a date, a time, or a plain number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from scheduler_core.interchange.sheet_rows import NO_VALUE, Cell

_NOT_SHOWN = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
"""Parts of a number format that show no part of the date: quoted words, single signs, locales, colours and conditions."""
_DATE_FORMATS = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
"""Numbers of formats that need no text in the file and show a date or a time (ECMA-376, 18.8.30, with East Asia's)."""
_TIME_FORMATS = frozenset((18, 19, 20, 21, 22, 32, 33, 34, 35, 45, 46, 47, 55, 56))
"""Those of them that show hours or seconds."""
_SPAN_FORMAT = 46
"""[h]:mm:ss"""
_WINDOWS, _MAC = datetime(1899, 12, 30), datetime(1904, 1, 1)
_FIRST_DAY = datetime(1899, 12, 31)
_LAST_SERIAL = 2_958_466
"""The day after 9999-12-31."""


@dataclass(frozen=True)
class NumberFormat:
    """``date``: a number in this format is a moment; ``time``: hours or seconds are shown with it; ``span``: it is a length
    of time, such as 30:15 hours."""

    date: bool = False
    time: bool = False
    span: bool = False


GENERAL = NumberFormat()


def shows_time(number_format: str) -> bool:
    """True if a cell of this number format shows hours or seconds: locales, colours and quoted words do not count."""
    shown = _shown(number_format)
    return "h" in shown or "s" in shown


def number_format(number: int, written: Mapping[int, str]) -> NumberFormat:
    """The format of a number, from the texts that the workbook has ``written`` and the ones that need none."""
    if number in written:
        shown = _shown(written[number])
        return NumberFormat(any(sign in shown for sign in "dmyhs"), "h" in shown or "s" in shown, "[" in shown)
    return NumberFormat(number in _DATE_FORMATS, number in _TIME_FORMATS, number == _SPAN_FORMAT)


def numeric_cell(written: str, form: NumberFormat, *, mac: bool) -> Cell:
    """The cell of a number as the file writes it. ``mac``: days are counted from 1904. Never raises."""
    try:
        if "_" in written:  # which Python would read over
            raise ValueError
        value: int | float = int(written) if written.strip().lstrip("-").isdecimal() else float(written)
    except ValueError:  # also for thousands of digits
        return Cell(written, NO_VALUE)
    if not form.date:
        return Cell(value)
    if not 0 <= value < _LAST_SERIAL:
        return Cell(written, NO_VALUE)
    if form.span or value < 1:
        span = timedelta(seconds=round(value * 86400))
        return Cell(str(span), NO_VALUE, clock=round(span.total_seconds()))
    day = int(value)
    since_midnight = timedelta(milliseconds=round((value - day) * 86_400_000))
    if not mac and value < 60:
        day += 1  # the file's calendar has a 29th of February 1900, which never was
    try:
        moment = (_MAC if mac else _WINDOWS) + timedelta(days=day) + since_midnight
    except OverflowError:
        return Cell(written, NO_VALUE)
    if moment.year < 1901:  # a time of day: 24:00 is the end of the file's first day
        return Cell(str(moment), NO_VALUE, clock=round((moment - _FIRST_DAY).total_seconds()))
    return Cell(moment, date_only=not form.time)


def iso_cell(written: str, form: NumberFormat) -> Cell:
    """The cell of a date or a time that is written as text (ISO 8601), which strict workbooks have. Never raises."""
    text = written.strip().removesuffix("Z")
    try:
        moment = datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        pass  # then it may be a time without a date
    else:
        if moment.year < 1901:  # a time of day on the calendar's first day: either of two, by the program that wrote it
            first = _WINDOWS if moment < _FIRST_DAY else _FIRST_DAY
            return Cell(written, NO_VALUE, clock=round((moment - first).total_seconds()))
        return Cell(moment, date_only="T" not in text or not form.time)
    try:
        at = time.fromisoformat(text.removeprefix("T"))
    except ValueError:
        return Cell(written, NO_VALUE)
    return Cell(written, NO_VALUE, clock=at.hour * 3600 + at.minute * 60 + at.second)


def _shown(written: str) -> str:
    return _NOT_SHOWN.sub("", written).split(";")[0].lower()  # a quoted word may hold a semicolon
