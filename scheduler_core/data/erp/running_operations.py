"""Operations that have begun: which of them go on from plan_start where they stand, and until when.

The ERP says only that an operation has output and is not finished. It goes on at once if it is the job's first open one and
its machine is not claimed by an operation with later output; otherwise it was interrupted and is planned with the remaining
quantity like any other. Operations of one job that overlap (transfer batches) go on together: a plan has them one behind the
other, so each later one keeps its machine from plan_start, and its remaining quantity follows the one in front.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile

from scheduler_core.clock import Clock
from scheduler_core.data.erp.jobs import OpenJob
from scheduler_core.data.erp.operations import OperationDraft
from scheduler_core.data.erp.row_accounting import RowAccounting
from scheduler_core.errors import Unschedulable
from scheduler_core.plant import MINUTES_PER_WEEK, Calendar, Fixed, Job, Machine
from scheduler_core.simulator.open_hours import WorkTime
from scheduler_core.simulator.working_time import calendar_mask

MAX_WEEKS = 520

_Place = tuple[int, int]
"""A job, and the position of an operation among its open ones, both from 0."""


@dataclass(frozen=True)
class Running:
    """``jobs`` in the order given, running operations fixed and without setup. ``held``: machines (ids) whose running
    operation follows one that still runs, and the minute from which it is planned there."""

    jobs: tuple[Job, ...]
    held: Mapping[int, int]

    def holding(self, machines: Mapping[int, Machine]) -> tuple[Machine, ...]:
        """The machines; nothing else gets onto a held one before its running operation."""
        return tuple(
            replace(m, available_from=max(self.held[m.id], m.available_from or 0)) if m.id in self.held else m
            for m in machines.values()
        )


def with_running_fixed(
    jobs: Sequence[OpenJob],
    calendar: Calendar,
    own: Mapping[int, Calendar],
    clock: Clock,
    accounting: RowAccounting,
) -> Running:
    """The jobs with what has begun fixed where it stands. ``own``: calendars of machines (ids) that do not follow the
    plant's."""
    ends: dict[Calendar, WorkingEnd] = {}

    def end(machines: Sequence[int], start: int, minutes: int) -> int:
        """When the last of the machines, each by its own calendar, would be done."""
        for one in (found := {own.get(machine, calendar) for machine in machines}):
            if one not in ends:
                ends[one] = WorkingEnd(one, clock)
        return max(ends[one].after(minutes, start) for one in found)

    going_on = _going_on(jobs, accounting)
    planned: list[Job] = []
    held: dict[int, int] = {}
    for i, one in enumerate(jobs):
        operations = list(one.job.operations)
        start = 0
        for k, draft in enumerate(one.drafts):
            machines = going_on.get((i, k))
            if machines is None:
                if k and draft.running:
                    _note_waiting(one.job, draft, accounting)
                continue
            if start:
                held.update(dict.fromkeys(machines, start))
                _note_overlap(one.job, draft, accounting)
            fixed = Fixed(machines, start, end(machines, start, draft.operation.minutes))
            operations[k] = replace(draft.operation, setup_minutes=0, fixed=fixed)
            start = fixed.end
        planned.append(replace(one.job, operations=tuple(operations)) if start else one.job)
    return Running(tuple(planned), held)


def _going_on(jobs: Sequence[OpenJob], accounting: RowAccounting) -> dict[_Place, tuple[int, ...]]:
    """The operations that go on, and their machines; first ones that do not are noted as interrupted."""
    claims = [((i, k), d) for i, job in enumerate(jobs) for k, d in enumerate(takewhile(lambda d: d.running, job.drafts))]
    # The latest output wins a machine; of equals the job that stands first.
    claims.sort(key=lambda claim: claim[1].latest_output or datetime.min, reverse=True)
    while True:
        holder: dict[int, str] = {}
        found: dict[_Place, tuple[int, ...]] = {}
        lost: list[tuple[_Place, int]] = []
        for place, draft in claims:
            machines = _at_a_free_place(draft, holder).machines
            taken = [m for m in machines if m in holder]
            if taken:
                lost.append((place, taken[0]))
                continue
            holder.update(dict.fromkeys(machines, jobs[place[0]].job.id))
            found[place] = machines
        # What follows an interrupted operation does not go on, and its machine is free for another claim.
        followers = {(i, k) for i, k in found if any((i, earlier) not in found for earlier in range(k))}
        if not followers:
            break
        claims = [claim for claim in claims if claim[0] not in followers]
    for (i, k), machine in lost:
        if k == 0:
            draft, job = jobs[i].drafts[0], jobs[i].job
            message = f"was interrupted: machine {machine} has later output of job {holder[machine]}"
            accounting.note("output", f"operation {draft.operation.sequence}", message, job.id)
    return found


def _at_a_free_place(draft: OperationDraft, holder: Mapping[int, str]) -> OperationDraft:
    """The draft on the first place of its machine that nobody holds, where the machine has several."""
    free = next((place for place in draft.either if place not in holder), None)
    return draft if free is None else replace(draft, machines=(free,))


def _note_waiting(job: Job, draft: OperationDraft, accounting: RowAccounting) -> None:
    message = "has output before the operation in front of it is finished: its remaining pieces wait for that one"
    accounting.note("output", f"operation {draft.operation.sequence}", message, job.id)


def _note_overlap(job: Job, draft: OperationDraft, accounting: RowAccounting) -> None:
    message = "runs beside the operation in front of it: it keeps its machine, and its remaining pieces follow that one"
    accounting.note("output", f"operation {draft.operation.sequence}", message, job.id)


class WorkingEnd:
    """When a stretch of work by a calendar that goes on at plan_start ends."""

    def __init__(self, calendar: Calendar, clock: Clock) -> None:
        self._calendar = calendar
        self._clock = clock
        self._weeks = 12
        self._time = self._work_time()

    def after(self, minutes: int, start: int = 0) -> int:
        """The minute (from plan_start) right after the given number (1 or more) of working minutes from ``start`` on.

        Raises Unschedulable if the calendar has not that much working time within ten years.
        """
        while start > self._weeks * MINUTES_PER_WEEK or self._time.before(start) + minutes > self._time.total:
            if self._weeks > MAX_WEEKS:
                raise Unschedulable(f"the calendar has fewer than {minutes} working minutes in the next {self._weeks} weeks")
            self._weeks *= 2
            self._time = self._work_time()
        return self._time.minute(self._time.before(start) + minutes - 1) + 1

    def _work_time(self) -> WorkTime:
        return WorkTime(calendar_mask(self._calendar, self._clock, self._weeks * MINUTES_PER_WEEK))
