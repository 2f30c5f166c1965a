"""The simulator compiled: the same steps as ``reference.py``, on flat arrays.

Every function takes the packed plant (``arrays``) and the simulator's memory (``state``); glossary.md explains the names.
Jobs, operations, machines and pairs are indices; minutes count from plan_start. The clock goes from event to event, and
what does not change at an event is not looked at again: a ready job only where one of its machines has opened, a table only
when its interval ends.
"""

from __future__ import annotations

from scheduler_core.plant import MINUTES_PER_DAY
from scheduler_core.simulator.array_types import Float64
from scheduler_core.simulator.arrays import CANDIDATES, DONE, KNOWN, NEVER, NOW, READY, RESERVED, WAITING, PlantArrays, State
from scheduler_core.simulator.calendar_lookup import first_working, open_until
from scheduler_core.simulator.calendar_lookup import minute_of_work as minute_of_work
from scheduler_core.simulator.calendar_lookup import worked_before as worked_before
from scheduler_core.simulator.compiling import compiled as compiled
from scheduler_core.simulator.legal_moves import BOOKING_HORIZON as BOOKING_HORIZON
from scheduler_core.simulator.legal_moves import becomes_candidate, stays_candidate
from scheduler_core.simulator.legal_moves import earliest_end as earliest_end
from scheduler_core.simulator.legal_moves import is_legal as is_legal
from scheduler_core.simulator.legal_moves import legal_pairs as legal_pairs
from scheduler_core.simulator.legal_moves import placement as placement
from scheduler_core.simulator.legal_moves import room_on as room_on
from scheduler_core.simulator.machine_groups import AT_ONCE
from scheduler_core.simulator.waiting_jobs import add_waiting, take_waiting


# ---------------------------------------------------------------- steps
@compiled
def reset(arrays: PlantArrays, state: State) -> None:
    """The state at plan_start: nothing dispatched but the reservations."""
    state.clock[:] = 0
    for o in range(len(arrays.op_job)):
        state.order[o] = -1
        state.pair[o] = arrays.op_reserved_pair[o]
        state.start[o], state.end[o] = arrays.op_reserved_start[o], arrays.op_reserved_end[o]
        state.setup[o] = arrays.op_reserved_setup[o]
        if arrays.op_reserved_pair[o] >= 0:
            state.clock[DONE] += 1
    for m in range(len(arrays.machine_table)):
        state.free_at[m] = 0
        state.open_at[m] = first_working(arrays, arrays.machine_table[m], 0)
        state.is_open[m] = False
        state.family[m] = arrays.machine_family[m]
        state.block_next[m] = arrays.block_first[m]
        state.ready_load[m] = 0.0
        state.total_load[m] = 0.0
    state.table_until[:] = 0
    state.opened[:] = -1
    for j in range(len(arrays.job_open)):
        state.next_op[j] = arrays.job_open[j]
        state.ready_at[j] = arrays.job_ready[j]
        state.ready_place[j] = -1
        state.move_minute[j] = -1
        for o in range(arrays.job_open[j], arrays.job_first[j + 1]):
            _add_load(arrays, o, state.total_load, 1.0)
        if arrays.job_open[j] < arrays.job_first[j + 1]:
            add_waiting(state, j)
    _arrive(arrays, state)


@compiled
def _add_load(arrays: PlantArrays, operation: int, load: Float64, sign: float) -> None:
    share = sign if arrays.op_all[operation] else sign / (arrays.op_first[operation + 1] - arrays.op_first[operation])
    for slot in range(arrays.op_first[operation], arrays.op_first[operation + 1]):
        load[arrays.pair_machine[slot]] += share * arrays.pair_minutes[slot]


