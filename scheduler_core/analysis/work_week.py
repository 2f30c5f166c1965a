"""The hours of machines in one week, minute by minute: when they work and in which kind of hours, and why they do not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import groupby

from scheduler_core.calendar_hours import EXTRA_SHIFT_MINUTES, OVERTIME_MINUTES
from scheduler_core.plant import MINUTES_PER_DAY, Calendar, Machine, Plant

DAYS = 7


class HourKind(StrEnum):
    """What a machine's minutes are. The first three work."""

    REGULAR = "regular"
    OVERTIME = "overtime"
    EXTRA = "extra"
    BREAK = "break"
    HOLIDAY = "holiday"
    DOWN = "down"


WORKING = frozenset({HourKind.REGULAR, HourKind.OVERTIME, HourKind.EXTRA})


@dataclass(frozen=True)
class HourSpan:
    """Minutes [start, end) after the midnight of a date, all of one kind. ``words``: the name of the break or holiday, or
    why the machine is down; empty where nothing is said."""

    start: int
    end: int
    kind: HourKind
    words: str = ""


@dataclass(frozen=True)
class MachineHours:
    """A day of machines (ids) that have the same hours on it; minutes that are in no span are closed."""

    machines: tuple[int, ...]
    spans: tuple[HourSpan, ...]

    @property
    def working(self) -> int:
        """Minutes in which each of the machines works."""
        return sum(s.end - s.start for s in self.spans if s.kind in WORKING)


@dataclass(frozen=True)
class WorkDay:
    """One date; machines with the same hours stand together, the most of them first."""

    date: date
    rows: tuple[MachineHours, ...]


def monday_of(day: date) -> date:
    """The Monday of the week in which the date lies."""
    return day - timedelta(days=day.weekday())


def work_week(plant: Plant, machines: Sequence[int], monday: date) -> tuple[WorkDay, ...]:
    """The seven days from ``monday`` on of machines (ids) of the plant. Times are those of the plant's wall clock.

    Working time is what the weekly hours give less holidays, and the extra hours of the date, less breaks and the time in
    which the machine is down.
    """
    return tuple(_day(plant, machines, monday + timedelta(days=k)) for k in range(DAYS))


def _day(plant: Plant, machines: Sequence[int], day: date) -> WorkDay:
    found: dict[tuple[HourSpan, ...], list[int]] = {}
    known: dict[tuple[object, ...], tuple[HourSpan, ...]] = {}
    for m in machines:
        machine = plant.machine_by_id[m]
        stops = _stops(plant, machine, day)
        key = (machine.calendar, *stops)
        if key not in known:
            known[key] = _spans(plant.calendar_by_id[machine.calendar], day, stops)
        found.setdefault(known[key], []).append(m)
    rows = [MachineHours(tuple(ids), spans) for spans, ids in found.items()]
    return WorkDay(day, tuple(sorted(rows, key=lambda row: -len(row.machines))))


def proposed(week: Sequence[WorkDay], day: date) -> tuple[int, int]:
    """Extra hours to begin with, in minutes after the date's midnight: behind the last hours of the day, or on a day without
    hours a shift from when the other days begin. The end may lie on the next day."""
    hours = {one.date: [s for row in one.rows for s in row.spans if s.kind in WORKING] for one in week}
    if own := hours.get(day, []):
        start, length = max(s.end for s in own), OVERTIME_MINUTES
        # A day that works until midnight has room before its hours only.
        return (start, start + length) if start < MINUTES_PER_DAY else (0, max(60, min(s.start for s in own)))
    start = min((s.start for spans in hours.values() for s in spans), default=7 * 60)
    return start, start + EXTRA_SHIFT_MINUTES


Stop = tuple[int, int, str]
"""Minutes [start, end) of a date, and why."""


def _stops(plant: Plant, machine: Machine, day: date) -> tuple[Stop, ...]:
    """The machine's downtime on that date."""
    found = [(plant.time_of(d.start), plant.time_of(d.end), d.reason) for d in machine.downtime]
    if machine.available_from is not None and machine.available_from > 0:
        found.append((plant.plan_start, plant.time_of(machine.available_from), ""))
    return tuple(stop for start, end, why in found for stop in _on(day, start, end, why))


def _on(day: date, start: datetime, end: datetime, why: str) -> Iterable[Stop]:
    midnight = datetime.combine(day, time())
    first, last = (round((moment - midnight) / timedelta(minutes=1)) for moment in (start, end))
    first, last = max(0, first), min(MINUTES_PER_DAY, last)
    if first < last:
        yield first, last, why


class _Minutes:
    """The minutes of one date, painted in layers; None: closed."""

    def __init__(self) -> None:
        self.kinds: list[tuple[HourKind, str] | None] = [None] * MINUTES_PER_DAY

    def paint(self, start: int, end: int, kind: HourKind, words: str = "", over: Collection[HourKind | None] = ()) -> None:
        """Minutes [start, end) become of the kind where they are of one of ``over`` (None: closed); empty: wherever."""
        for minute in range(max(0, start), min(MINUTES_PER_DAY, end)):
            here = self.kinds[minute]
            if not over or (None if here is None else here[0]) in over:
                self.kinds[minute] = (kind, words)

    def spans(self) -> tuple[HourSpan, ...]:
        """The minutes as spans, closed ones left out."""
        found, start = [], 0
        for what, run in groupby(self.kinds):
            end = start + len(list(run))
            if what is not None:
                found.append(HourSpan(start, end, *what))
            start = end
        return tuple(found)


def _spans(calendar: Calendar, day: date, stops: Sequence[Stop]) -> tuple[HourSpan, ...]:
    minutes = _Minutes()
    # What began the day before may run on into this date.
    begun = ((day, 0), (day - timedelta(days=1), -MINUTES_PER_DAY))
    for kind, name in ((HourKind.OVERTIME, "overtime"), (HourKind.REGULAR, "regular")):
        for on, shift in begun:
            for w in calendar.week:
                if w.day == on.isoweekday() and w.kind == name:
                    minutes.paint(w.start + shift, w.end + shift, kind)
    for holiday in calendar.holidays:
        if holiday.date == day:
            minutes.paint(holiday.start, holiday.end, HourKind.HOLIDAY, holiday.name)
    for on, shift in begun:
        for extra in calendar.extra:
            if extra.date == on:
                minutes.paint(extra.start + shift, extra.end + shift, HourKind.EXTRA, over=(None, HourKind.HOLIDAY))
    for on, shift in begun:
        for pause in calendar.breaks:
            if pause.day in (None, on.isoweekday()):
                minutes.paint(pause.start + shift, pause.end + shift, HourKind.BREAK, pause.name, WORKING)
    for start, end, why in stops:
        minutes.paint(start, end, HourKind.DOWN, why, WORKING)
    return minutes.spans()
