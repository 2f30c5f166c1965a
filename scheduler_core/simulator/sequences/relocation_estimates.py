"""What a move will cost the jobs, without making it, compiled.

Only what lies next to the move is followed: the sequences of the machines that it takes the operation from and to, and from
each operation that ends at another time the rest of its job. That these operations hold up others elsewhere is left out, and
closed time is taken as it is crossed now. It tells most moves that are not worth making, in a small part of their time
(Taillard 1994, Parallel taboo search techniques for the job shop scheduling problem, estimates a move's makespan likewise).
"""

from __future__ import annotations

from scheduler_core.simulator import costs
from scheduler_core.simulator.arrays import NEVER
from scheduler_core.simulator.calendar_lookup import end_of_work
from scheduler_core.simulator.compiling import compiled as compiled
from scheduler_core.simulator.legal_moves import held_pairs, setup_after
from scheduler_core.simulator.sequences.machine_sequences import job_ready

FOLLOWED = 30
"""Operations on a machine that an estimate follows at most."""


@compiled
def job_delay(a, q, prices, o, delay):
    """By how much operation o's job costs more if o ends ``delay`` minutes later (negative: earlier), its later operations
    wait for no machine longer than they do, and none of those gets free earlier."""
    j = a.op_job[o]
    if a.job_due[j] >= NEVER:
        return 0.0
    last = a.job_first[j + 1] - 1
    while o < last and delay != 0:
        ready = q.end[o] + delay
        o += 1
        if delay < 0:
            ready = min(q.start[o], max(ready, machines_free(a, q, o, -1), q.floor[o]))
            delay = ready - q.start[o]
        else:
            delay = max(0, ready - q.start[o])
    if delay == 0:
        return 0.0
    return costs.job_cost(a, prices, j, q.end[last] + delay) - q.share[j]


@compiled
def job_costs_of_move(a, q, prices, o, pair, floor):
    """By how much the jobs will cost more, about, once operation o, which needs one machine only, stands on ``pair`` behind
    the pair that ``q.spot`` names, with that floor."""
    old, spot = q.pair[o], q.spot[pair]
    m = a.pair_machine[pair]
    if old == pair and spot >= 0 and q.start[a.pair_op[spot]] >= q.start[o]:
        # Behind its place: those between the two places close up first.
        end, family = _before(a, q, m, q.before[old])
        cost, end, family = _follow(a, q, prices, m, q.after[old], spot, end, family)
        own, end = _placed(a, q, prices, o, pair, max(end, floor), family)
        return cost + own + _follow(a, q, prices, m, q.after[spot], -1, end, a.job_family[a.op_job[o]])[0]
    end, family = _before(a, q, m, spot)
    cost, end = _placed(a, q, prices, o, pair, max(end, floor), family)
    family = a.job_family[a.op_job[o]]
    n = q.after[spot] if spot >= 0 else q.first[m]
    if old != pair:
        cost += _follow(a, q, prices, m, n, -1, end, family)[0]
        m = a.pair_machine[old]
        end, family = _before(a, q, m, q.before[old])
    elif n != old:
        # Before its place: those between the two places make room.
        more, end, family = _follow(a, q, prices, m, n, q.before[old], end, family)
        cost += more
    return cost + _follow(a, q, prices, m, q.after[old], -1, end, family)[0]


@compiled
def _before(a, q, m, b):
    """(end, family) of what stands on machine m up to pair b (-1: nothing)."""
    if b < 0:
        return 0, a.machine_family[m]
    return q.end[a.pair_op[b]], a.job_family[a.op_job[a.pair_op[b]]]


@compiled
def _placed(a, q, prices, o, pair, free, family):
    """(cost, end) of operation o on the pair's machine, which is free from ``free`` on, behind that family."""
    m = a.pair_machine[pair]
    minutes = setup_after(a, o, m, family) + a.pair_minutes[pair]
    end = end_of_work(a, a.machine_table[m], max(job_ready(a, q, o), free), minutes)
    return job_delay(a, q, prices, o, end - q.end[o]), end


@compiled
def _follow(a, q, prices, m, n, last, end, family):
    """(cost, end, family) over the pairs from n to ``last`` on machine m, -1: as far as anything changes, if what stands
    before n ends at ``end`` and is of that family."""
    cost, changed = 0.0, True
    for _ in range(FOLLOWED):
        if n < 0 or q.place[a.pair_op[n]] < 0:
            break
        x = a.pair_op[n]
        delay = max(job_ready(a, q, x), q.floor[x], end, machines_free(a, q, x, n)) - q.start[x]
        if changed:
            delay += setup_after(a, x, m, family) - q.setup[x]
        if delay == 0 and last < 0:
            break
        cost += job_delay(a, q, prices, x, delay)
        end, family, changed = q.end[x] + delay, a.job_family[a.op_job[x]], False
        if n == last:
            break
        n = q.after[n]
    return cost, end, family


@compiled
def machines_free(a, q, o, but):
    """The minute from which operation o's machines are free for it, that of pair ``but`` left out."""
    free = 0
    for slot in range(*held_pairs(a, o, q.pair[o])):
        b = q.before[slot]
        if slot != but and b >= 0:
            free = max(free, q.end[a.pair_op[b]])
    return free
