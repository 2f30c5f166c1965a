"""Ranges of moments, narrowed to the hours in which machines work: nothing begins or ends while they are closed."""

from __future__ import annotations

from datetime import datetime

from scheduler_core.actuals.operation_actual import Between
from scheduler_core.analysis.dispatch_lists.shifts import plant_calendar
from scheduler_core.plant import MINUTES_PER_DAY, Plant
from scheduler_core.schedule import Assignment, Schedule
from scheduler_core.simulator.open_hours import OpenHours

EARLIER = 28 * MINUTES_PER_DAY
"""Minutes before the first pull in which what it showed may have begun."""


class WorkingRanges:
    """Working time around what pulls from ``since`` (naive plant time) on tell, as ``plant`` knows it."""

    def __init__(self, plant: Plant, since: datetime) -> None:
        self._plant = plant
        usual = plant_calendar(plant).id
        self._usual = next(m.id for m in plant.machines if m.calendar == usual)
        first = min(0, plant.minute_of(since)) - EARLIER
        self._hours = OpenHours(plant, Schedule((Assignment("", 0, (self._usual,), first, first + 1),)))

    def narrowed(self, moment: Between, machines: tuple[int, ...]) -> Between:
        """The part of the range in which the machines (unknown ones: the plant) work; the range itself where none does, and
        where it begins too long ago."""
        if moment.after is None or self._plant.minute_of(moment.after) < self._hours.first:
            return moment
        known = tuple(sorted(m for m in machines if m in self._plant.machine_by_id)) or (self._usual,)
        after, until = self._plant.minute_of(moment.after), self._plant.minute_of(moment.until)
        worked = self._hours.working(known, after, until)
        if not worked:
            return moment
        opens, closes = self._hours.next_working(known, after), self._hours.after_working(known, after, worked)
        return Between(self._plant.time_of(opens), self._plant.time_of(closes))
