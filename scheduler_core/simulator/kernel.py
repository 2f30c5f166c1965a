"""The simulator compiled: the same steps as ``reference.py``, on flat arrays.

Every function takes the packed plant ``a`` (PlantArrays) and the state ``s`` (State). Jobs, operations, machines and pairs
are indices; minutes count from plan_start. The clock goes from event to event, and what does not change at an event is not
looked at again: a ready job only where one of its machines has opened, a table only when its interval ends.
"""

from __future__ import annotations

from scheduler_core.plant import MINUTES_PER_DAY
from scheduler_core.simulator.arrays import CANDIDATES, DONE, KNOWN, NEVER, NOW, READY, RESERVED, WAITING
from scheduler_core.simulator.calendar_lookup import first_working, open_until
from scheduler_core.simulator.calendar_lookup import minute_of_work as minute_of_work
from scheduler_core.simulator.calendar_lookup import worked_before as worked_before
from scheduler_core.simulator.compiling import compiled as compiled
from scheduler_core.simulator.legal_moves import BOOKING_HORIZON as BOOKING_HORIZON
from scheduler_core.simulator.legal_moves import becomes_candidate, placement, stays_candidate
from scheduler_core.simulator.legal_moves import earliest_end as earliest_end
from scheduler_core.simulator.legal_moves import is_legal as is_legal
from scheduler_core.simulator.legal_moves import legal_pairs as legal_pairs
from scheduler_core.simulator.legal_moves import room_on as room_on
from scheduler_core.simulator.machine_groups import AT_ONCE
from scheduler_core.simulator.waiting_jobs import add_waiting, take_waiting


# ---------------------------------------------------------------- steps
@compiled
def reset(a, s):
    """The state at plan_start: nothing dispatched but the reservations."""
    s.clock[:] = 0
    for o in range(len(a.op_job)):
        s.order[o] = -1
        s.pair[o] = a.op_reserved_pair[o]
        s.start[o], s.end[o], s.setup[o] = a.op_reserved_start[o], a.op_reserved_end[o], a.op_reserved_setup[o]
        if a.op_reserved_pair[o] >= 0:
            s.clock[DONE] += 1
    for m in range(len(a.machine_table)):
        s.free_at[m] = 0
        s.open_at[m] = first_working(a, a.machine_table[m], 0)
        s.is_open[m] = False
        s.family[m] = a.machine_family[m]
        s.block_next[m] = a.block_first[m]
        s.ready_load[m] = 0.0
        s.total_load[m] = 0.0
    s.table_until[:] = 0
    s.opened[:] = -1
    for j in range(len(a.job_open)):
        s.next_op[j] = a.job_open[j]
        s.ready_at[j] = a.job_ready[j]
        s.ready_place[j] = -1
        s.move_minute[j] = -1
        for o in range(a.job_open[j], a.job_first[j + 1]):
            _add_load(a, o, s.total_load, 1.0)
        if a.job_open[j] < a.job_first[j + 1]:
            add_waiting(s, j)
    _arrive(a, s)


@compiled
def _add_load(a, o, load, sign):
    share = sign if a.op_all[o] else sign / (a.op_first[o + 1] - a.op_first[o])
    for q in range(a.op_first[o], a.op_first[o + 1]):
        load[a.pair_machine[q]] += share * a.pair_minutes[q]


@compiled
def _arrive(a, s):
    """What the clock's minute brings: reservations begin, tables open or close, machines with them, jobs become ready."""
    _begin_reservations(a, s)
    now = s.clock[NOW]
    for k in range(len(a.table_count)):
        if s.table_until[k] <= now:
            _ask_table(a, s, k)
    for m in range(len(a.machine_table)):
        if s.open_at[m] > now:
            continue
        k = a.machine_table[m]
        if not s.table_open[k]:
            s.is_open[m] = False
            s.open_at[m] = s.table_until[k]
        elif not s.is_open[m]:
            s.is_open[m] = True
            for i in range(a.machine_group_first[m], a.machine_group_first[m + 1]):
                s.opened[a.machine_group[i]] = now
    s.clock[KNOWN] = s.clock[READY]
    while s.clock[WAITING] > 0 and s.ready_at[s.waiting[0]] <= now:
        _make_ready(a, s, take_waiting(s))


@compiled
def _begin_reservations(a, s):
    while s.clock[RESERVED] < len(a.block_order) and a.block_hold[a.block_order[s.clock[RESERVED]]] <= s.clock[NOW]:
        b = a.block_order[s.clock[RESERVED]]
        m = a.block_machine[b]
        s.free_at[m] = max(s.free_at[m], a.block_end[b])
        s.open_at[m] = first_working(a, a.machine_table[m], s.free_at[m])
        s.is_open[m] = False
        s.family[m] = a.block_family[b]
        s.block_next[m] = b + 1
        s.clock[RESERVED] += 1


@compiled
def _ask_table(a, s, k):
    """Whether table k works now, and until when that stands."""
    now = s.clock[NOW]
    worked = worked_before(a, k, now)
    s.table_idle[k] = now - worked
    first = minute_of_work(a, k, worked)
    s.table_open[k] = first == now
    s.table_until[k] = open_until(a, k, now) if first == now else first


@compiled
def _make_ready(a, s, j):
    place = s.clock[READY]
    s.clock[READY] += 1
    s.ready_list[place] = j
    s.ready_group[place] = a.op_group[s.next_op[j]]
    s.ready_place[j] = place
    _add_load(a, s.next_op[j], s.ready_load, 1.0)


