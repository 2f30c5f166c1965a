"""What a schedule says about a plant: usable assignments beside their operations, and the setup that each needs.

The common ground of the validator and the KPIs, which must agree on it. Nothing here builds schedules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from scheduler_core.judge.working_minutes import PlantTime, WorkingMinutes
from scheduler_core.plant import Job, Operation, Plant
from scheduler_core.schedule import Assignment, Schedule

Key = tuple[str, int]
"""(job id, sequence)."""


@dataclass(frozen=True, eq=False)
class Placed:
    """An operation beside its assignment. ``machines``: the assigned ones, ascending, each once."""

    job: Job
    operation: Operation
    assignment: Assignment
    machines: tuple[int, ...]

    @property
    def start(self) -> int:
        return self.assignment.start

    @property
    def end(self) -> int:
        return self.assignment.end

    @property
    def key(self) -> Key:
        return (self.job.id, self.operation.sequence)

    @property
    def is_fixed(self) -> bool:
        return self.operation.fixed is not None


class ScheduleIndex:
    """A schedule read against its plant.

    Only the first usable assignment of each operation counts: usable means a known operation on known machines.
    """

    def __init__(self, plant: Plant, schedule: Schedule) -> None:
        self.plant = plant
        self.schedule = schedule
        self.time = PlantTime(plant)

    @cached_property
    def operations(self) -> Mapping[Key, tuple[Job, Operation]]:
        """Every operation of the plant."""
        return {(j.id, o.sequence): (j, o) for j in self.plant.jobs for o in j.operations}

    @cached_property
    def placed(self) -> Mapping[Key, Placed]:
        """The placed operations, in the schedule's order."""
        found: dict[Key, Placed] = {}
        for a in self.schedule.assignments:
            if a.key in found or a.key not in self.operations or not a.machines:
                continue
            if all(m in self.plant.machine_by_id for m in a.machines):
                job, operation = self.operations[a.key]
                found[a.key] = Placed(job, operation, a, tuple(sorted(set(a.machines))))
        return found

    @cached_property
    def lines(self) -> Mapping[int, tuple[Placed, ...]]:
        """The placed operations of each machine, in order of start, then end."""
        rows: dict[int, list[Placed]] = {}
        for p in self.placed.values():
            for m in p.machines:
                rows.setdefault(m, []).append(p)
        return {m: tuple(sorted(row, key=lambda p: (p.start, p.end))) for m, row in rows.items()}

    @cached_property
    def ruled_setup(self) -> Mapping[Key, int]:
        """The setup minutes that each placed operation needs after what stands before it (rule 5)."""
        needed: dict[Key, int] = {}
        for machine, line in self.lines.items():
            previous: Placed | None = None
            for p in line:
                minutes = self._setup_on(machine, previous, p)
                needed[p.key] = max(needed.get(p.key, 0), minutes)
                previous = p
        return needed

    def worked(self, p: Placed) -> WorkingMinutes:
        """The minutes that work for all machines of a placed operation."""
        return self.time.of(p.machines)

    def _setup_on(self, machine: int, previous: Placed | None, p: Placed) -> int:
        row = self.plant.machine_by_id[machine]
        if previous is None and row.initial_family is None:
            return p.operation.setup_minutes
        before = row.initial_family if previous is None else previous.job.family
        if before == p.job.family:
            return 0
        entry = self.plant.setup_matrix_minutes(row.type, before, p.job.family)
        return p.operation.setup_minutes if entry is None else entry
