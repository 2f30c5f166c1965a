"""One search for a better place of one order in a plan, for all who look for one: the places at which an operation can be
tried, and annealing with the order's end held, so that the others lose less.

Who calls it decides what counts as a price (``prices`` and the plant's due dates and weights) and which places are kept.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from scheduler_core.engines.annealing.annealing_loop import anneal
from scheduler_core.engines.annealing.chain import HERE, keep, new_chain
from scheduler_core.engines.annealing.machine_group import new_draft
from scheduler_core.engines.rules import seed_random
from scheduler_core.simulator.arrays import PlantArrays
from scheduler_core.simulator.legal_moves import held_pairs
from scheduler_core.simulator.sequences import machine_sequences, relocation
from scheduler_core.simulator.sequences.machine_sequences import Sequences

HELD = 1000.0
"""Weight of the order while others are to lose less: a minute later than promised never pays."""
STEPS = 30
"""Temperatures of one annealing."""
NOTHING = 1e-9
"""Weighted days that count as none."""

Prices = npt.NDArray[np.float64]
T = TypeVar("T")


@dataclass(frozen=True)
class Cooling:
    """Annealing of ``moves`` moves, from temperature ``hot`` to ``cold`` (weighted days)."""

    moves: int
    hot: float
    cold: float


# ---------------------------------------------------------------- places
def pairs_of(arrays: PlantArrays, operation: int) -> range:
    """The pairs on which the operation may run; one that holds several machines at once has one choice."""
    first = int(arrays.op_first[operation])
    return range(first, first + 1) if arrays.op_all[operation] else range(first, int(arrays.op_first[operation + 1]))


def moments(arrays: PlantArrays, sequences: Sequences, operation: int, pair: int) -> list[int]:
    """Starts, in order, of what ends on the machines of the pair after the operation's order allows it to begin."""
    ready, found = int(machine_sequences.job_ready(arrays, sequences, operation)), set[int]()
    for slot in range(*held_pairs(arrays, operation, pair)):
        before = int(sequences.last[arrays.pair_machine[slot]])
        while before >= 0 and sequences.end[arrays.pair_op[before]] > ready:
            if arrays.pair_op[before] != operation:
                found.add(int(sequences.start[arrays.pair_op[before]]))
            before = int(sequences.before[before])
    return sorted(found)


def put(arrays: PlantArrays, sequences: Sequences, operation: int, pair: int, at: int, prices: Prices) -> bool:
    """Put the operation on the pair behind all that starts before minute ``at``; what is in the way goes to the right.

    False, and to be taken back with ``relocation.undo``, where that gives no plan."""
    relocation.spots(arrays, sequences, operation, pair, at)
    return bool(relocation.move(arrays, sequences, operation, pair, 0, prices, math.inf))


def tried(
    arrays: PlantArrays,
    sequences: Sequences,
    operation: int,
    places: Iterable[tuple[int, int]],
    prices: Prices,
    read: Callable[[], T],
) -> Iterator[tuple[int, int, T]]:
    """Of the places (pair, minute) those that give a plan, each with what ``read`` says while the operation is there; it is
    back where it was before they are told."""
    here, floor = int(sequences.pair[operation]), int(sequences.floor[operation])
    for pair, at in places:
        fits = put(arrays, sequences, operation, pair, at, prices)
        said = read()
        relocation.undo(arrays, sequences, operation, here, floor, prices)
        if fits:
            yield pair, at, said


# ---------------------------------------------------------------- the others
def annealed(
    arrays: PlantArrays, plan: Sequences, prices: Prices, seed: int, cooling: Cooling
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The best that annealing finds from the plan on: pair, start and floor of every operation. The order is held by the due
    date and weight that it has in ``arrays``."""
    q, chain, draft = machine_sequences.new_sequences(arrays), new_chain(arrays), new_draft(arrays)
    machine_sequences.load(arrays, q, plan.pair.copy(), plan.start.copy(), plan.floor.copy(), prices)
    chain.cost[HERE] = machine_sequences.total_cost(arrays, q, prices)
    keep(q, chain)
    draft.order[:] = np.argsort(q.start, kind="stable")
    seed_random(seed)
    for step in range(STEPS):
        temperature = cooling.hot * (cooling.cold / cooling.hot) ** (step / (STEPS - 1))
        anneal(arrays, q, draft, prices, chain, max(1, cooling.moves // STEPS), temperature)
    return chain.pair.copy(), chain.start.copy(), chain.floor.copy()
