"""The plant: everything that a scheduling run depends on, as frozen types that cannot be built wrong.

All times are whole minutes counted from ``Plant.plan_start`` (negative: before it); all durations are whole minutes. They
are minutes that pass: a day on which the time zone's clocks change has more or less than 1,440 (``clock.py``).
Wall-clock time appears only in ``plan_start`` and in the calendars' times of day (minutes after midnight).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from itertools import pairwise
from types import MappingProxyType
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from scheduler_core.clock import Clock, clock_of
from scheduler_core.errors import InvalidValue

MINUTES_PER_DAY = 1440
MINUTES_PER_WEEK = 7 * MINUTES_PER_DAY
MAX_DURATION = 5_000_000
"""Longest duration accepted, in minutes (about nine and a half years): a guard against typing errors and overflow."""
MAX_DAYS = 2 * MAX_DURATION // MINUTES_PER_DAY
"""Days (19 years) by which a holiday or extra hours may lie off plan_start: working time is listed up to the last one."""
CLOCK_DAYS = 400
"""Days before and after plan_start whose clock changes count; farther away the wall clock stays as it is there. Working
time is listed up to the last change, so a longer time would cost every plant with such changes memory."""
IMPORTANT_WEIGHT = 3.0
"""Weight of an important job's tardiness; every other job weighs 1."""

WindowKind = Literal["regular", "overtime"]
ClockRule = Literal["zone", "even-days"]
CLOCK_RULES: tuple[ClockRule, ...] = ("zone", "even-days")
"""Whether a plant's clock follows its time zone, or every day has 1,440 minutes, as in snapshots that were stored before
clock changes counted."""


def _require(condition: bool, where: str, value: object, reason: str) -> None:
    if not condition:
        raise InvalidValue(where, value, reason)


def _require_int(where: str, value: object, low: int, high: int = MAX_DURATION) -> None:
    # bool is an int in Python, but never a duration.
    _require(isinstance(value, int) and not isinstance(value, bool), where, value, "is not a whole number")
    assert isinstance(value, int)
    _require(low <= value <= high, where, value, f"is not between {low} and {high}")


def _require_time(where: str, value: object) -> None:
    _require_int(where, value, -MAX_DURATION * 2, MAX_DURATION * 2)


def _require_text(where: str, value: object) -> None:
    _require(isinstance(value, str) and value != "", where, value, "is not a non-empty text")


def time_of_day(minute: int) -> str:
    """``HH:MM`` of minutes after midnight: ``24:00`` for the end of the day, and the time of the next day beyond it."""
    minute = minute if minute <= MINUTES_PER_DAY else minute - MINUTES_PER_DAY
    return f"{minute // 60:02}:{minute % 60:02}"


def end_after(start: int, end: int) -> int:
    """The end, in minutes after the midnight before ``start``, of hours that are written as two times of day: an end at or
    before the start lies on the next day. 22:00 to 06:00 is 1320 to 1800; 00:00 to 00:00 is 0 to 1440."""
    return end if end > start else end + MINUTES_PER_DAY


def _require_minute(where: str, value: object, low: int, high: int, reason: str) -> None:
    _require(isinstance(value, int) and not isinstance(value, bool), where, value, "is not a whole number")
    assert isinstance(value, int)
    _require(low <= value <= high, where, time_of_day(value) if 0 <= value < 2 * MINUTES_PER_DAY else value, reason)


def check_hours(start: object, end: object, whose: str) -> None:
    """Refuse hours (minutes after a midnight) that begin on another day or do not end within the 24 hours that follow.

    ``whose``: what has them, for the reason. Raises InvalidValue.
    """
    _require_minute("start", start, 0, MINUTES_PER_DAY - 1, "is not a time of day from 00:00 to 23:59")
    assert isinstance(start, int)
    too_early = f"is not after the {whose}'s start at {time_of_day(start)}"
    _require_minute("end", end, start + 1, 2 * MINUTES_PER_DAY, too_early)
    too_late = f"is more than 24 hours after the {whose}'s start at {time_of_day(start)}"
    _require_minute("end", end, start + 1, start + MINUTES_PER_DAY, too_late)


def _require_kind(kind: object) -> None:
    _require(kind in ("regular", "overtime"), "kind", kind, "is neither 'regular' nor 'overtime'")


