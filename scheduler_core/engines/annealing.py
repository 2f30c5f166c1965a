"""A stretch of an annealing chain, compiled: single moves (moves.py, trying.py), and now and then a machine group dispatched
anew (redispatch.py)."""

from __future__ import annotations

import numpy as np

from scheduler_core.engines.chain import TRIED
from scheduler_core.engines.moves import propose
from scheduler_core.engines.redispatch import try_dispatch
from scheduler_core.engines.trying import try_move
from scheduler_core.simulator.compiling import compiled as compiled

DISPATCHES = 3.0
"""Dispatches in as many moves as there are operations: one goes through all of them, so this keeps its share of the time."""


@compiled
def anneal(a, q, draft, prices, chain, moves, temperature):
    """Tries so many moves at the temperature (in units of cost); ``draft`` is scratch."""
    last = chain.number[TRIED] + moves
    while chain.number[TRIED] < last:
        if np.random.random() * len(q.pair) < DISPATCHES:
            try_dispatch(a, q, draft, prices, chain, temperature)
        else:
            try_move(a, q, prices, chain, propose(a, q, prices, chain), temperature)
