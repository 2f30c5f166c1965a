"""How early each job could be complete if it had the whole plant to itself: what no plan can beat, job by job."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler_core.bounds.job_steps import OpenJob, OpenPlant, Step
from scheduler_core.plant import MINUTES_PER_DAY, Job, Plant


@dataclass(frozen=True)
class JobBound:
    """The earliest that a job can be complete in any plan, in minutes from plan_start."""

    job: Job
    completion: int

    @property
    def minutes_late(self) -> int:
        """Minutes by which the job is late in every plan; 0 if it could be on time, or has no due date."""
        return 0 if self.job.due is None else max(0, self.completion - self.job.due)

    @property
    def can_be_on_time(self) -> bool:
        """Whether the job, alone on the floor, would be on time."""
        return self.minutes_late == 0

    @property
    def weighted_days_late(self) -> float:
        """What the job adds to every plan's weighted tardiness, in days."""
        return self.job.weight * self.minutes_late / MINUTES_PER_DAY


def job_bounds(plant: Plant) -> dict[str, JobBound]:
    """The bound of every job by its id. Raises Unschedulable for an operation that can never run."""
    found = OpenPlant(plant)
    return {job.job.id: JobBound(job.job, completion(found, job)) for job in found.jobs}


def job_bound(plant: Plant, job_id: str) -> JobBound:
    """The bound of one job: could it be on time at all? Raises KeyError for an unknown job, and Unschedulable."""
    return job_bounds(plant)[job_id]


def ready_times(plant: OpenPlant, job: OpenJob) -> tuple[int, ...]:
    """The earliest minute from which each of the job's steps could start, and the earliest end of the last one."""
    times = [job.ready]
    for step in job.steps:
        times.append(min(plant.tables[mode.table].end(times[-1], mode.least) for mode in step.modes))
    return tuple(times)


def completion(plant: OpenPlant, job: OpenJob) -> int:
    """The earliest minute in which the job can be complete."""
    return ready_times(plant, job)[-1] if job.done is None else job.done


def latest_ends(plant: OpenPlant, job: OpenJob, end: int) -> tuple[int, ...] | None:
    """The latest minute by which each step must end if the job is to be complete by ``end``; None if it cannot be."""
    latest = [end]
    for step in reversed(job.steps):
        begin = max(_latest_start(plant, step, latest[-1]))
        if begin < 0:
            return None
        latest.append(begin)
    return tuple(reversed(latest[:-1])) if latest[-1] >= job.ready else None


def _latest_start(plant: OpenPlant, step: Step, end: int) -> list[int]:
    """By mode, the latest minute in which the step can start to end in time; negative if it cannot."""
    starts = []
    for mode in step.modes:
        table = plant.tables[mode.table]
        first = table.before(end) - mode.least
        starts.append(table.minute(first) if first >= 0 else -1)
    return starts
