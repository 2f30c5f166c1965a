"""Working time as merged intervals with running sums.

A *table* describes the working minutes of one machine (or of several at once) from plan_start on: explicit intervals
up to ``horizon``, which lies at least a week beyond the last holiday, downtime, clock change or other exception; from there
the last explicit week repeats for ever, so no plan is ever too long for its table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from scheduler_core.clock import Clock
from scheduler_core.plant import MINUTES_PER_DAY, MINUTES_PER_WEEK, Calendar, Machine, Plant

MIN_WEEKS = 12
"""Weeks that a table describes explicitly even without exceptions: look-ups beyond cost a division more."""
BUCKET_SHIFT = 6
"""Working minutes per entry of the inverse's index, as a power of two: an interval is rarely shorter."""


@dataclass(frozen=True)
class WorkingTables:
    """Tables as padded rows; T tables, at most n intervals, D days, B buckets.

    start, end: int32 [T, n], the intervals; unused places hold ``horizon``.
    before: int32 [T, n + 1], working minutes before each interval; the last used place holds the row's total.
    count: int32 [T], intervals in the row.
    day_first: int32 [T, D], the first interval that ends after the day's first minute (days counted from plan_start).
    bucket_first: int32 [T, B], the interval of working minute ``b << BUCKET_SHIFT``.
    total, week: int32 [T], working minutes up to horizon, and in the last week before it.
    horizon: minutes, a multiple of a week.
    """

    start: npt.NDArray[np.int32]
    end: npt.NDArray[np.int32]
    before: npt.NDArray[np.int32]
    count: npt.NDArray[np.int32]
    day_first: npt.NDArray[np.int32]
    bucket_first: npt.NDArray[np.int32]
    total: npt.NDArray[np.int32]
    week: npt.NDArray[np.int32]
    horizon: int

    def worked_before(self, table: int, minutes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Working minutes of the table in [0, t) for each t of ``minutes``."""
        weeks = np.maximum(0, (minutes - self.horizon) // MINUTES_PER_WEEK + 1)
        t = np.maximum(0, minutes - weeks * MINUTES_PER_WEEK)
        count = self.count[table]
        i = np.searchsorted(self.end[table, :count], t, side="right")
        inside = np.where(i < count, t - self.start[table, np.minimum(i, self.start.shape[1] - 1)], 0)
        worked: npt.NDArray[np.int64] = weeks * self.week[table] + self.before[table, i] + np.maximum(0, inside)
        return worked


Mask = npt.NDArray[np.bool_]


def horizon_of(plant: Plant) -> int:
    """Minutes from plan_start that must be explicit: beyond every exception and clock change, a whole number of weeks."""
    return max(horizon_of_exceptions(plant), _weeks_beyond(plant.clock.last_change))


def horizon_of_exceptions(plant: Plant) -> int:
    """``horizon_of`` without regard to clock changes."""
    last = 0
    for calendar in plant.calendars:
        for holiday in calendar.holidays:
            last = max(last, plant.midnight(holiday.date + timedelta(days=1)))
        for extra in calendar.extra:
            last = max(last, plant.hours(extra.date, extra.start, extra.end)[1])
    for machine in plant.machines:
        last = max(last, machine.available_from or 0, *(d.end for d in machine.downtime))
    for job in plant.jobs:
        last = max(last, *(op.fixed.end for op in job.operations if op.fixed is not None), last)
    return _weeks_beyond(last)


def _weeks_beyond(last: int) -> int:
    return max(MIN_WEEKS, -(-last // MINUTES_PER_WEEK) + 1) * MINUTES_PER_WEEK


def calendar_mask(calendar: Calendar, clock: Clock, horizon: int, first: int = 0) -> Mask:
    """Rule 3, bool [horizon]: whether each minute of the clock from ``first`` on works by the calendar.

    A minute works if the time that the wall clock shows in it does, so an hour that comes twice is worked twice.
    """
    spans = list(clock.spans(first, first + horizon))
    low, high = min(start for start, _ in spans), max(end for _, end in spans)
    begin = clock.start + timedelta(minutes=low)
    before = begin.hour * 60 + begin.minute - low
    mask = wall_mask(calendar, begin.date(), -(-(before + high) // MINUTES_PER_DAY))
    shown = [mask[before + start : before + end] for start, end in spans]
    return shown[0] if len(shown) == 1 else np.concatenate(shown)


def wall_mask(calendar: Calendar, first: date, days: int) -> Mask:
    """bool [days * 1440]: whether each minute of the wall clock works, from the midnight at which ``first`` begins.

    A minute works in a weekly window outside holidays, and in extra hours; never in a break.
    """
    pauses = _weekly((day, b.start, b.end) for b in calendar.breaks for day in (range(1, 8) if b.day is None else (b.day,)))
    week = _weekly((w.day, w.start, w.end) for w in calendar.week)
    mask = _repeated(week & ~pauses, first, days)
    for holiday in calendar.holidays:
        _mark(mask, (holiday.date - first).days, holiday.start, holiday.end, False)
    if calendar.extra:
        opened = np.zeros_like(mask)
        for extra in calendar.extra:
            _mark(opened, (extra.date - first).days, extra.start, extra.end, True)
        mask |= opened & ~_repeated(pauses, first, days)
    return mask


def overtime_mask(calendar: Calendar, clock: Clock, horizon: int) -> Mask | None:
    """bool [horizon]: the minutes that count as overtime if they work; None without any.

    Those are the calendar's overtime windows, breaks included, and extra hours of that kind where neither a window nor
    regular extra hours work.
    """
    windows = tuple(w for w in calendar.week if w.kind == "overtime")
    extra = tuple(e for e in calendar.extra if e.kind == "overtime")
    if not windows and not extra:
        return None

    def only(**parts: Any) -> Mask:
        return calendar_mask(replace(calendar, breaks=(), **parts), clock, horizon)

    if not calendar.extra:
        return only(week=windows, holidays=())
    anyway = only(extra=tuple(e for e in calendar.extra if e.kind == "regular"))
    result: Mask = only(week=windows, extra=()) | (only(week=(), extra=extra) & ~anyway)
    return result


def _weekly(hours: Iterable[tuple[int, int, int]]) -> Mask:
    """bool [one week from Monday 00:00]: the hours (weekday, start, end) of every week; those of a Sunday night that end on
    Monday too."""
    two_weeks = np.zeros(2 * MINUTES_PER_WEEK, np.bool_)
    for day, start, end in hours:
        _mark(two_weeks, day - 1, start, end, True)
    result: Mask = two_weeks[:MINUTES_PER_WEEK] | two_weeks[MINUTES_PER_WEEK:]
    return result


def _repeated(week: Mask, first: date, days: int) -> Mask:
    """A week from Monday 00:00 as bool [days * 1440] from the midnight of ``first`` on."""
    return np.resize(np.roll(week, -first.weekday() * MINUTES_PER_DAY), days * MINUTES_PER_DAY)


def _mark(mask: Mask, day: int, start: int, end: int, works: bool) -> None:
    """Set the minutes from ``start`` to ``end`` after the midnight of the mask's day ``day``, where it has them."""
    midnight = day * MINUTES_PER_DAY
    mask[max(0, midnight + start) : max(0, midnight + end)] = works


def machine_mask(machine: Machine, calendar: Mask) -> Mask:
    """The calendar's mask less the machine's downtime and the time before it is available."""
    if not machine.downtime and not (machine.available_from or 0) > 0:
        return calendar
    mask = calendar.copy()
    for down in machine.downtime:
        mask[max(0, down.start) : max(0, down.end)] = False
    mask[: max(0, machine.available_from or 0)] = False
    return mask


class TableBuilder:
    """Collects masks and gives each distinct one the number of its table."""

    def __init__(self, horizon: int) -> None:
        self.horizon = horizon
        self._numbers: dict[bytes, int] = {}
        self._masks: list[Mask] = []

    def __len__(self) -> int:
        return len(self._masks)

    def number(self, mask: Mask) -> int:
        """The table number of the mask (equal masks share one)."""
        key = np.packbits(mask).tobytes()
        if key not in self._numbers:
            self._numbers[key] = len(self._masks)
            self._masks.append(mask)
        return self._numbers[key]

    def works_for_ever(self, number: int) -> bool:
        """Whether the repeating week has a working minute, so that every operation ends some day."""
        return bool(self._masks[number][-MINUTES_PER_WEEK:].any())

    def build(self) -> WorkingTables:
        """All collected masks as tables."""
        return _tables(self._masks, self.horizon)


def intersection(masks: Iterable[Mask]) -> Mask:
    """The minutes that work on every one of the machines."""
    result: Mask = np.logical_and.reduce(list(masks))
    return result


def _tables(masks: Sequence[Mask], horizon: int) -> WorkingTables:
    spans = [_intervals(m) for m in masks]
    n = max((len(s) for s, _ in spans), default=0) or 1
    days = horizon // MINUTES_PER_DAY
    totals = np.array([int((e - s).sum()) for s, e in spans], np.int32)
    buckets = (int(totals.max(initial=0)) >> BUCKET_SHIFT) + 2
    count = len(masks)
    start = np.full((count, n), horizon, np.int32)
    end = np.full((count, n), horizon, np.int32)
    before = np.zeros((count, n + 1), np.int32)
    day_first = np.zeros((count, days), np.int32)
    bucket_first = np.zeros((count, buckets), np.int32)
    week = np.zeros(count, np.int32)
    for row, (s, e) in enumerate(spans):
        k = len(s)
        start[row, :k], end[row, :k] = s, e
        before[row, 1 : k + 1] = np.cumsum(e - s)
        before[row, k + 1 :] = totals[row]
        day_first[row] = np.searchsorted(e, np.arange(days) * MINUTES_PER_DAY, side="right")
        marks = np.arange(buckets) << BUCKET_SHIFT
        bucket_first[row] = np.clip(np.searchsorted(before[row, : k + 1], marks, side="right") - 1, 0, max(0, k - 1))
        week[row] = int(masks[row][-MINUTES_PER_WEEK:].sum())
    return WorkingTables(
        start,
        end,
        before,
        np.array([len(s) for s, _ in spans], np.int32),
        day_first,
        bucket_first,
        totals,
        week,
        horizon,
    )


def _intervals(mask: Mask) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    inside = np.flatnonzero(mask[1:] != mask[:-1]) + 1
    edges = np.concatenate(([0] if mask[0] else [], inside, [len(mask)] if mask[-1] else [])).astype(np.int64)
    return edges[::2], edges[1::2]
