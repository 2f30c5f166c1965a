"""One operation's change of place in the machines' sequences, and its undoing, compiled.

A change recomputes only the operations whose start or setup it reaches, in topological order, which is what makes a search
over sequences fast.
"""

from __future__ import annotations

from scheduler_core.simulator import costs
from scheduler_core.simulator.compiling import compiled as compiled
from scheduler_core.simulator.legal_moves import held_pairs
from scheduler_core.simulator.sequences.machine_sequences import (
    BEGIN,
    END,
    GROUP_SHIFT,
    HIGH,
    JOBS,
    LOGGED,
    LOW,
    MOVABLE,
    OVERTIME,
    PENDING,
    SETUP,
    link,
    overtime_of,
    timing,
    touch,
    unlink,
)
from scheduler_core.simulator.sequences.relocation_estimates import job_delay


@compiled
def spots(a, q, o, pair, at):
    """Writes to ``q.spot`` the places on the machines of ``pair`` behind all that starts before minute ``at``, operation o
    itself left out."""
    first, last = held_pairs(a, o, pair)
    for slot in range(first, last):
        b = q.last[a.pair_machine[slot]]
        while b >= 0 and (a.pair_op[b] == o or q.start[a.pair_op[b]] >= at):
            b = q.before[b]
        q.spot[slot] = b


@compiled
def move(a, q, o, pair, floor, prices, limit):
    """Moves operation o to ``pair``, behind the pairs that ``q.spot`` names for each pair that it then holds, with a new
    floor. False if that gives no schedule, or if on the way the jobs are expected to cost more than ``limit``; ``undo``
    takes the move back, and must be called before the next one if so.

    ``spot`` must not name o's own pairs.
    """
    q.number[LOGGED] = 0
    q.number[LOW], q.number[HIGH] = 0, -1
    first, last = held_pairs(a, o, q.pair[o])
    for slot in range(first, last):
        q.was[slot], q.then[slot] = q.before[slot], q.after[slot]
        unlink(a, q, slot)
    q.pair[o] = pair
    q.floor[o] = floor
    for slot in range(*held_pairs(a, o, q.pair[o])):
        link(a, q, slot, q.spot[slot])
    if not _reorder(a, q, o):
        return False
    q.number[BEGIN] = q.number[MOVABLE]
    touch(q, o)
    for slot in range(first, last):
        if q.then[slot] >= 0:
            touch(q, a.pair_op[q.then[slot]])
    for slot in range(*held_pairs(a, o, q.pair[o])):
        if q.after[slot] >= 0:
            touch(q, a.pair_op[q.after[slot]])
    return _retime(a, q, prices, limit)


@compiled
def undo(a, q, o, pair, floor, prices):
    """Takes the last move of operation o back; ``pair`` and ``floor`` are what it had."""
    for i in range(q.number[LOGGED]):
        x = q.log_op[i]
        _put(a, q, x, q.log_start[i], q.log_end[i], q.log_setup[i], q.log_overtime[i], prices)
    for slot in range(*held_pairs(a, o, q.pair[o])):
        unlink(a, q, slot)
    q.pair[o] = pair
    q.floor[o] = floor
    for slot in range(*held_pairs(a, o, q.pair[o])):
        link(a, q, slot, q.was[slot])
    for i in range(q.number[LOW], q.number[HIGH] + 1):
        q.order[i] = q.saved[i]
        q.place[q.saved[i]] = i


