"""What may change in a plant, each change a pure function Plant -> Plant; changes stack in their order.

``now`` is the minute from which the plan goes on: a fixed operation that starts before it has begun and stays. Every refusal
is an InvalidValue naming field, value and reason.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from scheduler_core.errors import InvalidValue
from scheduler_core.plant import (
    MINUTES_PER_DAY,
    MINUTES_PER_WEEK,
    Calendar,
    Job,
    Machine,
    Operation,
    Plant,
    WindowKind,
    WorkWindow,
    time_of_day,
)
from scheduler_core.scenarios.breakdown import Breakdown
from scheduler_core.scenarios.floor_changes import MachineReturns, Noted
from scheduler_core.scenarios.floor_reports import OperationFinished, OperationStarted, PiecesScrapped
from scheduler_core.scenarios.frozen_zone import loosened
from scheduler_core.scenarios.hour_changes import HoursAdded, HoursClosed, MachineLimited
from scheduler_core.scenarios.order_changes import OrderHeld, OrderSplit, known_job, scaled
from scheduler_core.scenarios.single_changes import Expedited, HoursOpened, Pinned

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class RushOrder:
    """A job that the plant does not know yet."""

    job: Job

    def apply(self, plant: Plant, now: int = 0) -> Plant:
        """The plant with the job, released at ``now`` at the earliest."""
        if self.job.id in plant.job_by_id:
            raise InvalidValue("job", self.job.id, "is a job of the plant already")
        return replace(plant, jobs=(*plant.jobs, replace(self.job, release=max(now, self.job.release))))


@dataclass(frozen=True)
class MaterialLate:
    """The job cannot begin before minute ``release``."""

    job: str
    release: int

    def apply(self, plant: Plant, now: int = 0) -> Plant:
        """The plant in which it waits; a job that has begun is refused."""
        job = known_job(plant, self.job)
        if any(op.fixed is not None and op.fixed.start < now for op in job.operations):
            raise InvalidValue("job", self.job, "has begun: its material is there")
        late = replace(job, release=self.release)
        fixed = job.operations[0].fixed
        return _with_job(plant, loosened(late, 0, now) if fixed is None or fixed.start < self.release else late)


@dataclass(frozen=True)
class JobDropped:
    """The job is not made."""

    job: str

    def apply(self, plant: Plant, now: int = 0) -> Plant:
        """The plant without it."""
        known_job(plant, self.job)
        if len(plant.jobs) == 1:
            raise InvalidValue("job", self.job, "is the only one: nothing would be left to plan")
        return replace(plant, jobs=tuple(j for j in plant.jobs if j.id != self.job))


@dataclass(frozen=True)
class ImportanceChanged:
    """The job becomes important, or no longer is."""

    job: str
    important: bool

    def apply(self, plant: Plant, now: int = 0) -> Plant:
        """The plant with the job's new weight."""
        return _with_job(plant, replace(known_job(plant, self.job), important=self.important))


@dataclass(frozen=True)
class DueChanged:
    """The customer wants the job by minute ``due`` (None: there is no date any more)."""

    job: str
    due: int | None

    def apply(self, plant: Plant, now: int = 0) -> Plant:
        """The plant with the new date."""
        return _with_job(plant, replace(known_job(plant, self.job), due=self.due))


@dataclass(frozen=True)
class QuantityChanged:
    """More or fewer pieces: processing minutes change in proportion, rounded up; setups do not.

    Operations that have begun keep their end; frozen ones behind them are set free.
    """

    job: str
    quantity: int | float

    def apply(self, plant: Plant, now: int = 0) -> Plant:
        """The plant with the new quantity; a job without one is refused, as there is nothing to scale from."""
        job = known_job(plant, self.job)
        if not (math.isfinite(self.quantity) and self.quantity > 0):
            raise InvalidValue("quantity", self.quantity, "is not a number above 0")
        if not job.quantity:
            raise InvalidValue("job", self.job, "states no quantity to scale from")
        factor = self.quantity / job.quantity
        steps = tuple(op if op.fixed is not None and op.fixed.start < now else scaled(op, factor) for op in job.operations)
        return _with_job(plant, loosened(replace(job, operations=steps, quantity=self.quantity), 0, now))


@dataclass(frozen=True)
class OvertimeOff:
    """No overtime in a calendar, on weekday ``day`` (1 = Monday .. 7) or, with None, on any."""

    calendar: str
    day: int | None = None

    def apply(self, plant: Plant, now: int = 0) -> Plant:
        """The plant without these windows; where there are none, that is refused."""
        calendar = _calendar(plant, self.calendar)
        left = tuple(w for w in calendar.week if w.kind != "overtime" or self.day not in (None, w.day))
        if len(left) == len(calendar.week):
            raise InvalidValue("day", self.day, f"has no overtime in calendar {self.calendar}")
        if not left:
            raise InvalidValue("calendar", self.calendar, "works in overtime only: nothing would be left")
        return _with_calendar(plant, replace(calendar, week=left))


