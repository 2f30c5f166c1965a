"""Operations that shall stay where the floor has been told, compiled: how many have strayed, and how many more a move would
make stray. A search that may let so many stray refuses every move beyond: nothing has to be put back afterwards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scheduler_core.engines.annealing.chain import FLOOR, MOST, MOVED, PAIR, Chain
from scheduler_core.simulator.array_types import Int32, Int64
from scheduler_core.simulator.arrays import PlantArrays
from scheduler_core.simulator.compiling import compiled, compiled_inline
from scheduler_core.simulator.sequences.machine_sequences import LOGGED, Sequences


@dataclass(frozen=True)
class Homes:
    """Where operations shall stay, [O] each: what one counts that does not (0: it has no home), its pair, and between which
    minutes it shall start. ``most``: how much may stray in all."""

    stay: Int32
    home: Int32
    earliest: Int64
    latest: Int64
    most: int

    @property
    def floor(self) -> Int64:
        """Minutes before which an operation at home does not start: 0 without a home."""
        return np.where(self.stay > 0, np.maximum(0, self.earliest), 0)

    def tell(self, chain: Chain) -> None:
        """Makes them those of the chain."""
        chain.stay[:], chain.home[:] = self.stay, self.home
        chain.earliest[:], chain.latest[:] = self.earliest, self.latest
        chain.number[MOST] = self.most


@compiled_inline
def strays(arrays: PlantArrays, chain: Chain, operation: int, pair: int, start: int) -> int:
    """What it counts if the operation starts then on the pair: 0 at home or without a home."""
    counts: int = chain.stay[operation]
    same = arrays.op_all[operation] or pair == chain.home[operation]
    if counts > 0 and same and chain.earliest[operation] <= start <= chain.latest[operation]:
        counts = 0
    return counts


@compiled
def strayed(arrays: PlantArrays, sequences: Sequences, chain: Chain) -> int:
    """What all operations count that are not at home."""
    count = 0
    for o in range(len(sequences.pair)):
        count += strays(arrays, chain, o, sequences.pair[o], sequences.start[o])
    return count


@compiled
def strayed_after_move(arrays: PlantArrays, sequences: Sequences, chain: Chain, operation: int, pair: int) -> int:
    """What all count after a change of place (relocation.py) of the operation, which stood on ``pair`` before."""
    count: int = chain.number[MOVED]
    logged = False
    for i in range(sequences.number[LOGGED]):
        x = sequences.log_op[i]
        if chain.stay[x] > 0:
            was = pair if x == operation else sequences.pair[x]
            count -= strays(arrays, chain, x, was, sequences.log_start[i])
            count += strays(arrays, chain, x, sequences.pair[x], sequences.start[x])
            logged = logged or x == operation
    if not logged:
        start = sequences.start[operation]
        count -= strays(arrays, chain, operation, pair, start)
        count += strays(arrays, chain, operation, sequences.pair[operation], start)
    return count


@compiled_inline
def may_leave(arrays: PlantArrays, sequences: Sequences, chain: Chain, operation: int) -> bool:
    """Whether the proposed move may be made as far as the operation itself is concerned; if it may leave its home, its floor
    is chosen."""
    counts: int = chain.stay[operation]
    if counts == 0:
        return True
    here = strays(arrays, chain, operation, sequences.pair[operation], sequences.start[operation])
    if chain.number[MOVED] - here + counts <= chain.number[MOST]:
        # Half of the moves let it start as early as it can, the others leave a way back.
        if np.random.random() < 0.5:
            chain.number[FLOOR] = 0
        else:
            chain.number[FLOOR] = max(0, chain.earliest[operation])
        return True
    return bool(arrays.op_all[operation]) or chain.number[PAIR] == chain.home[operation]
