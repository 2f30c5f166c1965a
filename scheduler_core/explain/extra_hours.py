"""Extra hours on one date: which could be opened on a machine, and the plant with them.

Calendars are weekly patterns, so the machine gets a calendar of its own with one more window, and is out of use in that
window in every other week: exactly the minutes of the one date are won.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from scheduler_core.plant import MINUTES_PER_DAY, MINUTES_PER_WEEK, Downtime, Machine, Plant, WorkWindow

OVERTIME_MINUTES = 180
"""Hours that a working day is made longer by, in minutes; never beyond midnight."""
EXTRA_SHIFT_MINUTES = 480
"""Length of an extra shift on a day without one, from the hour at which the machine's days usually begin."""


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


def extra_hours(plant: Plant, machines: tuple[int, ...], day: int) -> ExtraHours | None:
    """Hours that could be opened on a day (0: the day of plan_start) for machines that work together; None on a holiday,
    where the day is full, or if it is over when the plan begins."""
    when = plant.plan_start.date() + timedelta(days=day)
    calendars = [plant.calendar_by_id[plant.machine_by_id[m].calendar] for m in machines]
    if any(h.date == when for c in calendars for h in c.holidays):
        return None
    windows = [w for c in calendars for w in c.week if w.day == when.isoweekday()]
    if windows:
        start, length = max(w.end for w in windows), OVERTIME_MINUTES
    else:
        start, length = min((w.start for c in calendars for w in c.week), default=0), EXTRA_SHIFT_MINUTES
    end = min(MINUTES_PER_DAY, start + length)
    if start >= end or plant.midnight(when) + end <= 0:
        return None
    return ExtraHours(machines, when, start, end, is_shift=not windows)


def with_extra_hours(plant: Plant, extra: ExtraHours, until: int) -> Plant:
    """The plant with the extra hours. ``until``: minute up to which no other week may win any (a schedule's end)."""
    window = WorkWindow(extra.date.isoweekday(), extra.start, extra.end, "overtime")
    begin = plant.midnight(extra.date) + extra.start
    weeks = range(-(begin // MINUTES_PER_WEEK) - 2, max(0, until - begin) // MINUTES_PER_WEEK + 3)
    closed = tuple(
        Downtime(begin + week * MINUTES_PER_WEEK, begin + week * MINUTES_PER_WEEK + extra.minutes, "no extra hours")
        for week in weeks
        if week != 0
    )
    used = {m.calendar for m in plant.machines if m.id in extra.machines}
    renamed = {name: f"{name} with {extra.date} {extra.start}-{extra.end}" for name in used}
    calendars = [replace(c, id=renamed[c.id], week=(*c.week, window)) for c in plant.calendars if c.id in used]

    def opened(machine: Machine) -> Machine:
        if machine.id not in extra.machines:
            return machine
        return replace(machine, calendar=renamed[machine.calendar], downtime=(*machine.downtime, *closed))

    machines = tuple(opened(m) for m in plant.machines)
    return replace(plant, calendars=(*plant.calendars, *calendars), machines=machines)
