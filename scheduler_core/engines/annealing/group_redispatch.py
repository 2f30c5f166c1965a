"""Putting an operation forward and dispatching its machine group anew, compiled.

A single move that puts an operation forward pushes everything behind it on that machine aside by the whole of its duration,
although the group's other machines could share the burden; and an operation that needs several machines at once pushes aside
what stands on all of them. So here the operation goes forward, what the group does from there to its old place is assigned
again in order of starts, each to the machine on which it ends first, and behind that the machines' sequences are kept whole
but taken over by the machines that are free in the same order as before (parallel machines as one list: Graham 1969, Bounds
on multiprocessing timing anomalies).
"""

from __future__ import annotations

import math

import numpy as np

from scheduler_core.engines.annealing import machine_group as group
from scheduler_core.engines.annealing.acceptance import PATIENCE, acceptance_threshold, gain_beside
from scheduler_core.engines.annealing.chain import HERE, JOB, MOST, MOVED, TRIED, Chain, accept
from scheduler_core.engines.annealing.machine_group import Draft
from scheduler_core.engines.annealing.proposals import costly_job, trace
from scheduler_core.engines.annealing.redispatch_estimates import dispatch_estimate
from scheduler_core.engines.annealing.staying import strayed
from scheduler_core.simulator import costs
from scheduler_core.simulator.array_types import Float64
from scheduler_core.simulator.arrays import PlantArrays
from scheduler_core.simulator.compiling import compiled as compiled
from scheduler_core.simulator.legal_moves import held_pairs
from scheduler_core.simulator.sequences import machine_sequences as sq
from scheduler_core.simulator.sequences.machine_sequences import Sequences

OWN = 0.4
"""Share of the tries that put forward an operation of the costly job itself, instead of any on its critical path."""
AT_ONCE = 0.2
"""Chance that it is put where its job is ready for it; else anywhere between there and its place."""


@compiled
def try_dispatch(
    arrays: PlantArrays, sequences: Sequences, draft: Draft, prices: Float64, chain: Chain, temperature: float
) -> None:
    """Puts an operation forward that a costly job waits for, and keeps that with the chance that the temperature (in units
    of cost) gives it."""
    chain.number[TRIED] += 1
    j = costly_job(arrays, sequences, prices)
    if j < 0:
        return
    o = trace(arrays, sequences, j, chain, np.random.random() < OWN)
    if o < 0:
        return
    at = max(sq.job_ready(arrays, sequences, o), sequences.floor[o])
    if np.random.random() > AT_ONCE:
        at += int(np.random.random() * (sequences.start[o] - at))
    if at >= sequences.start[o]:
        return
    cost = chain.cost[HERE]
    threshold = acceptance_threshold(cost, temperature)
    chain.number[JOB] = j
    dearest = threshold - cost + PATIENCE * temperature + gain_beside(arrays, sequences, prices, o, chain)
    if (
        dispatch_estimate(arrays, sequences, draft, prices, o, at) > dearest
        or dispatch(arrays, sequences, draft, prices, o, at) > dearest
    ):
        return
    sq.copy(sequences, draft.kept)
    for x in range(len(sequences.pair)):
        if sequences.start[x] >= at:
            sequences.pair[x] = draft.pair[x]
    sq.rebuild(arrays, sequences, draft.order)
    new = math.inf
    if sq.time_all(arrays, sequences, prices):
        new = sq.total_cost(arrays, sequences, prices)
    moved = 0
    if new <= threshold and chain.number[MOST] >= 0:
        moved = strayed(arrays, sequences, chain)
        if moved > chain.number[MOST]:
            new = math.inf
    if new > threshold:
        sq.copy(draft.kept, sequences)
        return
    chain.number[MOVED] = moved
    accept(sequences, chain, new)


@compiled
def dispatch(arrays: PlantArrays, sequences: Sequences, draft: Draft, prices: Float64, operation: int, at: int) -> float:
    """By how much the jobs cost more once the operation is put forward to minute ``at``, when its job is ready for it. What
    starts from there on goes to ``draft.pair``. ``draft.order`` becomes an order in which all operations can be placed."""
    begin = _put_forward(sequences, draft, operation, at)
    group.form_group(arrays, draft, operation)
    for m in range(len(draft.free)):
        group.free_machine(arrays, sequences, draft, m, at)
    behind, more = False, 0.0
    for i in range(begin, len(draft.order)):
        x = draft.order[i]
        pair, ready = sequences.pair[x], _ready(arrays, sequences, draft, x, at)
        if sequences.place[x] >= 0 and not arrays.op_all[x] and draft.heir[arrays.pair_machine[pair]] >= 0:
            if x == operation or sequences.start[x] < sequences.start[operation]:
                pair = group.first_to_end(arrays, sequences, draft, x, ready)
            else:
                if not behind:
                    behind = True
                    group.name_heirs(arrays, draft, operation)
                pair = group.pair_on(arrays, x, draft.heir[arrays.pair_machine[pair]], pair)
        draft.pair[x] = pair
        group.place(arrays, sequences, draft, x, pair, ready)
        if x != operation:
            for slot in range(*held_pairs(arrays, x, sequences.pair[x])):
                draft.was_free[arrays.pair_machine[slot]] = sequences.end[x]
        j = arrays.op_job[x]
        if x + 1 == arrays.job_first[j + 1] and draft.end[x] != sequences.end[x]:
            more += costs.job_cost(arrays, prices, j, draft.end[x]) - sequences.share[j]
    return more


@compiled
def _put_forward(sequences: Sequences, draft: Draft, operation: int, at: int) -> int:
    """Sorts ``draft.order`` by starts, the operation before all that starts from minute ``at`` on; returns its place
    there."""
    for i in range(1, len(draft.order)):
        x = draft.order[i]
        k = i - 1
        while k >= 0 and sequences.start[draft.order[k]] > sequences.start[x]:
            draft.order[k + 1] = draft.order[k]
            k -= 1
        draft.order[k + 1] = x
    low, high = 0, len(draft.order)
    while low < high:
        middle = (low + high) // 2
        if sequences.start[draft.order[middle]] < at:
            low = middle + 1
        else:
            high = middle
    before = operation
    for i in range(low, len(draft.order)):
        x = draft.order[i]
        draft.order[i] = before
        if x == operation:
            break
        before = x
    return low


@compiled
def _ready(arrays: PlantArrays, sequences: Sequences, draft: Draft, operation: int, at: int) -> int:
    """Minute from which the operation's job allows it to start, if what starts before minute ``at`` stands as it did."""
    j = arrays.op_job[operation]
    if operation == arrays.job_open[j]:
        ready: int = arrays.job_ready[j]
    elif sequences.start[operation - 1] < at:
        ready = sequences.end[operation - 1]
    else:
        ready = draft.end[operation - 1]
    floor: int = sequences.floor[operation]
    return max(ready, floor)