@dataclass(frozen=True)
class WorkWindow:
    """A weekly window of working time that begins on ``day``, 1 = Monday .. 7.

    ``start`` and ``end`` are minutes after the midnight at which that day begins; an end beyond 1440 lies on the next day
    (22:00 to 06:00 is 1320 to 1800), at most 24 hours after the start. One window is one shift, of the day on which it
    begins. Windows may overlap: a machine still does one thing at a time.
    """

    day: int
    start: int
    end: int
    kind: WindowKind = "regular"

    def __post_init__(self) -> None:
        _require_int("day", self.day, 1, 7)
        check_hours(self.start, self.end, "window")
        _require_kind(self.kind)


@dataclass(frozen=True)
class Break:
    """A daily (``day`` None) or weekly pause, its times as in WorkWindow; an operation pauses over it."""

    name: str
    start: int
    end: int
    day: int | None = None

    def __post_init__(self) -> None:
        if self.day is not None:
            _require_int("day", self.day, 1, 7)
        check_hours(self.start, self.end, "break")


@dataclass(frozen=True)
class Holiday:
    """A day off, or with ``start`` and ``end`` (minutes after its midnight, up to 1440) the part in which nobody works.

    It closes minutes of its own date only: a night shift that began the evening before stops at midnight.
    """

    date: date
    name: str = ""
    start: int = 0
    end: int = MINUTES_PER_DAY

    def __post_init__(self) -> None:
        _require_minute("start", self.start, 0, MINUTES_PER_DAY - 1, "is not a time of day from 00:00 to 23:59")
        too_early = f"is not after the holiday's start at {time_of_day(self.start)}"
        _require_minute("end", self.end, self.start + 1, 2 * MINUTES_PER_DAY, too_early)
        _require_minute("end", self.end, self.start + 1, MINUTES_PER_DAY, "is beyond midnight: name the next date too")

    @property
    def is_whole_day(self) -> bool:
        """Whether nobody works on that date, extra hours apart."""
        return self.start == 0 and self.end == MINUTES_PER_DAY


@dataclass(frozen=True)
class ExtraHours:
    """Hours on one date that work outside the weekly windows too, and on a holiday; breaks apply in them.

    ``start`` and ``end`` are as in WorkWindow. Where a window works anyway, they add nothing and change no kind.
    """

    date: date
    start: int
    end: int
    kind: WindowKind = "overtime"

    def __post_init__(self) -> None:
        check_hours(self.start, self.end, "extra hours")
        _require_kind(self.kind)


@dataclass(frozen=True)
class Calendar:
    """Working time: weekly windows less holidays, with the extra hours of single dates, less breaks."""

    id: str
    week: tuple[WorkWindow, ...]
    breaks: tuple[Break, ...] = ()
    holidays: tuple[Holiday, ...] = ()
    extra: tuple[ExtraHours, ...] = ()

    def __post_init__(self) -> None:
        _require_text("id", self.id)


@dataclass(frozen=True)
class MachineType:
    """A group of interchangeable machines (a work centre)."""

    id: int
    name: str

    def __post_init__(self) -> None:
        _require_int("id", self.id, -(2**31), 2**31)
        _require_text("name", self.name)


@dataclass(frozen=True)
class Downtime:
    """A span [start, end) in minutes from plan_start in which a machine does not work."""

    start: int
    end: int
    reason: str = ""

    def __post_init__(self) -> None:
        _require_time("start", self.start)
        _require_time("end", self.end)
        _require(self.end > self.start, "end", self.end, "is not after the downtime's start")


@dataclass(frozen=True)
class Machine:
    """One machine. ``type`` names a MachineType, ``calendar`` a Calendar; ``available_from`` is in minutes or None."""

    id: int
    name: str
    type: int
    calendar: str
    available_from: int | None = None
    initial_family: str | None = None
    downtime: tuple[Downtime, ...] = ()

    def __post_init__(self) -> None:
        _require_int("id", self.id, -(2**31), 2**31)
        _require_text("name", self.name)
        if self.available_from is not None:
            _require_time("available_from", self.available_from)


@dataclass(frozen=True)
class SetupEntry:
    """Setup minutes on machines of one type when the family changes from one to another."""

    machine_type: int
    from_family: str
    to_family: str
    minutes: int

    def __post_init__(self) -> None:
        _require_int("minutes", self.minutes, 0)


