"""Annealing moves on sequences, compiled: what to move, and where to.

A move takes one operation to another place. Most begin at a job that costs something: its completion is traced back along
what each start waits for (the critical path of that job). An operation that waits there for a machine goes before what it
waits for, or what it waits for goes behind it (Nowicki & Smutnicki 1996 move on blocks of the critical path), or either goes
to another machine (Mastrolilli & Gambardella 2000). The other moves take any operation: somewhere near, next to one of its
setup family, or they let it wait on purpose.
"""

from __future__ import annotations

import numpy as np

from scheduler_core.engines.annealing.chain import BLOCKER, FLOOR, JOB, PAIR
from scheduler_core.simulator import costs
from scheduler_core.simulator.compiling import compiled as compiled
from scheduler_core.simulator.legal_moves import held_pairs
from scheduler_core.simulator.sequences import machine_sequences as sq
from scheduler_core.simulator.sequences import relocation

TRACE = 60
"""Operations that a trace goes back at most."""


@compiled
def propose(a, q, prices, chain):
    """Draws a move: returns the operation (-1: none), with its pair and floor in ``chain`` and its places in ``q.spot``."""
    # Where the makespan is what counts, a move off the critical path costs nothing, and many of them wear the schedule down
    # (ta01 with a million moves: 2 % above the best known instead of 8 %). Where many jobs count, they help.
    traced, own = (0.97, 0.05) if last_job_counts(q, prices) else (0.75, 0.25)
    draw = np.random.random()
    if draw < traced:
        j = costly_job(a, q, prices)
        if j >= 0:
            chain.number[JOB] = j
            o = trace(a, q, j, chain, draw < own)
            if o >= 0:
                return unblock(a, q, o, chain.number[BLOCKER], chain)
    o = q.order[np.random.randint(q.number[sq.MOVABLE])]
    chain.number[JOB] = a.op_job[o]
    draw = np.random.random()
    if prices[costs.OVERTIME] > 0.0 and draw < 0.3:
        return _wait(a, q, o, chain)
    if draw < 0.55 and q.setup[o] > 0:
        return _join_family(a, q, o, chain)
    if draw < 0.8:
        return _elsewhere(a, q, o, chain)
    return _nearby(a, q, o, chain)


@compiled
def last_job_counts(q, prices):
    """Whether the job that ends last costs more than all jobs that are late."""
    return prices[costs.MAKESPAN] * q.number[sq.END] / 60.0 > q.total[sq.JOBS]


# ---------------------------------------------------------------- which operation
@compiled
def costly_job(a, q, prices):
    """A job drawn by what it costs, or the job that ends last by what the makespan costs; -1 if none costs anything."""
    makespan = prices[costs.MAKESPAN] * q.number[sq.END] / 60.0
    draw = np.random.random() * (q.total[sq.JOBS] + makespan)
    if draw < makespan:
        for j in range(len(q.share)):
            if q.end[a.job_first[j + 1] - 1] == q.number[sq.END]:
                return j
        return -1
    draw -= makespan
    g = 0
    while g + 1 < len(q.group) and draw >= q.group[g]:
        draw -= q.group[g]
        g += 1
    j = g << sq.GROUP_SHIFT
    last = min(len(q.share), j + (1 << sq.GROUP_SHIFT)) - 1
    while j < last and draw >= q.share[j]:
        draw -= q.share[j]
        j += 1
    return j if q.share[j] > 0.0 else -1


@compiled
def blocker(a, q, o):
    """The pair before o on one of its machines that ends last, if o waits for it and not for its job; else -1."""
    ready = max(sq.job_ready(a, q, o), q.floor[o])
    found = -1
    for slot in range(*held_pairs(a, o, q.pair[o])):
        b = q.before[slot]
        if b >= 0 and q.end[a.pair_op[b]] > ready:
            ready = q.end[a.pair_op[b]]
            found = b
    return found


@compiled
def trace(a, q, j, chain, own):
    """An operation on the critical path of job j that waits for a machine, each with the same chance; ``own``: only
    operations of j itself. -1 if there is none."""
    o = a.job_first[j + 1] - 1
    found, seen = -1, 0
    for _ in range(TRACE):
        if q.place[o] < 0:
            break
        b = blocker(a, q, o)
        if b >= 0:
            seen += 1
            if np.random.random() * seen < 1.0:
                found = o
                chain.number[BLOCKER] = b
        if b >= 0 and not own:
            o = a.pair_op[b]
        elif o > a.job_open[a.op_job[o]]:
            o -= 1
        else:
            break
    return found


