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
from scheduler_core.engines.annealing.acceptance import PATIENCE, gain_beside
from scheduler_core.engines.annealing.chain import HERE, JOB, TRIED, accept
from scheduler_core.engines.annealing.proposals import costly_job, trace
from scheduler_core.engines.annealing.redispatch_estimates import dispatch_estimate
from scheduler_core.simulator import costs
from scheduler_core.simulator.compiling import compiled as compiled
from scheduler_core.simulator.legal_moves import held_pairs
from scheduler_core.simulator.sequences import machine_sequences as sq

OWN = 0.4
"""Share of the tries that put forward an operation of the costly job itself, instead of any on its critical path."""
AT_ONCE = 0.2
"""Chance that it is put where its job is ready for it; else anywhere between there and its place."""


@compiled
def try_dispatch(a, q, d, prices, chain, temperature):
    """Puts an operation forward that a costly job waits for, and keeps that with the chance that the temperature (in units
    of cost) gives it."""
    chain.number[TRIED] += 1
    j = costly_job(a, q, prices)
    if j < 0:
        return
    o = trace(a, q, j, chain, np.random.random() < OWN)
    if o < 0:
        return
    at = max(sq.job_ready(a, q, o), q.floor[o])
    if np.random.random() > AT_ONCE:
        at += int(np.random.random() * (q.start[o] - at))
    if at >= q.start[o]:
        return
    cost = chain.cost[HERE]
    threshold = cost - temperature * math.log(1.0 - np.random.random())
    chain.number[JOB] = j
    dearest = threshold - cost + PATIENCE * temperature + gain_beside(a, q, prices, o, chain)
    if dispatch_estimate(a, q, d, prices, o, at) > dearest or dispatch(a, q, d, prices, o, at) > dearest:
        return
    sq.copy(q, d.kept)
    for x in range(len(q.pair)):
        if q.start[x] >= at:
            q.pair[x] = d.pair[x]
    sq.rebuild(a, q, d.order)
    new = math.inf
    if sq.time_all(a, q, prices):
        new = sq.total_cost(a, q, prices)
    if new > threshold:
        sq.copy(d.kept, q)
        return
    accept(q, chain, new)


@compiled
def dispatch(a, q, d, prices, o, at):
    """By how much the jobs cost more once operation o is put forward to minute ``at``, when its job is ready for it. What
    starts from there on goes to ``d.pair``, and ``d.order`` becomes an order in which all operations can be placed."""
    begin = _put_forward(q, d, o, at)
    group.form_group(a, d, o)
    for m in range(len(d.free)):
        group.free_machine(a, q, d, m, at)
    behind, more = False, 0.0
    for i in range(begin, len(d.order)):
        x = d.order[i]
        pair, ready = q.pair[x], _ready(a, q, d, x, at)
        if q.place[x] >= 0 and not a.op_all[x] and d.heir[a.pair_machine[pair]] >= 0:
            if x == o or q.start[x] < q.start[o]:
                pair = group.first_to_end(a, q, d, x, ready)
            else:
                if not behind:
                    behind = True
                    group.name_heirs(a, d, o)
                pair = group.pair_on(a, x, d.heir[a.pair_machine[pair]], pair)
        d.pair[x] = pair
        group.place(a, q, d, x, pair, ready)
        if x != o:
            for slot in range(*held_pairs(a, x, q.pair[x])):
                d.was_free[a.pair_machine[slot]] = q.end[x]
        j = a.op_job[x]
        if x + 1 == a.job_first[j + 1] and d.end[x] != q.end[x]:
            more += costs.job_cost(a, prices, j, d.end[x]) - q.share[j]
    return more


@compiled
def _put_forward(q, d, o, at):
    """Sorts ``d.order`` by starts, o before all that starts from minute ``at`` on; returns o's place in it."""
    for i in range(1, len(d.order)):
        x = d.order[i]
        k = i - 1
        while k >= 0 and q.start[d.order[k]] > q.start[x]:
            d.order[k + 1] = d.order[k]
            k -= 1
        d.order[k + 1] = x
    low, high = 0, len(d.order)
    while low < high:
        middle = (low + high) // 2
        if q.start[d.order[middle]] < at:
            low = middle + 1
        else:
            high = middle
    before = o
    for i in range(low, len(d.order)):
        x = d.order[i]
        d.order[i] = before
        if x == o:
            break
        before = x
    return low


@compiled
def _ready(a, q, d, x, at):
    """Minute from which x's job allows it to start, if what starts before minute ``at`` stands as it did."""
    j = a.op_job[x]
    if x == a.job_open[j]:
        ready = a.job_ready[j]
    elif q.start[x - 1] < at:
        ready = q.end[x - 1]
    else:
        ready = d.end[x - 1]
    return max(ready, q.floor[x])
