"""The simulator compiled: the same steps as ``reference.py``, on flat arrays.

Every function takes the packed plant ``a`` (PlantArrays) and the state ``s`` (State). Jobs, operations, machines and pairs
are indices; minutes count from plan_start.
"""

from __future__ import annotations

from scheduler_core.plant import MINUTES_PER_DAY, MINUTES_PER_WEEK
from scheduler_core.simulator.arrays import CANDIDATES, DONE, NEVER, NO_FAMILY, NOW, READY
from scheduler_core.simulator.compiling import compiled as compiled
from scheduler_core.simulator.working_time import BUCKET_SHIFT

BOOKING_HORIZON = 240
"""Minutes that a machine may be held idle until the others that an operation needs at once are free as well. On random
plants with 152 machines, holding them without limit cost the rules 5 to 8 % of weighted tardiness."""


# ---------------------------------------------------------------- working time
@compiled
def worked_before(a, table, t):
    """Working minutes of the table in [0, t)."""
    if t <= 0:
        return 0
    extra = 0
    if t >= a.horizon:
        weeks = (t - a.horizon) // MINUTES_PER_WEEK + 1
        t -= weeks * MINUTES_PER_WEEK
        extra = weeks * a.table_week[table]
    i = a.table_day_first[table, t // MINUTES_PER_DAY]
    count = a.table_count[table]
    while i < count and a.table_end[table, i] <= t:
        i += 1
    inside = t - a.table_start[table, i] if i < count else 0
    return extra + a.table_before[table, i] + max(0, inside)


@compiled
def minute_of_work(a, table, c):
    """The minute in which working minute number c (from 0) lies; NEVER where the table has no such minute."""
    offset = 0
    total = a.table_total[table]
    if c >= total:
        week = a.table_week[table]
        if week == 0:
            return NEVER
        weeks = (c - total) // week + 1
        c -= weeks * week
        offset = weeks * MINUTES_PER_WEEK
    i = a.table_bucket_first[table, c >> BUCKET_SHIFT]
    while a.table_before[table, i + 1] <= c:
        i += 1
    return offset + a.table_start[table, i] + c - a.table_before[table, i]


@compiled
def first_working(a, table, t):
    """The first working minute at or after t."""
    return minute_of_work(a, table, worked_before(a, table, t))


# ---------------------------------------------------------------- one operation
@compiled
def setup_on(a, s, o, m):
    """Setup minutes of operation o if it were the next one on machine m (rule 5)."""
    before = s.family[m]
    if before == NO_FAMILY:
        return a.op_setup[o]
    own = a.job_family[a.op_job[o]]
    if before == own:
        return 0
    row = a.machine_matrix[m]
    if row >= 0:
        entry = a.setup_matrix[row, before, own]
        if entry >= 0:
            return entry
    return a.op_setup[o]


@compiled
def room_on(a, s, m):
    """The minute at which machine m's next reservation begins to hold it."""
    b = s.block_next[m]
    return a.block_hold[b] if b < a.block_first[m + 1] else NEVER


@compiled
def placement(a, s, o, pair, t):
    """(start, end, setup) of operation o from minute t on: on the pair's machine, or on all of its machines at once."""
    if a.op_all[o]:
        begin, setup = t, 0
        for q in range(a.op_first[o], a.op_first[o + 1]):
            m = a.pair_machine[q]
            begin = max(begin, s.free_at[m])
            setup = max(setup, setup_on(a, s, o, m))
        table = a.op_table[o]
    else:
        m = a.pair_machine[pair]
        begin = max(t, s.free_at[m])
        setup = setup_on(a, s, o, m)
        table = a.machine_table[m]
    c = worked_before(a, table, begin)
    return minute_of_work(a, table, c), minute_of_work(a, table, c + setup + a.pair_minutes[pair] - 1) + 1, setup


@compiled
def is_legal(a, s, o, pair):
    """Whether operation o may start on the pair's (open) machine now: it must end before the next reservation."""
    m = a.pair_machine[pair]
    if not s.is_open[m]:
        return False
    room = room_on(a, s, m)
    if room == NEVER:
        return True
    _, end, _ = placement(a, s, o, pair, s.clock[NOW])
    return end <= room


@compiled
def is_legal_on_all(a, s, o):
    """Whether operation o, which needs several machines, may be booked now: one is open, all are free within
    the booking horizon, and it ends before every reservation."""
    some = False
    room = NEVER
    for q in range(a.op_first[o], a.op_first[o + 1]):
        m = a.pair_machine[q]
        some = some or s.is_open[m]
        room = min(room, room_on(a, s, m))
    if not some:
        return False
    start, end, _ = placement(a, s, o, a.op_first[o], s.clock[NOW])
    return start - s.clock[NOW] <= BOOKING_HORIZON and end <= room


@compiled
def is_candidate(a, s, j):
    """Whether the next operation of ready job j has a legal move now."""
    o = s.next_op[j]
    if a.op_all[o]:
        return is_legal_on_all(a, s, o)
    for pair in range(a.op_first[o], a.op_first[o + 1]):
        if is_legal(a, s, o, pair):
            return True
    return False


@compiled
def legal_pairs(a, s, j, out):
    """Writes the legal pairs of candidate job j to ``out`` and returns their number (one for several machines at once)."""
    o = s.next_op[j]
    if a.op_all[o]:
        out[0] = a.op_first[o]
        return 1
    n = 0
    for pair in range(a.op_first[o], a.op_first[o + 1]):
        if is_legal(a, s, o, pair):
            out[n] = pair
            n += 1
    return n


@compiled
def earliest_end(a, s, j):
    """Finds the move of candidate job j on which its operation ends first (ties: less setup, the preferred machine, the
    plant's order) and writes it to ``s.move_*[j]``. Returns whether it had to be sought: within a minute it stands until
    its machine is taken."""
    o = s.next_op[j]
    now = s.clock[NOW]
    if s.move_minute[j] == now and not a.op_all[o] and s.is_open[a.pair_machine[s.move_pair[j]]]:
        return False
    s.move_minute[j] = now
    if a.op_all[o]:
        s.move_pair[j] = a.op_first[o]
        s.move_start[j], s.move_end[j], s.move_setup[j] = placement(a, s, o, a.op_first[o], now)
        return True
    s.move_end[j] = NEVER
    for pair in range(a.op_first[o], a.op_first[o + 1]):
        m = a.pair_machine[pair]
        if not s.is_open[m]:
            continue
        start, end, setup = placement(a, s, o, pair, now)
        if end > room_on(a, s, m):
            continue
        better = end < s.move_end[j]
        if end == s.move_end[j]:
            better = setup < s.move_setup[j] or (setup == s.move_setup[j] and m == a.op_preferred[o])
        if better:
            s.move_pair[j], s.move_start[j], s.move_end[j], s.move_setup[j] = pair, start, end, setup
    return True


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
        s.family[m] = a.machine_family[m]
        s.block_next[m] = a.block_first[m]
        s.ready_load[m] = 0.0
        s.total_load[m] = 0.0
    for j in range(len(a.job_open)):
        s.next_op[j] = a.job_open[j]
        s.ready_at[j] = a.job_ready[j]
        s.is_ready[j] = False
        s.move_minute[j] = -1
        for o in range(a.job_open[j], a.job_first[j + 1]):
            _add_load(a, o, s.total_load, 1.0)
    _arrive(a, s)


@compiled
def _add_load(a, o, load, sign):
    share = sign if a.op_all[o] else sign / (a.op_first[o + 1] - a.op_first[o])
    for q in range(a.op_first[o], a.op_first[o + 1]):
        load[a.pair_machine[q]] += share * a.pair_minutes[q]


@compiled
def _arrive(a, s):
    """What the clock's minute brings: reservations begin, tables open or close, jobs become ready."""
    now = s.clock[NOW]
    for m in range(len(a.machine_table)):
        while s.block_next[m] < a.block_first[m + 1] and a.block_hold[s.block_next[m]] <= now:
            b = s.block_next[m]
            s.free_at[m] = max(s.free_at[m], a.block_end[b])
            s.open_at[m] = first_working(a, a.machine_table[m], s.free_at[m])
            s.family[m] = a.block_family[b]
            s.block_next[m] += 1
    for k in range(len(a.table_count)):
        s.table_next[k] = first_working(a, k, now)
        s.table_open[k] = s.table_next[k] == now
    for m in range(len(a.machine_table)):
        s.is_open[m] = s.free_at[m] <= now and s.table_open[a.machine_table[m]]
    for j in range(len(a.job_open)):
        if not s.is_ready[j] and s.ready_at[j] <= now and s.next_op[j] < a.job_first[j + 1]:
            s.is_ready[j] = True
            s.ready_list[s.clock[READY]] = j
            s.clock[READY] += 1
            _add_load(a, s.next_op[j], s.ready_load, 1.0)


@compiled
def _next_minute(a, s):
    """The next minute after the clock in which anything may become possible."""
    now = s.clock[NOW]
    soonest = NEVER
    for m in range(len(a.machine_table)):
        if s.free_at[m] > now:
            soonest = min(soonest, s.open_at[m])
        elif not s.table_open[a.machine_table[m]]:
            soonest = min(soonest, s.table_next[a.machine_table[m]])
        room = room_on(a, s, m)
        if room > now:
            soonest = min(soonest, room)
    for j in range(len(a.job_open)):
        if not s.is_ready[j] and s.next_op[j] < a.job_first[j + 1]:
            soonest = min(soonest, s.ready_at[j])
    return soonest


@compiled
def advance(a, s):
    """Moves the clock until there is a candidate. Returns their number: 0 when all is dispatched, -1 when nothing can ever
    happen again (which a plant that was packed without error never reaches)."""
    while True:
        n = 0
        if s.clock[DONE] < len(a.op_job):
            if s.clock[CANDIDATES] > 0:
                # Within one minute a dispatch only takes machines away, so no other job can have become a candidate.
                for i in range(s.clock[CANDIDATES]):
                    j = s.candidates[i]
                    if s.is_ready[j] and is_candidate(a, s, j):
                        s.candidates[n] = j
                        n += 1
            else:
                some_open = False
                for m in range(len(a.machine_table)):
                    if s.is_open[m]:
                        some_open = True
                        break
                if some_open:
                    for i in range(s.clock[READY]):
                        if is_candidate(a, s, s.ready_list[i]):
                            s.candidates[n] = s.ready_list[i]
                            n += 1
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
    s.is_ready[j] = False
    last = s.clock[READY] - 1
    for i in range(last + 1):
        if s.ready_list[i] == j:
            s.ready_list[i] = s.ready_list[last]
            break
    s.clock[READY] = last
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
