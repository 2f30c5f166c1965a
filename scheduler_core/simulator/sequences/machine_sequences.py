"""A schedule as the sequence of operations on every machine, and what it costs; what a change of place does to it is in
relocation.py.

Every operation starts as early as its machines' sequences, its job and its ``floor`` allow, so a schedule is its sequences
and floors (a semi-active schedule where no floor binds). Reserved operations stand in the sequences but never move.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from scheduler_core.simulator import costs
from scheduler_core.simulator.array_types import Bool, Float64, Int32, Int64
from scheduler_core.simulator.arrays import NEVER, PlantArrays, State
from scheduler_core.simulator.calendar_lookup import span_of_work
from scheduler_core.simulator.compiling import compiled as compiled
from scheduler_core.simulator.legal_moves import held_pairs, setup_after

GROUP_SHIFT = 5
"""Jobs per sum in ``group``, as a power of two: a job is drawn by its cost in two short scans."""
END, PENDING, LOGGED, MOVABLE, LOW, HIGH, BEGIN = range(7)
"""Places in ``Sequences.number``."""
JOBS, SETUP, OVERTIME = range(3)
"""Places in ``Sequences.total``."""


class Sequences(NamedTuple):
    """The schedule, what it costs, and what undoing the last change needs. Pairs stand for operations on machines."""

    pair: Int32  # [O] chosen pair (the first one where all are needed)
    before: Int32  # [E] pair before it on its machine, -1: none; only chosen pairs count
    after: Int32  # [E] pair after it
    first: Int32  # [M] first pair on each machine, -1: none
    last: Int32  # [M]
    order: Int32  # [O] the movable operations in topological order; the first number[MOVABLE] places count
    place: Int32  # [O] place in order, -1: reserved
    floor: Int64  # [O] minute before which the operation shall not start
    hold: Int64  # [E] where reserved: the minute from which the machine is held; else NEVER
    start: Int64  # [O]
    end: Int64  # [O]
    setup: Int32  # [O]
    overtime: Int32  # [O] minutes in overtime windows, over all its machines; 0 where overtime has no price
    ahead: Float64  # [J] scratch of a change: by how much each job is expected to cost more than its share
    busy: Float64  # [M] scratch: worked minutes of all operations
    share: Float64  # [J] what each job costs
    group: Float64  # [J >> GROUP_SHIFT + 1] the same summed over neighbouring jobs
    total: Float64  # [3] what all jobs cost; setup minutes; overtime minutes
    number: Int64  # [7] last end; operations to recompute; operations in the log; movable ones; span of order saved (2);
    # first place in order to recompute
    dirty: Bool  # [O] to recompute
    marked: Bool  # [O] scratch of the reordering
    spot: Int32  # [E] pair after which a moved pair shall stand, -1: first
    was: Int32  # [E] where it stood
    then: Int32  # [E] pair after it there
    saved: Int32  # [O] order before the change, from number[LOW] to number[HIGH]
    log_op: Int32  # [O] operations that the change recomputed, and their values before it
    log_start: Int64
    log_end: Int64
    log_setup: Int32
    log_overtime: Int32


def new_sequences(arrays: PlantArrays) -> Sequences:
    """Room for a schedule of the plant; ``load`` fills it."""
    ops, pairs = len(arrays.op_job), len(arrays.pair_machine)
    machines, jobs = len(arrays.machine_table), len(arrays.job_open)

    def i32(n: int) -> Int32:
        return np.zeros(n, np.int32)

    def i64(n: int) -> Int64:
        return np.zeros(n, np.int64)

    # Blocks stand machine by machine in time order; so do the pairs of reserved operations when sorted that way.
    reserved = arrays.op_reserved_pair[arrays.pair_op]
    held = np.flatnonzero((reserved >= 0) & (arrays.op_all[arrays.pair_op] | (reserved == np.arange(pairs))))
    held = held[np.lexsort((arrays.op_reserved_end[arrays.pair_op[held]], arrays.pair_machine[held]))]
    hold = np.full(pairs, NEVER, np.int64)
    hold[held] = arrays.block_hold
    return Sequences(
        pair=i32(ops), before=i32(pairs), after=i32(pairs), first=i32(machines), last=i32(machines), order=i32(ops),
        place=i32(ops), floor=i64(ops), hold=hold, start=i64(ops), end=i64(ops), setup=i32(ops), overtime=i32(ops),
        ahead=np.zeros(jobs), busy=np.zeros(machines),
        share=np.zeros(jobs), group=np.zeros((jobs >> GROUP_SHIFT) + 1), total=np.zeros(3),
        number=i64(7), dirty=np.zeros(ops, np.bool_), marked=np.zeros(ops, np.bool_), spot=i32(pairs),
        was=i32(pairs), then=i32(pairs), saved=i32(ops), log_op=i32(ops), log_start=i64(ops), log_end=i64(ops),
        log_setup=i32(ops), log_overtime=i32(ops),
    )  # fmt: skip


def load(arrays: PlantArrays, sequences: Sequences, pair: Int32, start: Int64, floor: Int64 | None, prices: Float64) -> None:
    """Takes over the sequences of a complete schedule and times it anew: no operation ends later than there, unless its
    floor (minutes; None: none) says so."""
    sequences.pair[:] = pair
    sequences.floor[:] = 0 if floor is None else floor
    # An operation lasts a minute at least, so starts ascend along every arc.
    rebuild(arrays, sequences, np.argsort(start, kind="stable").astype(np.int32))
    if not time_all(arrays, sequences, prices):
        raise AssertionError("an operation of the schedule runs into a reservation")


def store(arrays: PlantArrays, sequences: Sequences, state: State) -> None:
    """Writes the schedule to a simulator's state, as if it had been dispatched in order of starts."""
    state.pair[:], state.start[:], state.end[:], state.setup[:] = (
        sequences.pair,
        sequences.start,
        sequences.end,
        sequences.setup,
    )
    movable = np.flatnonzero(sequences.place >= 0)
    state.order[:] = -1
    reserved = len(sequences.place) - len(movable)
    state.order[movable[np.argsort(sequences.start[movable], kind="stable")]] = np.arange(reserved, len(sequences.place))


