"""Which moves the rules allow in the present minute, and what each of them would do, compiled.

A move places the next operation of a ready job on a pair (an operation and one of its machines), or on all of its machines
at once. Functions marked ``compiled_inline`` run for every candidate at every decision.
"""

from __future__ import annotations

from scheduler_core.simulator.array_types import Int64
from scheduler_core.simulator.arrays import NEVER, NO_FAMILY, NOW, PlantArrays, State
from scheduler_core.simulator.calendar_lookup import minute_of_work, span_of_work
from scheduler_core.simulator.compiling import compiled, compiled_inline

BOOKING_HORIZON = 240
"""Minutes that a machine may be held idle until the others that an operation needs at once are free as well. On random
plants with 152 machines, holding them without limit cost the rules 5 to 8 % of weighted tardiness."""


@compiled_inline
def held_pairs(arrays: PlantArrays, operation: int, pair: int) -> tuple[int, int]:
    """Rule 2: (first, behind the last) of the pairs that the operation holds on ``pair``: that one, or all of its own."""
    if arrays.op_all[operation]:
        return arrays.op_first[operation], arrays.op_first[operation + 1]
    return pair, pair + 1


@compiled
def setup_on(arrays: PlantArrays, state: State, operation: int, machine: int) -> int:
    """Setup minutes of the operation if it were the next one on the machine."""
    return setup_after(arrays, operation, machine, state.family[machine])


@compiled_inline
def setup_after(arrays: PlantArrays, operation: int, machine: int, before: int) -> int:
    """Setup minutes of the operation on the machine behind an operation of family ``before`` (rule 5)."""
    if before != NO_FAMILY:
        own = arrays.job_family[arrays.op_job[operation]]
        if before == own:
            return 0
        row = arrays.machine_matrix[machine]
        if row >= 0:
            entry: int = arrays.setup_matrix[row, before, own]
            if entry >= 0:
                return entry
    stated: int = arrays.op_setup[operation]
    return stated


@compiled
def room_on(arrays: PlantArrays, state: State, machine: int) -> int:
    """The minute at which the machine's next reservation begins to hold it (rule 9)."""
    b = state.block_next[machine]
    return arrays.block_hold[b] if b < arrays.block_first[machine + 1] else NEVER


@compiled
def placement(arrays: PlantArrays, state: State, operation: int, pair: int, minute: int) -> tuple[int, int, int]:
    """(start, end, setup) of the operation from ``minute`` on: on the pair's machine, or on all of its machines at once."""
    if arrays.op_all[operation]:
        begin, setup = minute, 0
        for slot in range(arrays.op_first[operation], arrays.op_first[operation + 1]):
            m = arrays.pair_machine[slot]
            begin = max(begin, state.free_at[m])
            setup = max(setup, setup_on(arrays, state, operation, m))
        table = arrays.op_table[operation]
    else:
        m = arrays.pair_machine[pair]
        begin = max(minute, state.free_at[m])
        setup = setup_on(arrays, state, operation, m)
        table = arrays.machine_table[m]
    start, end = span_of_work(arrays, table, begin, setup + arrays.pair_minutes[pair])
    return start, end, setup


@compiled
def finish(arrays: PlantArrays, state: State, operation: int, pair: int) -> tuple[int, int]:
    """(end, setup) of the operation on the pair's machine, which is open, if it begins now."""
    m = arrays.pair_machine[pair]
    setup = setup_on(arrays, state, operation, m)
    table = arrays.machine_table[m]
    worked = state.clock[NOW] - state.table_idle[table]
    return minute_of_work(arrays, table, worked + setup + arrays.pair_minutes[pair] - 1) + 1, setup


@compiled
def is_legal(arrays: PlantArrays, state: State, operation: int, pair: int) -> bool:
    """Whether the operation may start on the pair's (open) machine now: it must end before the next reservation."""
    m = arrays.pair_machine[pair]
    if not state.is_open[m]:
        return False
    room = room_on(arrays, state, m)
    return room == NEVER or finish(arrays, state, operation, pair)[0] <= room


