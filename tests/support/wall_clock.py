"""The format's sentences on working time, read word by word and minute by minute."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler_core.plant import Calendar, Plant, WindowKind

DAY = 1440


def in_zone(plant: Plant, zone: str, start: datetime) -> Plant:
    """The plant in another time zone and from another wall time on; holidays and extra hours move along by whole days."""
    days = timedelta(days=(start.date() - plant.plan_start.date()).days)
    calendars = tuple(
        replace(
            c,
            holidays=tuple(replace(h, date=h.date + days) for h in c.holidays),
            extra=tuple(replace(e, date=e.date + days) for e in c.extra),
        )
        for c in plant.calendars
    )
    return replace(plant, timezone=zone, plan_start=start, calendars=calendars)


def shown_at(plant: Plant, minute: int) -> datetime:
    """The naive wall time of a minute from plan_start, by way of UTC."""
    zone = ZoneInfo(plant.timezone)
    begin = plant.plan_start.replace(tzinfo=zone).astimezone(UTC)
    return (begin + timedelta(minutes=minute)).astimezone(zone).replace(tzinfo=None)


def works(plant: Plant, machine: int, minute: int, kind: WindowKind | None = None) -> bool:
    """Whether a machine works in the minute from plan_start; with a kind, only where that is the kind of working time."""
    row = plant.machine_by_id[machine]
    calendar, moment = plant.calendar_by_id[row.calendar], shown_at(plant, minute)
    return (
        kind_at(calendar, moment) in (("regular", "overtime") if kind is None else (kind,))
        and not any(d.start <= minute < d.end for d in row.downtime)
        and not (row.available_from is not None and minute < row.available_from)
    )


def kind_at(calendar: Calendar, moment: datetime) -> WindowKind | None:
    """The kind of working time in a minute of the wall clock; None: nobody works. Where hours overlap, a weekly window
    decides before extra hours, an overtime window before a regular one, and regular extra hours before others."""
    weekday, of_day = moment.isoweekday(), moment.hour * 60 + moment.minute
    before = (moment - timedelta(days=1)).date()

    def on(days: Iterable[object], start: int, end: int) -> bool:
        named = set(days)
        today = bool({weekday, moment.date()} & named) and start <= of_day < end
        return today or (bool({(weekday - 2) % 7 + 1, before} & named) and start <= of_day + DAY < end)

    if any(on(range(1, 8) if b.day is None else (b.day,), b.start, b.end) for b in calendar.breaks):
        return None
    closed = any(h.date == moment.date() and h.start <= of_day < h.end for h in calendar.holidays)
    windows = [] if closed else [w.kind for w in calendar.week if on((w.day,), w.start, w.end)]
    extra = [e.kind for e in calendar.extra if on((e.date,), e.start, e.end)]
    if windows:
        return "overtime" if "overtime" in windows else "regular"
    return None if not extra else "regular" if "regular" in extra else "overtime"
