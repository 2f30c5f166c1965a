"""A stretch of an annealing chain, compiled: single moves (proposals.py, acceptance.py), and now and then a machine group
dispatched anew (group_redispatch.py)."""

from __future__ import annotations

import numpy as np

from scheduler_core.engines.annealing.acceptance import try_move
from scheduler_core.engines.annealing.chain import TRIED, Chain
from scheduler_core.engines.annealing.group_redispatch import try_dispatch
from scheduler_core.engines.annealing.machine_group import Draft
from scheduler_core.engines.annealing.proposals import last_job_counts, propose
from scheduler_core.simulator.array_types import Float64
from scheduler_core.simulator.arrays import PlantArrays
from scheduler_core.simulator.compiling import compiled as compiled
from scheduler_core.simulator.sequences.machine_sequences import Sequences

DISPATCHES = 0.03
"""Share of the tries that dispatch a group, where an estimate of what that costs the jobs tells most of them beforehand."""
DISPATCHES_UNTOLD = 3.0
"""The same where the jobs do not count, in as many tries as there are operations: one that is made goes through all of them,
so this keeps its share of the time."""


@compiled
def anneal(
    arrays: PlantArrays, sequences: Sequences, draft: Draft, prices: Float64, chain: Chain, moves: int, temperature: float
) -> None:
    """Tries so many moves at the temperature (in units of cost); ``draft`` is scratch."""
    last = chain.number[TRIED] + moves
    share = DISPATCHES
    if last_job_counts(sequences, prices):
        share = min(share, DISPATCHES_UNTOLD / len(sequences.pair))
    while chain.number[TRIED] < last:
        if np.random.random() < share:
            try_dispatch(arrays, sequences, draft, prices, chain, temperature)
        else:
            try_move(arrays, sequences, prices, chain, propose(arrays, sequences, prices, chain), temperature)
