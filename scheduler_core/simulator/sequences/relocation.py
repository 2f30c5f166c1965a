"""One operation's change of place in the machines' sequences, and its undoing, compiled.

A change recomputes only the operations whose start or setup it reaches, in topological order, which is what makes a search
over sequences fast.
"""

from __future__ import annotations

from scheduler_core.simulator import costs
from scheduler_core.simulator.array_types import Float64
from scheduler_core.simulator.arrays import PlantArrays
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
    Sequences,
    link,
    overtime_of,
    timing,
    touch,
    unlink,
)
from scheduler_core.simulator.sequences.relocation_estimates import job_delay


@compiled
def spots(arrays: PlantArrays, sequences: Sequences, operation: int, pair: int, at: int) -> None:
    """Writes to ``sequences.spot`` the places on the machines of ``pair`` behind all that starts before minute ``at``. The
    operation itself is left out."""
    first, last = held_pairs(arrays, operation, pair)
    for slot in range(first, last):
        b = sequences.last[arrays.pair_machine[slot]]
        while b >= 0 and (arrays.pair_op[b] == operation or sequences.start[arrays.pair_op[b]] >= at):
            b = sequences.before[b]
        sequences.spot[slot] = b


@compiled
def move(
    arrays: PlantArrays, sequences: Sequences, operation: int, pair: int, floor: int, prices: Float64, limit: float
) -> bool:
    """Moves the operation to ``pair``, behind the pairs that ``sequences.spot`` names for each pair that it then holds, with
    a new floor. False if that gives no schedule, or if on the way the jobs are expected to cost more than ``limit``;
    ``undo`` takes the move back, and must be called before the next one if so.

    ``spot`` must not name the operation's own pairs.
    """
    sequences.number[LOGGED] = 0
    sequences.number[LOW], sequences.number[HIGH] = 0, -1
    first, last = held_pairs(arrays, operation, sequences.pair[operation])
    for slot in range(first, last):
        sequences.was[slot], sequences.then[slot] = sequences.before[slot], sequences.after[slot]
        unlink(arrays, sequences, slot)
    sequences.pair[operation] = pair
    sequences.floor[operation] = floor
    for slot in range(*held_pairs(arrays, operation, sequences.pair[operation])):
        link(arrays, sequences, slot, sequences.spot[slot])
    if not _reorder(arrays, sequences, operation):
        return False
    sequences.number[BEGIN] = sequences.number[MOVABLE]
    touch(sequences, operation)
    for slot in range(first, last):
        if sequences.then[slot] >= 0:
            touch(sequences, arrays.pair_op[sequences.then[slot]])
    for slot in range(*held_pairs(arrays, operation, sequences.pair[operation])):
        if sequences.after[slot] >= 0:
            touch(sequences, arrays.pair_op[sequences.after[slot]])
    return _retime(arrays, sequences, prices, limit)


@compiled
def undo(arrays: PlantArrays, sequences: Sequences, operation: int, pair: int, floor: int, prices: Float64) -> None:
    """Takes the last move of the operation back; ``pair`` and ``floor`` are what it had."""
    for i in range(sequences.number[LOGGED]):
        x = sequences.log_op[i]
        _put(
            arrays,
            sequences,
            x,
            sequences.log_start[i],
            sequences.log_end[i],
            sequences.log_setup[i],
            sequences.log_overtime[i],
            prices,
        )
    for slot in range(*held_pairs(arrays, operation, sequences.pair[operation])):
        unlink(arrays, sequences, slot)
    sequences.pair[operation] = pair
    sequences.floor[operation] = floor
    for slot in range(*held_pairs(arrays, operation, sequences.pair[operation])):
        link(arrays, sequences, slot, sequences.was[slot])
    for i in range(sequences.number[LOW], sequences.number[HIGH] + 1):
        sequences.order[i] = sequences.saved[i]
        sequences.place[sequences.saved[i]] = i


@compiled
def _reorder(arrays: PlantArrays, sequences: Sequences, operation: int) -> bool:
    """Gives the operation a place in the order behind all that must come before it and before all that must come after it,
    moving only the span between. False if some operation would have to come before itself (a cycle).

    The scan is the one of Pearce & Kelly 2007, A dynamic topological sort algorithm for directed acyclic graphs.
    """
    j = arrays.op_job[operation]
    low, high = sequences.number[MOVABLE], -1
    if operation > arrays.job_open[j]:
        high = sequences.place[operation - 1]
    if operation + 1 < arrays.job_first[j + 1]:
        low = sequences.place[operation + 1]
    for slot in range(*held_pairs(arrays, operation, sequences.pair[operation])):
        b, n = sequences.before[slot], sequences.after[slot]
        if b >= 0:
            high = max(high, sequences.place[arrays.pair_op[b]])
        if n >= 0 and sequences.place[arrays.pair_op[n]] >= 0:
            low = min(low, sequences.place[arrays.pair_op[n]])
    here = sequences.place[operation]
    if high < here < low:
        return True
    left, right = min(low, here), max(high, here)
    right = min(right, sequences.number[MOVABLE] - 1)
    if high >= low:
        for i in range(low, high + 1):
            sequences.marked[sequences.order[i]] = False
        if operation + 1 < arrays.job_first[j + 1] and sequences.place[operation + 1] <= high:
            sequences.marked[operation + 1] = True
        for slot in range(*held_pairs(arrays, operation, sequences.pair[operation])):
            n = sequences.after[slot]
            if n >= 0 and 0 <= sequences.place[arrays.pair_op[n]] <= high:
                sequences.marked[arrays.pair_op[n]] = True
        for i in range(low, high + 1):
            x = sequences.order[i]
            if x != operation and not sequences.marked[x]:
                sequences.marked[x] = _follows_marked(arrays, sequences, x, operation, low)
        if operation > arrays.job_open[j] and sequences.place[operation - 1] >= low and sequences.marked[operation - 1]:
            return False
        for slot in range(*held_pairs(arrays, operation, sequences.pair[operation])):
            b = sequences.before[slot]
            if b >= 0 and sequences.place[arrays.pair_op[b]] >= low and sequences.marked[arrays.pair_op[b]]:
                return False
    for i in range(left, right + 1):
        sequences.saved[i] = sequences.order[i]
    sequences.number[LOW], sequences.number[HIGH] = left, right
    at = left
    for i in range(left, min(high, right) + 1):
        x = sequences.saved[i]
        if x != operation and not (i >= low and sequences.marked[x]):
            sequences.order[at] = x
            at += 1
    sequences.order[at] = operation
    at += 1
    for i in range(max(left, low), min(high, right) + 1):
        x = sequences.saved[i]
        if x != operation and sequences.marked[x]:
            sequences.order[at] = x
            at += 1
    for i in range(max(left, high + 1), right + 1):
        x = sequences.saved[i]
        if x != operation:
            sequences.order[at] = x
            at += 1
    for i in range(left, right + 1):
        sequences.place[sequences.order[i]] = i
    return True


