"""The plant's shifts, read from the calendar that most of its machines follow.

A shift is one regular window of a date with the overtime that touches it; overtime that touches no regular window is a shift
of its own. It belongs to the day on which it begins, also where it runs over midnight. Windows that overlap, for a handover,
stay shifts of their own; extra hours of a date count as a window where the week has none. Breaks do not divide a shift. A
window that ends at 24:00 and one that begins at 00:00 of the next date are one night shift, if both together are no longer
than twelve hours. A holiday has no shift, and a half day what is left of its shifts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from scheduler_core.calendar_hours import hours_between, without
from scheduler_core.plant import MINUTES_PER_DAY, Calendar, Holiday, Plant

LONGEST_NIGHT = timedelta(hours=12)
"""Windows on both sides of a midnight belong together up to this length."""
OVERLAPPING = 3
"""Shifts that run at once at most, of which overtime may follow any."""
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
        runs = [plant.hours(d, 0, MINUTES_PER_DAY) for d in _days(day, end)]
    if runs[0][0] > first:
        runs.insert(0, (first, runs[0][0]))
    closing = max(last, runs[-1][1])
    found = [Shift(a[0], a[1], b[0]) for a, b in pairwise([*runs, (closing, closing)])]
    return tuple(s for s in found if s.until > first and s.start < last)


def next_shift(found: Sequence[Shift], now: int) -> Shift:
    """The first shift that starts at ``now`` or later; the last one if there is none. ``found`` is not empty, ascending."""
    return next((s for s in found if s.start >= now), found[-1])


def current_shift(found: Sequence[Shift], now: int) -> Shift | None:
    """The shift whose working hours hold ``now``, of several the one that began last; None between two shifts."""
    return next((s for s in reversed(found) if s.start <= now < s.end), None)


def _runs(plant: Plant, calendar: Calendar, first: date, last: date) -> Iterable[_Run]:
    """Shifts' working hours of the dates from ``first`` to ``last``, in the order in which they begin."""
    hours = [_Hours(*one) for day in _days(first, last) for one in _of_date(calendar, day)]
    found: list[_Hours] = []
    for now in sorted(hours, key=lambda h: (h.start, h.end)):
        # Shifts that may still run: those before the last one that overtime can follow, where shifts overlap.
        place = next(
            (i for i in reversed(range(max(0, len(found) - OVERLAPPING), len(found))) if _is_one(found[i], now)), None
        )
        if place is None:
            found.append(now)
        else:
            before = found[place]
            found[place] = _Hours(before.start, max(before.end, now.end), before.is_regular or now.is_regular)
    return ((plant.minute_of(h.start), plant.clock.end_of(h.end)) for h in found)


@dataclass(frozen=True)
class _Hours:
    """Working hours on the plant's clock."""

    start: datetime
    end: datetime
    is_regular: bool


def _is_one(before: _Hours, now: _Hours) -> bool:
    """Whether hours belong to the shift that began before them, or with them."""
    if before.start == now.start:
        return True
    if before.end == now.start and now.start.time() == time():
        return now.end - before.start <= LONGEST_NIGHT
    return before.end >= now.start and not (before.is_regular and now.is_regular)


def _of_date(calendar: Calendar, day: date) -> Iterable[tuple[datetime, datetime, bool]]:
    """What begins on a date, as start, end and whether it is regular: its windows less holidays, and extra hours."""
    midnight = datetime.combine(day, time())

    def at(minute: int) -> datetime:
        return midnight + timedelta(minutes=minute)

    closed = [(h.start + shift, h.end + shift) for h, shift in _holidays_from(calendar, day)]
    for window in calendar.week:
        if window.day == day.isoweekday():
            left = without([(window.start, window.end)], closed)
            if left:
                yield at(left[0][0]), at(left[-1][1]), window.kind == "regular"
    for extra in calendar.extra:
        if extra.date == day:
            anyway = hours_between(replace(calendar, extra=()), day, extra.start, extra.end)
            for start, end in without([(extra.start, extra.end)], anyway):
                yield at(start), at(end), extra.kind == "regular"


def _holidays_from(calendar: Calendar, day: date) -> Iterable[tuple[Holiday, int]]:
    """The holidays of a date and of the next, each with the minutes from the date's midnight to its own."""
    for holiday in calendar.holidays:
        days = (holiday.date - day).days
        if days in (0, 1):
            yield holiday, days * MINUTES_PER_DAY


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=k) for k in range((last - first).days + 1))
