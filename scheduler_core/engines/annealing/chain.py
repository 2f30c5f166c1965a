"""What a chain of annealing moves keeps beside its sequences."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from scheduler_core.simulator.array_types import Float64, Int32, Int64
from scheduler_core.simulator.arrays import PlantArrays
from scheduler_core.simulator.compiling import compiled, compiled_inline
from scheduler_core.simulator.sequences.machine_sequences import Sequences

TRIED, ACCEPTED, PAIR, FLOOR, BLOCKER, JOB, MOVED, MOST = range(8)
"""Places in ``Chain.number``."""


class Chain(NamedTuple):
    """What a chain of moves keeps beside its sequences: counts, the best schedule so far, and what shall stay."""

    number: Int64  # [8] moves tried, accepted; a proposal's pair, floor, what its trace waits for, job; what has strayed
    # from home, and how much may (-1: nothing has a home)
    cost: Float64  # [2] cost of the schedule in the sequences, and of the best
    pair: Int32  # [O] the best schedule
    start: Int64  # [O]
    floor: Int64  # [O]
    stay: Int32  # [O] what it counts if the operation strays from home; 0: it has none
    home: Int32  # [O] the pair on which it shall stay
    earliest: Int64  # [O] when it shall start there, at the earliest
    latest: Int64  # [O] and at the latest


HERE, BEST = 0, 1
"""Places in ``Chain.cost``."""


def new_chain(arrays: PlantArrays) -> Chain:
    """Room for a chain on the plant; ``keep`` fills it."""
    ops = len(arrays.op_job)

    def i32() -> Int32:
        return np.zeros(ops, np.int32)

    def i64() -> Int64:
        return np.zeros(ops, np.int64)

    chain = Chain(
        number=np.zeros(8, np.int64), cost=np.zeros(2), pair=i32(), start=i64(), floor=i64(),
        stay=i32(), home=i32(), earliest=i64(), latest=i64(),
    )  # fmt: skip
    chain.number[MOST] = -1
    return chain


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