@dataclass(frozen=True)
class OvertimeOn:
    """Overtime in a calendar, every week on these weekdays from ``start`` to ``end`` (minutes after their midnight; an
    end beyond 1440 lies on the next day)."""

    calendar: str
    days: tuple[int, ...]
    start: int
    end: int

    def apply(self, plant: Plant, now: int = 0) -> Plant:
        """The plant with the windows; one that overlaps working time is refused."""
        return _with_windows(plant, self.calendar, self.days, self.start, self.end, "overtime")


@dataclass(frozen=True)
class ShiftAdded:
    """A regular shift more in a calendar, as OvertimeOn."""

    calendar: str
    days: tuple[int, ...]
    start: int
    end: int

    def apply(self, plant: Plant, now: int = 0) -> Plant:
        """The plant with the windows; one that overlaps working time is refused."""
        return _with_windows(plant, self.calendar, self.days, self.start, self.end, "regular")


@dataclass(frozen=True)
class MachineAdded:
    """One more machine like machine ``like``: of its type and calendar, for all that ``like`` may do alone, from minute
    ``available_from`` on."""

    like: int
    id: int
    name: str
    available_from: int = 0

    def apply(self, plant: Plant, now: int = 0) -> Plant:
        """The plant with the machine, set up for nothing."""
        if self.like not in plant.machine_by_id:
            raise InvalidValue("like", self.like, "is not a known machine")
        if self.id in plant.machine_by_id:
            raise InvalidValue("id", self.id, "is a machine of the plant already")
        twin = plant.machine_by_id[self.like]
        machine = Machine(self.id, self.name, twin.type, twin.calendar, max(now, self.available_from) or None)
        jobs = tuple(replace(j, operations=tuple(self._also(op) for op in j.operations)) for j in plant.jobs)
        return replace(plant, machines=(*plant.machines, machine), jobs=jobs)

    def _also(self, op: Operation) -> Operation:
        if op.requires_all:
            return op
        minutes = dict(op.minutes_by_machine)
        if self.like in minutes:
            minutes[self.id] = minutes[self.like]
        machines = (*op.machines, self.id) if self.like in op.machines else op.machines
        return replace(op, machines=machines, minutes_by_machine=minutes)


Change = (
    Breakdown | RushOrder | MaterialLate | JobDropped | ImportanceChanged | DueChanged | QuantityChanged | OvertimeOff
    | OvertimeOn | ShiftAdded | MachineAdded | Pinned | Expedited | HoursOpened | OrderHeld | OrderSplit
    | HoursAdded | HoursClosed | MachineLimited | MachineReturns | Noted
    | OperationStarted | OperationFinished | PiecesScrapped
)  # fmt: skip


def apply_all(plant: Plant, changes: Iterable[Change], now: int = 0) -> Plant:
    """The plant after all changes, in their order. An InvalidValue names the change by its place: ``changes[0].machine``."""
    for i, change in enumerate(changes):
        try:
            plant = change.apply(plant, now)
        except InvalidValue as error:
            raise error.under(f"changes[{i}]") from None
    return plant


def _with_job(plant: Plant, job: Job) -> Plant:
    return replace(plant, jobs=tuple(job if j.id == job.id else j for j in plant.jobs))


def _calendar(plant: Plant, calendar_id: str) -> Calendar:
    if calendar_id not in plant.calendar_by_id:
        raise InvalidValue("calendar", calendar_id, "is not a known calendar")
    return plant.calendar_by_id[calendar_id]


def _with_calendar(plant: Plant, calendar: Calendar) -> Plant:
    return replace(plant, calendars=tuple(calendar if c.id == calendar.id else c for c in plant.calendars))


def _with_windows(plant: Plant, calendar_id: str, days: tuple[int, ...], start: int, end: int, kind: WindowKind) -> Plant:
    calendar = _calendar(plant, calendar_id)
    if not days:
        raise InvalidValue("days", days, "names no weekday")
    added = tuple(WorkWindow(day, start, end, kind) for day in days)
    for window in added:
        for old in calendar.week:
            if _overlap(old, window):
                theirs = f"that of {WEEKDAYS[old.day - 1]} from {time_of_day(old.start)} to {time_of_day(old.end)}"
                raise InvalidValue(
                    "start", time_of_day(start), f"begins a window on {WEEKDAYS[window.day - 1]} that overlaps {theirs}"
                )
    return _with_calendar(plant, replace(calendar, week=(*calendar.week, *added)))


def _overlap(one: WorkWindow, other: WorkWindow) -> bool:
    """Whether two weekly windows share a minute, also over the midnight from Sunday to Monday."""
    first = (other.day - one.day) * MINUTES_PER_DAY
    starts = (first + weeks * MINUTES_PER_WEEK + other.start for weeks in (-1, 0, 1))
    return any(start < one.end and one.start < start + other.end - other.start for start in starts)
