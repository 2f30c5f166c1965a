"""Working time counted: how many minutes of a pattern work before a moment, and in which minute work of a length ends.

``WorkTime`` counts one pattern, ``Patterns`` shares equal ones between machines, and ``OpenHours`` asks them on the plant's
wall clock: how many minutes a machine works between two moments, and when it opens next. Unlike the simulator's tables,
open hours also cover the time before plan_start, where operations that already run began.
"""

from __future__ import annotations

from dataclasses import replace
from threading import Lock

import numpy as np

from scheduler_core.plant import MINUTES_PER_WEEK, Downtime, Machine, Plant
from scheduler_core.schedule import Schedule
from scheduler_core.simulator.array_types import Int32, Int64
from scheduler_core.simulator.arrays import NEVER
from scheduler_core.simulator.working_time import Mask, calendar_mask, horizon_of_exceptions, intersection, machine_mask

Spans = tuple[Int32, Int32]


class WorkTime:
    """The working minutes of one machine, or of several that only work together.

    mask: bool [n], whether each minute works. Minutes count from its first one; beyond it, its last week repeats for ever.
    """

    def __init__(self, mask: Mask) -> None:
        self.mask = mask
        self.sums: Int32 = np.zeros(len(mask) + 1, np.int32)
        """[n + 1] working minutes before each minute of the mask; the last place holds ``total``."""
        np.cumsum(mask, dtype=np.int32, out=self.sums[1:])
        self.minutes: Int32 = np.flatnonzero(mask).astype(np.int32)
        """[total] the working minutes of the mask, ascending."""
        self.total = len(self.minutes)
        self._week = self.total - int(self.sums[max(0, len(mask) - MINUTES_PER_WEEK)])

    @property
    def works_for_ever(self) -> bool:
        """Whether the repeating week has a working minute, so that every operation ends some day."""
        return self._week > 0

    def before(self, moment: int) -> int:
        """Working minutes in [0, moment)."""
        if moment <= 0:
            return 0
        if moment <= len(self.mask):
            return int(self.sums[moment])
        weeks = (moment - len(self.mask)) // MINUTES_PER_WEEK + 1
        return int(self.sums[moment - weeks * MINUTES_PER_WEEK]) + weeks * self._week

    def minute(self, number: int) -> int:
        """The minute in which working minute ``number`` (from 0) lies; NEVER where there is none."""
        if number < self.total:
            return int(self.minutes[number])
        if not self._week:
            return NEVER
        weeks = (number - self.total) // self._week + 1
        return int(self.minutes[number - weeks * self._week]) + weeks * MINUTES_PER_WEEK

    def end(self, ready: int, minutes: int) -> int:
        """The end of so many (at least 1) working minutes that begin at ``ready`` or later; NEVER if they never end."""
        last = self.minute(self.before(ready) + minutes - 1)
        return NEVER if last == NEVER else last + 1


class Patterns:
    """The distinct working patterns of machines and of machines that only work together, numbered as they are met.

    May be shared between threads.
    """

    def __init__(self) -> None:
        self.tables: list[WorkTime] = []
        self._lock = Lock()
        self._of_mask: dict[bytes, int] = {}
        self._of_machines: dict[tuple[int, ...], int] = {}

    def add(self, machine: int, mask: Mask) -> None:
        """States the pattern of a machine."""
        self._of_machines[(machine,)] = self.number(mask)

    def table(self, machines: tuple[int, ...]) -> int:
        """Number in ``tables`` of the pattern of one machine, or of several that only work together."""
        found = self._of_machines.get(machines)
        if found is None:
            found = self.number(intersection(self.tables[self._of_machines[(m,)]].mask for m in machines))
            self._of_machines[machines] = found
        return found

    def number(self, mask: Mask) -> int:
        """Number in ``tables`` of the mask's pattern; equal masks share one."""
        key = np.packbits(mask).tobytes()
        with self._lock:
            if key not in self._of_mask:
                self.tables.append(WorkTime(mask))
                self._of_mask[key] = len(self.tables) - 1
            return self._of_mask[key]