@compiled
def _arrive(arrays: PlantArrays, state: State) -> None:
    """What the clock's minute brings: reservations begin, tables open or close, machines with them, jobs become ready."""
    _begin_reservations(arrays, state)
    now = state.clock[NOW]
    for table in range(len(arrays.table_count)):
        if state.table_until[table] <= now:
            _ask_table(arrays, state, table)
    for m in range(len(arrays.machine_table)):
        if state.open_at[m] > now:
            continue
        table = arrays.machine_table[m]
        if not state.table_open[table]:
            state.is_open[m] = False
            state.open_at[m] = state.table_until[table]
        elif not state.is_open[m]:
            state.is_open[m] = True
            for i in range(arrays.machine_group_first[m], arrays.machine_group_first[m + 1]):
                state.opened[arrays.machine_group[i]] = now
    state.clock[KNOWN] = state.clock[READY]
    while state.clock[WAITING] > 0 and state.ready_at[state.waiting[0]] <= now:
        _make_ready(arrays, state, take_waiting(state))


@compiled
def _begin_reservations(arrays: PlantArrays, state: State) -> None:
    while (
        state.clock[RESERVED] < len(arrays.block_order)
        and arrays.block_hold[arrays.block_order[state.clock[RESERVED]]] <= state.clock[NOW]
    ):
        b = arrays.block_order[state.clock[RESERVED]]
        m = arrays.block_machine[b]
        state.free_at[m] = max(state.free_at[m], arrays.block_end[b])
        state.open_at[m] = first_working(arrays, arrays.machine_table[m], state.free_at[m])
        state.is_open[m] = False
        state.family[m] = arrays.block_family[b]
        state.block_next[m] = b + 1
        state.clock[RESERVED] += 1


@compiled
def _ask_table(arrays: PlantArrays, state: State, table: int) -> None:
    """Whether the table works now, and until when that stands."""
    now = state.clock[NOW]
    worked = worked_before(arrays, table, now)
    state.table_idle[table] = now - worked
    first = minute_of_work(arrays, table, worked)
    state.table_open[table] = first == now
    state.table_until[table] = open_until(arrays, table, now) if first == now else first


@compiled
def _make_ready(arrays: PlantArrays, state: State, job: int) -> None:
    place = state.clock[READY]
    state.clock[READY] += 1
    state.ready_list[place] = job
    state.ready_group[place] = arrays.op_group[state.next_op[job]]
    state.ready_place[job] = place
    _add_load(arrays, state.next_op[job], state.ready_load, 1.0)


@compiled
def _next_minute(arrays: PlantArrays, state: State) -> int:
    """The next minute after the clock in which anything may become possible."""
    now = state.clock[NOW]
    soonest = NEVER
    for m in range(len(arrays.machine_table)):
        if state.open_at[m] > now:
            soonest = min(soonest, state.open_at[m])
    if state.clock[RESERVED] < len(arrays.block_order):
        soonest = min(soonest, arrays.block_hold[arrays.block_order[state.clock[RESERVED]]])
    if state.clock[WAITING] > 0:
        soonest = min(soonest, state.ready_at[state.waiting[0]])
    return soonest


@compiled
def _new_candidates(arrays: PlantArrays, state: State) -> int:
    """Writes the candidates of the minute at which the clock has arrived and returns their number.

    When it left the last minute, no ready job had a legal move. So one can only have one now if it became ready, if one of
    its machines has opened, or if it needs several at once, for which those that are still busy may now be free soon enough.
    Time alone makes no other move legal: begun later, an operation ends later, and before no later reservation.
    """
    now = state.clock[NOW]
    n = 0
    for i in range(state.clock[READY]):
        group = state.ready_group[i]
        if i >= state.clock[KNOWN] or group == AT_ONCE or state.opened[group] == now:
            j = state.ready_list[i]
            if becomes_candidate(arrays, state, j):
                state.candidates[n] = j
                n += 1
    return n


@compiled
def _left_candidates(arrays: PlantArrays, state: State) -> int:
    """Keeps the candidates that still have a legal move after a dispatch in the same minute and returns their number: a
    dispatch only takes machines away, so no other job can have become one."""
    n = 0
    for i in range(state.clock[CANDIDATES]):
        j = state.candidates[i]
        if state.ready_place[j] >= 0 and stays_candidate(arrays, state, j):
            state.candidates[n] = j
            n += 1
    return n


