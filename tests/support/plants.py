"""Tiny plants written out, so that a test's expected numbers can be checked by hand.

Unless a test says otherwise the plan starts on Monday 2025-07-21 at 08:00, machines work around the clock, every job has
the family "A", and setups take no time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from scheduler_core.plant import (
    Break,
    Calendar,
    Holiday,
    Job,
    Machine,
    MachineType,
    Operation,
    Plant,
    SetupEntry,
    WorkWindow,
)
from scheduler_core.schedule import Assignment, Schedule

PLAN_START = datetime(2025, 7, 21, 8, 0)
HOUR = 60
DAY = 24 * HOUR

ALWAYS = Calendar("always", tuple(WorkWindow(day, 0, DAY) for day in range(1, 8)))
OFFICE = Calendar(
    "office",
    (
        *(WorkWindow(day, 8 * HOUR, 16 * HOUR) for day in range(1, 6)),
        *(WorkWindow(day, 16 * HOUR, 18 * HOUR, "overtime") for day in range(1, 6)),
    ),
    breaks=(Break("lunch", 12 * HOUR, 13 * HOUR),),
    holidays=(Holiday(date(2025, 7, 23), "Wednesday off"),),
)
"""Monday to Friday 08:00 to 16:00 and overtime to 18:00, lunch 12:00 to 13:00, Wednesday 23 July off."""


def machine(number: int, type: int = 1, calendar: str = "always", **more: Any) -> Machine:
    """A machine called M1, M2, ..."""
    return Machine(number, f"M{number}", type, calendar, **more)


def operation(minutes: int, *machines: int, sequence: int = 0, **more: Any) -> Operation:
    """An operation on any of the machines (machine 1 if none is named); sequence 0: numbered by ``job``."""
    named = machines or (() if "machine_types" in more else (1,))
    return Operation(sequence, more.pop("process", "work"), minutes, machines=named, **more)


def job(name: str, *operations: Operation, family: str | None = "A", **more: Any) -> Job:
    """A job; operations without a sequence number get 1, 2, ... by their place."""
    numbered = (o if o.sequence else replace(o, sequence=i) for i, o in enumerate(operations, 1))
    return Job(name, tuple(numbered), family, **more)


def plant(
    *jobs: Job,
    machines: Iterable[Machine] = (),
    setups: Iterable[SetupEntry] = (),
    start: datetime = PLAN_START,
    calendars: Iterable[Calendar] = (ALWAYS, OFFICE),
) -> Plant:
    """A plant of these jobs and machines (one machine, number 1, if none is given)."""
    machines = tuple(machines) or (machine(1),)
    setups = tuple(setups)
    types = sorted({m.type for m in machines} | {e.machine_type for e in setups})
    return Plant(
        name="tiny",
        timezone="Asia/Kuala_Lumpur",
        plan_start=start,
        calendars=tuple(calendars),
        machine_types=tuple(MachineType(t, f"type {t}") for t in types),
        machines=machines,
        jobs=jobs,
        setup_matrix=setups,
    )


def at(name: str, sequence: int, machines: int | tuple[int, ...], start: int, end: int, setup: int = 0) -> Assignment:
    """An assignment, with times in minutes from plan_start."""
    return Assignment(name, sequence, (machines,) if isinstance(machines, int) else machines, start, end, setup)


def schedule(*assignments: Assignment) -> Schedule:
    """A schedule of these assignments."""
    return Schedule(assignments)
