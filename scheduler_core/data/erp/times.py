"""Dates and times of a cell in the plant's time zone, whichever way the ERP writes them."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from scheduler_core.data.erp.cells import moment
from scheduler_core.data.erp.meanings import DAY
from scheduler_core.data.erp.meanings import UTC as UTC_UNIT

_LAST_MINUTE = time(23, 59)


def local_moment(field: str, content: object, unit: str, zone: str) -> datetime | None:
    """A date with time as naive plant time, None for an empty cell; ``unit``: UTC, or the plant's time. Raises BadCell."""
    found = moment(field, content)
    if found is None or unit != UTC_UNIT:
        return found
    return found.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def same_clock(zone: str, other: str, about: datetime) -> bool:
    """True if clocks of both zones agree in the year that begins with ``about``. False for a zone that does not exist."""
    try:
        zones = (ZoneInfo(zone), ZoneInfo(other))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    weeks = (about + timedelta(weeks=week) for week in range(53))
    return all(week.replace(tzinfo=zones[0]).utcoffset() == week.replace(tzinfo=zones[1]).utcoffset() for week in weeks)


def end_of(found: datetime, unit: str) -> datetime:
    """By when something is due: the end of a day, or the minute of a moment."""
    return datetime.combine(found.date(), _LAST_MINUTE) if unit == DAY else found.replace(second=0, microsecond=0)


def start_of(found: datetime, unit: str) -> datetime:
    """From when something is there: the beginning of a day, or the first whole minute from a moment on."""
    if unit == DAY:
        return datetime.combine(found.date(), time())
    whole = found.replace(second=0, microsecond=0)
    return whole if whole == found else whole + timedelta(minutes=1)
