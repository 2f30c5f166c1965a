"""Which minutes work, for whoever judges a schedule.

A calendar is a weekly pattern less days off, so the working minutes before any moment follow in closed form: whole
weeks times the pattern's length, plus the part of the running week, less what the spans off take out, plus the hours that
single dates have more. No horizon is needed, however far away a wrong schedule lies. Where the zone's clocks change, the
pattern is that of the wall clock, and minutes are those that pass. Nothing here is shared with the code that builds
schedules.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import date
from functools import reduce
from itertools import accumulate, pairwise

from scheduler_core.judge.wall_clock import WallClock, wall_clock
from scheduler_core.plant import MINUTES_PER_DAY, MINUTES_PER_WEEK, Calendar, Machine, Plant, WindowKind

Span = tuple[int, int]
"""[start, end) in minutes."""

FAR_PAST = -(10**12)
"""Start of the span before a machine is available: earlier than any time that a plan can name."""
EVEN = WallClock()
"""A clock that never changes."""


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
    which the pattern does not hold. ``offset``: minutes from Monday 00:00 of plan_start's week to plan_start. ``more``:
    spans in minutes from plan_start that work where the pattern does not, ``off`` or not. ``clock``: shows the pattern.
    """

    def __init__(
        self, week: Iterable[Span], off: Iterable[Span], offset: int, more: Iterable[Span] = (), clock: WallClock = EVEN
    ) -> None:
        self.week = merged(week)
        self.off = merged(off)
        self.offset = offset
        self.clock = clock
        self._starts = [s for s, _ in self.week]
        self._sums = [0, *accumulate(e - s for s, e in self.week)]
        self._pattern = self._passed if clock.changes else self._shown
        """Minutes of the pattern that pass from Monday 00:00 of plan_start's week to a minute (negative before it), up to a
        constant."""
        if clock.changes:
            # What the pattern has more or less at each change of the clock, so that its count goes on without a jump.
            pairs = pairwise(clock.parts)
            jumps = (self._shown(at + before) - self._shown(at + after) for (_, before), (at, after) in pairs)
            self._jumps = [0, *accumulate(jumps)]
        self._off_starts = [s for s, _ in self.off]
        self._off_sums = [0, *accumulate(self._pattern(e) - self._pattern(s) for s, e in self.off)]
        self.more = merged(more) if more else []
        if self.more:
            self.more = without(self.more, self._regular_spans(self.more[0][0], self.more[-1][1]))
            self._more_starts = [s for s, _ in self.more]
            self._more_sums = [0, *accumulate(e - s for s, e in self.more)]

    def between(self, start: int, end: int) -> int:
        """Working minutes in [start, end); 0 if the span is empty."""
        if start >= end:
            return 0
        regular = self._before(end) - self._before(start)
        return regular + self._more_before(end) - self._more_before(start) if self.more else regular

    def works(self, minute: int) -> bool:
        """Whether the minute [minute, minute + 1) is a working one."""
        if self.more and self._more_before(minute + 1) > self._more_before(minute):
            return True
        shown = self.clock.wall(minute) if self.clock.changes else minute
        of_week = (shown + self.offset) % MINUTES_PER_WEEK
        window = bisect_right(self._starts, of_week) - 1
        if window < 0 or of_week >= self.week[window][1]:
            return False
        off = bisect_right(self._off_starts, minute) - 1
        return off < 0 or minute >= self.off[off][1]

    def spans(self, start: int, end: int) -> list[Span]:
        """The working minutes in [start, end) as disjoint ascending spans."""
        regular = self._regular_spans(start, end)
        return merged([*regular, *common(self.more, [(start, end)])]) if self.more else regular

    def closed(self, outages: Sequence[Span]) -> WorkingMinutes:
        """The minutes that work outside the outages."""
        more = without(self.more, merged(outages)) if self.more else ()
        return WorkingMinutes(self.week, [*self.off, *outages], self.offset, more, self.clock)

    def __and__(self, other: WorkingMinutes) -> WorkingMinutes:
        """The minutes that work in both (of one plant)."""
        more = [*_also_in(self.more, other), *_also_in(other.more, self)] if self.more or other.more else ()
        return WorkingMinutes(common(self.week, other.week), [*self.off, *other.off], self.offset, more, self.clock)

    def _regular_spans(self, start: int, end: int) -> list[Span]:
        if not self.clock.changes:
            return without(self._shown_spans(start, end), self.off)
        found: list[Span] = []
        for first, last, ahead in self.clock.stretches(start, end):
            found.extend((s - ahead, e - ahead) for s, e in self._shown_spans(first + ahead, last + ahead))
        return without(merged(found), self.off)

    def _shown_spans(self, start: int, end: int) -> list[Span]:
        """The pattern in wall minutes from ``start`` to ``end``, both counted from plan_start."""
        first, last = (start + self.offset) // MINUTES_PER_WEEK, (end + self.offset) // MINUTES_PER_WEEK
        pattern: list[Span] = []
        for number in range(first, last + 1):
            monday = number * MINUTES_PER_WEEK - self.offset
            pattern.extend((monday + s, monday + e) for s, e in self.week)
        return common(pattern, [(start, end)])

    def _passed(self, minute: int) -> int:
        part = self.clock.part(minute)
        return self._shown(minute + self.clock.parts[part][1]) + self._jumps[part]

    def _shown(self, minute: int) -> int:
        """Minutes of the pattern from Monday 00:00 of plan_start's week to a wall minute (negative before it)."""
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

    def _more_before(self, minute: int) -> int:
        i = bisect_left(self._more_starts, minute) - 1
        return 0 if i < 0 else self._more_sums[i] + min(minute, self.more[i][1]) - self.more[i][0]