# ---------------------------------------------------------------- where to
@compiled
def _go(chain, o, pair, floor):
    chain.number[PAIR], chain.number[FLOOR] = pair, floor
    return o


@compiled
def unblock(a, q, o, b, chain):
    """Operation o waits for pair b on a machine: one of the two goes elsewhere, or o goes first."""
    draw = np.random.random()
    u = a.pair_op[b]
    if draw < 0.25:
        return _elsewhere(a, q, o, chain)
    if q.place[u] < 0:
        return -1
    if draw < 0.4:
        return _elsewhere(a, q, u, chain)
    if draw < 0.6:
        relocation.spots(a, q, u, q.pair[u], q.start[o] + 1)
        return _go(chain, u, q.pair[u], q.floor[u])
    # Before b, or before one of those that b waits for in turn.
    ready = sq.job_ready(a, q, o)
    while np.random.random() < 0.5:
        c = q.before[b]
        if c < 0 or q.place[a.pair_op[c]] < 0 or q.end[a.pair_op[c]] <= ready:
            break
        b = c
    relocation.spots(a, q, o, q.pair[o], q.start[a.pair_op[b]])
    return _go(chain, o, q.pair[o], q.floor[o])


@compiled
def _elsewhere(a, q, o, chain):
    """Operation o goes to another of its machines, between when its job is ready and now."""
    first, last = a.op_first[o], a.op_first[o + 1]
    if a.op_all[o] or last - first == 1:
        return _nearby(a, q, o, chain)
    pair = first + np.random.randint(last - first - 1)
    if pair >= q.pair[o]:
        pair += 1
    ready = sq.job_ready(a, q, o)
    at = ready
    if np.random.random() < 0.5:
        at = ready + int(np.random.random() * 1.2 * (q.start[o] - ready)) + 1
    relocation.spots(a, q, o, pair, at)
    return _go(chain, o, pair, q.floor[o])


@compiled
def _nearby(a, q, o, chain):
    """Operation o goes some places forward or back on its machine."""
    first, last = held_pairs(a, o, q.pair[o])
    slot = first + np.random.randint(last - first) if a.op_all[o] else first
    forward = np.random.random() < 0.5
    at = -1
    b = q.before[slot] if forward else q.after[slot]
    while b >= 0:
        at = b
        b = q.before[b] if forward else q.after[b]
        if np.random.random() < 0.5:
            break
    if at < 0:
        return -1
    relocation.spots(a, q, o, q.pair[o], q.start[a.pair_op[at]] + (0 if forward else 1))
    return _go(chain, o, q.pair[o], q.floor[o])


@compiled
def _join_family(a, q, o, chain):
    """Operation o goes right behind or before one of its family, on any of its machines."""
    pair = q.pair[o]
    if not a.op_all[o]:
        pair = a.op_first[o] + np.random.randint(a.op_first[o + 1] - a.op_first[o])
    family = a.job_family[a.op_job[o]]
    found, seen = -1, 0
    n = q.first[a.pair_machine[pair]]
    while n >= 0:
        x = a.pair_op[n]
        if x != o and a.job_family[a.op_job[x]] == family:
            seen += 1
            if np.random.random() * seen < 1.0:
                found = x
        n = q.after[n]
    if found < 0:
        return -1
    relocation.spots(a, q, o, pair, q.start[found] + (1 if np.random.random() < 0.7 else 0))
    return _go(chain, o, pair, q.floor[o])


@compiled
def _wait(a, q, o, chain):
    """Operation o waits until the overtime that it would run into is over, or waits no longer."""
    floor = 0
    if q.floor[o] == 0:
        table = a.pair_overtime[q.pair[o]]
        if q.overtime[o] == 0 or table < 0:
            return -1
        floor = costs.overtime_over(a, table, q.start[o])
    for slot in range(*held_pairs(a, o, q.pair[o])):
        q.spot[slot] = q.before[slot]
    return _go(chain, o, q.pair[o], floor)