# ---------------------------------------------------------------- the whole schedule
@compiled
def rebuild(arrays: PlantArrays, sequences: Sequences, by_start: Int32) -> None:
    """Links the machines' sequences in the given order of all operations and numbers the movable ones."""
    sequences.first[:] = -1
    sequences.last[:] = -1
    count = 0
    for i in range(len(by_start)):
        o = by_start[i]
        if arrays.op_reserved_pair[o] >= 0:
            sequences.place[o] = -1
        else:
            sequences.order[count] = o
            sequences.place[o] = count
            count += 1
        for slot in range(*held_pairs(arrays, o, sequences.pair[o])):
            m = arrays.pair_machine[slot]
            link(arrays, sequences, slot, sequences.last[m])
    sequences.number[MOVABLE] = count


@compiled
def time_all(arrays: PlantArrays, sequences: Sequences, prices: Float64) -> bool:
    """Times every operation and adds up what the schedule costs. False if an operation runs into a reservation."""
    sequences.total[:] = 0.0
    sequences.group[:] = 0.0
    for o in range(len(sequences.pair)):
        sequences.dirty[o] = False
        if sequences.place[o] < 0:
            sequences.start[o], sequences.end[o], sequences.setup[o] = (
                arrays.op_reserved_start[o],
                arrays.op_reserved_end[o],
                arrays.op_reserved_setup[o],
            )
            sequences.overtime[o] = 0
            sequences.total[SETUP] += sequences.setup[o]
    for i in range(sequences.number[MOVABLE]):
        o = sequences.order[i]
        sequences.start[o], sequences.end[o], sequences.setup[o] = timing(arrays, sequences, o)
        sequences.overtime[o] = overtime_of(arrays, sequences, o, sequences.start[o], sequences.end[o], prices)
        sequences.total[SETUP] += sequences.setup[o]
        sequences.total[OVERTIME] += sequences.overtime[o]
        for slot in range(*held_pairs(arrays, o, sequences.pair[o])):
            n = sequences.after[slot]
            if n >= 0 and sequences.end[o] > sequences.hold[n]:
                return False
    sequences.number[END] = 0
    for j in range(len(sequences.share)):
        end = sequences.end[arrays.job_first[j + 1] - 1]
        sequences.share[j] = costs.job_cost(arrays, prices, j, end)
        sequences.group[j >> GROUP_SHIFT] += sequences.share[j]
        sequences.total[JOBS] += sequences.share[j]
        sequences.number[END] = max(sequences.number[END], end)
    return True


@compiled
def total_cost(arrays: PlantArrays, sequences: Sequences, prices: Float64) -> float:
    """What the schedule costs: the same as ``costs.cost`` of its state."""
    cost: float = sequences.total[JOBS] + prices[costs.MAKESPAN] * sequences.number[END] / 60.0
    cost += (prices[costs.SETUPS] * sequences.total[SETUP] + prices[costs.OVERTIME] * sequences.total[OVERTIME]) / 60.0
    if prices[costs.BALANCE] > 0.0:
        for m in range(len(sequences.busy)):
            sequences.busy[m] = arrays.machine_reserved[m]
        for i in range(sequences.number[MOVABLE]):
            o = sequences.order[i]
            costs.add_busy(
                arrays, o, sequences.pair[o], sequences.setup[o] + arrays.pair_minutes[sequences.pair[o]], sequences.busy
            )
        cost += prices[costs.BALANCE] * costs.spread(arrays, sequences.busy, sequences.number[END])
    return cost


