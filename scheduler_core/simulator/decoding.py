"""A schedule from a sequence: candidates are dispatched in the order of a rank per operation.

``rank`` [O] orders the operations (smaller first); ``wish`` [O] is the pair that an operation should take if that is legal
when its turn comes (-1: the machine on which it ends first). The ranks and pairs that a simulation itself left behind lead
to the same schedule again, so every schedule of the simulator can be improved by changing them.
"""

from __future__ import annotations

import math

from scheduler_core.simulator import kernel
from scheduler_core.simulator.arrays import CANDIDATES, DONE, State
from scheduler_core.simulator.kernel import compiled

COMPLETE, PAUSED, STOPPED, WORSE = 1, 0, -1, -2


@compiled
def decode(a, s, rank, wish, until, objective, spent, bound):
    """Goes on from the state until ``until`` operations are dispatched; ``spent`` [1] carries what the completed jobs cost.

    Returns COMPLETE, PAUSED at ``until``, STOPPED if the simulation stopped, WORSE once it costs more than ``bound``.
    """
    while True:
        if kernel.advance(a, s) <= 0:
            return COMPLETE if s.clock[DONE] == len(a.op_job) else STOPPED
        if s.clock[DONE] >= until:
            return PAUSED
        j, best = -1, math.inf
        for i in range(s.clock[CANDIDATES]):
            other = s.candidates[i]
            value = rank[s.next_op[other]]
            if value < best or (value == best and other < j):
                j, best = other, value
        o = s.next_op[j]
        if not a.op_all[o] and wish[o] >= 0 and kernel.is_legal(a, s, o, wish[o]):
            pair = wish[o]
        else:
            kernel.earliest_end(a, s, j)
            pair = s.move_pair[j]
        end = kernel.dispatch(a, s, j, pair)
        spent[0] = kernel.spent_after(a, s, j, end, objective, spent[0])
        if spent[0] > bound:
            return WORSE


def copy_state(to: State, source: State) -> None:
    """Copies a whole state."""
    for name in State._fields:
        getattr(to, name)[...] = getattr(source, name)
