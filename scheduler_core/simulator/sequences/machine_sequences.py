"""A schedule as the sequence of operations on every machine, and what it costs; what a change of place does to it is in
changes.py.

Every operation starts as early as its machines' sequences, its job and its ``floor`` allow, so a schedule is its sequences
and floors (a semi-active schedule where no floor binds). Reserved operations stand in the sequences but never move.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scheduler_core.simulator import costs
from scheduler_core.simulator.arrays import NEVER, PlantArrays, State
from scheduler_core.simulator.calendar_lookup import span_of_work
from scheduler_core.simulator.compiling import compiled as compiled
from scheduler_core.simulator.legal_moves import held_pairs, setup_after

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]

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


def load(arrays: PlantArrays, q: Sequences, pair: Int32, start: Int64, floor: Int64 | None, prices: Float64) -> None:
    """Takes over the sequences of a complete schedule and times it anew: no operation ends later than there, unless its
    floor (minutes; None: none) says so."""
    q.pair[:] = pair
    q.floor[:] = 0 if floor is None else floor
    # An operation lasts a minute at least, so starts ascend along every arc.
    rebuild(arrays, q, np.argsort(start, kind="stable").astype(np.int32))
    if not time_all(arrays, q, prices):
        raise AssertionError("an operation of the schedule runs into a reservation")


def store(arrays: PlantArrays, q: Sequences, state: State) -> None:
    """Writes the schedule to a simulator's state, as if it had been dispatched in order of starts."""
    state.pair[:], state.start[:], state.end[:], state.setup[:] = q.pair, q.start, q.end, q.setup
    movable = np.flatnonzero(q.place >= 0)
    state.order[:] = -1
    reserved = len(q.place) - len(movable)
    state.order[movable[np.argsort(q.start[movable], kind="stable")]] = np.arange(reserved, len(q.place))


# ---------------------------------------------------------------- the whole schedule
@compiled
def rebuild(a, q, by_start):
    """Links the machines' sequences in the given order of all operations and numbers the movable ones."""
    q.first[:] = -1
    q.last[:] = -1
    count = 0
    for i in range(len(by_start)):
        o = by_start[i]
        if a.op_reserved_pair[o] >= 0:
            q.place[o] = -1
        else:
            q.order[count] = o
            q.place[o] = count
            count += 1
        for slot in range(*held_pairs(a, o, q.pair[o])):
            m = a.pair_machine[slot]
            link(a, q, slot, q.last[m])
    q.number[MOVABLE] = count


@compiled
def time_all(a, q, prices):
    """Times every operation and adds up what the schedule costs. False if an operation runs into a reservation."""
    q.total[:] = 0.0
    q.group[:] = 0.0
    for o in range(len(q.pair)):
        q.dirty[o] = False
        if q.place[o] < 0:
            q.start[o], q.end[o], q.setup[o] = a.op_reserved_start[o], a.op_reserved_end[o], a.op_reserved_setup[o]
            q.overtime[o] = 0
            q.total[SETUP] += q.setup[o]
    for i in range(q.number[MOVABLE]):
        o = q.order[i]
        q.start[o], q.end[o], q.setup[o] = timing(a, q, o)
        q.overtime[o] = overtime_of(a, q, o, q.start[o], q.end[o], prices)
        q.total[SETUP] += q.setup[o]
        q.total[OVERTIME] += q.overtime[o]
        for slot in range(*held_pairs(a, o, q.pair[o])):
            n = q.after[slot]
            if n >= 0 and q.end[o] > q.hold[n]:
                return False
    q.number[END] = 0
    for j in range(len(q.share)):
        end = q.end[a.job_first[j + 1] - 1]
        q.share[j] = costs.job_cost(a, prices, j, end)
        q.group[j >> GROUP_SHIFT] += q.share[j]
        q.total[JOBS] += q.share[j]
        q.number[END] = max(q.number[END], end)
    return True


