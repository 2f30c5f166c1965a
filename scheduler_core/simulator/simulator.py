"""The simulator's face: a plant in, legal moves and a schedule out. Loops that matter call ``kernel`` directly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scheduler_core.errors import ShopwrightError
from scheduler_core.plant import Plant
from scheduler_core.schedule import Assignment, Schedule
from scheduler_core.simulator import kernel
from scheduler_core.simulator.arrays import CANDIDATES, NOW, PlantArrays, State, new_state, pack


class IllegalMove(ShopwrightError):
    """A move that the rules forbid in the present state."""


class Simulator:
    """One simulation of a plant, decision by decision.

    ``candidates()`` lists the jobs that may be dispatched now, ``machines(job)`` the pairs on which, and ``dispatch`` does
    it and moves the clock to the next decision. Raises Unschedulable at construction, IllegalMove at a wrong dispatch.
    """

    def __init__(self, plant: Plant, arrays: PlantArrays | None = None) -> None:
        self.plant = plant
        self.arrays = pack(plant) if arrays is None else arrays
        self.state: State = new_state(self.arrays)
        self._pairs = np.zeros(max(1, len(plant.machines)), np.int64)
        self.start()

    def start(self) -> None:
        """Back to plan_start, at the first decision."""
        kernel.reset(self.arrays, self.state)
        self._advance()

    @property
    def now(self) -> int:
        """The clock, in minutes from plan_start."""
        return int(self.state.clock[NOW])

    @property
    def done(self) -> bool:
        """Whether every operation is dispatched."""
        return int(self.state.clock[CANDIDATES]) == 0

    def candidates(self) -> list[int]:
        """Indices of the jobs that may be dispatched now, ascending."""
        return sorted(int(j) for j in self.state.candidates[: self.state.clock[CANDIDATES]])

    def machines(self, job: int) -> list[int]:
        """Legal pairs of a candidate job, ascending; ``arrays.pair_machine`` tells their machines."""
        if job not in self.candidates():
            raise IllegalMove(f"job index {job} is not a candidate at minute {self.now}")
        n = kernel.legal_pairs(self.arrays, self.state, job, self._pairs)
        return [int(p) for p in self._pairs[:n]]

    def dispatch(self, job: int, pair: int) -> None:
        """Starts the candidate job on the legal pair and goes on to the next decision."""
        if pair not in self.machines(job):
            raise IllegalMove(f"pair {pair} is not legal for job index {job} at minute {self.now}")
        kernel.dispatch(self.arrays, self.state, job, pair)
        self._advance()

    def schedule(self) -> Schedule:
        """The schedule of all operations that are dispatched or reserved."""
        return to_schedule(self.plant, self.arrays, self.state)

    def _advance(self) -> None:
        if kernel.advance(self.arrays, self.state) < 0:
            raise AssertionError("the simulation stopped with operations left; packing should have refused this plant")


def to_schedule(plant: Plant, arrays: PlantArrays, state: State) -> Schedule:
    """The state's booked operations as assignments, in the plant's order of jobs and operations."""
    ids = [m.id for m in plant.machines]
    found: list[Assignment] = []
    o = 0
    for job in plant.jobs:
        for op in job.operations:
            pair = int(state.pair[o])
            if pair >= 0:
                if op.requires_all:
                    pairs = range(int(arrays.op_first[o]), int(arrays.op_first[o + 1]))
                    machines = tuple(sorted(ids[arrays.pair_machine[q]] for q in pairs))
                else:
                    machines = (ids[arrays.pair_machine[pair]],)
                found.append(
                    Assignment(job.id, op.sequence, machines, int(state.start[o]), int(state.end[o]), int(state.setup[o]))
                )
            o += 1
    return Schedule(tuple(found))


def replay(plant: Plant, schedule: Schedule, arrays: PlantArrays | None = None) -> Schedule:
    """The semi-active schedule with the same sequence on every machine: each operation as early as that allows.

    ``schedule`` must be complete and name eligible machines. No operation ends later than in a valid ``schedule``.
    Operations that the simulator reserves (see ``reservations.py``) stay where it reserves them.
    """
    arrays = pack(plant) if arrays is None else arrays
    state = new_state(arrays)
    kernel.reset(arrays, state)
    for job, pair, start in replay_order(plant, schedule, arrays):
        kernel.replay_step(arrays, state, job, pair, start)
    return to_schedule(plant, arrays, state)


def replay_order(plant: Plant, schedule: Schedule, arrays: PlantArrays) -> Sequence[tuple[int, int, int]]:
    """(job index, pair, start) of every operation that is not reserved, in the order in which they start."""
    index = {m.id: i for i, m in enumerate(plant.machines)}
    moves: list[tuple[int, int, int, int]] = []
    o = 0
    for j, job in enumerate(plant.jobs):
        for op in job.operations:
            if arrays.op_reserved_pair[o] < 0:
                place = schedule.by_operation[(job.id, op.sequence)]
                first, last = int(arrays.op_first[o]), int(arrays.op_first[o + 1])
                row = arrays.pair_machine[first:last]
                found = np.flatnonzero(row == index[place.machines[0]])
                if not len(found):
                    raise IllegalMove(f"job {job.id} operation {op.sequence} cannot run on machine {place.machines[0]}")
                pair = first if op.requires_all else first + int(found[0])
                moves.append((place.start, o, j, pair))
            o += 1
    return [(j, pair, start) for start, _, j, pair in sorted(moves)]