class OpenHours:
    """Working minutes of every machine from ``first`` to ``last``, both in minutes from plan_start.

    Questions outside that range are answered as if everything outside it were open, so that durations always add up.
    May be shared between threads.
    """

    def __init__(self, plant: Plant, schedule: Schedule) -> None:
        earliest = min((a.start for a in schedule.assignments), default=0)
        self.first = plant.midnight(plant.time_of(min(0, earliest)).date())
        """Midnight at or before the earliest assignment and plan_start."""
        # What lies beyond counts as open, so only clock changes before the schedule's end are needed.
        needed = max(horizon_of_exceptions(plant), schedule.end + MINUTES_PER_WEEK) - self.first
        horizon = -(-needed // MINUTES_PER_WEEK) * MINUTES_PER_WEEK
        self.last = self.first + horizon
        calendars = {c.id: calendar_mask(c, plant.clock, horizon, self.first) for c in plant.calendars}
        self._patterns = Patterns()
        self._calendars = {c: self._patterns.number(mask) for c, mask in calendars.items()}
        for machine in plant.machines:
            self._patterns.add(machine.id, machine_mask(self._shifted(machine), calendars[machine.calendar]))

    @property
    def table_count(self) -> int:
        """Distinct working patterns asked for so far."""
        return len(self._patterns.tables)

    def table(self, machines: tuple[int, ...]) -> int:
        """Number of the working pattern of one machine, or of several that only work together."""
        return self._patterns.table(machines)

    def calendar_table(self, calendar: str) -> int:
        """Number of the working pattern of a calendar, free of any machine's downtime."""
        return self._calendars[calendar]

    def spans(self, table: int) -> Spans:
        """Working intervals [start, end) of a pattern as two int32 arrays, ascending, in minutes from plan_start."""
        edges = np.flatnonzero(np.diff(self._patterns.tables[table].mask.astype(np.int8), prepend=0, append=0)) + self.first
        return edges[::2].astype(np.int32), edges[1::2].astype(np.int32)

    def working(self, machines: tuple[int, ...], start: int, end: int) -> int:
        """Working minutes in [start, end)."""
        if end <= start:
            return 0
        low, high = max(start, self.first), min(end, self.last)
        outside = (end - start) - max(0, high - low)
        if high <= low:
            return outside
        before = self._time(machines).sums
        return int(before[high - self.first] - before[low - self.first]) + outside

    def working_each(self, machines: tuple[int, ...], starts: Int64, ends: Int64) -> Int64:
        """``working`` for many [start, end) at once; both of one length."""
        length = np.maximum(ends - starts, 0)
        low, high = np.maximum(starts, self.first), np.minimum(ends, self.last)
        inside = high > low
        before = self._time(machines).sums
        # Where nothing lies inside, the places mean nothing but must exist.
        low, high = np.where(inside, low, self.first), np.where(inside, high, self.first)
        counted: Int64 = before[high - self.first] - before[low - self.first] + length - (high - low)
        return counted

    def next_working(self, machines: tuple[int, ...], moment: int) -> int:
        """The first working minute at or after ``moment`` (``last`` if none comes before it)."""
        if not self.first <= moment < self.last:
            return moment
        time = self._time(machines)
        number = int(time.sums[moment - self.first])
        return self.first + int(time.minutes[number]) if number < time.total else self.last

    def after_working(self, machines: tuple[int, ...], start: int, minutes: int) -> int:
        """The moment at which ``minutes`` working minutes have passed since ``start``."""
        if minutes <= 0:
            return start
        if not self.first <= start < self.last:
            return start + minutes
        time = self._time(machines)
        done = int(time.sums[start - self.first]) + minutes
        if done > time.total:
            return self.last + done - time.total
        return self.first + int(time.minutes[done - 1]) + 1

    def after_working_each(self, tables: Int64, starts: Int64, minutes: Int64) -> Int64:
        """``after_working`` for many at once: numbers of working patterns (see ``table``), starts and minutes; all of one
        length."""
        found = starts + np.maximum(minutes, 0)
        counted = (minutes > 0) & (starts >= self.first) & (starts < self.last)
        for table in np.unique(tables[counted]).tolist():
            those = np.flatnonzero(counted & (tables == table))
            time = self._patterns.tables[table]
            done = time.sums[starts[those] - self.first] + minutes[those]
            found[those] = self.last + done - time.total
            inside = done <= time.total
            found[those[inside]] = self.first + time.minutes[done[inside] - 1] + 1
        return found

    def _time(self, machines: tuple[int, ...]) -> WorkTime:
        return self._patterns.tables[self.table(machines)]

    def _shifted(self, machine: Machine) -> Machine:
        """The machine as seen from ``first`` instead of plan_start."""
        return replace(
            machine,
            available_from=None if machine.available_from is None else machine.available_from - self.first,
            downtime=tuple(Downtime(d.start - self.first, d.end - self.first, d.reason) for d in machine.downtime),
        )
