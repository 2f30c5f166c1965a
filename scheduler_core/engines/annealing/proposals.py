"""Annealing moves on sequences, compiled: what to move, and where to.

A move takes one operation to another place. Most begin at a job that costs something: its completion is traced back along
what each start waits for (the critical path of that job). An operation that waits there for a machine goes before what it
waits for, or what it waits for goes behind it (Nowicki & Smutnicki 1996 move on blocks of the critical path), or either goes
to another machine (Mastrolilli & Gambardella 2000). The other moves take any operation: somewhere near, next to one of its
setup family, or they let it wait on purpose.
"""

from __future__ import annotations

import numpy as np

from scheduler_core.engines.annealing.chain import BLOCKER, FLOOR, JOB, PAIR, Chain
from scheduler_core.simulator import costs
from scheduler_core.simulator.array_types import Float64
from scheduler_core.simulator.arrays import PlantArrays
from scheduler_core.simulator.compiling import compiled as compiled
from scheduler_core.simulator.legal_moves import held_pairs
from scheduler_core.simulator.sequences import machine_sequences as sq
from scheduler_core.simulator.sequences import relocation
from scheduler_core.simulator.sequences.machine_sequences import Sequences

TRACE = 60
"""Operations that a trace goes back at most."""


@compiled
def propose(arrays: PlantArrays, sequences: Sequences, prices: Float64, chain: Chain) -> int:
    """Draws a move: returns the operation (-1: none). Its pair and floor stand in ``chain``, its places in
    ``sequences.spot``."""
    # Where the makespan is what counts, a move off the critical path costs nothing, and many of them wear the schedule down
    # (ta01 with a million moves: 2 % above the best known instead of 8 %). Where many jobs count, they help.
    traced, own = (0.97, 0.05) if last_job_counts(sequences, prices) else (0.75, 0.25)
    draw = np.random.random()
    if draw < traced:
        j = costly_job(arrays, sequences, prices)
        if j >= 0:
            chain.number[JOB] = j
            o = trace(arrays, sequences, j, chain, draw < own)
            if o >= 0:
                return unblock(arrays, sequences, o, chain.number[BLOCKER], chain)
    o = sequences.order[np.random.randint(sequences.number[sq.MOVABLE])]
    chain.number[JOB] = arrays.op_job[o]
    draw = np.random.random()
    if prices[costs.OVERTIME] > 0.0 and draw < 0.3:
        return _wait(arrays, sequences, o, chain)
    if draw < 0.55 and sequences.setup[o] > 0:
        return _join_family(arrays, sequences, o, chain)
    if draw < 0.8:
        return _elsewhere(arrays, sequences, o, chain)
    return _nearby(arrays, sequences, o, chain)


@compiled
def last_job_counts(sequences: Sequences, prices: Float64) -> bool:
    """Whether the job that ends last costs more than all jobs that are late."""
    makespan: float = prices[costs.MAKESPAN] * sequences.number[sq.END] / 60.0
    jobs: float = sequences.total[sq.JOBS]
    return makespan > jobs


# ---------------------------------------------------------------- which operation
@compiled
def costly_job(arrays: PlantArrays, sequences: Sequences, prices: Float64) -> int:
    """A job drawn by what it costs, or the job that ends last by what the makespan costs; -1 if none costs anything."""
    makespan = prices[costs.MAKESPAN] * sequences.number[sq.END] / 60.0
    draw = np.random.random() * (sequences.total[sq.JOBS] + makespan)
    if draw < makespan:
        for j in range(len(sequences.share)):
            if sequences.end[arrays.job_first[j + 1] - 1] == sequences.number[sq.END]:
                return j
        return -1
    draw -= makespan
    g = 0
    while g + 1 < len(sequences.group) and draw >= sequences.group[g]:
        draw -= sequences.group[g]
        g += 1
    j = g << sq.GROUP_SHIFT
    last = min(len(sequences.share), j + (1 << sq.GROUP_SHIFT)) - 1
    while j < last and draw >= sequences.share[j]:
        draw -= sequences.share[j]
        j += 1
    return j if sequences.share[j] > 0.0 else -1


@compiled
def blocker(arrays: PlantArrays, sequences: Sequences, operation: int) -> int:
    """The pair before the operation on one of its machines that ends last, if it waits for that one and not for its job;
    else -1."""
    ready = max(sq.job_ready(arrays, sequences, operation), sequences.floor[operation])
    found = -1
    for slot in range(*held_pairs(arrays, operation, sequences.pair[operation])):
        b = sequences.before[slot]
        if b >= 0 and sequences.end[arrays.pair_op[b]] > ready:
            ready = sequences.end[arrays.pair_op[b]]
            found = b
    return found


@compiled
def trace(arrays: PlantArrays, sequences: Sequences, job: int, chain: Chain, own: bool) -> int:
    """An operation on the critical path of the job that waits for a machine, each with the same chance; ``own``: only
    operations of the job itself. -1 if there is none."""
    o = arrays.job_first[job + 1] - 1
    found, seen = -1, 0
    for _ in range(TRACE):
        if sequences.place[o] < 0:
            break
        b = blocker(arrays, sequences, o)
        if b >= 0:
            seen += 1
            if np.random.random() * seen < 1.0:
                found = o
                chain.number[BLOCKER] = b
        if b >= 0 and not own:
            o = arrays.pair_op[b]
        elif o > arrays.job_open[arrays.op_job[o]]:
            o -= 1
        else:
            break
    return found