@compiled
def _next_minute(a, s):
    """The next minute after the clock in which anything may become possible."""
    now = s.clock[NOW]
    soonest = NEVER
    for m in range(len(a.machine_table)):
        if s.open_at[m] > now:
            soonest = min(soonest, s.open_at[m])
    if s.clock[RESERVED] < len(a.block_order):
        soonest = min(soonest, a.block_hold[a.block_order[s.clock[RESERVED]]])
    if s.clock[WAITING] > 0:
        soonest = min(soonest, s.ready_at[s.waiting[0]])
    return soonest


@compiled
def _new_candidates(a, s):
    """Writes the candidates of the minute at which the clock has arrived and returns their number.

    When it left the last minute, no ready job had a legal move. So one can only have one now if it became ready, if one of
    its machines has opened, or if it needs several at once, for which those that are still busy may now be free soon enough.
    Time alone makes no other move legal: begun later, an operation ends later, and before no later reservation.
    """
    now = s.clock[NOW]
    n = 0
    for i in range(s.clock[READY]):
        group = s.ready_group[i]
        if i >= s.clock[KNOWN] or group == AT_ONCE or s.opened[group] == now:
            j = s.ready_list[i]
            if becomes_candidate(a, s, j):
                s.candidates[n] = j
                n += 1
    return n


@compiled
def _left_candidates(a, s):
    """Keeps the candidates that still have a legal move after a dispatch in the same minute and returns their number: a
    dispatch only takes machines away, so no other job can have become one."""
    n = 0
    for i in range(s.clock[CANDIDATES]):
        j = s.candidates[i]
        if s.ready_place[j] >= 0 and stays_candidate(a, s, j):
            s.candidates[n] = j
            n += 1
    return n


@compiled
def advance(a, s):
    """Moves the clock until there is a candidate. Returns their number: 0 when all is dispatched, -1 when nothing can ever
    happen again (which a plant that was packed without error never reaches)."""
    while True:
        n = 0
        if s.clock[DONE] < len(a.op_job):
            n = _left_candidates(a, s) if s.clock[CANDIDATES] > 0 else _new_candidates(a, s)
        s.clock[CANDIDATES] = n
        if n > 0 or s.clock[DONE] == len(a.op_job):
            return n
        soonest = _next_minute(a, s)
        if soonest == NEVER:
            return -1
        s.clock[NOW] = soonest
        _arrive(a, s)


@compiled
def book(a, s, j, pair, t):
    """Places the next operation of job j from minute t on and returns its end: the part that dispatching and replaying
    share."""
    o = s.next_op[j]
    start, end, setup = placement(a, s, o, pair, t)
    for q in range(a.op_first[o], a.op_first[o + 1]):
        if a.op_all[o] or q == pair:
            m = a.pair_machine[q]
            s.free_at[m] = end
            s.is_open[m] = False
            s.open_at[m] = first_working(a, a.machine_table[m], end)
            s.family[m] = a.job_family[j]
    s.start[o], s.end[o], s.setup[o], s.pair[o] = start, end, setup, pair
    s.order[o] = s.clock[DONE]
    s.next_op[j] = o + 1
    s.ready_at[j] = end
    s.clock[DONE] += 1
    _add_load(a, o, s.total_load, -1.0)
    return end


@compiled
def dispatch(a, s, j, pair):
    """Starts candidate job j on a legal pair at the clock; returns the operation's end."""
    o = s.next_op[j]
    end = book(a, s, j, pair, s.clock[NOW])
    _add_load(a, o, s.ready_load, -1.0)
    place, last = s.ready_place[j], s.clock[READY] - 1
    s.ready_list[place] = s.ready_list[last]
    s.ready_group[place] = s.ready_group[last]
    s.ready_place[s.ready_list[last]] = place
    s.ready_place[j] = -1
    s.clock[READY] = last
    if s.next_op[j] < a.job_first[j + 1]:
        add_waiting(s, j)
    return end


@compiled
def replay_step(a, s, j, pair, t):
    """Books job j's next operation as early as its predecessors allow; ``t`` is where the replayed schedule had it, which
    tells the reservations that come before it on its machines."""
    o = s.next_op[j]
    for q in range(a.op_first[o], a.op_first[o + 1]):
        if a.op_all[o] or q == pair:
            m = a.pair_machine[q]
            while s.block_next[m] < a.block_first[m + 1] and a.block_end[s.block_next[m]] <= t:
                b = s.block_next[m]
                s.free_at[m] = max(s.free_at[m], a.block_end[b])
                s.family[m] = a.block_family[b]
                s.block_next[m] += 1
    return book(a, s, j, pair, s.ready_at[j])


# ---------------------------------------------------------------- objectives
@compiled
def weighted_tardiness(a, s):
    """Weighted tardiness in days of a complete schedule."""
    total = 0.0
    for j in range(len(a.job_open)):
        late = s.end[a.job_first[j + 1] - 1] - a.job_due[j]
        if late > 0:
            total += a.job_weight[j] * late / MINUTES_PER_DAY
    return total


@compiled
def late_jobs(a, s):
    """Jobs that end after their due minute."""
    count = 0
    for j in range(len(a.job_open)):
        if s.end[a.job_first[j + 1] - 1] > a.job_due[j]:
            count += 1
    return count


@compiled
def last_end(a, s):
    """End of the last operation."""
    last = 0
    for o in range(len(a.op_job)):
        last = max(last, s.end[o])
    return last
