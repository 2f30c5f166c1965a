"""When a time of day was last, and when it is next, where clocks are changed. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAYS = (-1, 0, 1)


def last_before(times: Iterable[time], now: datetime, zone: ZoneInfo) -> datetime | None:
    """The newest moment (UTC) up to ``now`` (aware) at which the zone's clock showed one of the times; None without any."""
    return max((at for at in _around(times, now, zone) if at <= now), default=None)


def first_after(times: Iterable[time], now: datetime, zone: ZoneInfo) -> datetime | None:
    """The next moment (UTC) after ``now`` (aware)."""
    return min((at for at in _around(times, now, zone) if at > now), default=None)


def _around(times: Iterable[time], now: datetime, zone: ZoneInfo) -> list[datetime]:
    """The moments of yesterday, today and tomorrow. A time that a change of clocks shows twice counts once, the first time;
    one that it leaves out comes by as much later as the clock is put forward."""
    today = now.astimezone(zone).date()
    wanted = tuple(times)
    return [
        datetime.combine(today + timedelta(days=days), at, tzinfo=zone).astimezone(UTC) for days in _DAYS for at in wanted
    ]
