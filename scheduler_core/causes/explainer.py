"""The causes in one schedule: why an operation starts when it does, why a job is late, and whether it could be on time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from scheduler_core.bounds import JobBound, job_bounds
from scheduler_core.causes.lead_time import LeadTime, lead_time
from scheduler_core.causes.start_causes import Link, Starts
from scheduler_core.judge.kpis import job_lateness
from scheduler_core.plant import Job, Plant
from scheduler_core.schedule import Assignment, Schedule
from scheduler_core.simulator.open_hours import OpenHours


class Cause(StrEnum):
    """The one thing that made a job late; the values are a planner's words."""

    ALREADY_OVERDUE = "already overdue"
    RELEASED_LATE = "material comes too late"
    TOO_MUCH_WORK = "more work than time"
    MACHINE = "waits for a machine"
    CLOSED = "closed hours"
    HELD_BACK = "held back"


@dataclass(frozen=True)
class LateJob:
    """A late job with the one cause that explains most of it; ``minutes`` belong to that cause."""

    lead_time: LeadTime
    cause: Cause
    minutes: int

    @property
    def job(self) -> Job:
        """The late job."""
        return self.lead_time.job


class Explainer:
    """Answers questions about one schedule of one plant; build it once and ask often."""

    def __init__(self, plant: Plant, schedule: Schedule, hours: OpenHours | None = None) -> None:
        self.plant = plant
        self.schedule = schedule
        self.hours = hours or OpenHours(plant, schedule)
        self.starts = Starts(plant, schedule, self.hours)
        self._lateness = job_lateness(plant, schedule)

    def link(self, assignment: Assignment) -> Link:
        """What decided the start of this operation."""
        return self.starts.link(assignment)

    def chain(self, assignment: Assignment, limit: int | None = None) -> tuple[Link, ...]:
        """The links that decided the start, from this operation back to the one that waited for no other operation."""
        return self.starts.chain(assignment, limit)

    def lead_time(self, job: Job) -> LeadTime:
        """Where the job's time goes. Raises KeyError if the schedule has no operation of it."""
        return lead_time(self.starts, job, self._lateness.get(job.id))

    def root_chain(self, job: Job) -> tuple[Link, ...]:
        """The chain from the job's last operation back to the root: what the job's end hangs on."""
        return self.chain(self.starts.of_job[job.id][-1])

    def bound(self, job: Job) -> JobBound:
        """The earliest that the job can be complete in any plan: could it be on time at all? Raises Unschedulable."""
        return self._bounds[job.id]

    def late_jobs(self) -> tuple[LateJob, ...]:
        """Every late job with its cause, the worst (weight times tardiness) first; found once."""
        return self._late_jobs

    @cached_property
    def _late_jobs(self) -> tuple[LateJob, ...]:
        late = [j for j in self.plant.jobs if (self._lateness.get(j.id) or 0) > 0 and j.id in self.starts.of_job]
        late.sort(key=lambda j: (-j.weight * (self._lateness[j.id] or 0), j.id))
        return tuple(self._explain(j) for j in late)

    def late_job(self, job: Job) -> LateJob | None:
        """The job with its cause, or None if it is not late."""
        is_late = (self._lateness.get(job.id) or 0) > 0 and job.id in self.starts.of_job
        return self._explain(job) if is_late else None

    @cached_property
    def _bounds(self) -> dict[str, JobBound]:
        return job_bounds(self.plant)

    def _explain(self, job: Job) -> LateJob:
        lead = self.lead_time(job)
        assert job.due is not None  # a job without a due date is never late
        if job.due <= lead.start:
            return LateJob(lead, Cause.ALREADY_OVERDUE, lead.start - job.due)
        if job.release >= job.due:
            return LateJob(lead, Cause.RELEASED_LATE, lead.released_late)
        if self._end_without_waiting(job) > job.due:
            return LateJob(lead, Cause.TOO_MUCH_WORK, lead.processing + lead.setup)
        worst = lead.longest_wait
        parts = {
            Cause.MACHINE: worst.minutes if worst else 0,
            Cause.RELEASED_LATE: lead.released_late,
            Cause.HELD_BACK: lead.held_back,
        }
        cause = max(parts, key=lambda c: parts[c])
        # Nights and weekends pass for every job: they are named only where nothing else was waited for.
        if parts[cause] == 0:
            return LateJob(lead, Cause.CLOSED, lead.closed)
        return LateJob(lead, cause, parts[cause])

    def _end_without_waiting(self, job: Job) -> int:
        """When the job would end if each of its machines were free the moment that it is needed."""
        # Rule 8.
        moment = max(0, job.release)
        for a in self.starts.of_job[job.id]:
            if self.starts.operations[a.key].fixed is not None:
                moment = a.end
                continue
            work = self.hours.working(a.machines, a.start, a.end)
            moment = self.hours.after_working(a.machines, moment, work)
        return moment
