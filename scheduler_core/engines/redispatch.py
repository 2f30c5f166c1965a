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
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scheduler_core.engines.chain import HERE, JOB, TRIED, accept
from scheduler_core.engines.moves import costly_job, trace
from scheduler_core.engines.trying import PATIENCE, gain_beside
from scheduler_core.simulator import costs
from scheduler_core.simulator import sequences as sq
from scheduler_core.simulator.arrays import NEVER, PlantArrays
from scheduler_core.simulator.compiling import compiled as compiled
from scheduler_core.simulator.legal_moves import held_pairs, setup_after
from scheduler_core.simulator.sequences import Sequences, new_sequences
from scheduler_core.simulator.table_look_up import end_of_work

OWN = 0.4
"""Share of the tries that put forward an operation of the costly job itself, instead of any on its critical path."""
AT_ONCE = 0.2
"""Chance that it is put where its job is ready for it; else anywhere between there and its place."""
GIVES, TAKES = 1, 2
"""What a machine of the group has still to do: give its sequence away, take one over."""


class Draft(NamedTuple):
    """Scratch of a dispatch; ``pair`` and ``end`` count from where it begins."""

    kept: Sequences  # the schedule before it
    order: npt.NDArray[np.int32]  # [O] all operations, nearly in order of starts
    pair: npt.NDArray[np.int32]  # [O]
    end: npt.NDArray[np.int64]  # [O]
    free: npt.NDArray[np.int64]  # [M] minute from which each machine is free
    family: npt.NDArray[np.int32]  # [M] setup family that it is set up for
    was_free: npt.NDArray[np.int64]  # [M] the same minute in the schedule before
    role: npt.NDArray[np.int8]  # [M] GIVES and TAKES
    heir: npt.NDArray[np.int32]  # [M] machine that takes over each one's sequence, -1: not a machine of the group


def new_draft(arrays: PlantArrays) -> Draft:
    """Room for a dispatch on the plant."""
    ops, machines = len(arrays.op_job), len(arrays.machine_table)
    return Draft(
        new_sequences(arrays), np.arange(ops, dtype=np.int32), np.zeros(ops, np.int32), np.zeros(ops, np.int64),
        np.zeros(machines, np.int64), np.zeros(machines, np.int32), np.zeros(machines, np.int64),
        np.zeros(machines, np.int8), np.zeros(machines, np.int32),
    )  # fmt: skip


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
    if dispatch(a, q, d, prices, o, at) > dearest:
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
    _free_machines(a, q, d, o, at)
    behind, more = False, 0.0
    for i in range(begin, len(d.order)):
        x = d.order[i]
        pair, ready = q.pair[x], _ready(a, q, d, x, at)
        if q.place[x] >= 0 and not a.op_all[x] and d.heir[a.pair_machine[pair]] >= 0:
            if x == o or q.start[x] < q.start[o]:
                pair = _first_to_end(a, q, d, x, ready)
            else:
                if not behind:
                    behind = True
                    _name_heirs(d)
                pair = _pair_on(a, x, d.heir[a.pair_machine[pair]], pair)
        d.pair[x] = pair
        _place(a, q, d, x, pair, ready)
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
def _free_machines(a, q, d, o, at):
    """When and for what each machine is free if only what starts before minute ``at`` is done; o's machines are the
    group."""
    for m in range(len(d.free)):
        b = q.last[m]
        while b >= 0 and q.start[a.pair_op[b]] >= at:
            b = q.before[b]
        d.free[m], d.family[m] = 0, a.machine_family[m]
        if b >= 0:
            d.free[m], d.family[m] = q.end[a.pair_op[b]], a.job_family[a.op_job[a.pair_op[b]]]
        d.was_free[m] = d.free[m]
        d.role[m], d.heir[m] = 0, -1
    for slot in range(a.op_first[o], a.op_first[o + 1]):
        m = a.pair_machine[slot]
        d.role[m], d.heir[m] = GIVES | TAKES, m


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


@compiled
def _end_on(a, d, x, pair, ready):
    """Minute in which operation x ends on one machine."""
    m = a.pair_machine[pair]
    minutes = setup_after(a, x, m, d.family[m]) + a.pair_minutes[pair]
    return end_of_work(a, a.machine_table[m], max(ready, d.free[m]), minutes)


@compiled
def _first_to_end(a, q, d, x, ready):
    """The pair of operation x within the group on which it ends first."""
    chosen, earliest = q.pair[x], NEVER
    for pair in range(a.op_first[x], a.op_first[x + 1]):
        if d.heir[a.pair_machine[pair]] >= 0:
            end = _end_on(a, d, x, pair, ready)
            if end < earliest:
                chosen, earliest = pair, end
    return chosen


@compiled
def _place(a, q, d, x, pair, ready):
    """Lets operation x run on the pair's machine, or on all of its own."""
    if q.place[x] < 0:
        d.end[x] = q.end[x]
    elif a.op_all[x]:
        setup = 0
        for slot in range(*held_pairs(a, x, pair)):
            m = a.pair_machine[slot]
            ready = max(ready, d.free[m])
            setup = max(setup, setup_after(a, x, m, d.family[m]))
        d.end[x] = end_of_work(a, a.op_table[x], ready, setup + a.pair_minutes[pair])
    else:
        d.end[x] = _end_on(a, d, x, pair, ready)
    for slot in range(*held_pairs(a, x, pair)):
        m = a.pair_machine[slot]
        d.free[m], d.family[m] = d.end[x], a.job_family[a.op_job[x]]


@compiled
def _name_heirs(d):
    """Gives each machine's sequence to the one that is now free in the same order as it was."""
    while True:
        old, new = -1, -1
        for m in range(len(d.role)):
            if d.role[m] & GIVES and (old < 0 or d.was_free[m] < d.was_free[old]):
                old = m
            if d.role[m] & TAKES and (new < 0 or d.free[m] < d.free[new]):
                new = m
        if old < 0:
            return
        d.heir[old] = new
        d.role[old] &= ~GIVES
        d.role[new] &= ~TAKES


@compiled
def _pair_on(a, x, m, otherwise):
    """Operation x's pair on machine m, or the other one if it may not run there."""
    for pair in range(a.op_first[x], a.op_first[x + 1]):
        if a.pair_machine[pair] == m:
            return pair
    return otherwise