@compiled
def advance(arrays: PlantArrays, state: State) -> int:
    """Moves the clock until there is a candidate. Returns their number: 0 when all is dispatched, -1 when nothing can ever
    happen again (which a plant that was packed without error never reaches)."""
    while True:
        n = 0
        if state.clock[DONE] < len(arrays.op_job):
            n = _left_candidates(arrays, state) if state.clock[CANDIDATES] > 0 else _new_candidates(arrays, state)
        state.clock[CANDIDATES] = n
        if n > 0 or state.clock[DONE] == len(arrays.op_job):
            return n
        soonest = _next_minute(arrays, state)
        if soonest == NEVER:
            return -1
        state.clock[NOW] = soonest
        _arrive(arrays, state)


@compiled
def book(arrays: PlantArrays, state: State, job: int, pair: int, minute: int) -> int:
    """Places the next operation of the job from ``minute`` on and returns its end: the part that dispatching and replaying
    share."""
    o = state.next_op[job]
    start, end, setup = placement(arrays, state, o, pair, minute)
    for slot in range(arrays.op_first[o], arrays.op_first[o + 1]):
        if arrays.op_all[o] or slot == pair:
            m = arrays.pair_machine[slot]
            state.free_at[m] = end
            state.is_open[m] = False
            state.open_at[m] = first_working(arrays, arrays.machine_table[m], end)
            state.family[m] = arrays.job_family[job]
    state.start[o], state.end[o], state.setup[o], state.pair[o] = start, end, setup, pair
    state.order[o] = state.clock[DONE]
    state.next_op[job] = o + 1
    state.ready_at[job] = end
    state.clock[DONE] += 1
    _add_load(arrays, o, state.total_load, -1.0)
    return end


@compiled
def dispatch(arrays: PlantArrays, state: State, job: int, pair: int) -> int:
    """Starts the candidate job on a legal pair at the clock; returns the operation's end."""
    o = state.next_op[job]
    end = book(arrays, state, job, pair, state.clock[NOW])
    _add_load(arrays, o, state.ready_load, -1.0)
    place, last = state.ready_place[job], state.clock[READY] - 1
    state.ready_list[place] = state.ready_list[last]
    state.ready_group[place] = state.ready_group[last]
    state.ready_place[state.ready_list[last]] = place
    state.ready_place[job] = -1
    state.clock[READY] = last
    if state.next_op[job] < arrays.job_first[job + 1]:
        add_waiting(state, job)
    return end


@compiled
def replay_step(arrays: PlantArrays, state: State, job: int, pair: int, minute: int) -> int:
    """Books the job's next operation as early as its predecessors allow. The replayed schedule had it at ``minute``, which
    tells the reservations that come before it on its machines."""
    o = state.next_op[job]
    for slot in range(arrays.op_first[o], arrays.op_first[o + 1]):
        if arrays.op_all[o] or slot == pair:
            m = arrays.pair_machine[slot]
            while state.block_next[m] < arrays.block_first[m + 1] and arrays.block_end[state.block_next[m]] <= minute:
                b = state.block_next[m]
                state.free_at[m] = max(state.free_at[m], arrays.block_end[b])
                state.family[m] = arrays.block_family[b]
                state.block_next[m] += 1
    return book(arrays, state, job, pair, state.ready_at[job])


# ---------------------------------------------------------------- objectives
@compiled
def weighted_tardiness(arrays: PlantArrays, state: State) -> float:
    """Weighted tardiness in days of a complete schedule."""
    total = 0.0
    for j in range(len(arrays.job_open)):
        late = state.end[arrays.job_first[j + 1] - 1] - arrays.job_due[j]
        if late > 0:
            total += arrays.job_weight[j] * late / MINUTES_PER_DAY
    return total


@compiled
def late_jobs(arrays: PlantArrays, state: State) -> int:
    """Jobs that end after their due minute."""
    count = 0
    for j in range(len(arrays.job_open)):
        if state.end[arrays.job_first[j + 1] - 1] > arrays.job_due[j]:
            count += 1
    return count


@compiled
def last_end(arrays: PlantArrays, state: State) -> int:
    """End of the last operation."""
    last = 0
    for o in range(len(arrays.op_job)):
        last = max(last, state.end[o])
    return last