@compiled
def _reorder(a, q, o):
    """Gives o a place in the order behind all that must come before it and before all that must come after it, moving only
    the span between. False if some operation would have to come before itself (a cycle).

    The scan is the one of Pearce & Kelly 2007, A dynamic topological sort algorithm for directed acyclic graphs.
    """
    j = a.op_job[o]
    low, high = q.number[MOVABLE], -1
    if o > a.job_open[j]:
        high = q.place[o - 1]
    if o + 1 < a.job_first[j + 1]:
        low = q.place[o + 1]
    for slot in range(*held_pairs(a, o, q.pair[o])):
        b, n = q.before[slot], q.after[slot]
        if b >= 0:
            high = max(high, q.place[a.pair_op[b]])
        if n >= 0 and q.place[a.pair_op[n]] >= 0:
            low = min(low, q.place[a.pair_op[n]])
    here = q.place[o]
    if high < here < low:
        return True
    left, right = min(low, here), max(high, here)
    right = min(right, q.number[MOVABLE] - 1)
    if high >= low:
        for i in range(low, high + 1):
            q.marked[q.order[i]] = False
        if o + 1 < a.job_first[j + 1] and q.place[o + 1] <= high:
            q.marked[o + 1] = True
        for slot in range(*held_pairs(a, o, q.pair[o])):
            n = q.after[slot]
            if n >= 0 and 0 <= q.place[a.pair_op[n]] <= high:
                q.marked[a.pair_op[n]] = True
        for i in range(low, high + 1):
            x = q.order[i]
            if x != o and not q.marked[x]:
                q.marked[x] = _follows_marked(a, q, x, o, low)
        if o > a.job_open[j] and q.place[o - 1] >= low and q.marked[o - 1]:
            return False
        for slot in range(*held_pairs(a, o, q.pair[o])):
            b = q.before[slot]
            if b >= 0 and q.place[a.pair_op[b]] >= low and q.marked[a.pair_op[b]]:
                return False
    for i in range(left, right + 1):
        q.saved[i] = q.order[i]
    q.number[LOW], q.number[HIGH] = left, right
    at = left
    for i in range(left, min(high, right) + 1):
        x = q.saved[i]
        if x != o and not (i >= low and q.marked[x]):
            q.order[at] = x
            at += 1
    q.order[at] = o
    at += 1
    for i in range(max(left, low), min(high, right) + 1):
        x = q.saved[i]
        if x != o and q.marked[x]:
            q.order[at] = x
            at += 1
    for i in range(max(left, high + 1), right + 1):
        x = q.saved[i]
        if x != o:
            q.order[at] = x
            at += 1
    for i in range(left, right + 1):
        q.place[q.order[i]] = i
    return True


@compiled
def _follows_marked(a, q, x, o, low):
    """Whether operation x comes right after a marked one (o itself left out)."""
    if x > a.job_open[a.op_job[x]] and x - 1 != o and q.place[x - 1] >= low and q.marked[x - 1]:
        return True
    for slot in range(*held_pairs(a, x, q.pair[x])):
        b = q.before[slot]
        if b >= 0:
            other = a.pair_op[b]
            if other != o and q.place[other] >= low and q.marked[other]:
                return True
    return False


@compiled
def _retime(a, q, prices, limit):
    """Recomputes what is marked and what that reaches. False if an operation would run into a reservation, or as soon as
    the jobs are expected to cost more than ``limit``, the rest of each estimated by ``job_delay``."""
    fits, ahead = True, 0.0
    i = q.number[BEGIN]
    while q.number[PENDING] > 0:
        o = q.order[i]
        i += 1
        if not q.dirty[o]:
            continue
        q.dirty[o] = False
        q.number[PENDING] -= 1
        if not fits:
            continue
        start, end, setup = timing(a, q, o)
        delay = end - q.end[o]
        for slot in range(*held_pairs(a, o, q.pair[o])):
            n = q.after[slot]
            if n >= 0:
                if end > q.hold[n]:
                    fits = False
                elif delay != 0:
                    touch(q, a.pair_op[n])
        if not fits:
            continue
        j = a.op_job[o]
        expected = 0.0
        if delay != 0 and o + 1 < a.job_first[j + 1]:
            touch(q, o + 1)
            expected = job_delay(a, q, prices, o, delay)
        ahead += expected - q.ahead[j]
        q.ahead[j] = expected
        if delay != 0 or start != q.start[o] or setup != q.setup[o]:
            k = q.number[LOGGED]
            q.log_op[k], q.log_start[k], q.log_end[k] = o, q.start[o], q.end[o]
            q.log_setup[k], q.log_overtime[k] = q.setup[o], q.overtime[o]
            q.number[LOGGED] = k + 1
            _put(a, q, o, start, end, setup, overtime_of(a, q, o, start, end, prices), prices)
            fits = q.total[JOBS] + ahead <= limit
    for k in range(q.number[LOGGED]):
        q.ahead[a.op_job[q.log_op[k]]] = 0.0
    return fits


@compiled
def _put(a, q, o, start, end, setup, overtime, prices):
    """Gives operation o its times and keeps the sums."""
    q.total[SETUP] += setup - q.setup[o]
    q.total[OVERTIME] += overtime - q.overtime[o]
    q.start[o], q.setup[o], q.overtime[o] = start, setup, overtime
    before = q.end[o]
    q.end[o] = end
    j = a.op_job[o]
    if end != before and o + 1 == a.job_first[j + 1]:
        share = costs.job_cost(a, prices, j, end)
        q.group[j >> GROUP_SHIFT] += share - q.share[j]
        q.total[JOBS] += share - q.share[j]
        q.share[j] = share
        if end >= q.number[END]:
            q.number[END] = end
        elif before == q.number[END]:
            q.number[END] = 0
            for k in range(len(q.share)):
                q.number[END] = max(q.number[END], q.end[a.job_first[k + 1] - 1])
