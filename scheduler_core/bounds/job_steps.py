"""The plant as bounds see it: what is left to do of every job, where it may run, and the least that each step can take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from scheduler_core.bounds.work_time import WorkTimes
from scheduler_core.errors import Unschedulable
from scheduler_core.plant import Job, Operation, Plant
from scheduler_core.simulator.open_hours import WorkTime


@dataclass(frozen=True)
class Mode:
    """One way to run a step: machine indices that it holds at once, the number of their working time, and minutes.

    least: processing plus the smallest setup that rule 5 can ask there, whatever ran before. first_of_family: the same if
    the operation before belongs to another family (or if there is none).
    """

    machines: tuple[int, ...]
    table: int
    least: int
    first_of_family: int


@dataclass(frozen=True)
class Step:
    """An operation that is still to be planned."""

    operation: Operation
    modes: tuple[Mode, ...]


@dataclass(frozen=True)
class OpenJob:
    """What bounds know of a job: after its last fixed operation ``steps`` are left, from minute ``ready`` on.

    What comes before a fixed operation has no influence on when the job is complete, and is left out. ``done``: the minute
    in which the job is complete, where no step is left.
    """

    job: Job
    ready: int
    steps: tuple[Step, ...]
    done: int | None


class OpenPlant:
    """Every job's open steps, in the plant's order. Raises Unschedulable naming the operations that can never run."""

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self.times = WorkTimes(plant)
        self.machine_index = {m.id: i for i, m in enumerate(plant.machines)}
        self._setups = _Setups(plant)
        self.jobs = tuple(self._open(job) for job in plant.jobs)
        self._refuse_impossible()

    @property
    def tables(self) -> Sequence[WorkTime]:
        """The distinct working times; ``Mode.table`` numbers them."""
        return self.times.tables

    @cached_property
    def steps(self) -> tuple[tuple[int, Step], ...]:
        """Every open step with its job's index."""
        return tuple((j, step) for j, job in enumerate(self.jobs) for step in job.steps)

    @cached_property
    def places(self) -> Mapping[int, int]:
        """The place of every open step in ``steps``, by the step's identity (equal steps may stand in several jobs)."""
        return {id(step): place for place, (_, step) in enumerate(self.steps)}

    @cached_property
    def visits(self) -> Mapping[int, tuple[tuple[int, Step], ...]]:
        """By machine index, the open steps that may run there, each with its job's index."""
        found: dict[int, list[tuple[int, Step]]] = {}
        for j, step in self.steps:
            for machine in {m for mode in step.modes for m in mode.machines}:
                found.setdefault(machine, []).append((j, step))
        return {machine: tuple(steps) for machine, steps in found.items()}

    @cached_property
    def fixed_families(self) -> Mapping[int, frozenset[str | None]]:
        """By machine index, the families that fixed operations bring there, or those that must come before them."""
        found: dict[int, set[str | None]] = {}
        for job in self.plant.jobs:
            fixed = [p for p, op in enumerate(job.operations) if op.fixed is not None]
            for op in job.operations[: fixed[-1] + 1] if fixed else ():
                for machine in self.plant.eligible_machines(op):
                    found.setdefault(self.machine_index[machine], set()).add(job.family)
        return {machine: frozenset(families) for machine, families in found.items()}

    def _open(self, job: Job) -> OpenJob:
        # Rule 8.
        first, ready = 0, max(0, job.release)
        for position, op in enumerate(job.operations):
            if op.fixed is not None:
                first, ready = position + 1, max(0, op.fixed.end)
        last = job.operations[-1].fixed
        steps = tuple(Step(op, tuple(self._modes(job, op))) for op in job.operations[first:])
        return OpenJob(job, ready, steps, None if last is None else last.end)

    def _modes(self, job: Job, op: Operation) -> Iterator[Mode]:
        ids = self.plant.eligible_machines(op)
        for held in [ids] if op.requires_all else [(m,) for m in ids]:
            least = [self._setups.least(m, job, op) for m in held]
            changed = [self._setups.least_change(m, job, op) for m in held]
            minutes = op.processing_minutes(held)
            machines = tuple(self.machine_index[m] for m in held)
            yield Mode(machines, self.times.table(machines), minutes + max(least), minutes + max(changed))

    def _refuse_impossible(self) -> None:
        impossible = [
            f"job {job.job.id} operation {step.operation.sequence} ({step.operation.process})"
            for job in self.jobs
            for step in job.steps
            if not any(self.tables[mode.table].works_for_ever for mode in step.modes)
        ]
        if impossible:
            more = f" and {len(impossible) - 10} more" if len(impossible) > 10 else ""
            raise Unschedulable(f"its machines never work, or never all at once: {', '.join(impossible[:10])}{more}")


class _Setups:
    """The smallest setups that rule 5 can ask, over everything that may have run before on a machine."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        self._visits: dict[int, Counter[str | None]] = {m.id: Counter() for m in plant.machines}
        for job in plant.jobs:
            for op in job.operations:
                for machine in plant.eligible_machines(op):
                    self._visits[machine][job.family] += 1
        self._changes: dict[tuple[int, str | None], tuple[int | None, bool]] = {}

    def least(self, machine: int, job: Job, op: Operation) -> int:
        """The smallest setup of the operation on the machine."""
        initial = self._plant.machine_by_id[machine].initial_family
        if (initial is not None and initial == job.family) or self._visits[machine][job.family] > 1:
            return 0
        return self.least_change(machine, job, op)

    def least_change(self, machine: int, job: Job, op: Operation) -> int:
        """The smallest setup of the operation on the machine after another family, or after nothing."""
        key = (machine, job.family)
        if key not in self._changes:
            self._changes[key] = self._matrix(*key)
        entry, has_gap = self._changes[key]
        if entry is None:
            return op.setup_minutes
        return min(entry, op.setup_minutes) if has_gap else entry

    def _matrix(self, machine: int, family: str | None) -> tuple[int | None, bool]:
        """The matrix's smallest entry for a change to the family, and whether some change has none."""
        row = self._plant.machine_by_id[machine]
        before = {f for f in self._visits[machine] if f != family}
        # Nothing before and no initial family: the operation's own setup, as where the matrix has no entry.
        has_gap = row.initial_family is None
        if row.initial_family is not None and row.initial_family != family:
            before.add(row.initial_family)
        entries = [self._plant.setup_matrix_minutes(row.type, f, family) for f in before]
        known = [e for e in entries if e is not None]
        return min(known, default=None), has_gap or len(known) < len(entries)
