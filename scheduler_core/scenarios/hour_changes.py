"""Hours of machines, work centres or the whole plant: extra ones, closed ones, and a machine that works part of the day.

The dates are those of the wall clock, so these changes mean the same whatever minute a plan begins at. Machines that the
change does not name keep their calendar; the others get a calendar of their own. Hours of one date work on a holiday too;
hours of several dates, or of every week, leave holidays as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from scheduler_core.calendar_hours import with_changed_calendars
from scheduler_core.errors import InvalidValue
from scheduler_core.plant import MINUTES_PER_DAY, Calendar, ExtraHours, Holiday, Plant, WindowKind, time_of_day
from scheduler_core.scenarios.calendar_edits import closed, opened
from scheduler_core.scenarios.days import MAX_DATES, Days

MAX_HOURS_NAME = 120
LIMITED = "limited"
"""What the closed hours of a limited machine are called."""


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
        machines = self.group.ids(plant)
        today = _first_day(plant, self.days)
        changed = with_changed_calendars(
            plant, machines, lambda calendar: opened(calendar, self.days, self.start, self.end, self.kind, today)
        )
        if changed == plant:
            raise InvalidValue("start", time_of_day(self.start), "begins hours in which all of these machines work already")
        return changed


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
        today = _first_day(plant, self.days)
        changed = with_changed_calendars(
            plant, self.group.ids(plant),
            lambda calendar: closed(calendar, self.days, (self.start, self.end), self.name, today),
        )  # fmt: skip
        if changed == plant:
            raise InvalidValue("start", time_of_day(self.start), "begins hours in which none of these machines works anyway")
        return changed


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
        if self.machine not in plant.machine_by_id:
            raise InvalidValue("machine", self.machine, "is not a known machine")
        today = _first_day(plant, self.days)

        def limited(calendar: Calendar) -> Calendar:
            for start, end in ((0, self.start), (self.end, MINUTES_PER_DAY)):
                if start < end:
                    calendar = closed(calendar, self.days, (start, end), LIMITED, today)
            return calendar

        changed = with_changed_calendars(plant, (self.machine,), limited)
        if changed == plant:
            raise InvalidValue("start", time_of_day(self.start), "begins hours outside which the machine never works anyway")
        return changed


def _first_day(plant: Plant, days: Days) -> date:
    """The date from which hours may still matter to a plan: a shift that began the evening before may run on."""
    first = plant.plan_start.date() - timedelta(days=1)
    if days.last is not None and not days.dates(first, days.last):
        raise InvalidValue("until", days.last.isoformat(), "is over")
    if days.last is None and (days.first - first).days > MAX_DATES:
        raise InvalidValue("from", days.first.isoformat(), "is more than a year ahead")
    return first
