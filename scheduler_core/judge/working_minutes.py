"""Which minutes work, for whoever judges a schedule.

A calendar is a weekly pattern less days off, so the working minutes before any moment follow in closed form: whole
weeks times the pattern's length, plus the part of the running week, less what the spans off take out. No horizon is
needed, however far away a wrong schedule lies. Nothing here is shared with the code that builds schedules.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime, time
from functools import reduce
from itertools import accumulate

from scheduler_core.plant import MINUTES_PER_DAY, MINUTES_PER_WEEK, Calendar, Machine, Plant, WindowKind

Span = tuple[int, int]
"""[start, end) in minutes."""

FAR_PAST = -(10**12)
"""Start of the span before a machine is available: earlier than any time that a plan can name."""


def merged(spans: Iterable[Span]) -> list[Span]:
    """The union of the spans as disjoint spans in ascending order; empty spans vanish."""
    result: list[Span] = []
    for start, end in sorted(s for s in spans if s[0] < s[1]):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def common(first: Sequence[Span], second: Sequence[Span]) -> list[Span]:
    """The intersection of two lists of disjoint ascending spans."""
    result: list[Span] = []
    i = j = 0
    while i < len(first) and j < len(second):
        start, end = max(first[i][0], second[j][0]), min(first[i][1], second[j][1])
        if start < end:
            result.append((start, end))
        if first[i][1] < second[j][1]:
            i += 1
        else:
            j += 1
    return result


def without(spans: Sequence[Span], off: Sequence[Span]) -> list[Span]:
    """What is left of disjoint ascending ``spans`` outside disjoint ascending ``off``."""
    result: list[Span] = []
    j = 0
    for start, end in spans:
        while j < len(off) and off[j][1] <= start:
            j += 1
        k = j
        while k < len(off) and off[k][0] < end:
            if start < off[k][0]:
                result.append((start, off[k][0]))
            start = max(start, off[k][1])
            k += 1
        if start < end:
            result.append((start, end))
    return result


class WorkingMinutes:
    """A set of working minutes, in minutes from plan_start.

    ``week``: spans of the weekly pattern, in minutes after Monday 00:00. ``off``: spans in minutes from plan_start in
    which the pattern does not hold. ``offset``: minutes from Monday 00:00 of plan_start's week to plan_start.
    """

    def __init__(self, week: Iterable[Span], off: Iterable[Span], offset: int) -> None:
        self.week = merged(week)
        self.off = merged(off)
        self.offset = offset
        self._starts = [s for s, _ in self.week]
        self._sums = [0, *accumulate(e - s for s, e in self.week)]
        self._off_starts = [s for s, _ in self.off]
        self._off_sums = [0, *accumulate(self._pattern(e) - self._pattern(s) for s, e in self.off)]

    def between(self, start: int, end: int) -> int:
        """Working minutes in [start, end); 0 if the span is empty."""
        return self._before(end) - self._before(start) if start < end else 0

    def works(self, minute: int) -> bool:
        """Whether the minute [minute, minute + 1) is a working one."""
        of_week = (minute + self.offset) % MINUTES_PER_WEEK
        window = bisect_right(self._starts, of_week) - 1
        if window < 0 or of_week >= self.week[window][1]:
            return False
        off = bisect_right(self._off_starts, minute) - 1
        return off < 0 or minute >= self.off[off][1]

    def spans(self, start: int, end: int) -> list[Span]:
        """The working minutes in [start, end) as disjoint ascending spans."""
        first, last = (start + self.offset) // MINUTES_PER_WEEK, (end + self.offset) // MINUTES_PER_WEEK
        pattern: list[Span] = []
        for number in range(first, last + 1):
            monday = number * MINUTES_PER_WEEK - self.offset
            pattern.extend((monday + s, monday + e) for s, e in self.week)
        return without(common(pattern, [(start, end)]), self.off)

    def __and__(self, other: WorkingMinutes) -> WorkingMinutes:
        """The minutes that work in both (of one plant)."""
        return WorkingMinutes(common(self.week, other.week), [*self.off, *other.off], self.offset)

    def only(self, week: Sequence[Span]) -> WorkingMinutes:
        """The minutes that also lie in the given weekly spans (disjoint, ascending)."""
        return WorkingMinutes(common(self.week, week), self.off, self.offset)

    def _pattern(self, minute: int) -> int:
        """Minutes of the pattern from Monday 00:00 of plan_start's week to ``minute`` (negative before it)."""
        weeks, rest = divmod(minute + self.offset, MINUTES_PER_WEEK)
        i = bisect_right(self._starts, rest) - 1
        part = 0 if i < 0 else self._sums[i] + min(rest, self.week[i][1]) - self.week[i][0]
        return weeks * self._sums[-1] + part

    def _before(self, minute: int) -> int:
        count = self._pattern(minute)
        i = bisect_left(self._off_starts, minute) - 1
        if i >= 0:
            start, end = self.off[i]
            count -= self._off_sums[i] + self._pattern(min(minute, end)) - self._pattern(start)
        return count


