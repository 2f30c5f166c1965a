"""Open hours on the plant's wall clock: how many minutes a machine works between two moments, and when it opens next.

Unlike the simulator's tables this also covers the time before plan_start, where operations that already run began.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from threading import Lock

import numpy as np
import numpy.typing as npt

from scheduler_core.plant import MINUTES_PER_DAY, MINUTES_PER_WEEK, Downtime, Machine, Plant
from scheduler_core.schedule import Schedule
from scheduler_core.simulator.working_time import Mask, calendar_mask, horizon_of, intersection, machine_mask

Spans = tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]


class Hours:
    """Working minutes of every machine from ``first`` to ``last``, both in minutes from plan_start.

    Questions outside that range are answered as if everything outside it were open, so that durations always add up.
    May be shared between threads.
    """

    def __init__(self, plant: Plant, schedule: Schedule) -> None:
        earliest = min((a.start for a in schedule.assignments), default=0)
        clock = plant.plan_start.hour * 60 + plant.plan_start.minute
        before = -(-max(0, -(earliest + clock)) // MINUTES_PER_DAY) * MINUTES_PER_DAY
        self.first = -(clock + before)
        """Midnight at or before the earliest assignment and plan_start."""
        needed = max(horizon_of(plant), schedule.end + MINUTES_PER_WEEK) - self.first
        horizon = -(-needed // MINUTES_PER_WEEK) * MINUTES_PER_WEEK
        self.last = self.first + horizon
        origin = plant.plan_start + timedelta(minutes=self.first)
        calendars = {c.id: calendar_mask(c, origin, horizon) for c in plant.calendars}
        self._lock = Lock()
        self._masks: dict[bytes, int] = {}
        self._tables: list[Mask] = []
        self._before: list[npt.NDArray[np.int32]] = []
        self._number: dict[tuple[int, ...], int] = {}
        self._calendars = {c: self._add(mask) for c, mask in calendars.items()}
        for machine in plant.machines:
            self._number[(machine.id,)] = self._add(machine_mask(self._shifted(machine), calendars[machine.calendar]))

    @property
    def table_count(self) -> int:
        """Distinct working patterns asked for so far."""
        return len(self._tables)

    def table(self, machines: tuple[int, ...]) -> int:
        """Number of the working pattern of one machine, or of several that only work together."""
        found = self._number.get(machines)
        if found is None:
            found = self._add(intersection(self._tables[self._number[(m,)]] for m in machines))
            self._number[machines] = found
        return found

    def calendar_table(self, calendar: str) -> int:
        """Number of the working pattern of a calendar, free of any machine's downtime."""
        return self._calendars[calendar]

    def spans(self, table: int) -> Spans:
        """Working intervals [start, end) of a pattern as two int32 arrays, ascending, in minutes from plan_start."""
        edges = np.flatnonzero(np.diff(self._tables[table].astype(np.int8), prepend=0, append=0)) + self.first
        return edges[::2].astype(np.int32), edges[1::2].astype(np.int32)

    def working(self, machines: tuple[int, ...], start: int, end: int) -> int:
        """Working minutes in [start, end)."""
        if end <= start:
            return 0
        low, high = max(start, self.first), min(end, self.last)
        outside = (end - start) - max(0, high - low)
        if high <= low:
            return outside
        before = self._before[self.table(machines)]
        return int(before[high - self.first] - before[low - self.first]) + outside

    def working_each(
        self, machines: tuple[int, ...], starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.int64]:
        """``working`` for many [start, end) at once; both of one length."""
        length = np.maximum(ends - starts, 0)
        low, high = np.maximum(starts, self.first), np.minimum(ends, self.last)
        inside = high > low
        before = self._before[self.table(machines)]
        # Where nothing lies inside, the places mean nothing but must exist.
        low, high = np.where(inside, low, self.first), np.where(inside, high, self.first)
        counted: npt.NDArray[np.int64] = before[high - self.first] - before[low - self.first] + length - (high - low)
        return counted

    def next_working(self, machines: tuple[int, ...], moment: int) -> int:
        """The first working minute at or after ``moment`` (``last`` if none comes before it)."""
        if not self.first <= moment < self.last:
            return moment
        before = self._before[self.table(machines)]
        return self.first + int(np.searchsorted(before, before[moment - self.first], side="right")) - 1

    def after_working(self, machines: tuple[int, ...], start: int, minutes: int) -> int:
        """The moment at which ``minutes`` working minutes have passed since ``start``."""
        if minutes <= 0:
            return start
        if not self.first <= start < self.last:
            return start + minutes
        before = self._before[self.table(machines)]
        target = int(before[start - self.first]) + minutes
        if target > int(before[-1]):
            return self.last + target - int(before[-1])
        # Of the array's own type: for any other the whole array would be converted first.
        return self.first + int(np.searchsorted(before, np.int32(target), side="left"))

    def after_working_each(
        self, tables: npt.NDArray[np.int64], starts: npt.NDArray[np.int64], minutes: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.int64]:
        """``after_working`` for many at once: numbers of working patterns (see ``table``), starts and minutes; all of one
        length."""
        found = starts + np.maximum(minutes, 0)
        counted = (minutes > 0) & (starts >= self.first) & (starts < self.last)
        for table in np.unique(tables[counted]).tolist():
            those = np.flatnonzero(counted & (tables == table))
            before = self._before[table]
            target = before[starts[those] - self.first] + minutes[those]
            inside = np.searchsorted(before, target.astype(np.int32), side="left")
            found[those] = np.where(target > before[-1], self.last + target - before[-1], self.first + inside)
        return found

    def _add(self, mask: Mask) -> int:
        key = np.packbits(mask).tobytes()
        with self._lock:
            if key not in self._masks:
                self._before.append(np.concatenate(([0], np.cumsum(mask, dtype=np.int32))).astype(np.int32))
                self._tables.append(mask)
                self._masks[key] = len(self._tables) - 1
            return self._masks[key]

    def _shifted(self, machine: Machine) -> Machine:
        """The machine as seen from ``first`` instead of plan_start."""
        return replace(
            machine,
            available_from=None if machine.available_from is None else machine.available_from - self.first,
            downtime=tuple(Downtime(d.start - self.first, d.end - self.first, d.reason) for d in machine.downtime),
        )
