"""The orders that the plan finishes late and that a shift can still do something about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scheduler_core.analysis.dispatch_lists.shifts import Shift
from scheduler_core.plant import Job, Plant
from scheduler_core.schedule import Assignment, Schedule


@dataclass(frozen=True)
class LateOrder:
    """A late job: ``lateness`` in minutes (above 0), ``end`` of its last operation.

    ``next``: its first operation that is not finished when the shift starts; ``in_shift``: that one is on a list of the
    shift.
    """

    job: Job
    lateness: int
    end: int
    next: Assignment
    in_shift: bool


def late_orders(plant: Plant, schedule: Schedule, shift: Shift, lateness: Mapping[str, int | None]) -> tuple[LateOrder, ...]:
    """Late jobs that are not finished when the shift starts: the most weight times lateness first, then by id."""
    remaining: dict[str, list[Assignment]] = {}
    for a in schedule.assignments:
        if a.end > shift.start:
            remaining.setdefault(a.job, []).append(a)
    found = []
    for job in plant.jobs:
        late, rest = lateness.get(job.id), remaining.get(job.id)
        if late is None or late <= 0 or not rest:
            continue
        coming = min(rest, key=lambda a: a.sequence)
        found.append(LateOrder(job, late, max(a.end for a in rest), coming, coming.start < shift.until))
    return tuple(sorted(found, key=lambda one: (-one.job.weight * one.lateness, one.job.id)))
