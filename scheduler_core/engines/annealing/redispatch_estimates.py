"""What dispatching a machine group anew will cost the jobs, without doing it, compiled.

Only the group itself is dispatched, and of each job that ends an operation there at another time the rest is followed
(``estimates.job_delay``): that others are held up elsewhere is left out. At 152 x 500 that takes 4 us instead of the 55 of a
dispatch, and hardly more with more jobs.
"""

from __future__ import annotations

import math

from scheduler_core.engines.annealing import machine_group as group
from scheduler_core.simulator.compiling import compiled as compiled
from scheduler_core.simulator.sequences import machine_sequences as sq
from scheduler_core.simulator.sequences.relocation_estimates import FOLLOWED, job_delay, machines_free


@compiled
def dispatch_estimate(a, q, d, prices, o, at):
    """By how much the jobs will cost more, about, once operation o is put forward to minute ``at``, when its job is ready
    for it (``redispatch.dispatch``); infinite if o would end no earlier."""
    group.form_group(a, d, o)
    for slot in range(a.op_first[o], a.op_first[o + 1]):
        group.free_machine(a, q, d, a.pair_machine[slot], at)
    ready = max(sq.job_ready(a, q, o), q.floor[o])
    more = _placed(a, q, d, prices, o, q.pair[o] if a.op_all[o] else group.first_to_end(a, q, d, o, ready), ready)
    if d.end[o] >= q.end[o]:
        return math.inf
    more += _up_to_its_place(a, q, d, prices, o)
    group.name_heirs(a, d, o)
    for slot in range(a.op_first[o], a.op_first[o + 1]):
        more += _behind_it(a, q, d, prices, o, a.pair_machine[slot])
    return more


@compiled
def _up_to_its_place(a, q, d, prices, o):
    """What it costs that the group assigns anew what starts before operation o did."""
    more = 0.0
    while True:
        n, earliest = -1, q.start[o]
        for slot in range(a.op_first[o], a.op_first[o + 1]):
            b = d.next[a.pair_machine[slot]]
            if b >= 0 and q.start[a.pair_op[b]] < earliest:
                n, earliest = b, q.start[a.pair_op[b]]
        if n < 0:
            return more
        m = a.pair_machine[n]
        x = a.pair_op[n]
        if q.place[x] >= 0 and not a.op_all[x]:
            ready = max(sq.job_ready(a, q, x), q.floor[x])
            more += _placed(a, q, d, prices, x, group.first_to_end(a, q, d, x, ready), ready)
        else:
            more += _stays(a, q, d, prices, x, n)
        d.was_free[m], d.next[m] = q.end[x], q.after[n]


@compiled
def _behind_it(a, q, d, prices, o, m):
    """What it costs that machine m's heir takes over what started there once operation o did, as far as anything changes."""
    more = 0.0
    n = d.next[m]
    for _ in range(FOLLOWED):
        if n < 0:
            break
        x = a.pair_op[n]
        if x != o:
            if q.place[x] >= 0 and not a.op_all[x]:
                pair = group.pair_on(a, x, d.heir[m], n)
                more += _placed(a, q, d, prices, x, pair, max(sq.job_ready(a, q, x), q.floor[x]))
            else:
                more += _stays(a, q, d, prices, x, n)
            if q.place[x] >= 0 and d.end[x] == q.end[x]:
                break
        n = q.after[n]
    return more


@compiled
def _placed(a, q, d, prices, x, pair, ready):
    """What it costs that operation x runs on the pair's machine, or on all of its own."""
    group.place(a, q, d, x, pair, ready)
    return job_delay(a, q, prices, x, d.end[x] - q.end[x])


@compiled
def _stays(a, q, d, prices, x, n):
    """What it costs that operation x, which is reserved or holds other machines too, is done where it was: on pair n."""
    m = a.pair_machine[n]
    d.end[x] = q.end[x]
    if q.place[x] >= 0:
        d.end[x] += max(sq.job_ready(a, q, x), q.floor[x], d.free[m], machines_free(a, q, x, n)) - q.start[x]
    d.free[m], d.family[m] = d.end[x], a.job_family[a.op_job[x]]
    return job_delay(a, q, prices, x, d.end[x] - q.end[x])
