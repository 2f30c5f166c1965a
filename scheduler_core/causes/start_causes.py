"""Why an operation starts when it does: the one thing that its start waited for last, and what that waited for in turn.

Every link can be proven from the schedule alone: ``start`` is the first minute at or after ``since`` that works for the
operation's machines, or lies exactly ``held_back`` working minutes after ``since``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from scheduler_core.calendar_hours import hours_on
from scheduler_core.plant import Operation, Plant
from scheduler_core.schedule import Assignment, Schedule
from scheduler_core.simulator.open_hours import OpenHours


class Reason(StrEnum):
    """What an operation's start was waiting for last."""

    FIXED = "fixed"  # it already runs, or was fixed there
    PREVIOUS_OPERATION = "previous operation"
    MACHINE_BUSY = "machine busy"
    SIMULTANEOUS_MACHINE = "simultaneous machine busy"  # one of several machines that it needs at once
    MATERIAL = "material"  # the job's release
    PLAN_START = "plan start"  # nothing: it starts as soon as the plan does
    HELD_BACK = "held back"  # the plan leaves it later than it has to be


class Closure(StrEnum):
    """Why a machine does not work in a minute; the values are a planner's words."""

    SHIFT = "shift closed"
    BREAK = "break"
    DAY_OFF = "day off"
    DOWN = "machine down"
    NOT_YET_AVAILABLE = "machine not available yet"


@dataclass(frozen=True)
class Link:
    """Why ``assignment`` starts when it does.

    since: the minute from which it could have started but for closed hours; waits_for_shift: minutes from then to the
    next opening of its machine; blocker: the operation that it had to wait for, if any; held_back: working minutes by which
    it starts later than necessary; machine: the busy one, where a busy machine is the reason; closure: what closed the
    machine in the minute before the start, where it waits for an opening; minutes: how much earlier ``since`` would be
    without this reason (0 where another one held it as long).
    """

    assignment: Assignment
    reason: Reason
    since: int
    waits_for_shift: int = 0
    blocker: Assignment | None = None
    held_back: int = 0
    machine: int | None = None
    closure: Closure | None = None
    minutes: int = 0


@dataclass(frozen=True)
class _Bound:
    """One thing that the start must not come before."""

    minute: int
    reason: Reason
    blocker: Assignment | None = None
    machine: int | None = None


@dataclass(frozen=True)
class Row:
    """One machine's assignments by start, as columns of one length. latest: the latest end up to and with each of them."""

    jobs: Sequence[str]
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    latest: npt.NDArray[np.int64]

    def between(self, start: int, end: int) -> slice:
        """Places of all that lie partly in [start, end); of overlapping ones perhaps some that do not."""
        return slice(int(self.latest.searchsorted(start, side="right")), int(self.starts.searchsorted(end, side="left")))


