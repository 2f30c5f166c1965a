"""Where the floor stands at a moment: what has begun by then if the plan was followed, and what each machine may begin.

Compiled functions get numbers of the types that compiled code calls them with, so that no further variant is compiled.

Since the plan's start the plan counts as followed, each operation no earlier than planned, except for what is said to be
finished. Pinned operations are taken out of the floor and come back as limits, because a floor is played without pins.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import cast

import numpy as np

from scheduler_core.engines.pricing.price_memory import RememberedPrices
from scheduler_core.errors import InvalidValue
from scheduler_core.floor.events import Stream
from scheduler_core.floor.executions import Guide, keep_starts
from scheduler_core.floor.floor_arrays import FloorArrays, Key, Views, gone_at, views_of
from scheduler_core.floor.floor_kernel import Begun, Truth, resume
from scheduler_core.floor.live_scores import SCORES, Score, live_rule
from scheduler_core.floor.noise import DurationNoise, NoisyDurations
from scheduler_core.plant import Fixed, Operation, Plant
from scheduler_core.schedule import Assignment, Schedule
from scheduler_core.simulator.array_types import Int32
from scheduler_core.simulator.arrays import CANDIDATES, NEVER, NOW
from scheduler_core.simulator.calendar_lookup import first_working
from scheduler_core.simulator.kernel import _arrive as arrive
from scheduler_core.simulator.kernel import _new_candidates as new_candidates
from scheduler_core.simulator.kernel import earliest_end, placement


@dataclass(frozen=True)
class Move:
    """What the live rule would begin: a job (index) on the machines (indices), expected to end at ``end``."""

    job: int
    pair: int
    machines: tuple[int, ...]
    score: float
    start: int
    end: int
    setup: int


class FloorNow:
    """A plant and a plan in its minutes, at minute ``now``; ``finished``: operations that are finished by now, and with each
    those that it had to follow. Immutable: any number of threads may ask it.

    Raises InvalidValue for a plan that the floor cannot follow, for an unknown operation in ``finished`` and for a moment
    before the plant's plan_start.
    """

    def __init__(
        self, plant: Plant, plan: Schedule, now: int, prices: RememberedPrices = (), finished: Collection[Key] = ()
    ) -> None:
        if now < 0:
            raise InvalidValue("now", str(plant.time_of(now)), f"is before the plan's start, {plant.time_of(0)}")
        self.plant, self.plan, self.now = plant, plan, now
        self.rule = live_rule(prices)
        self.floor = FloorArrays(Stream(_without_pins(plant)))
        self.pins = {key: op.fixed for key, op in _operations(plant) if op.fixed is not None and op.fixed.start > 0}
        self._guide = Guide(plan, prices)
        self._truth = _as_expected(self.floor)
        self.begun = self.floor.nothing_begun()
        self._follow(self.begun, 0, now)
        self._end_fixed()
        self._finish(finished)

    def _follow(self, begun: Begun, now: int, until: int) -> None:
        keep_starts(self.floor, self._truth, self._guide, begun, now, until)

    def _end_fixed(self) -> None:
        """What is fixed and over by now has ended there: a report may say that it was sooner than expected."""
        for key, fixed in self.pins.items():
            operation = self.floor.operation[key]
            if fixed.end <= self.now and self.begun.pair[operation] >= 0 and self.begun.end[operation] > fixed.end:
                self.begun.end[operation] = self.begun.expected[operation] = fixed.end

    def _finish(self, finished: Collection[Key]) -> None:
        for key in finished:
            last = self.floor.operation.get(key)
            if last is None:
                raise InvalidValue("finished", f"{key[0]}:{key[1]}", "is no open operation of the plant")
            for o in range(int(self.floor.known.job_first[self.floor.known.op_job[last]]), last + 1):
                self._end_now(o)

    def _end_now(self, operation: int) -> None:
        begun, key = self.begun, self.floor.keys[operation]
        if begun.pair[operation] < 0:
            place = self.plan.by_operation.get(key)
            known = self.floor.known
            begun.pair[operation] = known.op_first[operation] if place is None else self.floor.pair(operation, place)
            begun.start[operation] = begun.end[operation] = begun.expected[operation] = self.now
        elif begun.end[operation] > self.now:
            begun.end[operation] = begun.expected[operation] = self.now

    @cached_property
    def expected(self) -> Schedule:
        """All of the plan as it is to be expected from now on: no operation before its planned start."""
        begun = _copied(self.begun)
        self._follow(begun, self.now, NEVER)
        return self.floor.schedule(begun)

    def running(self, machine: int) -> Assignment | None:
        """What machine ``machine`` (id) is busy with now, with its expected end."""
        there = self.floor.schedule(self.begun).by_machine.get(machine, ())
        return next((a for a in there if a.start <= self.now < a.end), None)

    def opens(self, machine: int, minute: int) -> int:
        """The first working minute of a machine (index) at or after ``minute``."""
        arrays = self.floor.clock
        return int(first_working(arrays, arrays.machine_table[machine], _minute(minute)))

    def at(self, moment: int) -> Decision:
        """The decision at ``moment``, now or later; until then the plan counts as followed."""
        begun = _copied(self.begun)
        if moment > self.now:
            self._follow(begun, self.now, moment)
        score = SCORES[self.rule](self.floor, self._guide, begun)
        return Decision(self.floor, self._truth, begun, moment, score, self.floor.planned(self.plan, begun)[1])


class Decision:
    """The live rule's decisions at one moment, in a memory of its own. ``planned`` [O]: the plan's pairs, -1 without one."""

    def __init__(self, floor: FloorArrays, truth: Truth, begun: Begun, moment: int, score: Score, planned: Int32) -> None:
        self.floor, self.begun, self.moment = floor, begun, moment
        self.views: Views = views_of(floor.known, floor.clock)
        self._score, self._planned = score, planned
        views = self.views
        resume(views.clock, truth, views.state, views.seen, begun, gone_at(floor, moment), moment)
        views.seen.clock[NOW] = moment
        arrive(views.clock, views.state)
        views.seen.clock[CANDIDATES] = new_candidates(views.clock, views.seen)

    def score_of(self, job: int) -> float:
        """The score of the job's next operation on the move that the memory holds for it."""
        return self._score(self.views.seen, _index(job))

    def moves(self, machine: int) -> Iterator[Move]:
        """What the rule begins at this moment, in its order: elsewhere the machines of each are taken, while ``machine``
        (index) stays free, so that what comes next there is what the rule would take without those before."""
        seen, known = self.views.seen, self.views.known
        left = {int(j) for j in seen.candidates[: seen.clock[CANDIDATES]]}
        scores: dict[int, float] = {}
        while True:
            for j in sorted(left):
                if earliest_end(known, seen, _index(j)) or j not in scores:
                    scores[j] = self.score_of(j)
            left = {j for j in left if seen.move_end[j] < NEVER}
            if not left:
                return
            best = min(left, key=lambda j: (-scores[j], int(seen.move_end[j]), j))
            left.remove(best)
            move = self._move(best, self._pair(best), scores[best])
            if machine not in move.machines:
                for m in move.machines:
                    seen.is_open[m], seen.free_at[m] = False, move.end
                new = new_candidates(self.views.clock, seen)
                left &= {int(j) for j in seen.candidates[:new]}
            yield move

    def _pair(self, job: int) -> int:
        """The pair of the job's best move; of several machines on which it would end at the same time the planned one."""
        seen, known = self.views.seen, self.views.known
        o, best = int(seen.next_op[job]), int(seen.move_pair[job])
        planned = int(self._planned[o])
        if planned < 0 or known.op_all[o] or not seen.is_open[known.pair_machine[planned]]:
            return best
        end = self.place(o, planned)[1]
        return planned if end == int(seen.move_end[job]) else best

    def place(self, operation: int, pair: int) -> tuple[int, int, int]:
        """(start, end, setup) of an operation as expected if it began on a pair at the moment."""
        seen, moment = self.views.seen, _minute(self.moment)
        found = placement(self.views.known, seen, _index(operation), _index(pair), moment)
        return int(found[0]), int(found[1]), int(found[2])

    def _move(self, job: int, pair: int, score: float) -> Move:
        known = self.views.known
        o = int(self.views.seen.next_op[job])
        first, last = (int(known.op_first[o]), int(known.op_first[o + 1])) if known.op_all[o] else (pair, pair + 1)
        machines = tuple(int(m) for m in known.pair_machine[first:last])
        return Move(job, pair, machines, score, *self.place(o, pair))


def _index(value: int) -> int:
    """An index as compiled code passes it."""
    return cast(int, np.int32(value))


def _minute(value: int) -> int:
    """A minute as compiled code passes it."""
    return cast(int, np.int64(value))


def _copied(begun: Begun) -> Begun:
    return Begun(begun.pair.copy(), begun.start.copy(), begun.end.copy(), begun.setup.copy(), begun.expected.copy())


def _as_expected(floor: FloorArrays) -> Truth:
    durations = NoisyDurations(floor.plant, floor.known, DurationNoise(0.0))
    return durations.truth(0, floor.job_ready, floor.job_gone)


def _operations(plant: Plant) -> Iterator[tuple[Key, Operation]]:
    for job in plant.jobs:
        for op in job.operations:
            yield (job.id, op.sequence), op


def _without_pins(plant: Plant) -> Plant:
    """The plant with its pinned operations free; what runs at plan_start stays."""

    def free(fixed: Fixed | None) -> Fixed | None:
        return None if fixed is not None and fixed.start > 0 else fixed

    jobs = (replace(job, operations=tuple(replace(op, fixed=free(op.fixed)) for op in job.operations)) for job in plant.jobs)
    return replace(plant, jobs=tuple(jobs))
