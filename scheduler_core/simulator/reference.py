"""The simulator in plain Python: the same rules as ``kernel.py``, written to be read.

It steps through the plant's own types, counts working minutes one by one and remembers nothing that it can work out
again. The kernel must agree with it at every step; whoever changes a rule changes it here first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count, islice

import numpy as np

from scheduler_core.errors import Unschedulable
from scheduler_core.plant import MINUTES_PER_DAY, Break, Calendar, Machine, Operation, Plant
from scheduler_core.schedule import Assignment, Schedule
from scheduler_core.simulator.reservations import Block, Reservations, reserve
from scheduler_core.simulator.working_time import Mask

BOOKING_HORIZON = 240
"""Minutes that a machine may wait, booked, for the others that an operation needs at the same time."""


class WorkingMinutes:
    """Which minutes work for a machine, or for several at once; machines are ids, minutes count from plan_start."""

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self._known: dict[tuple[tuple[int, ...], int], list[int]] = {}

    def works(self, machines: tuple[int, ...], minute: int) -> bool:
        """Rule 3: whether the minute works for all of the machines."""
        return minute in self.of_day(machines, self._day_of(minute))

    def ever(self, machines: tuple[int, ...]) -> bool:
        """Whether the weekly windows leave any minute that works for all of the machines: holidays and outages pass."""
        calendars = [self.plant.calendar_by_id[self.plant.machine_by_id[m].calendar] for m in machines]
        return any(set.intersection(*(_open_hours(c, weekday) for c in calendars)) for weekday in range(1, 8))

    def following(self, machines: tuple[int, ...], minute: int) -> Iterator[int]:
        """The working minutes at or after ``minute``, in order and for ever; none if the machines never work."""
        if not self.ever(machines):
            return
        for day in count(self._day_of(minute)):
            yield from (m for m in self.of_day(machines, day) if m >= minute)

    def span(self, machines: tuple[int, ...], minute: int, work: int) -> tuple[int, int]:
        """Rules 3 and 4: [start, end) of the first ``work`` working minutes at or after ``minute``, pauses included."""
        worked = list(islice(self.following(machines, minute), work))
        return worked[0], worked[-1] + 1

    def of_day(self, machines: tuple[int, ...], day: int) -> list[int]:
        """The minutes of a day (0: the day of plan_start) that work for all of the machines, ascending."""
        if (machines, day) not in self._known:
            each = (self._of_machine(self.plant.machine_by_id[m], day) for m in machines)
            self._known[machines, day] = sorted(set.intersection(*each))
        return self._known[machines, day]

    def _of_machine(self, machine: Machine, day: int) -> set[int]:
        minutes = self._of_calendar(self.plant.calendar_by_id[machine.calendar], day)
        for outage in machine.downtime:
            minutes = {m for m in minutes if not outage.start <= m < outage.end}
        return {m for m in minutes if machine.available_from is None or m >= machine.available_from}

    def _of_calendar(self, calendar: Calendar, day: int) -> set[int]:
        date = self._date(day)
        begin, end = self._midnight(day), self._midnight(day + 1)
        if self.plant.clock.is_even:
            return {begin + m for m in _hours_of_date(calendar, date)}
        # Where a clock goes back over midnight, minutes of this day show the date before once more.
        hours = {d: _hours_of_date(calendar, d) for d in (date - timedelta(days=1), date)}
        shown = {minute: self.plant.time_of(minute) for minute in range(begin, end)}
        return {minute for minute, at in shown.items() if at.hour * 60 + at.minute in hours[at.date()]}

    def _day_of(self, minute: int) -> int:
        day = self.plant.day_of(minute)
        return day if minute < self._midnight(day + 1) else day + 1

    def _midnight(self, day: int) -> int:
        return self.plant.midnight(self._date(day))

    def _date(self, day: int) -> date:
        return self.plant.plan_start.date() + timedelta(days=day)


def _hours_of_date(calendar: Calendar, day: date) -> set[int]:
    """Minutes after midnight that work on a date, its own and those of hours that began on the day before."""
    minutes = _windows(calendar, day.isoweekday())
    minutes = minutes.difference(*(range(h.start, h.end) for h in calendar.holidays if h.date == day))
    before = day - timedelta(days=1)
    minutes = minutes.union(*(range(e.start, e.end) for e in calendar.extra if e.date == day))
    minutes = minutes.union(*(range(e.end - MINUTES_PER_DAY) for e in calendar.extra if e.date == before))
    return {m for m in minutes if m < MINUTES_PER_DAY} - _breaks(calendar, day.isoweekday())


def _open_hours(calendar: Calendar, weekday: int) -> set[int]:
    """Minutes after midnight of any such weekday that no holiday and no extra hours change; 1 = Monday."""
    return _windows(calendar, weekday) - _breaks(calendar, weekday)


def _windows(calendar: Calendar, weekday: int) -> set[int]:
    return _of_weekday(weekday, ((w.day, w.start, w.end) for w in calendar.week))


def _breaks(calendar: Calendar, weekday: int) -> set[int]:
    return _of_weekday(weekday, ((day, b.start, b.end) for b in calendar.breaks for day in _days_of(b)))


def _days_of(pause: Break) -> tuple[int, ...]:
    return (1, 2, 3, 4, 5, 6, 7) if pause.day is None else (pause.day,)


def _of_weekday(weekday: int, hours: Iterable[tuple[int, int, int]]) -> set[int]:
    """Minutes after midnight inside the weekday's hours (day, start, end) and inside those of the day before that end on
    this one."""
    minutes: set[int] = set()
    for day, start, end in hours:
        if day == weekday:
            minutes.update(range(start, min(end, MINUTES_PER_DAY)))
        if day % 7 + 1 == weekday:
            minutes.update(range(end - MINUTES_PER_DAY))
    return minutes


@dataclass
class MachineState:
    """``bare``: nothing ran on it yet, and it came without a family. ``blocks``: the reservations to come, in order."""

    free_at: int
    family: str | None
    bare: bool
    blocks: list[Block] = field(default_factory=list)


@dataclass
class JobState:
    """``next``: place of the next operation to dispatch; ``ready_at``: the minute from which it may start (rules 7 and
    8)."""

    next: int
    ready_at: int


class ReferenceSimulator:
    """One simulation of a plant, decision by decision: choose a job of ``candidates()``, one of its ``machines(job)``,
    ``dispatch`` it, until ``done``. Jobs are indices, machines are ids. Raises Unschedulable at construction."""

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self.working = WorkingMinutes(plant)
        self._refuse_impossible()
        self.now = 0
        self.jobs = [JobState(0, max(0, job.release)) for job in plant.jobs]
        self.machine = {m.id: MachineState(0, m.initial_family, bare=m.initial_family is None) for m in plant.machines}
        self.placed: dict[tuple[int, int], Assignment] = {}
        """Assignments by job and place of the operation in it."""
        self._place_reservations()
        self._candidates: list[int] = []
        self._arrive()
        self._advance()

    # ---------------------------------------------------------------- what may be done now
    @property
    def done(self) -> bool:
        """Whether every operation is dispatched."""
        return len(self.placed) == self.plant.operation_count

    def candidates(self) -> list[int]:
        """The jobs that may be dispatched now, ascending."""
        return list(self._candidates)

    def machines(self, job: int) -> list[tuple[int, ...]]:
        """The choices of machines on which the job's next operation may start now (rule 2); empty if there is none.

        An operation on one machine has a choice for each; one that needs several machines at once has only that.
        """
        op = self.next_operation(job)
        if op is None or self.jobs[job].ready_at > self.now:
            return []
        eligible = self.plant.eligible_machines(op)
        if op.requires_all:
            return [eligible] if self._may_book(job, eligible) else []
        return [(m,) for m in eligible if self.is_open(m) and self._fits(job, (m,))]

    def next_operation(self, job: int) -> Operation | None:
        """The job's next operation, None after its last."""
        operations = self.plant.jobs[job].operations
        place = self.jobs[job].next
        return operations[place] if place < len(operations) else None

    def is_open(self, machine: int) -> bool:
        """Whether the machine is free (rule 6) and in a working minute."""
        return self.machine[machine].free_at <= self.now and self.working.works((machine,), self.now)

    def setup(self, job: int, machines: tuple[int, ...]) -> int:
        """Rule 5: setup minutes of the job's next operation there, the longest that any of the machines needs."""
        return max(self._setup_on(job, m) for m in machines)

    def span(self, job: int, machines: tuple[int, ...]) -> tuple[int, int]:
        """[start, end) of the job's next operation there: from the first minute in which all are free and working."""
        op = self.next_operation(job)
        assert op is not None
        work = self.setup(job, machines) + op.processing_minutes(machines)
        return self.working.span(machines, max(self.now, *(self.machine[m].free_at for m in machines)), work)

    def _may_book(self, job: int, machines: tuple[int, ...]) -> bool:
        """Whether an operation may take several machines at once: from the moment at which one of them is open, as long
        as none has to be held for too long before all can begin."""
        if not any(self.is_open(m) for m in machines):
            return False
        start, _ = self.span(job, machines)
        return start - self.now <= BOOKING_HORIZON and self._fits(job, machines)

    def _fits(self, job: int, machines: tuple[int, ...]) -> bool:
        """Rule 9: whether the operation would end before a reservation holds one of the machines."""
        _, end = self.span(job, machines)
        return all(end <= block.hold for m in machines for block in self.machine[m].blocks)

    def _setup_on(self, job: int, machine: int) -> int:
        op, state, family = self.next_operation(job), self.machine[machine], self.plant.jobs[job].family
        assert op is not None
        if state.bare:
            return op.setup_minutes
        if state.family == family:
            return 0
        listed = self.plant.setup_matrix_minutes(self.plant.machine_by_id[machine].type, state.family, family)
        return op.setup_minutes if listed is None else listed

    # ---------------------------------------------------------------- doing it
    def dispatch(self, job: int, machines: tuple[int, ...]) -> None:
        """Starts the job's next operation on the machines and goes on to the next decision."""
        if machines not in self.machines(job):
            raise ValueError(f"machines {machines} are not legal for job index {job} at minute {self.now}")
        start, end = self.span(job, machines)
        self._place(job, self.jobs[job].next, machines, start, end, self.setup(job, machines))
        for m in machines:
            self._hold(m, end, self.plant.jobs[job].family)
        self._advance()

    def schedule(self) -> Schedule:
        """All operations that are dispatched or reserved, in the plant's order."""
        return Schedule(tuple(self.placed[key] for key in sorted(self.placed)))

    def _place(self, job: int, place: int, machines: tuple[int, ...], start: int, end: int, setup: int) -> None:
        row = self.plant.jobs[job]
        self.placed[job, place] = Assignment(row.id, row.operations[place].sequence, machines, start, end, setup)
        self.jobs[job] = JobState(place + 1, max(0, end))

    def _hold(self, machine: int, end: int, family: str | None) -> None:
        state = self.machine[machine]
        state.free_at, state.family, state.bare = max(state.free_at, end), family, False

    # ---------------------------------------------------------------- time
    def _advance(self) -> None:
        """Moves the clock until there is a candidate or all is done.

        The candidates of a minute are found when the clock arrives; dispatching one of them can only take others away.
        """
        self._candidates = [j for j in self._candidates if self.machines(j)]
        while not self._candidates and not self.done:
            self.now = min(self._next_events())
            self._arrive()

    def _arrive(self) -> None:
        """Reservations whose time has come take their machines; then whoever can start is a candidate."""
        for m, state in self.machine.items():
            while state.blocks and state.blocks[0].hold <= self.now:
                block = state.blocks.pop(0)
                self._hold(m, block.end, block.family)
        self._candidates = [j for j in range(len(self.jobs)) if self.machines(j)]

    def _next_events(self) -> Iterator[int]:
        """The minutes after now in which something may become possible."""
        for m, state in self.machine.items():
            if not self.is_open(m):
                yield from islice(self.working.following((m,), max(self.now, state.free_at)), 1)
            yield from (block.hold for block in state.blocks[:1])
        for j, job in enumerate(self.jobs):
            if self.next_operation(j) is not None and job.ready_at > self.now:
                yield job.ready_at

    # ---------------------------------------------------------------- before the first decision
    def _place_reservations(self) -> None:
        ids = [m.id for m in self.plant.machines]
        reserved: Reservations = reserve(self.plant, self._masks())
        for r in sorted(reserved.operations, key=lambda r: (r.job, r.position)):
            machines = tuple(sorted(ids[m] for m in r.machines))
            self._place(r.job, r.position, machines, r.start, r.end, r.setup)
        for m, blocks in reserved.blocks.items():
            self.machine[ids[m]].blocks = list(blocks)

    def _masks(self) -> list[Mask]:
        """Each machine's working minutes up to the last fixed end, in the form that ``reserve`` takes."""
        fixed = [op.fixed.end for job in self.plant.jobs for op in job.operations if op.fixed is not None]
        masks: list[Mask] = []
        for m in self.plant.machines:
            mask = np.zeros(max(0, *fixed, 0), np.bool_)
            mask[[minute for minute in self._worked_until(m.id, len(mask)) if minute >= 0]] = True
            masks.append(mask)
        return masks

    def _worked_until(self, machine: int, end: int) -> Iterable[int]:
        for minute in self.working.following((machine,), 0):
            if minute >= end:
                return
            yield minute

    def _refuse_impossible(self) -> None:
        for job in self.plant.jobs:
            for op in job.operations:
                eligible = self.plant.eligible_machines(op)
                choices = [eligible] if op.requires_all else [(m,) for m in eligible]
                if op.fixed is None and not any(self.working.ever(c) for c in choices):
                    raise Unschedulable(f"job {job.id} operation {op.sequence} can never run: its machines never work")