class PlantTime:
    """The working minutes of a plant's machines, each computed once."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        start = plant.plan_start
        self._offset = start.weekday() * MINUTES_PER_DAY + start.hour * 60 + start.minute
        self._calendars: dict[str, WorkingMinutes] = {}
        self._machines: dict[int, WorkingMinutes] = {}
        self._groups: dict[tuple[int, ...], WorkingMinutes] = {}
        self._overtime: dict[tuple[int, ...], dict[str, WorkingMinutes]] = {}

    def of(self, machines: tuple[int, ...]) -> WorkingMinutes:
        """The minutes that work for all of the machines at once (known ids, at least one)."""
        if len(machines) == 1:
            return self._machine(machines[0])
        if machines not in self._groups:
            self._groups[machines] = reduce(WorkingMinutes.__and__, (self._machine(m) for m in machines))
        return self._groups[machines]

    def overtime(self, machines: tuple[int, ...], machine: int) -> WorkingMinutes:
        """Of the minutes that work for all of ``machines``, those in overtime windows of ``machine``'s calendar."""
        calendar = self._plant.machine_by_id[machine].calendar
        known = self._overtime.setdefault(machines, {})
        if calendar not in known:
            windows = weekly_windows(self._plant.calendar_by_id[calendar], "overtime")
            known[calendar] = self.of(machines).only(windows)
        return known[calendar]

    def _machine(self, machine: int) -> WorkingMinutes:
        if machine not in self._machines:
            self._machines[machine] = self._without_outages(self._plant.machine_by_id[machine])
        return self._machines[machine]

    def _without_outages(self, machine: Machine) -> WorkingMinutes:
        calendar = self._calendar(machine.calendar)
        outages = [(d.start, d.end) for d in machine.downtime]
        if machine.available_from is not None:
            outages.append((FAR_PAST, machine.available_from))
        return WorkingMinutes(calendar.week, [*calendar.off, *outages], self._offset) if outages else calendar

    def _calendar(self, name: str) -> WorkingMinutes:
        if name not in self._calendars:
            calendar = self._plant.calendar_by_id[name]
            pauses = merged(
                (_minute_of_week(day, pause.start), _minute_of_week(day, pause.end))
                for pause in calendar.breaks
                for day in (range(1, 8) if pause.day is None else (pause.day,))
            )
            days_off = [self._plant.minute_of(datetime.combine(h.date, time())) for h in calendar.holidays]
            self._calendars[name] = WorkingMinutes(
                without(weekly_windows(calendar), pauses), [(d, d + MINUTES_PER_DAY) for d in days_off], self._offset
            )
        return self._calendars[name]


def weekly_windows(calendar: Calendar, kind: WindowKind | None = None) -> list[Span]:
    """The calendar's windows (of one kind, or all) as merged spans in minutes after Monday 00:00, breaks included."""
    return merged(
        (_minute_of_week(w.day, w.start), _minute_of_week(w.day, w.end))
        for w in calendar.week
        if kind is None or w.kind == kind
    )


def _minute_of_week(day: int, minute: int) -> int:
    return (day - 1) * MINUTES_PER_DAY + minute
