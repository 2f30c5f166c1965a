"""A plan carried out: every machine takes its operations in the plan's order and begins each as soon as it can.

"As soon as it can" is when machine and job are there, in working time, after the setup that the operation before asks for;
it may be before the planned start. Without noise and events a plan that leaves no such room is carried out to the minute.
Minutes count from the stream's start.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from scheduler_core.errors import InvalidValue
from scheduler_core.floor.events import Durations
from scheduler_core.plant import Operation, Plant
from scheduler_core.schedule import Assignment, Schedule
from scheduler_core.simulator.open_hours import Patterns, WorkTime
from scheduler_core.simulator.reservations import setup_after
from scheduler_core.simulator.working_time import calendar_mask, horizon_of, machine_mask


class WorkingHours:
    """The working time of a plant's machines, downtime taken out; minutes from its plan_start, for ever."""

    def __init__(self, plant: Plant) -> None:
        horizon = horizon_of(plant)
        calendars = {c.id: calendar_mask(c, plant.clock, horizon) for c in plant.calendars}
        self._patterns = Patterns()
        for machine in plant.machines:
            self._patterns.add(machine.id, machine_mask(machine, calendars[machine.calendar]))

    def of(self, machines: tuple[int, ...]) -> WorkTime:
        """The working time of one machine, or of several that only work together."""
        return self._patterns.tables[self._patterns.table(tuple(sorted(machines)))]

    def span(self, machines: tuple[int, ...], begin: int, work: int) -> tuple[int, int]:
        """[start, end) of ``work`` (at least 1) working minutes from the first one at or after ``begin``."""
        time = self.of(machines)
        first = time.before(begin)
        return time.minute(first), time.minute(first + work - 1) + 1

    def worked(self, machines: tuple[int, ...], start: int, end: int) -> int:
        """Working minutes in [start, end); minutes before 0 do not work."""
        time = self.of(machines)
        return time.before(end) - time.before(start)


@dataclass
class _Line:
    """A machine: ``free`` from a minute on, set up for ``family``; ``bare``: of unknown setup, as at a plan's beginning."""

    free: int
    family: str | None
    bare: bool


@dataclass
class _State:
    """Machines, and by job the sequence and the end of the last operation that is placed."""

    lines: dict[int, _Line]
    jobs: dict[str, tuple[int, int]] = field(default_factory=dict)


class Floor:
    """Carries out plans of ``plant`` (all its downtime included) with real durations."""

    def __init__(self, plant: Plant, durations: Durations) -> None:
        self.plant = plant
        self.durations = durations
        self.hours = WorkingHours(plant)
        self._index = {m.id: i for i, m in enumerate(plant.machines)}
        self._place = {job.id: i for i, job in enumerate(plant.jobs)}
        self._before = {
            (job.id, op.sequence): (op, job.operations[i - 1].sequence if i else None)
            for job in plant.jobs
            for i, op in enumerate(job.operations)
        }

    def follow(self, begun: Schedule, plan: Schedule, now: int, until: int | None = None) -> Schedule:
        """``begun`` and what begins in [now, until) if ``plan`` is followed strictly; until None: all of the plan.

        Both schedules are in minutes of the floor's plant; what has begun has its real end. Of ``plan`` the sequences
        count, not the times. Raises InvalidValue where an operation of the plan is unknown or stands before one of its
        job that it has to follow.
        """
        state = self._state(begun)
        found = list(begun.assignments)
        rows = (a for a in plan.assignments if a.key not in begun.by_operation)
        for planned in sorted(rows, key=lambda a: (a.start, a.end, a.job, a.sequence)):
            real = self._begin(state, planned, now)
            if until is None or real.start < until:
                found.append(real)
        return Schedule(tuple(found))

    def _state(self, begun: Schedule) -> _State:
        state = _State({m.id: _Line(0, m.initial_family, m.initial_family is None) for m in self.plant.machines})
        for a in sorted(begun.assignments, key=lambda a: (a.start, a.end)):
            self._take(state, a)
        for line in state.lines.values():
            line.bare = line.family is None  # a snapshot cannot tell this from a machine on which nothing ran
        return state

    def _begin(self, state: _State, planned: Assignment, now: int) -> Assignment:
        """Rules 5, 7 and 8: the operation's real place behind all that the state holds."""
        if planned.key not in self._before:
            raise InvalidValue("plan", planned.key, "is no operation of the floor's plant")
        op, before = self._before[planned.key]
        job = self.plant.jobs[self._place[planned.job]]
        last, ready = state.jobs.get(planned.job, (None, job.release))
        if last != before:
            raise InvalidValue("plan", planned.key, f"stands before operation {before} of its job, which it has to follow")
        setup = max(self._setup(state.lines[m], m, planned.job, op) for m in planned.machines)
        begin = max(now, ready, *(state.lines[m].free for m in planned.machines))
        work = setup + self.durations.minutes(planned.job, op, planned.machines)
        start, end = self.hours.span(planned.machines, begin, work)
        real = Assignment(*planned.key, planned.machines, start, end, setup)
        self._take(state, real)
        return real

    def _setup(self, line: _Line, machine: int, job: str, op: Operation) -> int:
        if line.bare:
            return op.setup_minutes
        return setup_after(self.plant, self._index[machine], line.family, True, self._place[job], op)

    def _take(self, state: _State, real: Assignment) -> None:
        family = self.plant.jobs[self._place[real.job]].family
        for m in real.machines:
            state.lines[m] = _Line(real.end, family, bare=False)
        state.jobs[real.job] = (real.sequence, real.end)
