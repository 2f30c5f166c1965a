"""The simulator's face: a plant in, legal moves and a schedule out. Loops that matter call ``kernel`` directly."""

from __future__ import annotations

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


def to_state(plant: Plant, arrays: PlantArrays, schedule: Schedule) -> State:
    """The state of a complete valid schedule, with the times that it has.

    Raises IllegalMove if an operation runs on a machine that is not eligible.
    """
    state = new_state(arrays)
    kernel.reset(arrays, state)
    index = {m.id: i for i, m in enumerate(plant.machines)}
    o = 0
    for job in plant.jobs:
        for op in job.operations:
            place = schedule.by_operation[(job.id, op.sequence)]
            pair = pair_on(arrays, o, index[place.machines[0]])
            if pair is None:
                raise IllegalMove(f"job {job.id} operation {op.sequence} cannot run on machine {place.machines[0]}")
            state.pair[o], state.start[o], state.end[o], state.setup[o] = pair, place.start, place.end, place.setup_minutes
            o += 1
    return state


def pair_on(arrays: PlantArrays, operation: int, machine: int) -> int | None:
    """The pair of an operation on a machine (both by their place in the plant), the first one where it holds all of its
    machines; None where it may not run there."""
    first, last = int(arrays.op_first[operation]), int(arrays.op_first[operation + 1])
    eligible = arrays.pair_machine[first:last].tolist()
    if machine not in eligible:
        return None
    return first if arrays.op_all[operation] else first + int(eligible.index(machine))


def replay(plant: Plant, schedule: Schedule) -> Schedule:
    """The semi-active schedule with the same sequence on every machine: each operation as early as that allows.

    ``schedule`` must be complete and name eligible machines. No operation ends later than in a valid ``schedule``, whoever
    built it. Fixed operations stay.
    """
    arrays = pack(plant, predecessors=False)
    state = new_state(arrays)
    kernel.reset(arrays, state)
    for start, o, pair in _replay_order(plant, schedule, arrays):
        j = int(arrays.op_job[o])
        first = o == arrays.job_first[j]
        # Fixed operations may stand anywhere in their job, so the job's state is set here instead of stepped through.
        state.next_op[j] = o
        # Rules 7 and 8.
        state.ready_at[j] = max(0, plant.jobs[j].release if first else state.end[o - 1])
        kernel.replay_step(arrays, state, j, pair, start)
    return to_schedule(plant, arrays, state)


def _replay_order(plant: Plant, schedule: Schedule, arrays: PlantArrays) -> list[tuple[int, int, int]]:
    """(start, operation, pair) of every operation that is not fixed, in the order in which they start."""
    index = {m.id: i for i, m in enumerate(plant.machines)}
    moves: list[tuple[int, int, int]] = []
    o = 0
    for job in plant.jobs:
        for op in job.operations:
            if op.fixed is None:
                place = schedule.by_operation[(job.id, op.sequence)]
                pair = pair_on(arrays, o, index[place.machines[0]])
                if pair is None:
                    raise IllegalMove(f"job {job.id} operation {op.sequence} cannot run on machine {place.machines[0]}")
                moves.append((place.start, o, pair))
            o += 1
    return sorted(moves)