def _also_in(spans: Sequence[Span], time: WorkingMinutes) -> list[Span]:
    """Of disjoint ascending spans the minutes that work in ``time``."""
    return common(spans, time.spans(spans[0][0], spans[-1][1])) if spans else []


class PlantTime:
    """The working minutes of a plant's machines, each computed once."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        start = plant.plan_start
        self._offset = start.weekday() * MINUTES_PER_DAY + start.hour * 60 + start.minute
        self._clock = wall_clock(plant)
        self._calendars: dict[str, WorkingMinutes] = {}
        self._machines: dict[int, WorkingMinutes] = {}
        self._groups: dict[tuple[int, ...], WorkingMinutes] = {}
        self._overtime: dict[tuple[int, ...], dict[str, WorkingMinutes]] = {}
        self._overtime_calendars: dict[str, WorkingMinutes] = {}

    def of(self, machines: tuple[int, ...]) -> WorkingMinutes:
        """The minutes that work for all of the machines at once (known ids, at least one)."""
        if len(machines) == 1:
            return self._machine(machines[0])
        if machines not in self._groups:
            self._groups[machines] = reduce(WorkingMinutes.__and__, (self._machine(m) for m in machines))
        return self._groups[machines]

    def overtime(self, machines: tuple[int, ...], machine: int) -> WorkingMinutes:
        """Of the minutes that work for all of ``machines``, those that are overtime by ``machine``'s calendar."""
        calendar = self._plant.machine_by_id[machine].calendar
        known = self._overtime.setdefault(machines, {})
        if calendar not in known:
            if calendar not in self._overtime_calendars:
                self._overtime_calendars[calendar] = self._overtime_of(self._plant.calendar_by_id[calendar])
            known[calendar] = self.of(machines) & self._overtime_calendars[calendar]
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
        return calendar.closed(outages) if outages else calendar

    def _calendar(self, name: str) -> WorkingMinutes:
        if name not in self._calendars:
            calendar = self._plant.calendar_by_id[name]
            pauses = self._weekly(weekly_breaks(calendar))
            more = self._dated((extra.date, extra.start, extra.end) for extra in calendar.extra)
            self._calendars[name] = self._weekly(
                without(weekly_windows(calendar), pauses.week),
                self._days_off(calendar),
                without(more, pauses.spans(more[0][0], more[-1][1])) if more else (),
            )
        return self._calendars[name]

    def _overtime_of(self, calendar: Calendar) -> WorkingMinutes:
        """The overtime windows, breaks included, and overtime on single dates outside what works there anyway."""
        opened = [e for e in calendar.extra if e.kind == "overtime"]
        if not opened:
            return self._weekly(weekly_windows(calendar, "overtime"))
        off = self._days_off(calendar)
        anyway = self._weekly(
            weekly_windows(calendar),
            off,
            self._dated((e.date, e.start, e.end) for e in calendar.extra if e.kind == "regular"),
        )
        spans = self._dated((e.date, e.start, e.end) for e in opened)
        more = without(spans, anyway.spans(spans[0][0], spans[-1][1])) if spans else []
        return self._weekly(weekly_windows(calendar, "overtime"), off, more)

    def _weekly(self, week: Iterable[Span], off: Iterable[Span] = (), more: Iterable[Span] = ()) -> WorkingMinutes:
        return WorkingMinutes(week, off, self._offset, more, self._clock)

    def _days_off(self, calendar: Calendar) -> list[Span]:
        return self._dated((h.date, h.start, h.end) for h in calendar.holidays)

    def _dated(self, hours: Iterable[tuple[date, int, int]]) -> list[Span]:
        """Hours (date, start and end in wall minutes after its midnight) as merged spans in minutes from plan_start."""
        begin = self._plant.plan_start
        found: list[Span] = []
        for day, start, end in hours:
            midnight = (day - begin.date()).days * MINUTES_PER_DAY - begin.hour * 60 - begin.minute
            found.extend(self._clock.passing(midnight + start, midnight + end))
        return merged(found)


def weekly_windows(calendar: Calendar, kind: WindowKind | None = None) -> list[Span]:
    """The calendar's windows (of one kind, or all) as merged spans in minutes after Monday 00:00, breaks included."""
    return _of_week((w.day, w.start, w.end) for w in calendar.week if kind is None or w.kind == kind)


def weekly_breaks(calendar: Calendar) -> list[Span]:
    """The calendar's breaks as merged spans in minutes after Monday 00:00."""
    return _of_week((day, b.start, b.end) for b in calendar.breaks for day in ((b.day,) if b.day else range(1, 8)))


def _of_week(hours: Iterable[tuple[int, int, int]]) -> list[Span]:
    """Hours (weekday, start, end) as spans of a week; what a Sunday's hours have beyond the week stands at its beginning."""
    spans: list[Span] = []
    for day, start, end in hours:
        midnight = (day - 1) * MINUTES_PER_DAY
        spans.append((midnight + start, min(midnight + end, MINUTES_PER_WEEK)))
        spans.append((0, max(0, midnight + end - MINUTES_PER_WEEK)))
    return merged(spans)
