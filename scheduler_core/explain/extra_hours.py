"""Extra hours on single dates: which could be opened on a machine, and the plant with them.

Calendars are weekly patterns, so the machine gets a calendar of its own with one more window, and is out of use in that
window in every other week: exactly the minutes of the one date are won.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from scheduler_core.plant import MINUTES_PER_DAY, MINUTES_PER_WEEK, Calendar, Downtime, Machine, Plant, WorkWindow

OVERTIME_MINUTES = 180
"""Hours that a working day is made longer by, in minutes; never beyond midnight."""
EXTRA_SHIFT_MINUTES = 480
"""Length of an extra shift on a day without one, from the hour at which the machine's days usually begin."""
NO_EXTRA_HOURS = "no extra hours"
"""Why a machine does not work in other weeks in the hours that one date has more."""

Span = tuple[int, int]


@dataclass(frozen=True)
class ExtraHours:
    """Machines (ids) that also work on ``date`` from ``start`` to ``end``, in minutes after midnight."""

    machines: tuple[int, ...]
    date: date
    start: int
    end: int
    is_shift: bool
    """Whether the day had no hours before."""

    @property
    def minutes(self) -> int:
        """Length of the window; breaks of the calendar inside it stay."""
        return self.end - self.start


def extra_hours(
    plant: Plant, machines: tuple[int, ...], day: int, shift_minutes: int = EXTRA_SHIFT_MINUTES
) -> ExtraHours | None:
    """Hours that could be opened on a day (0: the day of plan_start) for machines that work together: overtime, or a shift
    of ``shift_minutes`` on a day without hours. None on a holiday, where the day is full, or if it is over when the plan
    begins."""
    when = plant.plan_start.date() + timedelta(days=day)
    calendars = [plant.calendar_by_id[plant.machine_by_id[m].calendar] for m in machines]
    if any(h.date == when for c in calendars for h in c.holidays):
        return None
    windows = [w for c in calendars for w in c.week if w.day == when.isoweekday()]
    if windows:
        start, length = max(w.end for w in windows), OVERTIME_MINUTES
    else:
        start, length = min((w.start for c in calendars for w in c.week), default=0), shift_minutes
    end = min(MINUTES_PER_DAY, start + length)
    if start >= end or plant.midnight(when) + end <= 0:
        return None
    return ExtraHours(machines, when, start, end, is_shift=not windows)


def with_extra_hours(plant: Plant, extras: Sequence[ExtraHours], until: int) -> Plant:
    """The plant with the extra hours. ``until``: minute up to which no other week may win any (a schedule's end)."""
    calendars = dict(plant.calendar_by_id)
    machines = {m.id: m for m in plant.machines}
    for extra in extras:
        for m in extra.machines:
            machines[m], calendar = _opened(plant, machines[m], calendars[machines[m].calendar], extra, until)
            calendars[calendar.id] = calendar
    used = {m.calendar for m in machines.values()} | {c.id for c in plant.calendars}
    return replace(plant, calendars=tuple(c for c in calendars.values() if c.id in used), machines=tuple(machines.values()))


def works_in(plant: Plant, machine: int, extra: ExtraHours) -> bool:
    """Whether the machine's calendar has some of these hours on that date already."""
    row, begin = plant.machine_by_id[machine], plant.midnight(extra.date)
    inside, _ = _split(plant.calendar_by_id[row.calendar], extra)
    closed = [(d.start, d.end) for d in row.downtime if d.reason == NO_EXTRA_HOURS]
    return any(_less([(begin + s, begin + e)], closed) for s, e in inside)


def _opened(plant: Plant, machine: Machine, calendar: Calendar, extra: ExtraHours, until: int) -> tuple[Machine, Calendar]:
    midnight = plant.midnight(extra.date)
    span = (midnight + extra.start, midnight + extra.end)
    downtime: list[Downtime] = []
    for d in machine.downtime:
        # Hours that another date has on this weekday are a window already: here they are only no longer closed.
        left = _less([(d.start, d.end)], [span]) if d.reason == NO_EXTRA_HOURS else [(d.start, d.end)]
        downtime += [replace(d, start=start, end=end) for start, end in left]
    _, outside = _split(calendar, extra)
    for start, end in outside:
        begin, length = midnight + start, end - start
        weeks = range(-(begin // MINUTES_PER_WEEK) - 2, max(0, until - begin) // MINUTES_PER_WEEK + 3)
        starts = [begin + week * MINUTES_PER_WEEK for week in weeks if week != 0]
        downtime += [Downtime(at, at + length, NO_EXTRA_HOURS) for at in starts]
    if outside:
        week = (*calendar.week, *(WorkWindow(extra.date.isoweekday(), start, end, "overtime") for start, end in outside))
        calendar = replace(calendar, id=f"{calendar.id} with {extra.date} {extra.start}-{extra.end}", week=week)
    return replace(machine, calendar=calendar.id, downtime=tuple(downtime)), calendar


def _split(calendar: Calendar, extra: ExtraHours) -> tuple[list[Span], list[Span]]:
    """The hours (minutes after midnight) that are windows of that weekday already, and those that are not."""
    windows = [(w.start, w.end) for w in calendar.week if w.day == extra.date.isoweekday()]
    outside = _less([(extra.start, extra.end)], windows)
    return _less([(extra.start, extra.end)], outside), outside


def _less(spans: Sequence[Span], taken: Sequence[Span]) -> list[Span]:
    """The spans without what is taken."""
    left = list(spans)
    for start, end in taken:
        left = [piece for s, e in left for piece in ((s, min(e, start)), (max(s, end), e)) if piece[0] < piece[1]]
    return left
