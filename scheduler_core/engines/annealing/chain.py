"""What a chain of annealing moves keeps beside its sequences."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from scheduler_core.simulator.array_types import Float64, Int32, Int64
from scheduler_core.simulator.arrays import PlantArrays
from scheduler_core.simulator.compiling import compiled, compiled_inline
from scheduler_core.simulator.sequences.machine_sequences import Sequences

TRIED, ACCEPTED, PAIR, FLOOR, BLOCKER, JOB = range(6)
"""Places in ``Chain.number``."""


class Chain(NamedTuple):
    """What a chain of moves keeps beside its sequences: counts, and the best schedule so far."""

    number: Int64  # [6] moves tried, accepted; a proposal's pair, floor, what its trace waits for, job
    cost: Float64  # [2] cost of the schedule in the sequences, and of the best
    pair: Int32  # [O] the best schedule
    start: Int64  # [O]
    floor: Int64  # [O]


HERE, BEST = 0, 1
"""Places in ``Chain.cost``."""


def new_chain(arrays: PlantArrays) -> Chain:
    """Room for a chain on the plant; ``keep`` fills it."""
    ops = len(arrays.op_job)
    return Chain(
        np.zeros(6, np.int64), np.zeros(2), np.zeros(ops, np.int32), np.zeros(ops, np.int64), np.zeros(ops, np.int64)
    )


@compiled_inline
def accept(sequences: Sequences, chain: Chain, cost: float) -> None:
    """Goes on from the schedule in the sequences, which costs that."""
    chain.number[ACCEPTED] += 1
    chain.cost[HERE] = cost
    if cost < chain.cost[BEST] - 1e-9:
        keep(sequences, chain)


@compiled
def keep(sequences: Sequences, chain: Chain) -> None:
    """Makes the schedule in the sequences the best of the chain."""
    chain.cost[BEST] = chain.cost[HERE]
    for o in range(len(sequences.pair)):
        chain.pair[o], chain.start[o], chain.floor[o] = sequences.pair[o], sequences.start[o], sequences.floor[o]
