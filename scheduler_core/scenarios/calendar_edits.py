"""A calendar with more or fewer hours on certain days: dates within a year one by one, without an end as weekly windows.

Until the first date of a change without an end, single dates keep the hours that they had.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from scheduler_core.calendar_hours import Span, closed_on, hours_between, without
from scheduler_core.plant import MINUTES_PER_DAY, Calendar, ExtraHours, Holiday, WindowKind, WorkWindow
from scheduler_core.scenarios.days import Days


def opened(calendar: Calendar, days: Days, start: int, end: int, kind: WindowKind, today: date) -> Calendar:
    """The calendar that also works on these days from ``start`` to ``end``, minutes after midnight as in ``WorkWindow``.
    Days before ``today`` are left alone. Without effect it is the calendar itself."""
    if days.last is not None:
        single = days.last == days.first
        found = list[ExtraHours]()
        for day in days.dates(today, days.last):
            wanted = [(start, end)] if single else without([(start, end)], _holidays_at(calendar, day))
            missing = without(wanted, hours_between(calendar, day, start, end))
            # Hours that are partly there stay one shift; outside holidays they are listed as they were asked for.
            found += (
                [ExtraHours(day, start, end, kind)] if missing and wanted == [(start, end)] else _extra(day, missing, kind)
            )
        return replace(calendar, extra=(*calendar.extra, *found)) if found else calendar
    windows = tuple(WorkWindow(day, start, end, kind) for day in days.week if _missing(calendar, day, (start, end)))
    if not windows:
        return calendar
    not_yet = [
        holiday
        for day in days.dates_before(today)
        if any(w.day == day.isoweekday() for w in windows)
        for span in without([(start, end)], hours_between(calendar, day, start, end))
        for holiday in _holidays(day, span)
    ]
    return replace(calendar, week=(*calendar.week, *windows), holidays=(*calendar.holidays, *not_yet))


def closed(calendar: Calendar, days: Days, span: Span, name: str, today: date) -> Calendar:
    """The calendar that does not work on these days in ``span``, minutes after midnight of the same date; days before
    ``today`` are left alone. Without effect it is the calendar itself."""
    start, end = span
    if days.last is not None:
        for day in days.dates(today, days.last):
            if hours_between(calendar, day, start, end):
                calendar = closed_on(calendar, day, start, end, name)
        return calendar
    week = tuple(piece for window in calendar.week for piece in _less_window(window, days.week, span))
    shorter = replace(calendar, week=week)
    # Extra hours that run over midnight lie on two dates.
    dates = {extra.date + timedelta(days=n) for extra in calendar.extra for n in range(-(-extra.end // MINUTES_PER_DAY))}
    for day in sorted(day for day in dates if day >= days.first and day.isoweekday() in days.week):
        if hours_between(shorter, day, start, end):
            shorter = closed_on(shorter, day, start, end, name)
    still = [
        hours
        for day in days.dates_before(today)
        for piece in without(hours_between(calendar, day, start, end), hours_between(shorter, day, start, end))
        for hours in _extra(day, [piece], _kind_at(calendar, day, piece[0]))
    ]
    return replace(shorter, extra=(*shorter.extra, *still)) if still else shorter


def _missing(calendar: Calendar, day: int, span: Span) -> list[Span]:
    """What of a span of a weekday no weekly window covers."""
    covered: list[Span] = []
    for window in calendar.week:
        # The day before and the day after too: windows and spans may run over midnight.
        for shift in (0, 1, -1, 6, -6):
            if window.day - day == shift:
                days = shift if abs(shift) < 6 else -shift // 6
                covered.append((window.start + days * MINUTES_PER_DAY, window.end + days * MINUTES_PER_DAY))
    return without([span], covered)


def _less_window(window: WorkWindow, week: tuple[int, ...], span: Span) -> list[WorkWindow]:
    """The pieces of a weekly window that are left without a span of these weekdays."""
    taken = []
    if window.day in week:
        taken.append(span)
    if window.day % 7 + 1 in week:
        taken.append((span[0] + MINUTES_PER_DAY, span[1] + MINUTES_PER_DAY))
    if not taken:
        return [window]
    pieces = []
    for start, end in without([(window.start, window.end)], taken):
        later = start // MINUTES_PER_DAY
        day = (window.day - 1 + later) % 7 + 1
        pieces.append(replace(window, day=day, start=start - later * MINUTES_PER_DAY, end=end - later * MINUTES_PER_DAY))
    return pieces


def _holidays_at(calendar: Calendar, day: date) -> list[Span]:
    """The holidays of a date and of the next, in minutes after the date's midnight."""
    found = []
    for holiday in calendar.holidays:
        shift = (holiday.date - day).days * MINUTES_PER_DAY
        if shift in (0, MINUTES_PER_DAY):
            found.append((holiday.start + shift, holiday.end + shift))
    return found


def _holidays(day: date, span: Span) -> list[Holiday]:
    """A span that may run over midnight as holidays of its dates."""
    start, end = span
    parts = [Holiday(day, "", start, min(end, MINUTES_PER_DAY))] if start < MINUTES_PER_DAY else []
    if end > MINUTES_PER_DAY:
        parts.append(Holiday(day + timedelta(days=1), "", max(0, start - MINUTES_PER_DAY), end - MINUTES_PER_DAY))
    return parts


def _extra(day: date, spans: list[Span], kind: WindowKind) -> list[ExtraHours]:
    found = []
    for start, end in spans:
        later = start // MINUTES_PER_DAY
        shift = later * MINUTES_PER_DAY
        found.append(ExtraHours(day + timedelta(days=later), start - shift, end - shift, kind))
    return found


def _kind_at(calendar: Calendar, day: date, minute: int) -> WindowKind:
    """Whether the weekly hours of a date are regular or overtime at a minute."""
    here = [w.kind for w in calendar.week if w.day == day.isoweekday() and w.start <= minute < w.end]
    return "overtime" if here and "regular" not in here else "regular"