class Starts:
    """Answers for the operations of one schedule of one plant."""

    def __init__(self, plant: Plant, schedule: Schedule, hours: OpenHours) -> None:
        self.plant = plant
        self.schedule = schedule
        self.hours = hours
        self.operations: Mapping[tuple[str, int], Operation] = {
            (j.id, o.sequence): o for j in plant.jobs for o in j.operations
        }
        of_job: dict[str, list[Assignment]] = {}
        for a in schedule.assignments:
            of_job.setdefault(a.job, []).append(a)
        self.of_job: Mapping[str, Sequence[Assignment]] = {
            job: sorted(chain, key=lambda a: a.sequence) for job, chain in of_job.items()
        }
        self._rows: dict[int, Row] = {}

    def row(self, machine: int) -> Row:
        """What the machine does, as columns. Raises KeyError if it does nothing."""
        if machine not in self._rows:
            assignments = self.schedule.by_machine[machine]
            starts = np.array([a.start for a in assignments], dtype=np.int64)
            ends = np.array([a.end for a in assignments], dtype=np.int64)
            self._rows[machine] = Row([a.job for a in assignments], starts, ends, np.maximum.accumulate(ends))
        return self._rows[machine]

    def link(self, assignment: Assignment) -> Link:
        """What decided the start of this operation."""
        if self.operations[assignment.key].fixed is not None:
            return Link(assignment, Reason.FIXED, assignment.start)
        bounds = self._bounds(assignment)
        latest = max(b.minute for b in bounds)
        # Of several that bind as long the job's own operation is named first: its start explains the most.
        binding = next(b for b in bounds if b.minute == latest)
        others = [b.minute for b in bounds if b is not binding and (b.blocker is None or b.blocker is not binding.blocker)]
        minutes = latest - max(others, default=latest)
        opens = self.hours.next_working(assignment.machines, latest)
        held_back = self.hours.working(assignment.machines, latest, assignment.start)
        if held_back > 0:
            return Link(
                assignment, Reason.HELD_BACK, latest, 0, binding.blocker, held_back, binding.machine, None, held_back
            )
        closure = self.closure(assignment.machines, assignment.start - 1) if opens > latest else None
        return Link(
            assignment, binding.reason, latest, opens - latest, binding.blocker, 0, binding.machine, closure, minutes
        )

    def chain(self, assignment: Assignment, limit: int | None = None) -> tuple[Link, ...]:
        """The links that decided the start, from this operation back to the one that waited for no other operation.

        Each link's blocker is the next link's operation. ``limit``: at most so many links.
        """
        links = [self.link(assignment)]
        # A blocker ends before what it blocks starts, so the way back ends; only a faulty schedule could run in circles.
        most = len(self.schedule.assignments) if limit is None else limit
        while (blocker := links[-1].blocker) is not None and len(links) < most:
            links.append(self.link(blocker))
        return tuple(links)

    def closure(self, machines: tuple[int, ...], minute: int) -> Closure:
        """Why the minute works for none of the machines, or not for all of them."""
        closed = next((m for m in machines if not self.hours.working((m,), minute, minute + 1)), machines[0])
        machine = self.plant.machine_by_id[closed]
        if machine.available_from is not None and minute < machine.available_from:
            return Closure.NOT_YET_AVAILABLE
        if any(d.start <= minute < d.end for d in machine.downtime):
            return Closure.DOWN
        calendar = self.plant.calendar_by_id[machine.calendar]
        moment = self.plant.time_of(minute)
        clock = moment.hour * 60 + moment.minute
        if any(start <= clock < end for start, end in hours_on(calendar, moment.date())):
            return Closure.BREAK
        if any(h.date == moment.date() and h.start <= clock < h.end for h in calendar.holidays):
            return Closure.DAY_OFF
        return Closure.SHIFT

    def _bounds(self, assignment: Assignment) -> list[_Bound]:
        chain = self.of_job[assignment.job]
        place = chain.index(assignment)
        bounds: list[_Bound] = []
        if place > 0:
            bounds.append(_Bound(chain[place - 1].end, Reason.PREVIOUS_OPERATION, chain[place - 1]))
        job = self.plant.job_by_id[assignment.job]
        # Rule 8.
        if place == 0 and job.release > 0:
            bounds.append(_Bound(job.release, Reason.MATERIAL))
        several = len(assignment.machines) > 1
        for machine in assignment.machines:
            before = self.previous_on(machine, assignment)
            if before is not None:
                reason = Reason.SIMULTANEOUS_MACHINE if several else Reason.MACHINE_BUSY
                bounds.append(_Bound(before.end, reason, before, machine))
        return [*bounds, _Bound(0, Reason.PLAN_START)]

    def previous_on(self, machine: int, assignment: Assignment) -> Assignment | None:
        """The operation before this one on the machine."""
        row = self.schedule.by_machine[machine]
        place = next(i for i, a in enumerate(row) if a is assignment)
        return row[place - 1] if place else None
