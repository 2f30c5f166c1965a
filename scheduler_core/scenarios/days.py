"""Dates and weekdays of a change of hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from scheduler_core.errors import InvalidValue

MAX_DATES = 366
"""Most dates that one change may cover, and the farthest that a change without an end may begin."""


@dataclass(frozen=True)
class Days:
    """The dates from ``first`` to ``last``, both included (None: no end), that fall on ``weekdays`` (1 = Monday .. 7; none
    named: on any)."""

    first: date
    last: date | None = None
    weekdays: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.last is not None and self.last < self.first:
            raise InvalidValue("until", self.last.isoformat(), f"is before the first date, {self.first.isoformat()}")
        if self.last is not None and (self.last - self.first).days >= MAX_DATES:
            raise InvalidValue("until", self.last.isoformat(), f"makes more than {MAX_DATES} dates: name no end instead")
        for day in self.weekdays:
            if not 1 <= day <= 7:
                raise InvalidValue("days", day, "is not a day from 1 (Monday) to 7")
        if self.last is not None and not self.dates(self.first, self.last):
            raise InvalidValue("days", self.weekdays, "do not come between the first and the last date")

    @property
    def week(self) -> tuple[int, ...]:
        """The weekdays, Monday first."""
        return tuple(sorted(set(self.weekdays))) or tuple(range(1, 8))

    def dates(self, begin: date, end: date) -> tuple[date, ...]:
        """Its dates among those from ``begin`` to ``end``, both included."""
        begin, end = max(begin, self.first), end if self.last is None else min(end, self.last)
        days = (begin + timedelta(days=n) for n in range((end - begin).days + 1))
        return tuple(day for day in days if day.isoweekday() in self.week)

    def dates_before(self, begin: date) -> tuple[date, ...]:
        """The dates from ``begin`` to the day before ``first`` that fall on the weekdays: it does not hold there."""
        days = (begin + timedelta(days=n) for n in range((self.first - begin).days))
        return tuple(day for day in days if day.isoweekday() in self.week)


def on(day: date) -> Days:
    """One date."""
    return Days(day, day)