@dataclass(frozen=True)
class Fixed:
    """Where an operation stays: machines, and [start, end) in minutes from plan_start."""

    machines: tuple[int, ...]
    start: int
    end: int

    def __post_init__(self) -> None:
        _require(len(self.machines) > 0, "machines", self.machines, "names no machine")
        _require(len(set(self.machines)) == len(self.machines), "machines", self.machines, "names a machine twice")
        _require_time("start", self.start)
        _require_time("end", self.end)
        _require(self.end > self.start, "end", self.end, "is not after the fixed start")


@dataclass(frozen=True)
class Operation:
    """One step of a job.

    Eligible are all machines of ``machine_types`` and all of ``machines``; with ``requires_all`` the operation holds all of
    ``machines`` at once. Processing takes ``minutes_by_machine[id]`` where given, else ``minutes``.
    """

    sequence: int
    process: str
    minutes: int
    setup_minutes: int = 0
    machine_types: tuple[int, ...] = ()
    machines: tuple[int, ...] = ()
    minutes_by_machine: Mapping[int, int] = field(default_factory=dict)
    requires_all: bool = False
    preferred_machine: int | None = None
    fixed: Fixed | None = None

    def __post_init__(self) -> None:
        _require_int("sequence", self.sequence, 0, 2**31)
        _require_int("minutes", self.minutes, 1)
        _require_int("setup_minutes", self.setup_minutes, 0)
        _require(bool(self.machine_types or self.machines), "machines", self.machines, "and machine_types name no machine")
        if self.requires_all:
            _require(not self.machine_types, "machine_types", self.machine_types, "must be empty with requires_all")
        for machine, minutes in self.minutes_by_machine.items():
            _require_int(f"minutes_by_machine.{machine}", minutes, 1)
        object.__setattr__(self, "minutes_by_machine", MappingProxyType(dict(self.minutes_by_machine)))

    def __hash__(self) -> int:
        return hash((self.sequence, self.process, self.minutes, self.machine_types, self.machines))

    def __reduce__(self) -> tuple[object, ...]:
        # A mapping proxy cannot be pickled, and plants travel to worker processes.
        return (_operation_from_tuple, ((
            self.sequence, self.process, self.minutes, self.setup_minutes, self.machine_types, self.machines,
            dict(self.minutes_by_machine), self.requires_all, self.preferred_machine, self.fixed,
        ),))  # fmt: skip

    def processing_minutes(self, machines: Iterable[int]) -> int:
        """Processing minutes on the given machine ids (the maximum over them: rule 4)."""
        return max(self.minutes_by_machine.get(m, self.minutes) for m in machines)


def _operation_from_tuple(fields: tuple[object, ...]) -> Operation:
    return Operation(*fields)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Job:
    """An order: operations in ascending ``sequence``.

    ``release`` and ``due`` are in minutes from plan_start; a job without ``due`` is never late.
    """

    id: str
    operations: tuple[Operation, ...]
    family: str | None = None
    product: str | None = None
    quantity: int | float | None = None
    important: bool = False
    release: int = 0
    due: int | None = None

    def __post_init__(self) -> None:
        _require_text("id", self.id)
        _require(len(self.operations) > 0, "operations", self.operations, "is empty: a job needs an operation")
        sequences = [o.sequence for o in self.operations]
        for before, after in pairwise(sequences):
            _require(after != before, "operations", after, "is a sequence number that stands twice")
            _require(after > before, "operations", sequences, "are not in ascending sequence")
        _require_time("release", self.release)
        if self.due is not None:
            _require_time("due", self.due)

    @property
    def weight(self) -> float:
        """Weight of the job's tardiness: 3 if important, else 1."""
        return IMPORTANT_WEIGHT if self.important else 1.0


