"""How much of the next days a new plan leaves as the floor has been told."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from scheduler_core.analysis.plan_diff import share_moved
from scheduler_core.plant import Plant
from scheduler_core.schedule import NEAR_HOURS, Assignment, Schedule

FADING_HOURS = 24
"""Hours after which a shift weighs e times less than one of an operation that is due now."""
Key = tuple[str, int]


@dataclass(frozen=True)
class Stability:
    """What moves of the operations due to start in the next days that both plans have; None where nothing was due.

    moved_24h, moved_72h: shares (0 to 1) of those due within 24 h and 72 h that move (see ``share_moved``).
    mean_shift_minutes: by how many minutes starts differ, the mean over those due within 72 h, each weighted by
    exp(-hours until it is due / FADING_HOURS) (a penalty that fades as in Rangsaritratsamee, Ferrell & Kurz 2004, Dynamic
    rescheduling that simultaneously considers efficiency and stability). machine_changed: share of them on another machine.
    neighbours_swapped: share of the pairs that follow each other on a machine and that stand there in the opposite order
    (sequence deviation: Wu, Storer & Chang 1993, One-machine rescheduling heuristics with efficiency and stability as
    criteria).
    """

    moved_24h: float | None
    moved_72h: float | None
    mean_shift_minutes: float | None = None
    machine_changed: float | None = None
    neighbours_swapped: float | None = None


def stability(before_plant: Plant, before: Schedule, after_plant: Plant, after: Schedule, now: datetime) -> Stability:
    """What moves if ``after`` takes the place of ``before`` at ``now`` (naive plant time)."""
    day, three_days = (share_moved(before_plant, before, after_plant, after, now, hours) for hours in (24, NEAR_HOURS))
    until = now + timedelta(hours=NEAR_HOURS)
    due = {
        a.key: a for a in before.assignments if a.key in after.by_operation and now <= before_plant.time_of(a.start) < until
    }
    if not due:
        return Stability(day, three_days)
    weights = {k: math.exp(-_hours(before_plant.time_of(a.start) - now) / FADING_HOURS) for k, a in due.items()}
    shifts = {
        k: abs(after_plant.time_of(after.by_operation[k].start) - before_plant.time_of(a.start)) for k, a in due.items()
    }
    mean_shift = sum(w * _hours(shifts[k]) * 60 for k, w in weights.items()) / sum(weights.values())
    changed = sum(set(a.machines) != set(after.by_operation[k].machines) for k, a in due.items())
    pairs = list(_neighbours(before, due, after))
    swapped = sum(after.by_operation[a].start > after.by_operation[b].start for a, b in pairs)
    return Stability(day, three_days, mean_shift, changed / len(due), swapped / len(pairs) if pairs else None)


def _neighbours(before: Schedule, due: dict[Key, Assignment], after: Schedule) -> Iterator[tuple[Key, Key]]:
    """Pairs that follow each other on a machine in the plan before, and that share that machine in the other one."""
    for machine, row in before.by_machine.items():
        known = [a.key for a in row if a.key in due]
        for first, second in pairwise(known):
            if all(machine in after.by_operation[k].machines for k in (first, second)):
                yield first, second


def _hours(span: timedelta) -> float:
    return span / timedelta(hours=1)
