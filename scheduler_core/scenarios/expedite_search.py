"""Where an order's operations can go in a plan's sequences, and what that costs the other orders.

Insertion: every other operation keeps its machine and its place in the sequence and starts no earlier than in the plan; what
stands in the way is pushed to the right. Operation by operation the cheapest insertions for each end are kept (a beam search
over non-dominated partial insertions). Then each plan is annealed with the order's end held, so that others pay less, and
what annealing moved without need goes back to its place in the plan.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain as joined
from typing import TypeVar

import numpy as np

from scheduler_core.causes import order_search
from scheduler_core.causes.order_search import HELD, NOTHING, Cooling
from scheduler_core.causes.trial_plan import TrialPlan
from scheduler_core.engines.config import Progress, no_progress
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule
from scheduler_core.simulator.arrays import NEVER, PlantArrays
from scheduler_core.simulator.costs import WEIGHTED_TARDINESS
from scheduler_core.simulator.sequences import machine_sequences, relocation
from scheduler_core.simulator.sequences.machine_sequences import JOBS, Sequences

WIDTH = 12
"""Partial insertions that are kept for each operation of the order."""
PRICES = np.where(np.arange(len(WEIGHTED_TARDINESS)) == 0, 1.0, 0.0)
"""float64 [6]: a weighted day of tardiness is all that counts."""


@dataclass(frozen=True)
class Candidate:
    """A whole plan: ``end`` of the order (minute), and ``price``: weighted days by which the others exceed what they may."""

    end: int
    price: float
    sequences: Sequences


@dataclass(frozen=True)
class Insertion:
    """One operation of a kept plan (``source``: its number) put on ``pair``, behind all that starts before ``at``."""

    end: int
    price: float
    source: int
    pair: int
    at: int


P = TypeVar("P", Candidate, Insertion)
T = TypeVar("T")


class ExpediteSearch:
    """Plans in which ``job`` is done sooner, from the complete and valid ``plan``.

    ``tolerance``: minutes by which orders that are late in the plan may end later there without paying.
    """

    def __init__(self, plant: Plant, plan: Schedule, job: str, tolerance: int = 0) -> None:
        own = frozenset((job, op.sequence) for op in plant.job_by_id[job].operations)
        self._trial = TrialPlan(plant, plan, frozenset(plan.by_operation.keys() - own))
        arrays = self._trial.arrays
        self.job = int(arrays.op_job[self._trial.index[job, plant.job_by_id[job].operations[0].sequence]])
        ends = self._trial.sequences.end[arrays.job_first[1:] - 1]
        late = np.where(ends > arrays.job_due, ends + tolerance, arrays.job_due)
        self.allowed = np.where(arrays.job_due < NEVER, late, NEVER)
        """[J] Minute by which each order may end without paying; an order without a due date never pays."""
        first, self._last = int(arrays.job_first[self.job]), int(arrays.job_first[self.job + 1]) - 1
        self.steps = [o for o in range(first, self._last + 1) if arrays.op_reserved_pair[o] < 0]
        """Operations of the order that can move."""
        self._arrays = self._priced(NEVER, 0.0)
        self._plan = self._taken_over(self._trial.sequences, self._arrays)

    def _priced(self, due: int, weight: float) -> PlantArrays:
        """The plant in which tardiness is what the others pay, and what the order exceeds ``due`` by."""
        dues, weights = self.allowed.copy(), self._trial.arrays.job_weight.copy()
        dues[self.job], weights[self.job] = due, weight
        return self._trial.arrays._replace(job_due=dues, job_weight=weights)

    # ---------------------------------------------------------------- insertion
    def unchanged(self) -> Candidate:
        """The plan as it is."""
        return self._candidate(self._plan)

    def inserted(self, progress: Progress = no_progress) -> list[Candidate]:
        """Plans of which none is both earlier and cheaper than another, the earliest first; the last one costs nothing."""
        kept = [self.unchanged()]
        for done, o in enumerate(self.steps):
            progress(done / len(self.steps), f"operation {done + 1} of {len(self.steps)}")
            found = list(joined.from_iterable(self._insertions(i, c.sequences, o) for i, c in enumerate(kept)))
            kept = [self._made(kept[i.source].sequences, o, i) for i in thinned(non_dominated(found), WIDTH)]
        return non_dominated([*(self._candidate(c.sequences) for c in kept), self.unchanged()])

    def _insertions(self, source: int, q: Sequences, o: int) -> Iterator[Insertion]:
        """The operation on each of its machines, from the earliest place on until it costs nothing more."""
        a, before = self._arrays, float(q.total[JOBS])
        for pair in order_search.pairs_of(a, o):
            places = [(pair, at) for at in [*order_search.moments(a, q, o, pair), NEVER]]
            found = order_search.tried(a, q, o, places, PRICES, lambda: (int(q.end[o]), float(q.total[JOBS])))
            for _, at, (end, price) in found:
                yield Insertion(end, max(0.0, price), source, pair, at)
                if price <= before + NOTHING:
                    break

    def _made(self, q: Sequences, o: int, insertion: Insertion) -> Candidate:
        made = machine_sequences.new_sequences(self._arrays)
        machine_sequences.copy(q, made)
        fits = order_search.put(self._arrays, made, o, insertion.pair, insertion.at, PRICES)
        assert fits  # it was tried on the same sequences
        return Candidate(insertion.end, insertion.price, made)

    # ---------------------------------------------------------------- less to pay
    def cheaper(self, candidate: Candidate, cooling: Cooling) -> Candidate:
        """The order done as soon, the others paying less or the same."""
        if candidate.price <= NOTHING:
            return candidate
        return self._annealed(candidate, self._priced(candidate.end, HELD), cooling)

    def sooner(self, candidate: Candidate, weight: float, cooling: Cooling) -> Candidate:
        """The order done sooner where that costs the others less than ``weight`` for each of its days."""
        return self._annealed(candidate, self._priced(0, weight), cooling)

    def _annealed(self, candidate: Candidate, arrays: PlantArrays, cooling: Cooling) -> Candidate:
        found = order_search.annealed(arrays, candidate.sequences, PRICES, self.job, cooling)
        q = machine_sequences.new_sequences(arrays)
        machine_sequences.load(arrays, q, *found, PRICES)
        self._put_back(arrays, q)
        return self._candidate(self._taken_over(q, self._arrays))

    def _put_back(self, arrays: PlantArrays, q: Sequences) -> None:
        """Other orders' operations go back to where the plan has them, wherever nothing costs more for it."""
        was = self._plan
        for o in np.argsort(was.start, kind="stable").tolist():
            pair, start = int(was.pair[o]), int(was.start[o])
            here, floor, cost = int(q.pair[o]), int(q.floor[o]), float(q.total[JOBS])
            if arrays.op_job[o] == self.job or q.place[o] < 0 or (here == pair and q.start[o] == start):
                continue
            relocation.spots(arrays, q, o, pair, start)
            fits = relocation.move(arrays, q, o, pair, start, PRICES, math.inf)
            if not fits or q.total[JOBS] > cost + NOTHING:
                relocation.undo(arrays, q, o, here, floor, PRICES)

    # ---------------------------------------------------------------- shared
    def _taken_over(self, q: Sequences, arrays: PlantArrays) -> Sequences:
        made = machine_sequences.new_sequences(arrays)
        machine_sequences.load(arrays, made, q.pair.copy(), q.start.copy(), q.floor.copy(), PRICES)
        return made

    def _candidate(self, q: Sequences) -> Candidate:
        return Candidate(int(q.end[self._last]), max(0.0, float(q.total[JOBS])), q)

    def schedule(self, candidate: Candidate) -> Schedule:
        """The plan as assignments."""
        machine_sequences.copy(candidate.sequences, self._trial.sequences)
        return self._trial.schedule()


def non_dominated(plans: Sequence[P]) -> list[P]:
    """Those that none beats in both end and price, by end; of equal ones the first."""
    found: list[P] = []
    for plan in sorted(plans, key=lambda p: (p.end, p.price)):
        if not found or plan.price < found[-1].price - NOTHING:
            found.append(plan)
    return found


def thinned(plans: Sequence[T], count: int) -> list[T]:
    """At most so many of them (2 at least), evenly spaced, the first and the last among them."""
    if len(plans) <= count:
        return list(plans)
    return [plans[round(i * (len(plans) - 1) / (count - 1))] for i in range(count)]
