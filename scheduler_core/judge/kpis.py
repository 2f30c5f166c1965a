"""The key figures of a schedule. Lateness is judged against due dates in whole minutes; a day is 24 h."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from math import sqrt

from scheduler_core.judge.schedule_index import Placed, ScheduleIndex
from scheduler_core.judge.working_minutes import merged
from scheduler_core.plant import MINUTES_PER_DAY, Job, Plant
from scheduler_core.schedule import Schedule


@dataclass(frozen=True)
class Kpis:
    """The figures of the interchange format, in its units: hours, days and shares from 0 to 1.

    ``on_time_rate`` is None if no job has a due date, ``important_on_time_rate`` if no important job has one.
    """

    makespan_hours: float
    mean_days_late: float
    mean_days_late_of_late: float
    weighted_tardiness_days: float
    on_time_rate: float | None
    important_on_time_rate: float | None
    utilization_mean: float
    utilization_std: float
    setup_hours: float
    overtime_hours: float
    completion_rate: float

    def as_dict(self) -> dict[str, float | None]:
        """The figures by key, in the format's order."""
        return asdict(self)


def measure(plant: Plant, schedule: Schedule) -> Kpis:
    """The figures of any schedule, also of a wrong or incomplete one.

    Assignments of unknown operations or machines and repeated ones do not count. A job with an operation missing is
    never on time, and its completion counts as the schedule's last.
    """
    index = ScheduleIndex(plant, schedule)
    late = _late_jobs(index)
    with_due = [j for j in plant.jobs if j.id in late]
    days_late = [late[j.id].days for j in with_due]
    usage = _utilization(index)
    mean_usage = _mean(usage)
    return Kpis(
        makespan_hours=_last_end(index) / 60,
        mean_days_late=_mean(days_late),
        mean_days_late_of_late=_mean([d for d in days_late if d > 0]),
        weighted_tardiness_days=sum(j.weight * late[j.id].days for j in with_due),
        on_time_rate=_share([late[j.id].on_time for j in with_due]),
        important_on_time_rate=_share([late[j.id].on_time for j in with_due if j.important]),
        utilization_mean=mean_usage,
        utilization_std=sqrt(_mean([(u - mean_usage) ** 2 for u in usage])),
        setup_hours=_setup_minutes(index) / 60,
        overtime_hours=_overtime_minutes(index) / 60,
        completion_rate=len(index.placed) / len(index.operations) if index.operations else 1.0,
    )


def job_lateness(plant: Plant, schedule: Schedule) -> Mapping[str, int | None]:
    """Completion minus due of each job, in signed minutes; None for a job without a due date.

    The completion of a job with an operation missing counts as the schedule's last.
    """
    late = _late_jobs(ScheduleIndex(plant, schedule))
    return {j.id: late[j.id].minutes if j.id in late else None for j in plant.jobs}


@dataclass(frozen=True)
class _Lateness:
    minutes: int
    complete: bool

    @property
    def days(self) -> float:
        return max(0, self.minutes) / MINUTES_PER_DAY

    @property
    def on_time(self) -> bool:
        return self.complete and self.minutes <= 0


def _late_jobs(index: ScheduleIndex) -> dict[str, _Lateness]:
    """The lateness of each job that has a due date."""
    last = _last_end(index)
    result: dict[str, _Lateness] = {}
    for job in index.plant.jobs:
        if job.due is not None:
            end = _completion(index, job)
            result[job.id] = _Lateness((last if end is None else end) - job.due, end is not None)
    return result


def _completion(index: ScheduleIndex, job: Job) -> int | None:
    """End of the job's last operation, or None if one of its operations is missing."""
    ends = [index.placed.get((job.id, o.sequence)) for o in job.operations]
    return ends[-1].end if ends[-1] is not None and None not in ends else None


def _last_end(index: ScheduleIndex) -> int:
    return max((p.end for p in index.placed.values()), default=0)


def _utilization(index: ScheduleIndex) -> list[float]:
    """Busy share of each machine that some operation may use, in [plan_start, last completion]."""
    plant, end = index.plant, max(0, _last_end(index))
    types = {t for j in plant.jobs for o in j.operations for t in o.machine_types}
    named = {m for j in plant.jobs for o in j.operations for m in o.machines}
    shares: list[float] = []
    for machine in plant.machines:
        if machine.type in types or machine.id in named:
            available = index.time.of((machine.id,)).between(0, end)
            busy = _busy_minutes(index, index.lines.get(machine.id, ()), end) if available else 0
            shares.append(busy / available if available else 0.0)
    return shares


def _busy_minutes(index: ScheduleIndex, line: Sequence[Placed], end: int) -> int:
    """Minutes in [0, end) in which an operation of the line holds its machine and all its machines work, each once."""
    if all(before.end <= after.start for before, after in pairwise(line)):
        return sum(index.worked(p).between(max(0, p.start), min(end, p.end)) for p in line)
    held = [s for p in line for s in index.worked(p).spans(max(0, p.start), min(end, p.end))]
    return sum(e - s for s, e in merged(held))


def _setup_minutes(index: ScheduleIndex) -> int:
    """Stated setup of fixed operations, and what the order on the machines asks of every other."""
    return sum(p.assignment.setup_minutes if p.is_fixed else index.ruled_setup[p.key] for p in index.placed.values())


def _overtime_minutes(index: ScheduleIndex) -> int:
    return sum(index.time.overtime(p.machines, m).between(p.start, p.end) for p in index.placed.values() for m in p.machines)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _share(hits: Sequence[bool]) -> float | None:
    return sum(hits) / len(hits) if hits else None
