"""The Gantt's rows: machines by work centre, or jobs by urgency, each with its operations in order of start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from dashboard.presentation.colours import STATUS_ORDER
from dashboard.presentation.formatting import status_words
from scheduler_core.analysis.dispatch_lists import plant_calendar
from scheduler_core.analysis.job_status import JobStatus
from scheduler_core.i18n.local_formats import short_day_text
from scheduler_core.i18n.time_wording import job_name
from scheduler_core.plant import Job, Plant
from scheduler_core.schedule import Assignment, Schedule
from scheduler_core.simulator.open_hours import OpenHours


class GanttView(StrEnum):
    """One row per machine, grouped by work centre; or one row per job, grouped by status."""

    MACHINE = "machine"
    JOB = "job"


@dataclass(frozen=True)
class Ghosts:
    """Where another schedule has the operations that this one moves; ``words`` name that schedule in the legend.

    Both must count from the same plan_start.
    """

    schedule: Schedule
    words: str


@dataclass(frozen=True)
class Row:
    """A machine or a job with its operations; ``table`` and ``calendar`` number working patterns (see ``OpenHours``)."""

    label: str
    detail: str
    table: int
    calendar: int
    bars: tuple[Assignment, ...]
    machine: int | None = None
    job: str | None = None
    ghosts: tuple[Assignment, ...] = ()


@dataclass(frozen=True)
class Group:
    """Rows under one heading."""

    name: str
    rows: tuple[Row, ...]


def shown_jobs(
    plant: Plant,
    status: Mapping[str, JobStatus],
    *,
    statuses: frozenset[JobStatus] | None = None,
    jobs: frozenset[str] | None = None,
    families: frozenset[str] | None = None,
    important: bool = False,
) -> list[Job]:
    """The jobs that filters leave: of these statuses, ids and families (None: all), or only the important ones."""
    return [
        j
        for j in plant.jobs
        if (statuses is None or status[j.id] in statuses)
        and (jobs is None or j.id in jobs)
        and (families is None or j.family in families)
        and (j.important or not important)
    ]


def machine_groups(
    plant: Plant,
    schedule: Schedule,
    hours: OpenHours,
    shown: set[str],
    machine_types: frozenset[int] | None,
    ghosts: Ghosts | None,
) -> list[Group]:
    """One row per machine, by work centre, with the operations of the jobs shown (ids)."""
    moved = _moved(schedule, ghosts.schedule) if ghosts else {}
    groups = []
    for kind in plant.machine_types:
        if machine_types is not None and kind.id not in machine_types:
            continue
        rows = tuple(
            Row(
                machine.name,
                "",
                hours.table((machine.id,)),
                hours.calendar_table(machine.calendar),
                tuple(a for a in schedule.by_machine.get(machine.id, ()) if a.job in shown),
                machine.id,
                ghosts=tuple(a for a in moved.get(machine.id, ()) if a.job in shown),
            )
            for machine in (plant.machine_by_id[m] for m in plant.machines_by_type[kind.id])
        )
        if rows:
            groups.append(Group(kind.name, rows))
    return groups


def job_groups(
    plant: Plant,
    schedule: Schedule,
    hours: OpenHours,
    shown: Sequence[Job],
    status: Mapping[str, JobStatus],
    machine_types: frozenset[int] | None,
    ghosts: Ghosts | None = None,
) -> list[Group]:
    """One row per job shown, by status, the most urgent first."""
    moved: dict[str, list[Assignment]] = {}
    for a in _elsewhere(schedule, ghosts.schedule) if ghosts else ():
        moved.setdefault(a.job, []).append(a)
    chains: dict[str, list[Assignment]] = {}
    for a in schedule.assignments:
        if machine_types is None or any(plant.machine_by_id[m].type in machine_types for m in a.machines):
            chains.setdefault(a.job, []).append(a)
    calendar = hours.calendar_table(plant_calendar(plant).id)
    groups = []
    for one in STATUS_ORDER:
        members = [j for j in shown if status[j.id] is one and j.id in chains]
        members.sort(key=lambda j: (j.due if j.due is not None else 0, j.id))
        rows = tuple(
            Row(
                job_name(j),
                "" if j.due is None else short_day_text(plant.time_of(j.due)),
                calendar,
                calendar,
                tuple(sorted(chains[j.id], key=lambda a: (a.start, a.end))),
                job=j.id,
                ghosts=tuple(moved.get(j.id, ())),
            )
            for j in members
        )
        if rows:
            groups.append(Group(status_words(one)[:1].upper() + status_words(one)[1:], rows))
    return groups


def _elsewhere(schedule: Schedule, other: Schedule) -> list[Assignment]:
    """The other schedule's places of the operations that stand elsewhere here, by start."""
    found = []
    for a in other.assignments:
        ctx = schedule.by_operation.get(a.key)
        if ctx is None or (ctx.start, ctx.end, set(ctx.machines)) != (a.start, a.end, set(a.machines)):
            found.append(a)
    return sorted(found, key=lambda a: (a.start, a.end))


def _moved(schedule: Schedule, other: Schedule) -> dict[int, list[Assignment]]:
    """The same by machine."""
    found: dict[int, list[Assignment]] = {}
    for a in _elsewhere(schedule, other):
        for m in a.machines:
            found.setdefault(m, []).append(a)
    return found
