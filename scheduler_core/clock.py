"""The plant's clock: minutes that pass, and the wall time that they show in the plant's time zone.

Where summer time begins or ends, the wall clock moves against the minutes that pass: an hour of it does not exist, or comes
twice. ``Clock`` knows these changes around its start and turns minutes into naive wall time and back; ``fold`` is 1 in the
second of two equal wall times. Without a change, both are the same but for the start.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

_MINUTE = timedelta(minutes=1)
_DAY_SECONDS = 86_400
MINUTES_PER_DAY = 1440


@dataclass(frozen=True)
class Clock:
    """Minutes counted from ``start`` (naive wall time of the IANA time zone ``zone``) and the wall clock.

    minutes: ascending, the minutes at which the wall clock changes. ahead: one more; how many minutes the wall clock is
    ahead of ``start`` plus the minutes that passed, before the first change, between two changes, and after the last.
    """

    zone: str
    start: datetime
    minutes: tuple[int, ...] = ()
    ahead: tuple[int, ...] = (0,)

    @property
    def is_even(self) -> bool:
        """Whether no change is known: every day has 1,440 minutes."""
        return not self.minutes

    @property
    def utc_offset(self) -> int:
        """Minutes by which the wall clock is ahead of UTC at ``start``."""
        return _minutes(self.start.replace(tzinfo=ZoneInfo(self.zone)))

    @property
    def last_change(self) -> int:
        """The minute of the last change; 0 if none comes after ``start``."""
        return max((0, *self.minutes))

    def shown(self, minute: int) -> int:
        """What the wall clock shows at a minute, as wall minutes after ``start``."""
        return minute + self.ahead[bisect_right(self.minutes, minute)]

    def spans(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """The wall minutes [begin, end) after ``start`` that the clock shows in [first, last), one pair between changes."""
        inside = [m for m in self.minutes if first < m < last]
        for begin, end in pairwise([first, *inside, last]):
            ahead = self.shown(begin) - begin
            yield begin + ahead, end + ahead

    def time_of(self, minute: int) -> datetime:
        """Naive wall time of a minute; ``fold`` is 1 where the clock has shown that time before."""
        if self.is_even:
            return self.start + timedelta(minutes=minute)
        place = bisect_right(self.minutes, minute)
        shown = minute + self.ahead[place]
        again = place > 0 and shown < self.minutes[place - 1] + self.ahead[place - 1]
        return (self.start + timedelta(minutes=shown)).replace(fold=int(again))

    def minute_of(self, moment: datetime) -> int:
        """The minute that shows a naive wall time (rounded down): the first one, with ``fold`` 1 the last one.

        A time that does not exist counts as the next that does.
        """
        shown = (moment - self.start) // _MINUTE
        if self.is_even:
            return shown
        found = [shown - ahead for place, ahead in enumerate(self.ahead) if self._in(place, shown - ahead)]
        if found:
            return found[-1 if moment.fold else 0]
        gaps = zip(self.minutes, pairwise(self.ahead), strict=True)
        return next(minute for minute, (before, after) in gaps if minute + before <= shown < minute + after)

    def exists(self, moment: datetime) -> bool:
        """Whether the wall clock ever shows a naive time in whole minutes."""
        return self.shown(self.minute_of(moment)) == (moment - self.start) // _MINUTE

    def is_ambiguous(self, moment: datetime) -> bool:
        """Whether the wall clock shows a naive time twice."""
        return self.minute_of(moment.replace(fold=0)) != self.minute_of(moment.replace(fold=1))

    def midnight(self, day: date) -> int:
        """The minute at which a date begins."""
        return self.minute_of(datetime(day.year, day.month, day.day))

    def hours(self, day: date, start: int, end: int) -> tuple[int, int]:
        """[first, last) of the hours that the wall clock shows from ``start`` to ``end`` minutes after a date's midnight; of
        a repeated time both."""
        midnight = datetime(day.year, day.month, day.day)
        return self.minute_of(midnight + timedelta(minutes=start)), self.end_of(midnight + timedelta(minutes=end))

    def end_of(self, moment: datetime) -> int:
        """The minute at which hours end that end at a naive wall time: of a repeated time also its second minutes pass."""
        last = (moment - _MINUTE).replace(fold=1)
        return self.minute_of(last) + 1 if self.exists(last) else self.minute_of(moment)

    def marks(self, first: int, last: int, step: int) -> list[int]:
        """The minutes in [first, last) that show whole multiples of ``step`` minutes after the midnight before ``start``,
        those of a repeated hour twice. With a step of days: the beginnings of the days, where midnight does not exist too.
        """
        midnight = -(self.start.hour * 60 + self.start.minute)

        def shown(begin: int, end: int) -> range:
            return range(begin + (midnight - begin) % step, end, step)

        if step % MINUTES_PER_DAY == 0:
            near = shown(self.shown(first) - step, self.shown(last) + step)
            found = (self.minute_of(self.start + timedelta(minutes=m)) for m in near)
            return [minute for minute in dict.fromkeys(found) if first <= minute < last]
        inside = [m for m in self.minutes if first < m < last]
        stretches = [(begin, end, self.shown(begin) - begin) for begin, end in pairwise([first, *inside, last])]
        return [m - ahead for begin, end, ahead in stretches for m in shown(begin + ahead, end + ahead)]

    def offset(self, minute: int) -> str | None:
        """The offset from UTC, as ``+02:00``, of a minute whose wall time the clock shows twice; None where only once."""
        moment = self.time_of(minute)
        return moment.replace(tzinfo=ZoneInfo(self.zone)).isoformat()[-6:] if self.is_ambiguous(moment) else None

    def text(self, minute: int, timespec: str = "minutes") -> str:
        """The wall time of a minute in ISO 8601, with its offset from UTC where the clock shows it twice."""
        return self.time_of(minute).isoformat(timespec=timespec) + (self.offset(minute) or "")

    def local(self, moment: datetime) -> datetime | None:
        """A time with an offset from UTC as naive wall time; None if the offset is not one that the zone has then."""
        wall = moment.replace(tzinfo=None, fold=0)
        both = (wall, wall.replace(fold=1))
        zone = ZoneInfo(self.zone)
        return next((m for m in both if m.replace(tzinfo=zone).utcoffset() == moment.utcoffset()), None)

    def _in(self, place: int, minute: int) -> bool:
        return bisect_right(self.minutes, minute) == place


def clock_of(zone: str, start: datetime, days: int) -> Clock:
    """The clock of an IANA time zone from a naive wall time on, with the changes of so many days before and after it.

    Farther away the wall clock stays as it is at the end of these days.
    """
    local = start.replace(tzinfo=ZoneInfo(zone))
    limit = days * MINUTES_PER_DAY
    begin, own = _utc_minute(local), _minutes(local)
    near = [c for c in _changes(zone, start.year - 3, start.year + 3) if -limit < c[0] - begin <= limit]
    if not near:
        return Clock(zone, start)
    return Clock(
        zone, start, tuple(minute - begin for minute, _, _ in near),
        (near[0][1] - own, *(after - own for _, _, after in near)),
    )  # fmt: skip


def clock_from(zone: str, start: datetime, days: int) -> Clock:
    """``clock_of``; where ``start`` does not exist, from the next time that does."""
    clock = clock_of(zone, start, days)
    return clock if clock.exists(start) else clock_of(zone, clock.time_of(clock.minute_of(start)), days)


@lru_cache(maxsize=64)
def _changes(zone: str, first_year: int, last_year: int) -> tuple[tuple[int, int, int], ...]:
    """(minute since 1970 UTC, offset from UTC in minutes before it, and after it) of each change of the zone."""
    place = ZoneInfo(zone)
    first, last = (datetime(min(max(year, 2), 9998), 1, 1, tzinfo=UTC).timestamp() for year in (first_year, last_year + 1))
    found = []
    for day in range(int(first), int(last), _DAY_SECONDS):
        before, after = _offset(place, day), _offset(place, day + _DAY_SECONDS)
        if before != after:
            low, high = day // 60, (day + _DAY_SECONDS) // 60
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if _offset(place, middle * 60) == before else (low, middle)
            found.append((high, before, after))
    return tuple(found)


def _offset(zone: ZoneInfo, second: int) -> int:
    return _minutes(datetime.fromtimestamp(second, zone))


def _minutes(moment: datetime) -> int:
    """The offset of an aware time from UTC."""
    offset = moment.utcoffset()
    assert offset is not None  # a time zone always has one
    return offset // _MINUTE


def _utc_minute(moment: datetime) -> int:
    return int(moment.timestamp() // 60)
