"""Right-shift as the judge knows it: a plan's operations put behind one another on the plant as it is now.

Operations come in the order of their old starts; each stays on its machine, behind all that was put there before, and starts
no earlier than it was to.
"""

from __future__ import annotations

from dataclasses import dataclass

from scheduler_core.judge.working_minutes import PlantTime, WorkingMinutes
from scheduler_core.plant import Job, Operation, Plant
from scheduler_core.schedule import Assignment, Schedule

Key = tuple[str, int]
"""(job id, sequence)."""


@dataclass
class _Block:
    """A span of a machine that is taken whatever comes: [start, end), then set up for ``family``. Not ``fixed``: of an
    operation before a fixed one in its job, which nothing may precede, as its setup would change."""

    start: int
    end: int
    family: str | None
    fixed: bool


class RightShift:
    """Operations of a plan put behind one another on the plant as it is now.

    It begins with what is settled: fixed operations, and what comes before them in their jobs, which stands where ``new``
    has it. settled: the latter; places: where operations were put, as (machines, start); ends: ends by operation, of the
    settled and fixed ones too.
    """

    def __init__(self, plant: Plant, new: Schedule) -> None:
        self.plant, self.time = plant, PlantTime(plant)
        self.places: dict[Key, tuple[tuple[int, ...], int]] = {}
        self.ends: dict[Key, int] = {}
        self.blocks: dict[int, list[_Block]] = {}
        self.free = dict.fromkeys((m.id for m in plant.machines), 0)
        self.family: dict[int, tuple[bool, str | None]] = {m.id: (False, m.initial_family) for m in plant.machines}
        self.settled: list[Key] = []
        for job in plant.jobs:
            for operation in job.operations[: _settled(job)]:
                self._settle(job, operation, new)
                if operation.fixed is None:
                    self.settled.append((job.id, operation.sequence))
        for row in self.blocks.values():
            row.sort(key=lambda b: b.end)
            for previous, block in zip([None, *row], row, strict=False):
                if not block.fixed:
                    block.start = 0 if previous is None else previous.end

    def movable(self, old: Schedule) -> list[tuple[Assignment, Job, int]]:
        """Operations of the old plan that nothing settles, by their starts there: its place, job, number in the job."""
        found = [
            (was, job, i)
            for job in self.plant.jobs
            for i, operation in enumerate(job.operations)
            if i >= _settled(job) and (was := old.by_operation.get((job.id, operation.sequence))) is not None
        ]
        return sorted(found, key=lambda one: one[0].start)

    def push_all(self, old: Schedule) -> None:
        """Puts every operation of the old plan; none from the first on in its job that the plan does not know."""
        for was, job, i in self.movable(old):
            if (ready := self.ready(job, i)) is None:
                continue
            choices = self.choices(job, i)
            if same := [c for c in choices if set(c) == set(was.machines)]:
                choices = same
            found = [self.behind(job, i, c, max(was.start, ready)) for c in choices]
            end, _, at, start = min((end, setup, n, start) for n, (start, end, setup) in enumerate(found))
            self.put(job, i, choices[at], start, end)

    def choices(self, job: Job, i: int) -> list[tuple[int, ...]]:
        """The choices of machines for the job's operation at place ``i``."""
        operation = job.operations[i]
        eligible = self.plant.eligible_machines(operation)
        return [tuple(sorted(eligible))] if operation.requires_all else [(m,) for m in eligible]

    def ready(self, job: Job, i: int) -> int | None:
        """Minute from which the job allows its operation at place ``i``; None if the one before it was put nowhere."""
        # Rules 7 and 8.
        if i == 0:
            return max(0, job.release)
        end = self.ends.get((job.id, job.operations[i - 1].sequence))
        return None if end is None else max(0, end)

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

    def put(self, job: Job, i: int, machines: tuple[int, ...], start: int, end: int) -> None:
        """The operation stands there from now on: what is put later comes behind it."""
        key = (job.id, job.operations[i].sequence)
        for m in machines:
            # What stands in the way is passed by for good: nothing that follows goes before it.
            self.blocks[m] = [b for b in self.blocks.get(m, ()) if b.start >= end]
            self.free[m], self.family[m] = end, (True, job.family)
        self.ends[key] = end
        self.places[key] = (machines, start)

    def behind(self, job: Job, i: int, machines: tuple[int, ...], floor: int) -> tuple[int, int, int]:
        """(start, end, setup) of the operation from minute ``floor`` on, behind what its machines did so far."""
        operation = job.operations[i]
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


def _settled(job: Job) -> int:
    """How many of the job's first operations are settled: up to its last fixed one."""
    return max((i + 1 for i, o in enumerate(job.operations) if o.fixed is not None), default=0)


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
