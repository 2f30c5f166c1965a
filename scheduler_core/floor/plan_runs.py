"""Runs of a plan under noise, in its order and each operation as soon as it can: when every job ends in each of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from scheduler_core.errors import InvalidValue
from scheduler_core.floor.events import Stream
from scheduler_core.floor.executions import follow_order
from scheduler_core.floor.floor_arrays import FloorArrays
from scheduler_core.floor.floor_kernel import Begun, Truth
from scheduler_core.floor.noise import DurationNoise, NoisyDurations
from scheduler_core.plant import Operation, Plant
from scheduler_core.schedule import Assignment, Schedule
from scheduler_core.simulator.array_types import Int32, Int64
from scheduler_core.simulator.arrays import NEVER


class PlanRuns:
    """A plant on which any number of its plans can be played.

    What the plant has running ends when it says. A pinned operation begins no earlier than pinned, and may begin later; if
    its machine is closed when it begins, as in a frozen zone (engines/pinned_zone.py), it keeps its times.
    """

    def __init__(self, plant: Plant, noise: DurationNoise) -> None:
        self._floor = floor = FloorArrays(Stream(_without_pins(plant)))
        self._durations = NoisyDurations(floor.plant, floor.known, noise)
        held = _held(plant)
        keys = [(job.id, op.sequence) for job in plant.jobs for op in job.operations if _is_pinned(op)]
        self._pinned = np.zeros(len(floor.keys), np.bool_)
        self._pinned[[floor.operation[key] for key in keys if key not in held]] = True
        self._begun = floor.nothing_begun()
        for key, place in held.items():
            o = floor.operation[key]
            self._begun.pair[o], self._begun.start[o] = floor.pair(o, place), place.start
            self._begun.end[o] = self._begun.expected[o] = place.end

    def truths(self, seeds: Iterable[int]) -> Iterator[Truth]:
        """What really happens in the run of each seed: drawn one by one, or kept in a list for many plans (0.3 MB each for
        500 jobs). Equal seeds draw equal durations."""
        return (self._durations.truth(seed, self._floor.job_ready, self._floor.job_gone) for seed in seeds)

    def ends(self, plan: Schedule, truths: Iterable[Truth]) -> Int64:
        """int64 [truths, J]: minutes from plan_start at which each job ends, by the plant's order of jobs. 500 jobs take
        1 ms a truth to be drawn and 0.3 ms to be played.

        Raises InvalidValue for a plan that lacks an operation or that no floor could follow.
        """
        floor = self._floor
        order, pair, start = floor.planned(plan, self._begun)
        self._refuse_incomplete(pair)
        earliest = np.where(self._pinned, start, 0)
        last = floor.known.job_first[1:] - 1
        found = []
        for truth in truths:
            begun = _copy(self._begun)
            follow_order(floor, truth, begun, order, pair, earliest, 0, NEVER)
            found.append(begun.end[last])
        return np.array(found, np.int64).reshape(len(found), len(last))

    def _refuse_incomplete(self, pair: Int32) -> None:
        missing = np.flatnonzero((pair < 0) & (self._begun.pair < 0))
        if len(missing):
            raise InvalidValue("plan", self._floor.keys[int(missing[0])], "is an operation that the plan lacks")


def _copy(begun: Begun) -> Begun:
    return Begun(
        begun.pair.copy(), begun.start.copy(), begun.end.copy(), begun.setup.copy(), begun.expected.copy()
    )  # fmt: skip


def _is_pinned(operation: Operation) -> bool:
    return operation.fixed is not None and operation.fixed.start > 0


def _without_pins(plant: Plant) -> Plant:
    """The plant with its pinned operations free; what runs at plan_start stays."""

    def free(op: Operation) -> Operation:
        return replace(op, fixed=None) if _is_pinned(op) else op

    jobs = (replace(job, operations=tuple(free(op) for op in job.operations)) for job in plant.jobs)
    return replace(plant, jobs=tuple(jobs))


def _held(plant: Plant) -> dict[tuple[str, int], Assignment]:
    """Pinned operations whose machine is closed when they begin: nothing of theirs could begin there later."""
    downtime = {machine.id: machine.downtime for machine in plant.machines}
    found = {}
    for job in plant.jobs:
        for op in job.operations:
            if (fixed := op.fixed) is None or not _is_pinned(op):
                continue
            if any(d.start <= fixed.start < d.end for machine in fixed.machines for d in downtime[machine]):
                place = Assignment(job.id, op.sequence, tuple(sorted(fixed.machines)), fixed.start, fixed.end)
                found[place.key] = place
    return found