@compiled
def _follows_marked(arrays: PlantArrays, sequences: Sequences, operation: int, moved: int, low: int) -> bool:
    """Whether the operation comes right after a marked one (``moved`` left out)."""
    if (
        operation > arrays.job_open[arrays.op_job[operation]]
        and operation - 1 != moved
        and sequences.place[operation - 1] >= low
        and sequences.marked[operation - 1]
    ):
        return True
    for slot in range(*held_pairs(arrays, operation, sequences.pair[operation])):
        b = sequences.before[slot]
        if b >= 0:
            other = arrays.pair_op[b]
            if other != moved and sequences.place[other] >= low and sequences.marked[other]:
                return True
    return False


@compiled
def _retime(arrays: PlantArrays, sequences: Sequences, prices: Float64, limit: float) -> bool:
    """Recomputes what is marked and what that reaches. False if an operation would run into a reservation, or as soon as
    the jobs are expected to cost more than ``limit``, the rest of each estimated by ``job_delay``."""
    fits, ahead = True, 0.0
    i = sequences.number[BEGIN]
    while sequences.number[PENDING] > 0:
        o = sequences.order[i]
        i += 1
        if not sequences.dirty[o]:
            continue
        sequences.dirty[o] = False
        sequences.number[PENDING] -= 1
        if not fits:
            continue
        start, end, setup = timing(arrays, sequences, o)
        delay = end - sequences.end[o]
        for slot in range(*held_pairs(arrays, o, sequences.pair[o])):
            n = sequences.after[slot]
            if n >= 0:
                if end > sequences.hold[n]:
                    fits = False
                elif delay != 0:
                    touch(sequences, arrays.pair_op[n])
        if not fits:
            continue
        j = arrays.op_job[o]
        expected = 0.0
        if delay != 0 and o + 1 < arrays.job_first[j + 1]:
            touch(sequences, o + 1)
            expected = job_delay(arrays, sequences, prices, o, delay)
        ahead += expected - sequences.ahead[j]
        sequences.ahead[j] = expected
        if delay != 0 or start != sequences.start[o] or setup != sequences.setup[o]:
            k = sequences.number[LOGGED]
            sequences.log_op[k], sequences.log_start[k], sequences.log_end[k] = o, sequences.start[o], sequences.end[o]
            sequences.log_setup[k], sequences.log_overtime[k] = sequences.setup[o], sequences.overtime[o]
            sequences.number[LOGGED] = k + 1
            _put(arrays, sequences, o, start, end, setup, overtime_of(arrays, sequences, o, start, end, prices), prices)
            fits = sequences.total[JOBS] + ahead <= limit
    for k in range(sequences.number[LOGGED]):
        sequences.ahead[arrays.op_job[sequences.log_op[k]]] = 0.0
    return fits


@compiled
def _put(
    arrays: PlantArrays,
    sequences: Sequences,
    operation: int,
    start: int,
    end: int,
    setup: int,
    overtime: int,
    prices: Float64,
) -> None:
    """Gives the operation its times and keeps the sums."""
    sequences.total[SETUP] += setup - sequences.setup[operation]
    sequences.total[OVERTIME] += overtime - sequences.overtime[operation]
    sequences.start[operation], sequences.setup[operation], sequences.overtime[operation] = start, setup, overtime
    old_end = sequences.end[operation]
    sequences.end[operation] = end
    j = arrays.op_job[operation]
    if end != old_end and operation + 1 == arrays.job_first[j + 1]:
        share = costs.job_cost(arrays, prices, j, end)
        sequences.group[j >> GROUP_SHIFT] += share - sequences.share[j]
        sequences.total[JOBS] += share - sequences.share[j]
        sequences.share[j] = share
        if end >= sequences.number[END]:
            sequences.number[END] = end
        elif old_end == sequences.number[END]:
            sequences.number[END] = 0
            for k in range(len(sequences.share)):
                sequences.number[END] = max(sequences.number[END], sequences.end[arrays.job_first[k + 1] - 1])
