"""Changing a plan by hand: one operation goes to another machine or another time, and everything is timed anew.

The sequence of the others on every machine stays. All operations start as early as the sequences allow, but those moved by
hand not before the minute they were given, and those that wait on purpose in the plan it began from not before they do
there. Nothing is guessed: a move that the rules forbid is refused with the reason.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from threading import Lock

import numpy as np

from scheduler_core.errors import ShopwrightError
from scheduler_core.i18n.time_wording import stamp
from scheduler_core.judge.kpis import Kpis, measure
from scheduler_core.objectives import Objective
from scheduler_core.plant import Operation, Plant
from scheduler_core.schedule import Assignment, Schedule
from scheduler_core.simulator import costs
from scheduler_core.simulator.arrays import PlantArrays, State, new_state, pack
from scheduler_core.simulator.legal_moves import held_pairs
from scheduler_core.simulator.sequences import machine_sequences, relocation
from scheduler_core.simulator.simulator import pair_on, to_schedule


@dataclass(frozen=True)
class Move:
    """Operation ``sequence`` of ``job`` on ``machine`` (id), not before minute ``start`` from plan_start.

    An operation that holds several machines at once keeps them all; ``machine`` is then any of them.
    """

    job: str
    sequence: int
    machine: int
    start: int


class IllegalChange(ShopwrightError):
    """A move that the plant's rules forbid; the message is the reason, in a planner's words. ``move`` is the move."""

    def __init__(self, move: Move, reason: str) -> None:
        self.move = move
        self.reason = reason
        super().__init__(f"{move.job} operation {move.sequence}: {reason}")


class Unchangeable(ShopwrightError):
    """A plan that cannot be timed anew: it has operations that must come before a fixed one elsewhere than reserved."""


@dataclass(frozen=True)
class Changed:
    """What moves by hand make of a plan: the new schedule, its figures, and those of the plan it began from."""

    schedule: Schedule
    before: Kpis
    after: Kpis
    moved: int
    """Operations that stand elsewhere than in the plan it began from."""


def change(plant: Plant, schedule: Schedule, moves: Sequence[Move]) -> Changed:
    """Makes the moves one after another on a complete, valid schedule.

    Of several moves of one operation the last one's minute counts. Operations that must come before a fixed one stay where
    engines reserve them. Raises IllegalChange for the first move that is not legal, and Unchangeable.
    """
    return PlanEditor(plant, schedule).change(moves)


class PlanEditor:
    """A plan under change by hand: packed and measured once, so that one more move costs only itself.

    It remembers the sequences after the lists of moves that it was asked for last. May be shared between threads.
    """

    REMEMBERED = 32

    def __init__(self, plant: Plant, schedule: Schedule) -> None:
        """Raises Unchangeable."""
        self._plant, self._schedule = plant, schedule
        self._before = measure(plant, schedule)
        self._lock = Lock()
        self._known: OrderedDict[tuple[Move, ...], _EditedPlan] = OrderedDict()
        self._begin = _EditedPlan(plant, pack(plant), schedule)
        self._begin.copied().warm_up()

    def change(self, moves: Sequence[Move]) -> Changed:
        """What the moves, one after another, make of the plan: the same as ``change``. Raises IllegalChange."""
        edited = self._edited(tuple(moves))
        made = edited.schedule()
        return Changed(made, self._before, measure(self._plant, made), _moved(self._schedule, made))

    def _edited(self, moves: tuple[Move, ...]) -> _EditedPlan:
        with self._lock:
            known = next((n for n in range(len(moves), 0, -1) if moves[:n] in self._known), 0)
            edited = self._known[moves[:known]] if known else self._begin
            if known == len(moves):
                return edited
            edited = edited.copied()
            for move in moves[known:]:
                edited.move(move)
            self._known[moves] = edited
            if len(self._known) > self.REMEMBERED:
                self._known.popitem(last=False)
            return edited


def _moved(before: Schedule, after: Schedule) -> int:
    def place(a: Assignment) -> tuple[int, int, frozenset[int]]:
        return a.start, a.end, frozenset(a.machines)

    return sum(place(a) != place(before.by_operation[a.key]) for a in after.assignments)


class _EditedPlan:
    """The schedule as sequences, in which one operation after another changes its place."""

    def __init__(self, plant: Plant, arrays: PlantArrays, schedule: Schedule) -> None:
        self.plant, self.arrays = plant, arrays
        self.index = {m.id: i for i, m in enumerate(plant.machines)}
        keys = [(job.id, op.sequence) for job in plant.jobs for op in job.operations]
        self.operations = [op for job in plant.jobs for op in job.operations]
        self.number = {key: o for o, key in enumerate(keys)}
        self.prices = costs.prices_of(Objective.TARDINESS, arrays)
        self.q = machine_sequences.new_sequences(arrays)
        places = [schedule.by_operation[key] for key in keys]
        pair = np.array([self._pair(o, a.machines[0]) for o, a in enumerate(places)], np.int32)
        start = np.array([a.start for a in places], np.int64)
        reserved = arrays.op_reserved_pair >= 0
        for o in np.flatnonzero(reserved & ((pair != arrays.op_reserved_pair) | (start != arrays.op_reserved_start))):
            job_id, sequence = keys[o]
            raise Unchangeable(f"{job_id} operation {sequence} comes before a fixed one: this plan can't be changed by hand")
        machine_sequences.load(arrays, self.q, pair, start, np.maximum(start, 0), self.prices)
        self._release_floors()

    def _release_floors(self) -> None:
        """Leaves a floor only where an operation waits on purpose: where nothing but its floor keeps it from starting."""
        q, arrays = self.q, self.arrays
        floor, q.floor[:] = q.floor.copy(), 0
        for o in np.flatnonzero(arrays.op_reserved_pair < 0).tolist():
            # Only an operation that starts after all that it needs can wait; whether it does, its working hours tell.
            before = q.before[slice(*held_pairs(arrays, o, q.pair[o]))]
            ready = max(machine_sequences.job_ready(arrays, q, o), *(q.end[arrays.pair_op[b]] for b in before if b >= 0), 0)
            if floor[o] > ready and machine_sequences.timing(arrays, q, o)[0] < floor[o]:
                q.floor[o] = floor[o]

    def copied(self) -> _EditedPlan:
        """The same plan, whose sequences change by themselves."""
        other = copy(self)
        other.q = machine_sequences.new_sequences(self.arrays)
        machine_sequences.copy(self.q, other.q)
        return other

    def schedule(self) -> Schedule:
        state: State = new_state(self.arrays)
        machine_sequences.store(self.arrays, self.q, state)
        return to_schedule(self.plant, self.arrays, state)

    def warm_up(self) -> None:
        """Load the compiled code of a move, so that the first one does not wait for it. Changes this copy."""
        free = np.flatnonzero(self.arrays.op_reserved_pair < 0)
        if len(free):
            o, q = int(free[0]), self.q
            relocation.spots(self.arrays, q, o, q.pair[o], int(q.start[o]))
            relocation.move(self.arrays, q, o, q.pair[o], int(q.start[o]), self.prices, np.inf)
        self.schedule()

    def move(self, move: Move) -> None:
        o = self.number.get((move.job, move.sequence))
        if o is None:
            raise IllegalChange(move, "the plan has no such operation")
        operation = self.operations[o]
        self._refuse(move, operation, o)
        pair = self._pair(o, move.machine)
        # Reserved operations count too: what is running stays in front.
        relocation.spots(self.arrays, self.q, o, pair, move.start)
        # The retiming sets this number first of all, so it tells whether the change got as far as that.
        self.q.number[machine_sequences.BEGIN] = -1
        if relocation.move(self.arrays, self.q, o, pair, move.start, self.prices, np.inf):
            return
        if self.q.number[machine_sequences.BEGIN] < 0:
            raise IllegalChange(move, "what stands in front of it there waits for this very operation to be done")
        raise IllegalChange(move, "there is not room enough before an operation that is fixed")

    def _refuse(self, move: Move, operation: Operation, o: int) -> None:
        plant, arrays = self.plant, self.arrays
        if operation.fixed is not None:
            raise IllegalChange(move, "it is fixed: already running, or set by hand in the ERP")
        if arrays.op_reserved_pair[o] >= 0:
            raise IllegalChange(move, "an operation after it in the same job is fixed")
        if move.machine not in plant.eligible_machines(operation):
            known = plant.machine_by_id.get(move.machine)
            raise IllegalChange(move, f"it cannot run on {known.name if known else f'machine {move.machine}'}")
        if move.start < 0:
            raise IllegalChange(move, "that is before the plan begins")
        ready = int(machine_sequences.job_ready(arrays, self.q, o))
        if move.start >= ready:
            return
        first = o == arrays.job_first[arrays.op_job[o]]
        until = stamp(plant.time_of(ready))
        if first:
            raise IllegalChange(move, f"its job is not released before {until}")
        raise IllegalChange(move, f"the operation before it, {self.operations[o - 1].sequence}, ends on {until}")

    def _pair(self, o: int, machine: int) -> int:
        pair = pair_on(self.arrays, o, self.index[machine])
        assert pair is not None  # what is not eligible was refused before
        return pair
