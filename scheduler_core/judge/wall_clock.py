"""The plant's wall clock as the judge reads it: from the time zone itself, minute by minute, by no code of those who plan.

Wall minutes count from plan_start as if no clock ever changed; passing minutes are those of a schedule.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from scheduler_core.plant import CLOCK_DAYS, MINUTES_PER_DAY, Plant

Span = tuple[int, int]
"""[start, end) in minutes."""
FAR = 10**12
"""Farther from plan_start than any minute that a plan can name."""


class WallClock:
    """What the clock shows: ``parts`` are (first passing minute, minutes that the wall clock is ahead from there on),
    ascending; the first begins before everything."""

    def __init__(self, parts: Sequence[tuple[int, int]] = ((-FAR, 0),)) -> None:
        self.parts = tuple(parts)
        self._firsts = [first for first, _ in self.parts]
        self.changes = len(self.parts) > 1
        """Whether it ever goes forward or back."""

    def part(self, minute: int) -> int:
        """Number of the part in which a passing minute lies."""
        return bisect_right(self._firsts, minute) - 1

    def wall(self, minute: int) -> int:
        """The wall minute that the clock shows in a passing minute."""
        return minute + self.parts[self.part(minute)][1]

    def stretches(self, start: int, end: int) -> list[tuple[int, int, int]]:
        """(start, end, ahead) of the pieces of the passing span [start, end) between changes, ascending."""
        ends = [*self._firsts[1:], FAR]
        pieces = ((max(start, first), min(end, last), ahead) for (first, ahead), last in zip(self.parts, ends, strict=True))
        return [piece for piece in pieces if piece[0] < piece[1]]

    def passing(self, start: int, end: int) -> list[Span]:
        """The passing minutes in which the clock shows a wall minute in [start, end), as spans."""
        pieces = ((max(first, start - ahead), min(last, end - ahead)) for first, last, ahead in self.stretches(-FAR, FAR))
        return [piece for piece in pieces if piece[0] < piece[1]]


def wall_clock(plant: Plant) -> WallClock:
    """The plant's clock; one that never changes where the plant's days all have 1,440 minutes."""
    if plant.clock_rule != "zone":
        return WallClock()
    return _of_zone(plant.timezone, plant.plan_start, plant.plan_start.fold)


@lru_cache(maxsize=64)
def _of_zone(timezone: str, plan_start: datetime, fold: int) -> WallClock:
    zone = ZoneInfo(timezone)
    begin = plan_start.replace(tzinfo=zone, fold=fold).astimezone(UTC)

    def ahead(minute: int) -> int:
        shown = (begin + timedelta(minutes=minute)).astimezone(zone).replace(tzinfo=None)
        return (shown - plan_start) // timedelta(minutes=1) - minute

    farthest = CLOCK_DAYS * MINUTES_PER_DAY
    known = ahead(-farthest)
    parts = [(-FAR, known)]
    for day in range(-farthest, farthest, MINUTES_PER_DAY):
        low, high = day, day + MINUTES_PER_DAY
        now = ahead(high)
        if now == known:
            continue
        while high - low > 1:
            middle = (low + high) // 2
            if ahead(middle) == known:
                low = middle
            else:
                high = middle
        parts.append((high, now))
        known = now
    return WallClock(parts)
