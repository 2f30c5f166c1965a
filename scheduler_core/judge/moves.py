"""How many operations of the next days a new plan moves, beyond what nobody could have left where it was.

Looked at are the operations due to start within NEAR_HOURS in the old plan. One of them is a *move* if the new plan has it
on another machine than right-shift puts it on, more than NOTICEABLE_MINUTES before its old start, or as much after the start
to which right-shift pushes it.

Right-shift takes the old plan's operations in the order of their old starts; each stays on its old machine, behind all that
precede it there, and starts no earlier than it was to. An operation that has lost its machine goes to the machine on which
it ends first.

Counted by code of its own (right_shift.py), as all that judges: the engines that promise a number of moves have another
right-shift.
"""

from __future__ import annotations

from dataclasses import dataclass

from scheduler_core.judge.right_shift import Key, RightShift
from scheduler_core.plant import MINUTES_PER_DAY, Plant
from scheduler_core.schedule import NEAR_HOURS, NOTICEABLE_MINUTES, Schedule


@dataclass(frozen=True)
class Moves:
    """due: operations due to start within the hours; moved: those of them that the new plan moves, in order of their old
    starts; forced: how many of them right-shift itself moves. due_in_a_day, moved_in_a_day: the same numbers for what was
    due to start within a day."""

    due: int
    moved: tuple[Key, ...]
    forced: int
    due_in_a_day: int
    moved_in_a_day: int


def moves(plant: Plant, old: Schedule, new: Schedule) -> Moves:
    """What ``new`` moves against ``old``; both in minutes of ``plant``, which is the plant as it is now.

    Operations that the plant no longer knows, that it fixes, or that one of the plans lacks do not count.
    """
    first = max(0, min(m.available_from or 0 for m in plant.machines))
    until = first + NEAR_HOURS * 60
    right_shift = RightShift(plant, new)
    right_shift.push_all(old)
    pushed = right_shift.places
    due, moved, forced, due_in_a_day, moved_in_a_day = 0, list[Key](), 0, 0, 0
    for was in sorted(old.by_operation.values(), key=lambda a: (a.start, a.key)):
        now = new.by_operation.get(was.key)
        if was.key not in pushed or now is None or not first <= was.start < until:
            continue
        in_a_day = was.start < first + MINUTES_PER_DAY
        due += 1
        due_in_a_day += in_a_day
        machines, start = pushed[was.key]
        forced += set(machines) != set(was.machines) or start - was.start > NOTICEABLE_MINUTES
        in_time = was.start - NOTICEABLE_MINUTES <= now.start <= start + NOTICEABLE_MINUTES
        if set(now.machines) != set(machines) or not in_time:
            moved.append(was.key)
            moved_in_a_day += in_a_day
    return Moves(due, tuple(moved), forced, due_in_a_day, moved_in_a_day)
