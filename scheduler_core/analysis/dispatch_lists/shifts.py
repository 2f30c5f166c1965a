"""The plant's shifts, read from the calendar that most of its machines follow.

A shift is one regular window of a date with the overtime that touches it; overtime that touches no regular window is a shift
of its own. Breaks do not divide a shift. A window that ends at 24:00 and one that begins at 00:00 of the next date are one
night shift, if both together are no longer than twelve hours. A holiday has no shift.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from scheduler_core.plant import MINUTES_PER_DAY, Calendar, Plant

LONGEST_NIGHT = 12 * 60
"""Windows on both sides of a midnight belong together up to this length, in minutes."""
_DAYS_BEFORE = 35
"""How far back the shift that holds a moment is looked for: beyond any plant holiday."""
_DAYS_AFTER = 70
"""How far ahead the shift after the last one is looked for."""

_Run = tuple[int, int]
"""Start and end in minutes from plan_start."""


@dataclass(frozen=True)
class Shift:
    """Working hours [start, end) of a shift, and ``until``, where the next one starts.

    Its list holds what starts in [start, until), so that work of machines that run on after it, over a night or a weekend,
    stands in exactly one list.
    """

    start: int
    end: int
    until: int


def plant_calendar(plant: Plant) -> Calendar:
    """The calendar that most machines follow; of equals the one that the plant names first."""
    followers = Counter(machine.calendar for machine in plant.machines)
    return max(plant.calendars, key=lambda calendar: followers[calendar.id])


def shifts(plant: Plant, first: int, last: int) -> tuple[Shift, ...]:
    """The shifts from the one that holds minute ``first`` to the last that starts before ``last``, without gaps.

    A calendar that has no window in these weeks has calendar days as its shifts. A shift stands in for the time before the
    first window where that lies further back than any holiday.
    """
    last = max(last, first + 1)
    day = plant.time_of(first).date() - timedelta(days=_DAYS_BEFORE)
    end = plant.time_of(last).date() + timedelta(days=_DAYS_AFTER)
    runs = list(_runs(plant, plant_calendar(plant), day, end))
    if not runs:
        runs = [(start := plant.midnight(d), start + MINUTES_PER_DAY) for d in _days(day, end)]
    if runs[0][0] > first:
        runs.insert(0, (first, runs[0][0]))
    closing = max(last, runs[-1][1])
    found = [Shift(a[0], a[1], b[0]) for a, b in pairwise([*runs, (closing, closing)])]
    return tuple(s for s in found if s.until > first and s.start < last)


def next_shift(found: Sequence[Shift], now: int) -> Shift:
    """The first shift that starts at ``now`` or later; the last one if there is none. ``found`` is not empty, ascending."""
    return next((s for s in found if s.start >= now), found[-1])


def current_shift(found: Sequence[Shift], now: int) -> Shift | None:
    """The shift whose working hours hold ``now``; None between two shifts."""
    return next((s for s in found if s.start <= now < s.end), None)


def _runs(plant: Plant, calendar: Calendar, first: date, last: date) -> Iterable[_Run]:
    """Shifts' working hours of the dates from ``first`` to ``last``, ascending."""
    holidays = {h.date for h in calendar.holidays}
    by_day = {number: _of_weekday(calendar, number) for number in range(1, 8)}
    pending: _Run | None = None
    for day in _days(first, last):
        hours = () if day in holidays else by_day[day.isoweekday()]
        midnight = plant.midnight(day)
        for start, end in ((midnight + s, midnight + e) for s, e in hours):
            if pending is not None and pending[1] == start == midnight and end - pending[0] <= LONGEST_NIGHT:
                pending = (pending[0], end)
                continue
            if pending is not None:
                yield pending
            pending = (start, end)
    if pending is not None:
        yield pending


def _of_weekday(calendar: Calendar, number: int) -> tuple[_Run, ...]:
    """Shifts of a weekday in minutes after midnight: regular windows, each with the overtime that touches it."""
    found: list[tuple[int, int, bool]] = []
    for window in sorted((w for w in calendar.week if w.day == number), key=lambda w: (w.start, w.end)):
        regular = window.kind == "regular"
        if found:
            start, end, holds_regular = found[-1]
            touches = window.start == end and not (regular and holds_regular)
            if window.start < end or touches:
                found[-1] = (start, max(end, window.end), holds_regular or regular)
                continue
        found.append((window.start, window.end, regular))
    return tuple((start, end) for start, end, _ in found)


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=k) for k in range((last - first).days + 1))
