"""The plant as the exact engine sees it: tasks, the modes in which each may run, and the setups between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from scheduler_core.plant import Fixed, Job, Machine, Operation, Plant

MAX_MODES = 6_000
"""Most pairs of an operation and a way to run it."""
MAX_SUCCESSIONS = 200_000
"""Most ordered pairs of operations that may follow each other on a machine where the order decides the setup."""
MAX_PIECES = 60_000
"""Most pieces of working time that operations with pauses and late jobs must be told apart by."""


class Nothing:
    """The family of a machine on which nothing ran yet and which is not set up for any family."""


NOTHING: Final = Nothing()
Previous = str | None | Nothing
"""The family before an operation on its machine: of another operation (maybe None), initial, or NOTHING."""


@dataclass(frozen=True)
class Mode:
    """One way to run an operation: the machines that it holds at once, and its processing minutes on them."""

    machines: tuple[int, ...]
    minutes: int


@dataclass(frozen=True)
class Task:
    """An operation and its modes. A fixed operation has one mode: the machines where it stays."""

    index: int
    job: Job
    position: int
    operation: Operation
    modes: tuple[Mode, ...]

    @property
    def fixed(self) -> Fixed | None:
        return self.operation.fixed

    @property
    def is_last(self) -> bool:
        """Whether the job is complete when this operation ends."""
        return self.position == len(self.job.operations) - 1


class Problem:
    """Tasks in the plant's order, job by job."""

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self.tasks = tuple(_tasks(plant))
        self._possible_setups: dict[tuple[int, int], frozenset[int]] = {}

    @cached_property
    def free(self) -> tuple[Task, ...]:
        """The tasks that are not fixed."""
        return tuple(t for t in self.tasks if t.fixed is None)

    @cached_property
    def mode_count(self) -> int:
        return sum(len(t.modes) for t in self.free)

    @cached_property
    def machine_sets(self) -> tuple[tuple[int, ...], ...]:
        """Every set of machines that some free task may hold."""
        return tuple(dict.fromkeys(mode.machines for task in self.free for mode in task.modes))

    @cached_property
    def visitors(self) -> dict[int, tuple[Task, ...]]:
        """Of each machine that a free task may use: its free tasks, and the fixed ones from plan_start on."""
        found: dict[int, list[Task]] = {}
        for task in self.free:
            for machine in dict.fromkeys(m for mode in task.modes for m in mode.machines):
                found.setdefault(machine, []).append(task)
        for task in self.tasks:
            if task.fixed is not None and task.fixed.start >= 0:
                for machine in task.fixed.machines:
                    if machine in found:
                        found[machine].append(task)
        return {machine: tuple(tasks) for machine, tasks in found.items()}

    @cached_property
    def initial(self) -> dict[int, Previous]:
        """Of each machine, the family that the first operation from plan_start on follows."""
        found: dict[int, Previous] = {m.id: _initial_family(m) for m in self.plant.machines}
        begun = [t for t in self.tasks if t.fixed is not None and t.fixed.start < 0]
        for task in sorted(begun, key=lambda t: t.fixed.start if t.fixed else 0):
            for machine in task.fixed.machines if task.fixed else ():
                found[machine] = task.job.family
        return found

    def setup_minutes(self, machine: int, previous: Previous, task: Task) -> int:
        """Rule 5 on one machine."""
        if isinstance(previous, Nothing):
            return task.operation.setup_minutes
        if previous == task.job.family:
            return 0
        entry = self.plant.setup_matrix_minutes(self.plant.machine_by_id[machine].type, previous, task.job.family)
        return task.operation.setup_minutes if entry is None else entry

    def possible_setups(self, machine: int, task: Task) -> frozenset[int]:
        """Every setup that rule 5 can ask of the task on the machine."""
        key = (machine, task.index)
        if key not in self._possible_setups:
            before: set[Previous] = {t.job.family for t in self.visitors[machine] if t is not task}
            before.add(self.initial[machine])
            self._possible_setups[key] = frozenset(self.setup_minutes(machine, family, task) for family in before)
        return self._possible_setups[key]

    def most_setup(self, machine: int, task: Task) -> int:
        """The largest setup that rule 5 can ask of the task on the machine."""
        return max(self.possible_setups(machine, task))

    @cached_property
    def order_decides_setup(self) -> dict[int, bool]:
        """Of each visited machine, whether some task's setup there depends on what ran before."""
        return {
            machine: any(len(self.possible_setups(machine, t)) > 1 for t in tasks if t.fixed is None)
            for machine, tasks in self.visitors.items()
        }

    @cached_property
    def succession_count(self) -> int:
        """Ordered pairs of tasks on machines where the order decides the setup."""
        return sum(len(tasks) ** 2 for machine, tasks in self.visitors.items() if self.order_decides_setup[machine])

    def longest_minutes(self, mode: Mode, task: Task) -> int:
        """Processing plus the largest setup that the task can need in the mode."""
        return mode.minutes + max(self.most_setup(m, task) for m in mode.machines)


@dataclass(frozen=True)
class TooLarge:
    """Why a plant is refused: in words, and the count beyond a limit with the limit."""

    reason: str
    sizes: Mapping[str, int]


def reasons_too_large(plant: Plant) -> TooLarge | None:
    """The first limit that the plant exceeds; None if the engine accepts it. Quick for plants of any size."""
    modes = 0
    for job in plant.jobs:
        for op in job.operations:
            if op.fixed is None:
                modes += 1 if op.requires_all else len(plant.eligible_machines(op))
    if modes > MAX_MODES:
        reason = f"{modes} ways to run an operation exceed the limit of {MAX_MODES}"
        return TooLarge(reason, {"modes": modes, "limit": MAX_MODES})
    successions = Problem(plant).succession_count
    if successions > MAX_SUCCESSIONS:
        reason = f"{successions} successions of operations on a machine exceed the limit of {MAX_SUCCESSIONS}"
        return TooLarge(reason, {"successions": successions, "limit": MAX_SUCCESSIONS})
    return None


def _tasks(plant: Plant) -> Iterator[Task]:
    index = 0
    for job in plant.jobs:
        for position, op in enumerate(job.operations):
            yield Task(index, job, position, op, tuple(_modes(op, plant.eligible_machines(op))))
            index += 1


def _modes(op: Operation, eligible: Sequence[int]) -> Iterator[Mode]:
    if op.fixed is not None:
        yield Mode(op.fixed.machines, op.processing_minutes(op.fixed.machines))
    elif op.requires_all:
        yield Mode(tuple(eligible), op.processing_minutes(eligible))
    else:
        for machine in eligible:
            yield Mode((machine,), op.processing_minutes((machine,)))


def _initial_family(machine: Machine) -> Previous:
    return NOTHING if machine.initial_family is None else machine.initial_family
