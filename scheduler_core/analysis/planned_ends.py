"""When a plan has the orders of a later pull done, and how late that is by their due dates of now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule


@dataclass(frozen=True)
class PlannedEnd:
    """``end``: naive plant time; ``lateness``: minutes after the due date, negative before it, None without a due date."""

    end: datetime
    lateness: int | None


def planned_ends(planned: Plant, schedule: Schedule, plant: Plant) -> dict[str, PlannedEnd]:
    """The end of each job of ``plant`` that the plan has, by its id. ``planned``: the plant that ``schedule`` was made for,
    which may be of an earlier pull; due dates are those of ``plant``."""
    last: dict[str, int] = {}
    for a in schedule.assignments:
        last[a.job] = max(last.get(a.job, a.end), a.end)
    found = {}
    for job in plant.jobs:
        if job.id in last:
            end = planned.time_of(last[job.id])
            found[job.id] = PlannedEnd(end, None if job.due is None else plant.minute_of(end) - job.due)
    return found
