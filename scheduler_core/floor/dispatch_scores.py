"""What a machine should begin next, by prices and the learned part: a score for each candidate and what it is made of.

It works from a plant as a pull from the ERP gives it: what runs is fixed, with the end that is expected. Nothing is
simulated but that the machine becomes free.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from scheduler_core.engines.pricing.bottleneck_dynamics import PricedOperations
from scheduler_core.errors import InvalidValue
from scheduler_core.floor.dispatcher import Weights, learned_for
from scheduler_core.floor.executions import Guide, priced_plant
from scheduler_core.floor.learned_kernel import FEATURES, HORIZON, Learned, learned_value, value_of
from scheduler_core.plant import Plant
from scheduler_core.simulator import kernel
from scheduler_core.simulator.arrays import NOW, READY, PlantArrays, State, new_state, pack
from scheduler_core.simulator.calendar_lookup import first_working
from scheduler_core.simulator.kernel import _arrive as arrive
from scheduler_core.simulator.legal_moves import held_pairs, placement, room_on


@dataclass(frozen=True)
class Score:
    """A candidate for a machine. ``start``, ``end``: expected, in minutes from plan_start; ``setup``: minutes.

    to_come: its predecessor still runs; the machine would wait until ``start``. ``score``: the higher, the sooner; it is the
    sum of ``parts``: "weight" (logarithm of the order's weight), "cost" (less the logarithm of what its minutes cost at the
    prices of its machines), "urgency" (less its slack), "setup" and "learned". ``learned``: what each feature adds
    directly, and "together" what the hidden units add.
    """

    job: str
    sequence: int
    start: int
    end: int
    setup: int
    to_come: bool
    score: float
    parts: Mapping[str, float]
    learned: Mapping[str, float]


def scores(plant: Plant, machine: int, guide: Guide, weights: Weights | None = None) -> tuple[Score, ...]:
    """All candidates of a machine id at the minute from which it is free and works, the best first.

    ``guide``: prices of machine time and how much durations vary; its plan does not count. ``weights``: of the learned
    part (``dispatcher.shipped()``), None: prices alone. A first candidate that is to come means that the machine should
    wait. An operation to come is a candidate only where it has a higher score than the best ready one and comes before
    that one would end. Ready operations that would not end before what is pinned on the machine are none.

    Raises InvalidValue for an unknown machine, and Unschedulable for a plant with an operation that can never run.
    """
    number = next((i for i, m in enumerate(plant.machines) if m.id == machine), None)
    if number is None:
        raise InvalidValue("machine", machine, "is not a machine of the plant")
    arrays = pack(plant)
    state = new_state(arrays)
    kernel.reset(arrays, state)
    free = max(int(state.free_at[number]), 0)
    state.clock[NOW] = first_working(arrays, int(arrays.machine_table[number]), free)
    arrive(arrays, state)
    operations = priced_plant(plant, arrays, guide.prices)
    learned = learned_for(arrays, operations, weights or Weights.prices_alone(), guide.noise.variations(plant))
    return _Scores(plant, arrays, state, operations, learned, number).all()


class _Scores:
    def __init__(
        self,
        plant: Plant,
        arrays: PlantArrays,
        state: State,
        operations: PricedOperations,
        learned: Learned,
        machine: int,
    ) -> None:
        self._plant, self._arrays, self._state = plant, arrays, state
        self._operations, self._learned, self._machine = operations, learned, machine
        self._now = int(state.clock[NOW])
        self._worked = int(kernel.worked_before(arrays, arrays.plant_table, self._now))

    def all(self) -> tuple[Score, ...]:
        """The best first; equal ones in the plant's order."""
        ready = [s for j in self._state.ready_list[: self._state.clock[READY]] if (s := self._ready(int(j))) is not None]
        best = max(ready, key=lambda s: s.score, default=None)
        coming = [s for j in range(len(self._arrays.job_open)) if (s := self._coming(j, best)) is not None]
        place = {job.id: i for i, job in enumerate(self._plant.jobs)}
        return tuple(sorted([*ready, *coming], key=lambda s: (-s.score, place[s.job])))

    def _pair(self, job: int) -> int | None:
        o = self._state.next_op[job]
        for pair in range(self._arrays.op_first[o], self._arrays.op_first[o + 1]):
            if self._arrays.pair_machine[pair] == self._machine:
                return int(self._arrays.op_first[o]) if self._arrays.op_all[o] else pair
        return None

    def _ready(self, job: int) -> Score | None:
        pair = self._pair(job)
        return None if pair is None else self._scored(job, pair, self._now, -1)

    def _coming(self, job: int, best: Score | None) -> Score | None:
        arrays, state = self._arrays, self._state
        o = int(state.next_op[job])
        if o == arrays.job_first[job + 1] or o == arrays.job_first[job] or arrays.op_all[o] or state.ready_place[job] >= 0:
            return None
        arrival, pair = int(state.end[o - 1]), self._pair(job)
        if pair is None or not self._now < arrival <= self._now + HORIZON or (best is not None and arrival >= best.end):
            return None
        found = self._scored(job, pair, arrival, -1 if best is None else best.end)
        return found if found is None or best is None or found.score > best.score else None

    def _scored(self, job: int, pair: int, begin: int, other_end: int) -> Score | None:
        arrays, state, o = self._arrays, self._state, int(self._state.next_op[job])
        start, end, setup = (int(x) for x in placement(arrays, state, o, pair, begin))
        first, last = held_pairs(arrays, o, pair)
        if any(end > room_on(arrays, state, arrays.pair_machine[slot]) for slot in range(first, last)):
            return None
        to_come = begin > self._now
        at = begin if to_come else start
        # The types of the compiled floor's own calls, for which the function is compiled anyway.
        typed: tuple[Any, Any, Any, Any] = np.int32(job), np.int32(pair), np.int64(at), np.int32(setup)
        score = float(value_of(arrays, state, self._operations, self._learned, *typed, other_end, self._worked))
        parts, learned = self._parts(job, o, setup, score)
        sequence = self._plant.jobs[job].operations[o - int(arrays.job_first[job])].sequence
        return Score(self._plant.jobs[job].id, sequence, start, end, setup, to_come, score, parts, learned)

    def _parts(self, job: int, operation: int, setup: int, score: float) -> tuple[dict[str, float], dict[str, float]]:
        """What the last value is made of; its features are still in memory."""
        terms, learned = self._operations.terms, self._learned
        slack = float(self._arrays.job_worked_due[job]) - self._worked - float(self._operations.lead[operation])
        added = float(learned_value(learned))
        parts = {
            "weight": math.log(float(self._arrays.job_weight[job])),
            "urgency": -max(0.0, slack) / float(terms[0]),
            "setup": -setup / float(terms[1]),
            "learned": added,
        }
        parts["cost"] = score - sum(parts.values())
        direct = {name: float(w * x) for name, w, x in zip(FEATURES, learned.direct, learned.features, strict=True)}
        return parts, {**direct, "together": added - sum(direct.values())}
