"""What a chain of annealing moves keeps beside its sequences."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scheduler_core.simulator.arrays import PlantArrays
from scheduler_core.simulator.compiling import compiled, compiled_inline

TRIED, ACCEPTED, PAIR, FLOOR, BLOCKER, JOB = range(6)
"""Places in ``Chain.number``."""


class Chain(NamedTuple):
    """What a chain of moves keeps beside its sequences: counts, and the best schedule so far."""

    number: npt.NDArray[np.int64]  # [6] moves tried, accepted; a proposal's pair, floor, what its trace waits for, job
    cost: npt.NDArray[np.float64]  # [2] cost of the schedule in the sequences, and of the best
    pair: npt.NDArray[np.int32]  # [O] the best schedule
    start: npt.NDArray[np.int64]  # [O]
    floor: npt.NDArray[np.int64]  # [O]


HERE, BEST = 0, 1
"""Places in ``Chain.cost``."""


def new_chain(arrays: PlantArrays) -> Chain:
    """Room for a chain on the plant; ``keep`` fills it."""
    ops = len(arrays.op_job)
    return Chain(
        np.zeros(6, np.int64), np.zeros(2), np.zeros(ops, np.int32), np.zeros(ops, np.int64), np.zeros(ops, np.int64)
    )


@compiled_inline
def accept(q, chain, cost):
    """Goes on from the schedule in the sequences, which costs that."""
    chain.number[ACCEPTED] += 1
    chain.cost[HERE] = cost
    if cost < chain.cost[BEST] - 1e-9:
        keep(q, chain)


@compiled
def keep(q, chain):
    """Makes the schedule in the sequences the best of the chain."""
    chain.cost[BEST] = chain.cost[HERE]
    for o in range(len(q.pair)):
        chain.pair[o], chain.start[o], chain.floor[o] = q.pair[o], q.start[o], q.floor[o]
