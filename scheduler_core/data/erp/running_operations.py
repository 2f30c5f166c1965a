"""Operations that have begun: which of them go on from plan_start where they stand, and until when.

The ERP says only that an operation has output and is not finished. It goes on at once if it is the job's first open one and
its machine is not claimed by an operation with later output; otherwise it was interrupted, or overlaps with its predecessor,
and is planned with the remaining quantity like any other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from scheduler_core.clock import Clock
from scheduler_core.data.erp.jobs import OpenJob
from scheduler_core.data.erp.operations import OperationDraft
from scheduler_core.data.erp.row_accounting import RowAccounting
from scheduler_core.errors import Unschedulable
from scheduler_core.plant import MINUTES_PER_WEEK, Calendar, Fixed, Job
from scheduler_core.simulator.open_hours import WorkTime
from scheduler_core.simulator.working_time import calendar_mask

MAX_WEEKS = 520


def with_running_fixed(
    jobs: Sequence[OpenJob],
    calendar: Calendar,
    own: Mapping[int, Calendar],
    clock: Clock,
    accounting: RowAccounting,
) -> tuple[Job, ...]:
    """The jobs in the same order, running operations fixed from plan_start and without setup. ``own``: calendars of machines
    (ids) that do not follow the plant's."""
    claims = [(i, job.drafts[0]) for i, job in enumerate(jobs) if job.drafts[0].running]
    # The latest output wins a machine; of equals the job that stands first.
    claims.sort(key=lambda claim: claim[1].latest_output or datetime.min, reverse=True)
    ends: dict[Calendar, WorkingEnd] = {}

    def end(machines: Sequence[int], minutes: int) -> int:
        """When the last of the machines, each by its own calendar, would be done."""
        for one in (found := {own.get(machine, calendar) for machine in machines}):
            if one not in ends:
                ends[one] = WorkingEnd(one, clock)
        return max(ends[one].after(minutes) for one in found)

    holder: dict[int, str] = {}
    fixed: dict[int, Job] = {}
    for i, draft in claims:
        job = jobs[i].job
        draft = _at_a_free_place(draft, holder)
        taken = [m for m in draft.machines if m in holder]
        if taken:
            message = f"was interrupted: machine {taken[0]} has later output of job {holder[taken[0]]}"
            accounting.note("output", f"operation {draft.operation.sequence}", message, job.id)
            continue
        holder.update(dict.fromkeys(draft.machines, job.id))
        going_on = replace(
            draft.operation, setup_minutes=0, fixed=Fixed(draft.machines, 0, end(draft.machines, draft.operation.minutes))
        )
        fixed[i] = replace(job, operations=(going_on, *job.operations[1:]))
    for one in jobs:
        for draft in one.drafts[1:]:
            if draft.running:
                _note_overlap(one.job, draft, accounting)
    return tuple(fixed.get(i, one.job) for i, one in enumerate(jobs))


def _at_a_free_place(draft: OperationDraft, holder: Mapping[int, str]) -> OperationDraft:
    """The draft on the first place of its machine that nobody holds, where the machine has several."""
    free = next((place for place in draft.either if place not in holder), None)
    return draft if free is None else replace(draft, machines=(free,))


def _note_overlap(job: Job, draft: OperationDraft, accounting: RowAccounting) -> None:
    message = "has output before the operation in front of it is finished: its remaining pieces wait for that one"
    accounting.note("output", f"operation {draft.operation.sequence}", message, job.id)


class WorkingEnd:
    """When a stretch of work by a calendar that goes on at plan_start ends."""

    def __init__(self, calendar: Calendar, clock: Clock) -> None:
        self._calendar = calendar
        self._clock = clock
        self._weeks = 12
        self._time = self._work_time()

    def after(self, minutes: int) -> int:
        """The minute (from plan_start) right after the given number (1 or more) of working minutes.

        Raises Unschedulable if the calendar has not that much working time within ten years.
        """
        while minutes > self._time.total:
            if self._weeks > MAX_WEEKS:
                raise Unschedulable(f"the calendar has fewer than {minutes} working minutes in the next {self._weeks} weeks")
            self._weeks *= 2
            self._time = self._work_time()
        return self._time.minute(minutes - 1) + 1

    def _work_time(self) -> WorkTime:
        return WorkTime(calendar_mask(self._calendar, self._clock, self._weeks * MINUTES_PER_WEEK))