# ---------------------------------------------------------------- where to
@compiled
def _go(chain: Chain, operation: int, pair: int, floor: int) -> int:
    chain.number[PAIR], chain.number[FLOOR] = pair, floor
    return operation


@compiled
def unblock(arrays: PlantArrays, sequences: Sequences, operation: int, blocking: int, chain: Chain) -> int:
    """The operation waits for pair ``blocking`` on a machine: one of the two goes elsewhere, or the operation goes first."""
    draw = np.random.random()
    u = arrays.pair_op[blocking]
    if draw < 0.25:
        return _elsewhere(arrays, sequences, operation, chain)
    if sequences.place[u] < 0:
        return -1
    if draw < 0.4:
        return _elsewhere(arrays, sequences, u, chain)
    if draw < 0.6:
        relocation.spots(arrays, sequences, u, sequences.pair[u], sequences.start[operation] + 1)
        return _go(chain, u, sequences.pair[u], sequences.floor[u])
    # Before what it waits for, or before one of those that this waits for in turn.
    ready = sq.job_ready(arrays, sequences, operation)
    while np.random.random() < 0.5:
        c = sequences.before[blocking]
        if c < 0 or sequences.place[arrays.pair_op[c]] < 0 or sequences.end[arrays.pair_op[c]] <= ready:
            break
        blocking = c
    relocation.spots(arrays, sequences, operation, sequences.pair[operation], sequences.start[arrays.pair_op[blocking]])
    return _go(chain, operation, sequences.pair[operation], sequences.floor[operation])


@compiled
def _elsewhere(arrays: PlantArrays, sequences: Sequences, operation: int, chain: Chain) -> int:
    """The operation goes to another of its machines, between when its job is ready and now."""
    first, last = arrays.op_first[operation], arrays.op_first[operation + 1]
    if arrays.op_all[operation] or last - first == 1:
        return _nearby(arrays, sequences, operation, chain)
    pair = first + np.random.randint(last - first - 1)
    if pair >= sequences.pair[operation]:
        pair += 1
    ready = sq.job_ready(arrays, sequences, operation)
    at = ready
    if np.random.random() < 0.5:
        at = ready + int(np.random.random() * 1.2 * (sequences.start[operation] - ready)) + 1
    relocation.spots(arrays, sequences, operation, pair, at)
    return _go(chain, operation, pair, sequences.floor[operation])


@compiled
def _nearby(arrays: PlantArrays, sequences: Sequences, operation: int, chain: Chain) -> int:
    """The operation goes some places forward or back on its machine."""
    first, last = held_pairs(arrays, operation, sequences.pair[operation])
    slot = first + np.random.randint(last - first) if arrays.op_all[operation] else first
    forward = np.random.random() < 0.5
    at = -1
    b = sequences.before[slot] if forward else sequences.after[slot]
    while b >= 0:
        at = b
        b = sequences.before[b] if forward else sequences.after[b]
        if np.random.random() < 0.5:
            break
    if at < 0:
        return -1
    relocation.spots(
        arrays, sequences, operation, sequences.pair[operation], sequences.start[arrays.pair_op[at]] + (0 if forward else 1)
    )
    return _go(chain, operation, sequences.pair[operation], sequences.floor[operation])


@compiled
def _join_family(arrays: PlantArrays, sequences: Sequences, operation: int, chain: Chain) -> int:
    """The operation goes right behind or before one of its family, on any of its machines."""
    pair = sequences.pair[operation]
    if not arrays.op_all[operation]:
        pair = arrays.op_first[operation] + np.random.randint(arrays.op_first[operation + 1] - arrays.op_first[operation])
    family = arrays.job_family[arrays.op_job[operation]]
    found, seen = -1, 0
    n = sequences.first[arrays.pair_machine[pair]]
    while n >= 0:
        x = arrays.pair_op[n]
        if x != operation and arrays.job_family[arrays.op_job[x]] == family:
            seen += 1
            if np.random.random() * seen < 1.0:
                found = x
        n = sequences.after[n]
    if found < 0:
        return -1
    relocation.spots(arrays, sequences, operation, pair, sequences.start[found] + (1 if np.random.random() < 0.7 else 0))
    return _go(chain, operation, pair, sequences.floor[operation])


@compiled
def _wait(arrays: PlantArrays, sequences: Sequences, operation: int, chain: Chain) -> int:
    """The operation waits until the overtime that it would run into is over, or waits no longer."""
    floor = 0
    if sequences.floor[operation] == 0:
        table = arrays.pair_overtime[sequences.pair[operation]]
        if sequences.overtime[operation] == 0 or table < 0:
            return -1
        floor = costs.overtime_over(arrays, table, sequences.start[operation])
    for slot in range(*held_pairs(arrays, operation, sequences.pair[operation])):
        sequences.spot[slot] = sequences.before[slot]
    return _go(chain, operation, sequences.pair[operation], floor)
