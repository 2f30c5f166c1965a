"""Hours as the ERP writes them: a start and an end as times of day, over midnight, and holidays of a part of a day."""

from __future__ import annotations

from datetime import date

import numpy as np

from scheduler_core.data.erp.cells import BadCell, canonical, minute_of_day, number
from scheduler_core.plant import MINUTES_PER_DAY, Calendar, WorkWindow, end_after, time_of_day
from scheduler_core.simulator.working_time import wall_mask

LONGEST_OVER_MIDNIGHT = 16 * 60
"""Hours over midnight that are longer, and not a whole day, are taken for a typing error: their times stand the wrong way
round."""
LONGEST_BREAK_OVER_MIDNIGHT = 4 * 60
REMARKABLE = 12 * 60
"""Hours over midnight that are longer get a note."""
FIRST_HALF, SECOND_HALF = "first half", "second half"

Span = tuple[int, int]
"""[start, end) in minutes after the midnight at which the day begins; an end beyond 1440 lies on the next day."""


def window_hours(fields: tuple[str, str], start: object, end: object) -> tuple[Span, str | None]:
    """The hours of two cells (``fields``: what they are called), and what to note about them.

    An end at or before the start lies on the next day; 00:00, 24:00, 23:59 and 23:59:59 are all midnight. Raises BadCell.
    """
    first, last = _times(fields, start, end)
    length = last - first
    if last > MINUTES_PER_DAY and LONGEST_OVER_MIDNIGHT < length < MINUTES_PER_DAY:
        raise BadCell(fields[1], end, f"is not after the start at {time_of_day(first)}")
    if last <= MINUTES_PER_DAY or length <= REMARKABLE:
        return (first, last), None
    hours = f"{length / 60:g}"
    remark = f"runs over midnight for {hours} hours, from {time_of_day(first)} to {time_of_day(last)} of the next day"
    return (first, last), remark


def break_hours(fields: tuple[str, str, str], start: object, end: object, minutes: object) -> tuple[Span, str | None]:
    """The hours of a break, as ``window_hours``, from its start, end and length in minutes. Without a length its times
    count; with a length that is not theirs it is refused."""
    first, last = _times(fields[:2], start, end)
    length = number(fields[2], minutes)
    if minute_of_day(fields[1], end) == first:
        if length is None or length != int(length) or not 0 < length <= LONGEST_BREAK_OVER_MIDNIGHT:
            raise BadCell(fields[1], end, f"is not after the start at {time_of_day(first)}")
        message = f"ends when it begins, at {time_of_day(first)}: its length of {int(length)} minutes counts"
        return (first, first + int(length)), message
    if last > MINUTES_PER_DAY and last - first > LONGEST_BREAK_OVER_MIDNIGHT:
        raise BadCell(fields[1], end, f"is not after the start at {time_of_day(first)}")
    if length is not None and length != 0 and length != last - first:
        reason = f"does not agree with the time from {time_of_day(first)} to {time_of_day(last)}"
        raise BadCell(fields[2], minutes, reason)
    remark = f"has no length: its times count, from {time_of_day(first)} to {time_of_day(last)}" if length == 0 else None
    return (first, last), remark


def closed_by_cells(fields: tuple[str, str], start: object, end: object) -> Span | None:
    """The part of a date that two cells of a holiday close; an empty start is the date's midnight, an empty end the next.
    None where both are empty, or where they are no part of one date. Raises BadCell for what is no time."""
    if not canonical(start).strip() and not canonical(end).strip():
        return None
    first = minute_of_day(fields[0], start) if canonical(start).strip() else 0
    last = _end(minute_of_day(fields[1], end)) if canonical(end).strip() else MINUTES_PER_DAY
    last = last or MINUTES_PER_DAY
    return (first, last) if first < last and (first, last) != (0, MINUTES_PER_DAY) else None


def closed_half(calendar: Calendar, day: date, which: str) -> Span:
    """The half of a date that nobody works: the first or the second half of its working time, or the hours of a text like
    ``12:00-24:00``."""
    if which not in (FIRST_HALF, SECOND_HALF):
        start, _, end = which.partition("-")
        return minute_of_day("", start), _end(minute_of_day("", end)) or MINUTES_PER_DAY
    works = np.flatnonzero(wall_mask(Calendar(calendar.id, calendar.week, calendar.breaks), day, 1))
    middle = int(works[len(works) // 2]) if len(works) > 1 else MINUTES_PER_DAY // 2
    return (0, middle) if which == FIRST_HALF else (middle, MINUTES_PER_DAY)


def split_at(weekday: int, hours: Span, overtime_begins: int | None) -> list[WorkWindow]:
    """The hours of a weekday as windows, overtime from a time of that day on to their end (None: none of them)."""
    start, end = hours
    split = end if overtime_begins is None else min(end, max(start, overtime_begins))
    windows = [WorkWindow(weekday, start, split, "regular")] if start < split else []
    return [*windows, WorkWindow(weekday, split, end, "overtime")] if split < end else windows


def _times(fields: tuple[str, str], start: object, end: object) -> Span:
    first, last = minute_of_day(fields[0], start), _end(minute_of_day(fields[1], end))
    if first == MINUTES_PER_DAY:
        raise BadCell(fields[0], start, "is not a time of day")
    return first, end_after(first, last)


def _end(minute: int) -> int:
    """An end of 23:59 means midnight."""
    return MINUTES_PER_DAY if minute == MINUTES_PER_DAY - 1 else minute
