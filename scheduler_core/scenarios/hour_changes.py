"""Hours of machines, work centres or the whole plant: extra ones, closed ones, and a machine that works part of the day.

The dates are those of the wall clock, so these changes mean the same whatever minute a plan begins at. Machines that the
change does not name keep their calendar; the others get a calendar of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from scheduler_core.errors import InvalidValue
from scheduler_core.plant import MINUTES_PER_DAY, ExtraHours, Holiday, Plant, WindowKind

MAX_DATES = 366
"""Most dates that one change may cover, and the farthest that a change without an end may begin."""
MAX_HOURS_NAME = 120


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


def on(day: date) -> Days:
    """One date."""
    return Days(day, day)


@dataclass(frozen=True)
class Group:
    """The machines (ids) and all machines of the types (ids) named; neither: the whole plant."""

    machines: tuple[int, ...] = ()
    machine_types: tuple[int, ...] = ()

    @property
    def is_plant(self) -> bool:
        """Whether it names the whole plant."""
        return not self.machines and not self.machine_types

    def ids(self, plant: Plant) -> frozenset[int]:
        """Its machines in a plant. Raises InvalidValue for a machine or type that the plant does not have."""
        for machine in self.machines:
            if machine not in plant.machine_by_id:
                raise InvalidValue("machines", machine, "is not a known machine")
        for kind in self.machine_types:
            if kind not in plant.machine_type_by_id:
                raise InvalidValue("machine_types", kind, "is not a known machine type")
        if self.is_plant:
            return frozenset(plant.machine_by_id)
        return frozenset((*self.machines, *(m for kind in self.machine_types for m in plant.machines_by_type[kind])))


@dataclass(frozen=True)
class HoursAdded:
    """The group also works on these days from ``start`` to ``end``, minutes after midnight as in ``WorkWindow``."""

    days: Days
    start: int
    end: int
    group: Group = Group()
    kind: WindowKind = "overtime"

    def __post_init__(self) -> None:
        ExtraHours(self.days.first, self.start, self.end, self.kind)  # it knows what hours may be

    def apply(self, plant: Plant, now: int = 0) -> Plant:
        """The plant with these hours. Raises InvalidValue for an unknown machine or type, for dates that are over when the
        plan begins, and where every machine works in these hours already."""
        raise NotImplementedError


@dataclass(frozen=True)
class HoursClosed:
    """The group does not work on these days from ``start`` to ``end``, minutes after midnight of the same day."""

    days: Days
    start: int = 0
    end: int = MINUTES_PER_DAY
    group: Group = Group()
    name: str = ""

    def __post_init__(self) -> None:
        Holiday(self.days.first, self.name, self.start, self.end)
        if len(self.name) > MAX_HOURS_NAME:
            raise InvalidValue("name", self.name, f"is longer than {MAX_HOURS_NAME} characters")

    def apply(self, plant: Plant, now: int = 0) -> Plant:
        """The plant without these hours. Raises InvalidValue for an unknown machine or type, for dates that are over when
        the plan begins, and where no machine works in these hours anyway."""
        raise NotImplementedError


@dataclass(frozen=True)
class MachineLimited:
    """The machine works on these days from ``start`` to ``end`` at most, minutes after midnight of the same day. That is
    what a limited machine means here: fewer hours a day, at its usual pace."""

    machine: int
    days: Days
    start: int
    end: int

    def __post_init__(self) -> None:
        Holiday(self.days.first, "", self.start, self.end)

    def apply(self, plant: Plant, now: int = 0) -> Plant:
        """The plant in which it does no work outside these hours. Raises InvalidValue as ``HoursClosed.apply``."""
        raise NotImplementedError