@compiled
def total_cost(a, q, prices):
    """What the schedule costs: the same as ``costs.cost`` of its state."""
    cost = q.total[JOBS] + prices[costs.MAKESPAN] * q.number[END] / 60.0
    cost += (prices[costs.SETUPS] * q.total[SETUP] + prices[costs.OVERTIME] * q.total[OVERTIME]) / 60.0
    if prices[costs.BALANCE] > 0.0:
        for m in range(len(q.busy)):
            q.busy[m] = a.machine_reserved[m]
        for i in range(q.number[MOVABLE]):
            o = q.order[i]
            costs.add_busy(a, o, q.pair[o], q.setup[o] + a.pair_minutes[q.pair[o]], q.busy)
        cost += prices[costs.BALANCE] * costs.spread(a, q.busy, q.number[END])
    return cost


@compiled
def copy(q, to):
    """Makes ``to`` the same schedule; both are of the same plant, and no change is under way."""
    for o in range(len(q.pair)):
        to.pair[o], to.order[o], to.place[o], to.floor[o] = q.pair[o], q.order[o], q.place[o], q.floor[o]
        to.start[o], to.end[o], to.setup[o], to.overtime[o] = q.start[o], q.end[o], q.setup[o], q.overtime[o]
    for slot in range(len(q.before)):
        to.before[slot], to.after[slot] = q.before[slot], q.after[slot]
    for m in range(len(q.first)):
        to.first[m], to.last[m] = q.first[m], q.last[m]
    for j in range(len(q.share)):
        to.share[j] = q.share[j]
    for g in range(len(q.group)):
        to.group[g] = q.group[g]
    for i in range(len(q.total)):
        to.total[i] = q.total[i]
    to.number[END], to.number[MOVABLE] = q.number[END], q.number[MOVABLE]


# ---------------------------------------------------------------- one operation
@compiled
def job_ready(a, q, o):
    """Minute from which operation o's job allows it to start."""
    j = a.op_job[o]
    return a.job_ready[j] if o == a.job_open[j] else q.end[o - 1]


@compiled
def timing(a, q, o):
    """(start, end, setup) of movable operation o in its place."""
    begin = max(job_ready(a, q, o), q.floor[o])
    setup = 0
    for slot in range(*held_pairs(a, o, q.pair[o])):
        m = a.pair_machine[slot]
        b = q.before[slot]
        if b >= 0:
            other = a.pair_op[b]
            begin = max(begin, q.end[other])
            family = a.job_family[a.op_job[other]]
        else:
            family = a.machine_family[m]
        setup = max(setup, setup_after(a, o, m, family))
    pair = q.pair[o]
    table = a.op_table[o] if a.op_all[o] else a.machine_table[a.pair_machine[pair]]
    start, end = span_of_work(a, table, begin, setup + a.pair_minutes[pair])
    return start, end, setup


@compiled
def overtime_of(a, q, o, start, end, prices):
    """Overtime minutes of operation o if it runs from start to end; 0 where overtime has no price."""
    if prices[costs.OVERTIME] == 0.0:
        return 0
    return costs.overtime_minutes(a, o, q.pair[o], start, end)


@compiled
def link(a, q, slot, b):
    """Puts the pair behind pair b on its machine (-1: first)."""
    m = a.pair_machine[slot]
    n = q.after[b] if b >= 0 else q.first[m]
    q.before[slot] = b
    q.after[slot] = n
    if b >= 0:
        q.after[b] = slot
    else:
        q.first[m] = slot
    if n >= 0:
        q.before[n] = slot
    else:
        q.last[m] = slot


@compiled
def unlink(a, q, slot):
    m = a.pair_machine[slot]
    b, n = q.before[slot], q.after[slot]
    if b >= 0:
        q.after[b] = n
    else:
        q.first[m] = n
    if n >= 0:
        q.before[n] = b
    else:
        q.last[m] = b


@compiled
def touch(q, o):
    if not q.dirty[o] and q.place[o] >= 0:
        q.dirty[o] = True
        q.number[PENDING] += 1
        q.number[BEGIN] = min(q.number[BEGIN], q.place[o])