@compiled
def copy(sequences: Sequences, to: Sequences) -> None:
    """Makes ``to`` the same schedule; both are of the same plant, and no change is under way."""
    for o in range(len(sequences.pair)):
        to.pair[o], to.order[o], to.place[o], to.floor[o] = (
            sequences.pair[o],
            sequences.order[o],
            sequences.place[o],
            sequences.floor[o],
        )
        to.start[o], to.end[o], to.setup[o], to.overtime[o] = (
            sequences.start[o],
            sequences.end[o],
            sequences.setup[o],
            sequences.overtime[o],
        )
    for slot in range(len(sequences.before)):
        to.before[slot], to.after[slot] = sequences.before[slot], sequences.after[slot]
    for m in range(len(sequences.first)):
        to.first[m], to.last[m] = sequences.first[m], sequences.last[m]
    for j in range(len(sequences.share)):
        to.share[j] = sequences.share[j]
    for g in range(len(sequences.group)):
        to.group[g] = sequences.group[g]
    for i in range(len(sequences.total)):
        to.total[i] = sequences.total[i]
    to.number[END], to.number[MOVABLE] = sequences.number[END], sequences.number[MOVABLE]


# ---------------------------------------------------------------- one operation
@compiled
def job_ready(arrays: PlantArrays, sequences: Sequences, operation: int) -> int:
    """Minute from which the operation's job allows it to start (rules 7 and 8)."""
    j = arrays.op_job[operation]
    ready: int = arrays.job_ready[j] if operation == arrays.job_open[j] else sequences.end[operation - 1]
    return ready


@compiled
def timing(arrays: PlantArrays, sequences: Sequences, operation: int) -> tuple[int, int, int]:
    """(start, end, setup) of the movable operation in its place."""
    begin = max(job_ready(arrays, sequences, operation), sequences.floor[operation])
    setup = 0
    for slot in range(*held_pairs(arrays, operation, sequences.pair[operation])):
        m = arrays.pair_machine[slot]
        b = sequences.before[slot]
        if b >= 0:
            other = arrays.pair_op[b]
            begin = max(begin, sequences.end[other])
            family = arrays.job_family[arrays.op_job[other]]
        else:
            family = arrays.machine_family[m]
        setup = max(setup, setup_after(arrays, operation, m, family))
    pair = sequences.pair[operation]
    table = arrays.op_table[operation] if arrays.op_all[operation] else arrays.machine_table[arrays.pair_machine[pair]]
    start, end = span_of_work(arrays, table, begin, setup + arrays.pair_minutes[pair])
    return start, end, setup


@compiled
def overtime_of(arrays: PlantArrays, sequences: Sequences, operation: int, start: int, end: int, prices: Float64) -> int:
    """Overtime minutes of the operation if it runs from start to end; 0 where overtime has no price."""
    if prices[costs.OVERTIME] == 0.0:
        return 0
    return costs.overtime_minutes(arrays, operation, sequences.pair[operation], start, end)


@compiled
def link(arrays: PlantArrays, sequences: Sequences, slot: int, before: int) -> None:
    """Puts pair ``slot`` behind pair ``before`` on its machine (-1: first)."""
    m = arrays.pair_machine[slot]
    after = sequences.after[before] if before >= 0 else sequences.first[m]
    sequences.before[slot] = before
    sequences.after[slot] = after
    if before >= 0:
        sequences.after[before] = slot
    else:
        sequences.first[m] = slot
    if after >= 0:
        sequences.before[after] = slot
    else:
        sequences.last[m] = slot


@compiled
def unlink(arrays: PlantArrays, sequences: Sequences, slot: int) -> None:
    m = arrays.pair_machine[slot]
    before, after = sequences.before[slot], sequences.after[slot]
    if before >= 0:
        sequences.after[before] = after
    else:
        sequences.first[m] = after
    if after >= 0:
        sequences.before[after] = before
    else:
        sequences.last[m] = before


@compiled
def touch(sequences: Sequences, operation: int) -> None:
    if not sequences.dirty[operation] and sequences.place[operation] >= 0:
        sequences.dirty[operation] = True
        sequences.number[PENDING] += 1
        sequences.number[BEGIN] = min(sequences.number[BEGIN], sequences.place[operation])
