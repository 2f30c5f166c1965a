"""How many operations of the next days a new plan moves, beyond what nobody could have left where it was.

Looked at are the operations due to start within NEAR_HOURS in the old plan. One of them is a *move* if the new plan has it
on another machine than right-shift puts it on, more than NOTICEABLE_MINUTES before its old start, or as much after the start
to which right-shift pushes it.

Right-shift takes the old plan's operations in the order of their old starts; each stays on its old machine, behind all that
precede it there, and starts no earlier than it was to. An operation that has lost its machine goes to the machine on which
it ends first.

Counted by code of its own, as all that judges: the engines that promise a number of moves have another right-shift.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scheduler_core.judge.working_minutes import PlantTime, WorkingMinutes
from scheduler_core.plant import Job, Operation, Plant
from scheduler_core.schedule import NEAR_HOURS, NOTICEABLE_MINUTES, Assignment, Schedule

Key = tuple[str, int]
"""(job id, sequence)."""


@dataclass(frozen=True)
class Moves:
    """due: operations due to start within the hours; moved: those of them that the new plan moves, in order of their old
    starts; forced: how many of them right-shift itself moves."""

    due: int
    moved: tuple[Key, ...]
    forced: int


def moves(plant: Plant, old: Schedule, new: Schedule) -> Moves:
    """What ``new`` moves against ``old``; both in minutes of ``plant``, which is the plant as it is now.

    Operations that the plant no longer knows, that it fixes, or that one of the plans lacks do not count.
    """
    first = max(0, min(m.available_from or 0 for m in plant.machines))
    until = first + NEAR_HOURS * 60
    pushed = _Pushed(plant, old, new).places
    due, moved, forced = 0, list[Key](), 0
    for was in sorted(old.by_operation.values(), key=lambda a: (a.start, a.key)):
        now = new.by_operation.get(was.key)
        if was.key not in pushed or now is None or not first <= was.start < until:
            continue
        due += 1
        machines, start = pushed[was.key]
        forced += set(machines) != set(was.machines) or start - was.start > NOTICEABLE_MINUTES
        in_time = was.start - NOTICEABLE_MINUTES <= now.start <= start + NOTICEABLE_MINUTES
        if set(now.machines) != set(machines) or not in_time:
            moved.append(was.key)
    return Moves(due, tuple(moved), forced)


@dataclass
class _Block:
    """A span of a machine that is taken whatever comes: [start, end), then set up for ``family``. Not ``fixed``: of an
    operation before a fixed one in its job, which nothing may precede, as its setup would change."""

    start: int
    end: int
    family: str | None
    fixed: bool


class _Pushed:
    """Where right-shift puts the old plan's operations: ``places`` as (machines, start)."""

    def __init__(self, plant: Plant, old: Schedule, new: Schedule) -> None:
        self.plant, self.time = plant, PlantTime(plant)
        self.places: dict[Key, tuple[tuple[int, ...], int]] = {}
        self.ends: dict[Key, int] = {}
        self.blocks: dict[int, list[_Block]] = {}
        self.free = dict.fromkeys((m.id for m in plant.machines), 0)
        self.family: dict[int, tuple[bool, str | None]] = {m.id: (False, m.initial_family) for m in plant.machines}
        waiting: list[tuple[int, int, Job, int]] = []
        number = 0
        for job in plant.jobs:
            settled = max((i for i, o in enumerate(job.operations) if o.fixed is not None), default=-1)
            known = True
            for i, operation in enumerate(job.operations):
                key = (job.id, operation.sequence)
                number += 1
                if i <= settled:
                    self._settle(job, operation, new)
                elif known and (was := old.by_operation.get(key)) is not None:
                    waiting.append((was.start, number, job, i))
                else:
                    known = False
        for row in self.blocks.values():
            row.sort(key=lambda b: b.end)
            for previous, block in zip([None, *row], row, strict=False):
                if not block.fixed:
                    block.start = 0 if previous is None else previous.end
        for _, _, job, i in sorted(waiting, key=lambda w: w[:2]):
            self._push(job, i, old.by_operation)

    def _settle(self, job: Job, operation: Operation, new: Schedule) -> None:
        """A fixed operation, or one before it in its job: it stands where it is fixed, or where the new plan has it."""
        place = new.by_operation.get((job.id, operation.sequence))
        if operation.fixed is not None:
            machines, start, end = operation.fixed.machines, operation.fixed.start, operation.fixed.end
        elif place is not None:
            machines, start, end = place.machines, place.start, place.end
        else:
            return
        self.ends[job.id, operation.sequence] = end
        for m in machines:
            self.blocks.setdefault(m, []).append(_Block(start, end, job.family, operation.fixed is not None))

    def _push(self, job: Job, i: int, old: Mapping[Key, Assignment]) -> None:
        operation = job.operations[i]
        key = (job.id, operation.sequence)
        was = old[key]
        eligible = self.plant.eligible_machines(operation)
        choices = [tuple(sorted(eligible))] if operation.requires_all else [(m,) for m in eligible]
        if same := [c for c in choices if set(c) == set(was.machines)]:
            choices = same
        # Rules 7 and 8.
        ready = max(0, job.release) if i == 0 else max(0, self.ends[job.id, job.operations[i - 1].sequence])
        found = [self._behind(job, operation, c, max(was.start, ready)) for c in choices]
        end, _, at, start = min((end, setup, n, start) for n, (start, end, setup) in enumerate(found))
        machines = choices[at]
        for m in machines:
            # What stands in the way is passed by for good: nothing that follows goes before it.
            self.blocks[m] = [b for b in self.blocks.get(m, ()) if b.start >= end]
            self.free[m], self.family[m] = end, (True, job.family)
        self.ends[key] = end
        self.places[key] = (machines, start)

    def _behind(self, job: Job, operation: Operation, machines: tuple[int, ...], floor: int) -> tuple[int, int, int]:
        """(start, end, setup) of the operation from minute ``floor`` on, behind what its machines did so far."""
        minutes = operation.processing_minutes(machines)
        worked = self.time.of(machines)
        free = {m: self.free[m] for m in machines}
        family = {m: self.family[m] for m in machines}
        left = {m: list(self.blocks.get(m, ())) for m in machines}
        while True:
            begin = max([floor, *free.values()])
            setup = max(self._setup(job, operation, m, *family[m]) for m in machines)
            start, end = _span(worked, begin, setup + minutes)
            blocked = [m for m in machines if left[m] and left[m][0].start < end]
            if not blocked:
                return start, end, setup
            for m in blocked:
                block = left[m].pop(0)
                free[m], family[m] = max(free[m], block.end), (True, block.family)

    def _setup(self, job: Job, operation: Operation, machine: int, anything: bool, before: str | None) -> int:
        # Rule 5.
        if not anything and before is None:
            return operation.setup_minutes
        if before == job.family:
            return 0
        entry = self.plant.setup_matrix_minutes(self.plant.machine_by_id[machine].type, before, job.family)
        return operation.setup_minutes if entry is None else entry


def _span(worked: WorkingMinutes, begin: int, minutes: int) -> tuple[int, int]:
    """(start, end) of so many working minutes from ``begin`` on."""
    return _first(worked, begin, 1) - 1, _first(worked, begin, minutes)


def _first(worked: WorkingMinutes, begin: int, minutes: int) -> int:
    """The first minute before which so many minutes from ``begin`` on have been worked."""
    step = max(1, minutes)
    while worked.between(begin, begin + step) < minutes:
        step *= 2
    low, high = begin, begin + step
    while low + 1 < high:
        middle = (low + high) // 2
        if worked.between(begin, middle) < minutes:
            low = middle
        else:
            high = middle
    return high
