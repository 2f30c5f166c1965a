"""A plan to a file and back, and as rows for a table."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TypedDict

from scheduler_core.interchange import read_schedule, schedule_to_json, snapshot_sha256
from scheduler_core.judge.kpis import measure
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule


class PlanRow(TypedDict):
    """An operation on one machine. ``start``, ``end`` and ``due`` (of the job, None without one) are the plant's wall clock,
    ``start_minute`` and ``end_minute`` count from the plan's start."""

    job: str
    sequence: int
    process: str
    machine: int
    machine_name: str
    start: datetime
    end: datetime
    start_minute: int
    end_minute: int
    setup_minutes: int
    due: datetime | None


def read_plan(path: str | Path, plant: Plant) -> Schedule:
    """The plan of a schedule file (``schedule/1``), as ``shopwright schedule --out`` and ``write_plan`` write it.

    Only the file's form is checked: ``violations`` says whether the plan fits the plant. Raises InvalidValue, OSError.
    """
    return read_schedule(path, plant).schedule


def write_plan(path: str | Path, plant: Plant, schedule: Schedule, engine: str = "own") -> None:
    """Writes the plan with its key figures as a schedule file, which every command reads. ``engine``: who made it.

    Raises OSError.
    """
    text = schedule_to_json(plant, schedule, engine, measure(plant, schedule), snapshot_sha256(plant))
    Path(path).write_text(text, encoding="utf-8")


def rows(plant: Plant, schedule: Schedule) -> list[PlanRow]:
    """One row for each operation and machine by start: ``pandas.DataFrame(rows(plant, plan))``.

    The plan is of this plant: raises KeyError for a job or machine that the plant does not have.
    """
    process = {(job.id, o.sequence): o.process for job in plant.jobs for o in job.operations}
    due = {job.id: None if job.due is None else plant.time_of(job.due) for job in plant.jobs}
    return [
        PlanRow(
            job=a.job,
            sequence=a.sequence,
            process=process[a.key],
            machine=machine,
            machine_name=plant.machine_by_id[machine].name,
            start=plant.time_of(a.start),
            end=plant.time_of(a.end),
            start_minute=a.start,
            end_minute=a.end,
            setup_minutes=a.setup_minutes,
            due=due[a.job],
        )
        for a in sorted(schedule.assignments, key=lambda a: (a.start, a.end, a.key))
        for machine in a.machines
    ]
