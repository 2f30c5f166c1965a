"""A plan by a dispatching rule of one's own, written as a Python function."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from scheduler_core.errors import InvalidValue
from scheduler_core.plant import Job, Machine, Operation, Plant
from scheduler_core.schedule import Schedule
from scheduler_core.simulator.legal_moves import setup_on
from scheduler_core.simulator.simulator import Simulator


@dataclass(frozen=True)
class Choice:
    """An operation that may begin now, on these machines. Times are minutes; ``now`` counts from the plan's start.

    processing, setup: working minutes there. due: of the job, None without one. remaining: processing minutes of the job's
    operations from this one on, on their first eligible machine.
    """

    now: int
    job: Job
    operation: Operation
    machines: tuple[Machine, ...]
    processing: int
    setup: int
    remaining: int

    @property
    def due(self) -> int | None:
        """The job's due date in minutes from the plan's start."""
        return self.job.due


def dispatch(plant: Plant, priority: Callable[[Choice], float]) -> Schedule:
    """The non-delay plan in which, whenever an operation can begin, the choice with the lowest ``priority`` begins; of equal
    ones the first in the plant's order.

    It calls ``priority`` for every choice at every decision: seconds for 500 jobs, where a compiled rule takes milliseconds
    (``docs/policy.md`` tells where compiled rules stand).

    Raises Unschedulable for a plant that no plan can exist for, InvalidValue for a priority that is not a number.
    """
    simulator = Simulator(plant)
    remaining = _remaining(plant)
    while not simulator.done:
        _, job, pair = min(_choices(simulator, remaining, priority))
        simulator.dispatch(job, pair)
    return simulator.schedule()


def _choices(
    simulator: Simulator, remaining: list[int], priority: Callable[[Choice], float]
) -> list[tuple[float, int, int]]:
    """(priority, job's index, pair) of everything that may begin now."""
    plant, arrays, state = simulator.plant, simulator.arrays, simulator.state
    found = []
    for j in simulator.candidates():
        o = int(state.next_op[j])
        job = plant.jobs[j]
        operation = job.operations[o - int(arrays.job_first[j])]
        for pair in simulator.machines(j):
            pairs = range(int(arrays.op_first[o]), int(arrays.op_first[o + 1])) if operation.requires_all else (pair,)
            places = [int(arrays.pair_machine[p]) for p in pairs]
            machines = tuple(plant.machines[m] for m in places)
            choice = Choice(
                now=simulator.now,
                job=job,
                operation=operation,
                machines=machines,
                processing=operation.processing_minutes([m.id for m in machines]),
                setup=max(int(setup_on(arrays, state, o, m)) for m in places),
                remaining=remaining[o],
            )
            value = priority(choice)
            if math.isnan(value):
                raise InvalidValue("priority", value, f"of job {job.id}, operation {operation.sequence} is not a number")
            found.append((value, j, pair))
    return found


def _remaining(plant: Plant) -> list[int]:
    """By operation in the plant's order: processing minutes from it to the end of its job."""
    found: list[int] = []
    for job in plant.jobs:
        left = 0
        parts = []
        for operation in reversed(job.operations):
            eligible = plant.eligible_machines(operation)
            left += operation.processing_minutes(eligible if operation.requires_all else eligible[:1])
            parts.append(left)
        found.extend(reversed(parts))
    return found
