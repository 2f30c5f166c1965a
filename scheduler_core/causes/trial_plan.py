"""A plan's sequences on a plant, to try changes on: move operations, time everything anew, read what came of it.

Everything that is not moved keeps its machine, its place in the sequence and, where the plan leaves it later than it has to
be, its start. Fixed operations stay, and so does what comes before one in its job.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from scheduler_core.plant import MINUTES_PER_DAY, Fixed, Job, Plant
from scheduler_core.schedule import Assignment, Schedule
from scheduler_core.simulator.arrays import NEVER, new_state, pack
from scheduler_core.simulator.costs import WEIGHTED_TARDINESS
from scheduler_core.simulator.sequences import machine_sequences, relocation
from scheduler_core.simulator.sequences.machine_sequences import Sequences
from scheduler_core.simulator.simulator import pair_on, to_schedule

Key = tuple[str, int]


@dataclass(frozen=True)
class Figures:
    """How one job and the whole plan stand. lateness: the job's completion less its due date in signed minutes (None: no
    due date); weighted_tardiness_days as in the KPIs."""

    lateness: int | None
    late_jobs: int
    weighted_tardiness_days: float


class TrialPlan:
    """``plan`` must be valid for ``plant``, or for it with fewer working minutes. ``held_back``: keys of the operations that
    keep their start."""

    def __init__(self, plant: Plant, plan: Schedule, held_back: frozenset[Key]) -> None:
        self.plant = plant
        self.plan = plan
        self._pinned = _pinned(plant, plan)
        self.arrays = pack(self._pinned)
        self.index: Mapping[Key, int] = {
            key: o for o, key in enumerate((j.id, op.sequence) for j in plant.jobs for op in j.operations)
        }
        """Number of each operation in the arrays."""
        self._keys = list(self.index)
        self._machine = {m.id: i for i, m in enumerate(plant.machines)}
        placed = [plan.by_operation[key] for key in self.index]
        self._pair = np.array([self.pair(o, a.machines) for o, a in enumerate(placed)], np.int32)
        self._start = np.array([a.start for a in placed], np.int64)
        keep = np.array([key in held_back for key in self.index], np.bool_)
        self._floor: npt.NDArray[np.int64] = np.where(keep, self._start, 0).astype(np.int64)
        self.sequences = machine_sequences.new_sequences(self.arrays)
        self.reset()

    def reset(self) -> None:
        """Back to the plan as it is."""
        machine_sequences.load(self.arrays, self.sequences, self._pair, self._start, self._floor, WEIGHTED_TARDINESS)

    def pair(self, operation: int, machines: tuple[int, ...]) -> int:
        """The pair of an operation (number) on machines (ids)."""
        found = pair_on(self.arrays, operation, self._machine[machines[0]])
        assert found is not None  # a valid plan runs on eligible machines only, and so does what is tried
        return found

    def can_move(self, key: Key) -> bool:
        """Whether the operation is neither fixed nor before a fixed one of its job."""
        return bool(self.sequences.place[self.index[key]] >= 0)

    def ready(self, key: Key) -> int:
        """Minute from which the operation's job allows it to start (rules 7 and 8), as things stand now."""
        return int(machine_sequences.job_ready(self.arrays, self.sequences, self.index[key]))

    def start(self, key: Key) -> int:
        """Start of the operation as things stand now."""
        return int(self.sequences.start[self.index[key]])

    def row(self, machine: int) -> list[Key]:
        """Operations on the machine (id) in their sequence, as things stand now."""
        q, found = self.sequences, list[Key]()
        pair = int(q.first[self._machine[machine]])
        while pair >= 0:
            found.append(self._keys[int(self.arrays.pair_op[pair])])
            pair = int(q.after[pair])
        return found

    def move(self, key: Key, machines: tuple[int, ...], moment: int) -> bool:
        """Puts the operation on the machines, on each in front of everything that starts at ``moment`` or later, and times
        all that this reaches. False if that gives no plan; ``reset`` must be called then, before the next move."""
        a, q, o = self.arrays, self.sequences, self.index[key]
        pair = self.pair(o, machines)
        relocation.spots(a, q, o, pair, moment)
        return bool(relocation.move(a, q, o, pair, 0, WEIGHTED_TARDINESS, math.inf))

    def take(self, sequences: Sequences) -> None:
        """Becomes another plan of the same plant; ``reset`` goes back."""
        machine_sequences.copy(sequences, self.sequences)

    def figures(self, job: Job) -> Figures:
        """How the job and the plan stand now."""
        a, q = self.arrays, self.sequences
        late = np.where(a.job_due < NEVER, q.end[a.job_first[1:] - 1] - a.job_due, 0)
        days = float((a.job_weight * np.maximum(late, 0)).sum()) / MINUTES_PER_DAY
        number = int(a.op_job[self.index[job.id, job.operations[0].sequence]])
        return Figures(None if job.due is None else int(late[number]), int((late > 0).sum()), days)

    def schedule(self) -> Schedule:
        """The plan as it stands now."""
        state = new_state(self.arrays)
        machine_sequences.store(self.arrays, self.sequences, state)
        made = to_schedule(self._pinned, self.arrays, state)
        return Schedule(tuple(self._stated(a) for a in made.assignments))

    def _stated(self, a: Assignment) -> Assignment:
        """An assignment as it was, where it cannot move: the simulator does not know what setup a fixed one took."""
        return a if self.can_move(a.key) else self.plan.by_operation[a.key]


def _pinned(plant: Plant, plan: Schedule) -> Plant:
    """The plant with every operation that comes before a fixed one of its job fixed where the plan has it."""

    def pinned(job: Job) -> Job:
        last = max((p for p, op in enumerate(job.operations) if op.fixed is not None), default=-1)
        operations = list(job.operations)
        for p in range(last):
            if operations[p].fixed is None:
                a = plan.by_operation[job.id, operations[p].sequence]
                operations[p] = replace(operations[p], fixed=Fixed(a.machines, a.start, a.end))
        return replace(job, operations=tuple(operations)) if last > 0 else job

    jobs = tuple(pinned(job) for job in plant.jobs)
    # A plant is checked whole whenever one is made: of many boards few have anything to pin.
    return plant if jobs == plant.jobs else replace(plant, jobs=jobs)
