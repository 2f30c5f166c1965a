"""Extra hours on single dates: which could be opened on a machine, and the plant with them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from scheduler_core.calendar_hours import EXTRA_SHIFT_MINUTES, OVERTIME_MINUTES, hours_on, with_all_extra_hours
from scheduler_core.plant import MINUTES_PER_DAY, Calendar, ExtraHours, Plant


@dataclass(frozen=True)
class OfferedHours:
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
) -> OfferedHours | None:
    """Hours that could be opened on a day (0: the day of plan_start) for machines that work together: overtime after the
    last hours that end on it and never beyond midnight, or on a day without hours a shift of ``shift_minutes`` from the hour
    at which the machines' days usually begin. None on a holiday, where the day is
    full, or if it is over when the plan begins."""
    when = plant.plan_start.date() + timedelta(days=day)
    calendars = [plant.calendar_by_id[plant.machine_by_id[m].calendar] for m in machines]
    if any(h.date == when for c in calendars for h in c.holidays):
        return None
    worked = [hours for c in calendars for hours in hours_on(c, when)]
    if worked:
        ends = [end for _, end in worked if not any(s <= end < e for s, e in worked) and end < MINUTES_PER_DAY]
        start = max(ends, default=MINUTES_PER_DAY)
        next_start = min((s for s, _ in worked if s > start), default=MINUTES_PER_DAY)
        end = min(next_start, start + OVERTIME_MINUTES)
    else:
        start = min((w.start for c in calendars for w in c.week), default=0)
        end = min(start + shift_minutes, *(_first_hours(c, when + timedelta(days=1)) for c in calendars))
    if start >= end or plant.hours(when, start, end)[1] <= 0:
        return None
    return OfferedHours(machines, when, start, end, is_shift=not worked)


def with_extra_hours(plant: Plant, offered: Iterable[OfferedHours]) -> Plant:
    """The plant with the extra hours: exactly the minutes of the dates are won."""
    return with_all_extra_hours(plant, [(o.machines, ExtraHours(o.date, o.start, o.end)) for o in offered])


def _first_hours(calendar: Calendar, tomorrow: date) -> int:
    """When the calendar works again, in minutes after the midnight before ``tomorrow``; its end where it does not on it."""
    return MINUTES_PER_DAY + next((start for start, _ in hours_on(calendar, tomorrow)), MINUTES_PER_DAY)
