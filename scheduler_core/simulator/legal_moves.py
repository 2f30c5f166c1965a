"""Which moves the rules allow in the present minute, and what each of them would do, compiled.

A move places the next operation of a ready job on a pair (an operation and one of its machines), or on all of its machines
at once. Functions marked ``compiled_inline`` run for every candidate at every decision.
"""

from __future__ import annotations

from scheduler_core.simulator.arrays import NEVER, NO_FAMILY, NOW
from scheduler_core.simulator.calendar_lookup import minute_of_work, span_of_work
from scheduler_core.simulator.compiling import compiled, compiled_inline

BOOKING_HORIZON = 240
"""Minutes that a machine may be held idle until the others that an operation needs at once are free as well. On random
plants with 152 machines, holding them without limit cost the rules 5 to 8 % of weighted tardiness."""


@compiled_inline
def held_pairs(a, o, pair):
    """(first, behind the last) of the pairs that operation o holds on ``pair``: that one, or all of its own."""
    if a.op_all[o]:
        return a.op_first[o], a.op_first[o + 1]
    return pair, pair + 1


@compiled
def setup_on(a, s, o, m):
    """Setup minutes of operation o if it were the next one on machine m."""
    return setup_after(a, o, m, s.family[m])


@compiled_inline
def setup_after(a, o, m, before):
    """Setup minutes of operation o on machine m behind an operation of family ``before`` (rule 5)."""
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
    start, end = span_of_work(a, table, begin, setup + a.pair_minutes[pair])
    return start, end, setup


@compiled
def finish(a, s, o, pair):
    """(end, setup) of operation o on the pair's machine, which is open, if it begins now."""
    m = a.pair_machine[pair]
    setup = setup_on(a, s, o, m)
    k = a.machine_table[m]
    worked = s.clock[NOW] - s.table_idle[k]
    return minute_of_work(a, k, worked + setup + a.pair_minutes[pair] - 1) + 1, setup


@compiled
def is_legal(a, s, o, pair):
    """Whether operation o may start on the pair's (open) machine now: it must end before the next reservation."""
    m = a.pair_machine[pair]
    if not s.is_open[m]:
        return False
    room = room_on(a, s, m)
    return room == NEVER or finish(a, s, o, pair)[0] <= room


@compiled
def is_legal_on_all(a, s, o):
    """Whether operation o, which needs several machines, may be booked now: one is open, all are free within
    the booking horizon, and it ends before every reservation."""
    some, begin, room = False, 0, NEVER
    for q in range(a.op_first[o], a.op_first[o + 1]):
        m = a.pair_machine[q]
        some = some or s.is_open[m]
        begin = max(begin, s.free_at[m])
        room = min(room, room_on(a, s, m))
    if not some or begin - s.clock[NOW] > BOOKING_HORIZON:
        return False
    start, end, _ = placement(a, s, o, a.op_first[o], s.clock[NOW])
    return start - s.clock[NOW] <= BOOKING_HORIZON and end <= room


@compiled_inline
def becomes_candidate(a, s, j):
    """Whether the next operation of ready job j has a legal move in this minute."""
    o = s.next_op[j]
    if a.op_all[o]:
        return is_legal_on_all(a, s, o)
    return _find_legal(a, s, j, o, a.op_first[o])


@compiled_inline
def stays_candidate(a, s, j):
    """Whether candidate j still has a legal move after dispatches in the same minute. These only take machines away, so its
    first legal pair stands until that machine is taken, and the next one comes later."""
    o = s.next_op[j]
    if a.op_all[o]:
        return is_legal_on_all(a, s, o)
    pair = s.first_legal[j]
    return s.is_open[a.pair_machine[pair]] or _find_legal(a, s, j, o, pair + 1)


@compiled_inline
def _find_legal(a, s, j, o, first):
    """Whether a pair of operation o from ``first`` on is legal; the first that is, goes to ``s.first_legal[j]``."""
    for pair in range(first, a.op_first[o + 1]):
        if is_legal(a, s, o, pair):
            s.first_legal[j] = pair
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


@compiled_inline
def earliest_end(a, s, j):
    """Finds the move of candidate job j on which its operation ends first (ties: less setup, the preferred machine, the
    plant's order) and writes it to ``s.move_*[j]``. Returns whether it had to be sought: within a minute it stands until
    its machine is taken."""
    o = s.next_op[j]
    if s.move_minute[j] == s.clock[NOW] and not a.op_all[o] and s.is_open[a.pair_machine[s.move_pair[j]]]:
        return False
    _seek_earliest_end(a, s, j, o)
    return True


@compiled
def _seek_earliest_end(a, s, j, o):
    now = s.clock[NOW]
    s.move_minute[j] = now
    if a.op_all[o]:
        s.move_pair[j] = a.op_first[o]
        s.move_start[j], s.move_end[j], s.move_setup[j] = placement(a, s, o, a.op_first[o], now)
        return
    s.move_start[j], s.move_end[j] = now, NEVER
    for pair in range(a.op_first[o], a.op_first[o + 1]):
        m = a.pair_machine[pair]
        if not s.is_open[m]:
            continue
        end, setup = finish(a, s, o, pair)
        if end > room_on(a, s, m):
            continue
        better = end < s.move_end[j]
        if end == s.move_end[j]:
            better = setup < s.move_setup[j] or (setup == s.move_setup[j] and m == a.op_preferred[o])
        if better:
            s.move_pair[j], s.move_end[j], s.move_setup[j] = pair, end, setup