@dataclass(frozen=True)
class Plant:
    """A whole snapshot. Construction checks every reference, and that fixed operations do not contradict each other.

    ``plan_start`` is a naive wall time of the time zone (``fold`` 1: the second of two equal ones). Raises InvalidValue
    naming the path, the value and the reason.
    """

    name: str
    timezone: str
    plan_start: datetime
    calendars: tuple[Calendar, ...]
    machine_types: tuple[MachineType, ...]
    machines: tuple[Machine, ...]
    jobs: tuple[Job, ...]
    setup_matrix: tuple[SetupEntry, ...] = ()
    clock_rule: ClockRule = "zone"

    def __post_init__(self) -> None:
        _require_text("name", self.name)
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError, TypeError):
            raise InvalidValue("timezone", self.timezone, "is not an IANA time zone") from None
        start = self.plan_start
        _require(
            start.tzinfo is None and start.second == 0 and start.microsecond == 0,
            "plan_start", start, "is not a naive time stamp in whole minutes",
        )  # fmt: skip
        _require(self.clock_rule in CLOCK_RULES, "clock", self.clock_rule, "is neither 'zone' nor 'even-days'")
        exists = self.clock.exists(start)
        _require(exists, "plan_start", start, f"does not exist in {self.timezone}: the clocks go forward over it")
        _unique("calendars", [c.id for c in self.calendars])
        _unique("machine_types", [t.id for t in self.machine_types])
        _unique("machines", [m.id for m in self.machines])
        _unique("jobs", [j.id for j in self.jobs])
        self._check_dates()
        self._check_machines()
        self._check_setup_matrix()
        self._check_operations()
        self._check_fixed()

    # ------------------------------------------------------------------ lookups
    @cached_property
    def calendar_by_id(self) -> Mapping[str, Calendar]:
        return {c.id: c for c in self.calendars}

    @cached_property
    def machine_by_id(self) -> Mapping[int, Machine]:
        return {m.id: m for m in self.machines}

    @cached_property
    def machine_type_by_id(self) -> Mapping[int, MachineType]:
        return {t.id: t for t in self.machine_types}

    @cached_property
    def job_by_id(self) -> Mapping[str, Job]:
        return {j.id: j for j in self.jobs}

    @cached_property
    def machines_by_type(self) -> Mapping[int, tuple[int, ...]]:
        """Machine ids of each type, in the plant's order."""
        members: dict[int, list[int]] = {t.id: [] for t in self.machine_types}
        for machine in self.machines:
            members[machine.type].append(machine.id)
        return {t: tuple(ids) for t, ids in members.items()}

    @cached_property
    def _setup(self) -> Mapping[tuple[int, str | None, str | None], int]:
        return {(e.machine_type, e.from_family, e.to_family): e.minutes for e in self.setup_matrix}

    @property
    def operation_count(self) -> int:
        return sum(len(j.operations) for j in self.jobs)

    def eligible_machines(self, operation: Operation) -> tuple[int, ...]:
        """Ids of the machines that may run the operation (with requires_all: that it holds at once), ascending."""
        ids = set(operation.machines)
        for machine_type in operation.machine_types:
            ids.update(self.machines_by_type[machine_type])
        return tuple(sorted(ids))

    def setup_matrix_minutes(self, machine_type: int, from_family: str | None, to_family: str | None) -> int | None:
        """The setup matrix's entry, or None where it has none."""
        return self._setup.get((machine_type, from_family, to_family))

    @cached_property
    def clock(self) -> Clock:
        """The changes of the wall clock around plan_start; none with the rule ``even-days``."""
        if self.clock_rule == "even-days":
            return Clock(self.timezone, self.plan_start)
        return clock_of(self.timezone, self.plan_start, CLOCK_DAYS)

    def time_of(self, minute: int) -> datetime:
        """Plant wall-clock time of a minute counted from plan_start; ``fold`` is 1 where the clock has shown it before."""
        return self.clock.time_of(minute)

    def minute_of(self, moment: datetime) -> int:
        """Whole minutes from plan_start to a naive plant wall-clock time (rounded down).

        Of a repeated hour the first is meant, or with ``fold`` 1 the second; a time that does not exist counts as the next
        that does.
        """
        return self.clock.minute_of(moment)

    def midnight(self, day: date) -> int:
        """The minute, counted from plan_start, at which a date begins."""
        return self.clock.midnight(day)

    def hours(self, day: date, start: int, end: int) -> tuple[int, int]:
        """[start, end) of hours that are given as minutes after the midnight of a date, in minutes from plan_start."""
        return self.clock.hours(day, start, end)

    def day_of(self, minute: int) -> int:
        """The date of a minute as days after that of plan_start."""
        return (self.time_of(minute).date() - self.plan_start.date()).days

    # ------------------------------------------------------------------ checks
    def _check_dates(self) -> None:
        for i, calendar in enumerate(self.calendars):
            dates = [(f"holidays[{k}]", h.date) for k, h in enumerate(calendar.holidays)]
            dates += [(f"extra[{k}]", e.date) for k, e in enumerate(calendar.extra)]
            for where, day in dates:
                days = abs((day - self.plan_start.date()).days)
                _require(days <= MAX_DAYS, f"calendars[{i}].{where}.date", str(day), "is more than 19 years from plan_start")

    def _check_machines(self) -> None:
        _require(len(self.machines) > 0, "machines", self.machines, "is empty: a plant needs a machine")
        for i, machine in enumerate(self.machines):
            where = f"machines[{i}]"
            _require(machine.type in self.machine_type_by_id, f"{where}.type", machine.type, "is not a known machine type")
            _require(
                machine.calendar in self.calendar_by_id,
                f"{where}.calendar",
                machine.calendar,
                "is not a known calendar",
            )

    def _check_setup_matrix(self) -> None:
        seen: set[tuple[int, str, str]] = set()
        for i, entry in enumerate(self.setup_matrix):
            where = f"setup_matrix[{i}]"
            _require(
                entry.machine_type in self.machine_type_by_id,
                f"{where}.machine_type", entry.machine_type, "is not a known machine type",
            )  # fmt: skip
            key = (entry.machine_type, entry.from_family, entry.to_family)
            _require(key not in seen, where, key, "stands twice")
            seen.add(key)

    def _check_operations(self) -> None:
        for j, job in enumerate(self.jobs):
            for o, op in enumerate(job.operations):
                where = f"jobs[{j}].operations[{o}]"
                for t in op.machine_types:
                    _require(t in self.machine_type_by_id, f"{where}.machine_types", t, "is not a known machine type")
                known = self.machine_by_id
                for m in op.machines:
                    _require(m in known, f"{where}.machines", m, "is not a known machine")
                for m in op.minutes_by_machine:
                    _require(m in known, f"{where}.minutes_by_machine", m, "is not a known machine")
                if op.preferred_machine is not None:
                    _require(
                        op.preferred_machine in known,
                        f"{where}.preferred_machine", op.preferred_machine, "is not a known machine",
                    )  # fmt: skip
                _require(
                    bool(self.eligible_machines(op)),
                    f"{where}.machine_types",
                    op.machine_types,
                    "have no machine at all",
                )

    def _check_fixed(self) -> None:
        """Fixed operations must be eligible (rule 2) and must not overlap (6) or run before their predecessor (7)."""
        on_machine: dict[int, list[tuple[int, int, str]]] = {}
        for j, job in enumerate(self.jobs):
            latest: tuple[int, str] | None = None
            for o, op in enumerate(job.operations):
                fixed = op.fixed
                if fixed is None:
                    continue
                where, name = f"jobs[{j}].operations[{o}].fixed", f"job {job.id} operation {op.sequence}"
                eligible = set(self.eligible_machines(op))
                for m in fixed.machines:
                    _require(m in self.machine_by_id, f"{where}.machines", m, "is not a known machine")
                if op.requires_all:
                    _require(
                        set(fixed.machines) == eligible,
                        f"{where}.machines", fixed.machines, f"are not all the machines that {name} needs at once",
                    )  # fmt: skip
                else:
                    _require(
                        len(fixed.machines) == 1,
                        f"{where}.machines",
                        fixed.machines,
                        f"are several, but {name} runs on one",
                    )
                    _require(
                        fixed.machines[0] in eligible,
                        f"{where}.machines", fixed.machines, f"is not eligible for {name}",
                    )  # fmt: skip
                if latest is not None:
                    _require(
                        fixed.start >= latest[0],
                        f"{where}.start", str(self.time_of(fixed.start)),
                        f"is before {latest[1]} of the same job ends, which is fixed too",
                    )  # fmt: skip
                latest = (fixed.end, name)
                for m in fixed.machines:
                    on_machine.setdefault(m, []).append((fixed.start, fixed.end, name))
        for m, spans in on_machine.items():
            spans.sort()
            for (_, end, first), (start, _, second) in pairwise(spans):
                _require(
                    start >= end, f"machine {m}", str(self.time_of(start)),
                    f"is where {second} is fixed, but {first}, also fixed, runs there until {self.time_of(end)}",
                )  # fmt: skip


def _unique(where: str, ids: list[object] | list[str] | list[int]) -> None:
    seen: set[object] = set()
    for i, one in enumerate(ids):
        _require(one not in seen, f"{where}[{i}].id", one, "stands twice")
        seen.add(one)
