"""How many operations a replan moves, and how many of these nobody had to move."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler_core.analysis.plan_diff import due_and_moved
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule


@dataclass(frozen=True)
class Moves:
    """Operations due to start within 24 h and 72 h of now, and those of them that start over 15 minutes earlier or later
    or run on another machine."""

    due_24h: int
    moved_24h: int
    due_72h: int
    moved_72h: int

    @property
    def share_24h(self) -> float | None:
        """Share (0 to 1) of the next 24 h that moves; None where nothing is due to start."""
        return self.moved_24h / self.due_24h if self.due_24h else None


def moves(before_plant: Plant, before: Schedule, plant: Plant, after: Schedule, *others: Schedule) -> Moves:
    """What moves at the plan_start of the snapshot ``plant`` where ``after`` takes the place of ``before``, a plan of
    ``before_plant``; operations that run do not count.

    ``before`` is the plan in force, or what becomes of it without a decision (right-shift, or the floor following it), so
    that only the moves beyond that are counted. With ``others``, in the snapshot's minutes, an operation counts only if it
    has moved from all of them as well.
    """
    running = {(job.id, op.sequence) for job in plant.jobs for op in job.operations if op.fixed is not None}
    waiting = Schedule(tuple(a for a in before.assignments if a.key not in running))
    from_all = [due_and_moved(plant, other, plant, after, plant.plan_start)[1] for other in others]
    counts: list[int] = []
    for hours in (24, 72):
        due, moved = due_and_moved(before_plant, waiting, plant, after, plant.plan_start, hours)
        counts += [len(due), len(moved.intersection(*from_all))]
    return Moves(*counts)