@compiled
def is_legal_on_all(arrays: PlantArrays, state: State, operation: int) -> bool:
    """Whether the operation, which needs several machines, may be booked now: one is open, all are free within
    the booking horizon, and it ends before every reservation."""
    some, begin, room = False, 0, NEVER
    for slot in range(arrays.op_first[operation], arrays.op_first[operation + 1]):
        m = arrays.pair_machine[slot]
        some = some or state.is_open[m]
        begin = max(begin, state.free_at[m])
        room = min(room, room_on(arrays, state, m))
    if not some or begin - state.clock[NOW] > BOOKING_HORIZON:
        return False
    start, end, _ = placement(arrays, state, operation, arrays.op_first[operation], state.clock[NOW])
    return start - state.clock[NOW] <= BOOKING_HORIZON and end <= room


@compiled_inline
def becomes_candidate(arrays: PlantArrays, state: State, job: int) -> bool:
    """Whether the next operation of the ready job has a legal move in this minute."""
    o = state.next_op[job]
    if arrays.op_all[o]:
        return is_legal_on_all(arrays, state, o)
    return _find_legal(arrays, state, job, o, arrays.op_first[o])


@compiled_inline
def stays_candidate(arrays: PlantArrays, state: State, job: int) -> bool:
    """Whether the candidate still has a legal move after dispatches in the same minute. These only take machines away, so
    its first legal pair stands until that machine is taken, and the next one comes later."""
    o = state.next_op[job]
    if arrays.op_all[o]:
        return is_legal_on_all(arrays, state, o)
    pair = state.first_legal[job]
    return state.is_open[arrays.pair_machine[pair]] or _find_legal(arrays, state, job, o, pair + 1)


@compiled_inline
def _find_legal(arrays: PlantArrays, state: State, job: int, operation: int, first: int) -> bool:
    """Whether a pair of the operation from ``first`` on is legal; the first that is, goes to ``state.first_legal[job]``."""
    for pair in range(first, arrays.op_first[operation + 1]):
        if is_legal(arrays, state, operation, pair):
            state.first_legal[job] = pair
            return True
    return False


@compiled
def legal_pairs(arrays: PlantArrays, state: State, job: int, out: Int64) -> int:
    """Writes the legal pairs of the candidate job to ``out`` and returns their number (one for several machines at once)."""
    o = state.next_op[job]
    if arrays.op_all[o]:
        out[0] = arrays.op_first[o]
        return 1
    n = 0
    for pair in range(arrays.op_first[o], arrays.op_first[o + 1]):
        if is_legal(arrays, state, o, pair):
            out[n] = pair
            n += 1
    return n


@compiled_inline
def earliest_end(arrays: PlantArrays, state: State, job: int) -> bool:
    """Finds the move of the candidate job on which its operation ends first (ties: less setup, the preferred machine, the
    plant's order) and writes it to ``state.move_*[job]``. Returns whether it had to be sought: within a minute it stands
    until its machine is taken."""
    o = state.next_op[job]
    if (
        state.move_minute[job] == state.clock[NOW]
        and not arrays.op_all[o]
        and state.is_open[arrays.pair_machine[state.move_pair[job]]]
    ):
        return False
    _seek_earliest_end(arrays, state, job, o)
    return True


@compiled
def _seek_earliest_end(arrays: PlantArrays, state: State, job: int, operation: int) -> None:
    now = state.clock[NOW]
    state.move_minute[job] = now
    if arrays.op_all[operation]:
        state.move_pair[job] = arrays.op_first[operation]
        state.move_start[job], state.move_end[job], state.move_setup[job] = placement(
            arrays, state, operation, arrays.op_first[operation], now
        )
        return
    state.move_start[job], state.move_end[job] = now, NEVER
    for pair in range(arrays.op_first[operation], arrays.op_first[operation + 1]):
        m = arrays.pair_machine[pair]
        if not state.is_open[m]:
            continue
        end, setup = finish(arrays, state, operation, pair)
        if end > room_on(arrays, state, m):
            continue
        better = end < state.move_end[job]
        if end == state.move_end[job]:
            better = setup < state.move_setup[job] or (
                setup == state.move_setup[job] and m == arrays.op_preferred[operation]
            )
        if better:
            state.move_pair[job], state.move_end[job], state.move_setup[job] = pair, end, setup
