"""A schedule as a schedule file, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scheduler_core.interchange.canonical import lines, stamp
from scheduler_core.interchange.clock_times import minute_at
from scheduler_core.interchange.files import check_format, check_row_count, check_size, content
from scheduler_core.interchange.strict_json import Node, parse
from scheduler_core.judge.kpis import Kpis
from scheduler_core.limits import MAX_OPERATIONS
from scheduler_core.plant import Plant
from scheduler_core.schedule import Assignment, Schedule

SCHEDULE_FORMAT = "schedule/1"
MAX_ASSIGNMENTS = MAX_OPERATIONS
"""Most assignments in a schedule."""


@dataclass(frozen=True)
class ScheduleFile:
    """A schedule and what its file says about it. ``kpis`` are the stated figures, not checked."""

    schedule: Schedule
    snapshot: str
    snapshot_sha256: str | None
    engine: str | None
    kpis: Mapping[str, float | None] | None


def schedule_to_json(plant: Plant, schedule: Schedule, engine: str, kpis: Kpis, snapshot_sha256: str) -> str:
    """The schedule as a schedule file, one assignment to a line, in the schedule's order.

    ``snapshot_sha256``: of the snapshot file's bytes, or of the canonical snapshot where there is no file.
    """
    return lines({
        "format": SCHEDULE_FORMAT,
        "snapshot": plant.name,
        "snapshot_sha256": snapshot_sha256,
        "engine": engine,
        "assignments": [
            {
                "job": a.job,
                "sequence": a.sequence,
                "machines": a.machines,
                "start": stamp(plant, a.start),
                "end": stamp(plant, a.end),
                "setup_minutes": a.setup_minutes,
            }
            for a in schedule.assignments
        ],
        "kpis": kpis.as_dict(),
    })  # fmt: skip


def schedule_from_json(text: str | bytes, plant: Plant, where: str) -> Schedule:
    """The schedule of a schedule file's text; ``where`` is what messages call the file. Raises InvalidValue.

    Only the file's form is checked: whether the schedule fits the plant is for the validator to say.
    """
    return schedule_file_from_json(text, plant, where).schedule


def read_schedule(path: str | Path, plant: Plant) -> ScheduleFile:
    """A schedule file with all that it states. Raises InvalidValue, or OSError if it can't be opened."""
    return schedule_file_from_json(content(Path(path)), plant, str(path))


def schedule_file_from_json(text: str | bytes, plant: Plant, where: str) -> ScheduleFile:
    """A schedule file's text with all that it states. Raises InvalidValue."""
    check_size(text, where)
    check_row_count(text, where, "sequence", MAX_ASSIGNMENTS, "assignments")
    top = parse(text, where)
    check_format(top, SCHEDULE_FORMAT)
    f = top.fields(("format", "snapshot", "assignments"), ("snapshot_sha256", "engine", "kpis"))
    sha256, engine, kpis = f.maybe("snapshot_sha256"), f.maybe("engine"), f.maybe("kpis")
    assignments = tuple(_assignment(n, plant) for n in f["assignments"].items())
    if len(assignments) > MAX_ASSIGNMENTS:
        f["assignments"].refuse(f"are more than {MAX_ASSIGNMENTS} assignments", len(assignments))
    return ScheduleFile(
        schedule=Schedule(assignments),
        snapshot=f["snapshot"].text(),
        snapshot_sha256=None if sha256 is None else sha256.text(),
        engine=None if engine is None else engine.text(),
        kpis=None if kpis is None else {k: None if n.value is None else n.number() for k, n in kpis.entries()},
    )


def _assignment(node: Node, plant: Plant) -> Assignment:
    f = node.fields(("job", "sequence", "machines", "start", "end", "setup_minutes"))
    return Assignment(
        job=f["job"].text(),
        sequence=f["sequence"].whole(),
        machines=f["machines"].wholes(),
        start=minute_at(f["start"], plant.clock),
        end=minute_at(f["end"], plant.clock),
        setup_minutes=f["setup_minutes"].whole(),
    )
