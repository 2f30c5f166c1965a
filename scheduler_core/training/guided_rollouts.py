"""Rollouts of the policy that are pulled towards a searched schedule, and the decisions that they took.

The search (engines/annealing/population.py) may let a machine wait for a job; the simulator never does (non-delay
dispatching), so a searched schedule cannot be followed to the letter, and following it as closely as possible is often worse
than the policy's own schedule. Pulled by it at different strengths, the policy finds schedules better than both, and those
can be imitated: the policy almost made them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from scheduler_core.policy.features import (
    JOB_RULE,
    MACHINE_RULE,
    MAX_CANDIDATES,
    N_GLOBAL,
    N_JOB,
    N_MACHINE,
    View,
    global_features,
    job_features,
    machine_features,
    reset_potential,
    update_potential,
)
from scheduler_core.policy.inference import PolicyWeights, Room, pick, score
from scheduler_core.simulator import kernel
from scheduler_core.simulator.array_types import Bool, Float32, Float64, Int32, Int64
from scheduler_core.simulator.arrays import NOW, PlantArrays, State
from scheduler_core.simulator.compiling import compiled as compiled
from scheduler_core.simulator.legal_moves import held_pairs

STOPPED = -1


class Teacher(NamedTuple):
    """A searched schedule: O operations, M machines."""

    pair: Int32  # [O]
    start: Int64  # [O] minutes
    sequence: Int32  # operations machine by machine, by start
    first: Int64  # [M + 1] where a machine's sequence begins
    at: Int64  # [M] how far the machine has come in it


class Records(NamedTuple):
    """Decisions in a row: D of them, R candidates in all."""

    rows: Float32  # [R, N_MACHINE + N_JOB] what the head reads; N_JOB of them where a job is asked for
    right: Bool  # [R]
    counts: Int64  # [D] candidates
    asks_machine: Bool  # [D]
    plant: Float32  # [D, N_GLOBAL]
    size: Int64  # [2] D and R in use
    favour: Float64  # [MAX_CANDIDATES or M] how well each choice of one decision fits the teacher


def teacher_of(arrays: PlantArrays, state: State) -> Teacher:
    """The complete schedule in the state as a teacher."""
    sequences: list[list[int]] = [[] for _ in arrays.machine_table]
    for o in np.argsort(state.start, kind="stable").tolist():
        if arrays.op_reserved_pair[o] < 0:
            held = range(arrays.op_first[o], arrays.op_first[o + 1]) if arrays.op_all[o] else [state.pair[o]]
            for pair in held:
                sequences[arrays.pair_machine[pair]].append(o)
    return Teacher(
        pair=state.pair.copy(),
        start=state.start.copy(),
        sequence=np.array([o for s in sequences for o in s], np.int32),
        first=np.cumsum([0, *map(len, sequences)], dtype=np.int64),
        at=np.zeros(len(sequences), np.int64),
    )


def new_records(arrays: PlantArrays) -> Records:
    """Room for the decisions of one schedule of the plant."""
    decisions = 2 * len(arrays.op_job)
    rows = decisions * MAX_CANDIDATES
    return Records(
        rows=np.zeros((rows, N_MACHINE + N_JOB), np.float32),
        right=np.zeros(rows, np.bool_),
        counts=np.zeros(decisions, np.int64),
        asks_machine=np.zeros(decisions, np.bool_),
        plant=np.zeros((decisions, N_GLOBAL), np.float32),
        size=np.zeros(2, np.int64),
        favour=np.zeros(max(MAX_CANDIDATES, len(arrays.machine_table))),
    )


@compiled
def _come(arrays: PlantArrays, state: State, teacher: Teacher, machine: int) -> None:
    """Moves the machine on to the first operation of its sequence that is not dispatched yet."""
    while (
        teacher.at[machine] < teacher.first[machine + 1]
        and state.next_op[arrays.op_job[teacher.sequence[teacher.at[machine]]]] > teacher.sequence[teacher.at[machine]]
    ):
        teacher.at[machine] += 1


@compiled
def _is_next(arrays: PlantArrays, state: State, teacher: Teacher, operation: int) -> bool:
    """Whether the operation is the next in the teacher's sequence of every machine that it holds there."""
    first, last = held_pairs(arrays, operation, teacher.pair[operation])
    for pair in range(first, last):
        m = arrays.pair_machine[pair]
        _come(arrays, state, teacher, m)
        if teacher.sequence[teacher.at[m]] != operation:
            return False
    return True


@compiled
def _overrun(arrays: PlantArrays, state: State, teacher: Teacher, operation: int, pair: int) -> int:
    """Minutes by which the operation, started now on the pair, would delay what the teacher has next on that machine."""
    _, end, _ = kernel.placement(arrays, state, operation, pair, state.clock[NOW])
    first, last = held_pairs(arrays, operation, pair)
    most = 0
    for slot in range(first, last):
        m = arrays.pair_machine[slot]
        _come(arrays, state, teacher, m)
        if teacher.at[m] < teacher.first[m + 1] and teacher.sequence[teacher.at[m]] != operation:
            most = max(most, end - teacher.start[teacher.sequence[teacher.at[m]]])
    return most


@compiled
def _favour_jobs(
    arrays: PlantArrays, state: State, view: View, count: int, teacher: Teacher, right: Bool, favour: Float64
) -> None:
    """Marks the right ones among the ``count`` candidates and writes to ``favour`` how well each one fits the teacher: 1
    for a right one, down to -1 for one that would delay what the teacher has next on the machine by a mean operation or
    more."""
    for i in range(count):
        j = view.jobs[i]
        o = state.next_op[j]
        legal_there = arrays.op_all[o] or kernel.is_legal(arrays, state, o, teacher.pair[o])
        right[i] = legal_there and _is_next(arrays, state, teacher, o)
        favour[i] = 1.0
        if not right[i]:
            legal = kernel.legal_pairs(arrays, state, j, view.pairs)
            least = 2**60
            for choice in range(legal):
                least = min(least, _overrun(arrays, state, teacher, o, view.pairs[choice]))
            favour[i] = -min(1.0, max(0, least) / arrays.mean_minutes)


@compiled
def _favour_machines(
    arrays: PlantArrays, state: State, view: View, count: int, teacher: Teacher, operation: int, right: Bool, favour: Float64
) -> None:
    """The same for the ``count`` pairs of the operation; a pair that looks just like the teacher's is as right."""
    taken = -1
    for choice in range(count):
        if view.pairs[choice] == teacher.pair[operation]:
            taken = choice
    for choice in range(count):
        right[choice] = taken >= 0
        if taken >= 0:
            for f in range(N_MACHINE):
                if view.machine_x[choice, f] != view.machine_x[taken, f]:
                    right[choice] = False
        favour[choice] = 1.0
        if not right[choice]:
            late = max(0, _overrun(arrays, state, teacher, operation, view.pairs[choice]))
            favour[choice] = -min(1.0, late / arrays.mean_minutes)


@compiled
def _record(view: View, records: Records, count: int, taken: int, asks_machine: bool) -> None:
    """Keeps the decision whose rows stand at the end of the records, if it had a wrong answer."""
    d, first = records.size
    # What was taken is right, since it led to the schedule; so are the teacher's others if it was the teacher's.
    if not records.right[first + taken]:
        for i in range(count):
            records.right[first + i] = i == taken
    some_wrong = False
    for i in range(count):
        if not records.right[first + i]:
            some_wrong = True
    if some_wrong:
        records.counts[d], records.asks_machine[d] = count, asks_machine
        for f in range(len(view.global_x)):
            records.plant[d, f] = view.global_x[f]
        records.size[0], records.size[1] = d + 1, first + count


@compiled
def guided(
    arrays: PlantArrays,
    state: State,
    view: View,
    teacher: Teacher,
    records: Records,
    room: Room,
    weights: PolicyWeights,
    temperature: float,
    pull: float,
) -> int:
    """A whole schedule by the policy, pulled towards the teacher, left in the state with its decisions in ``records``.

    ``pull`` times what _favour_jobs and _favour_machines say is added to the policy's scores; 0 is the policy alone. Returns
    the number of records, or STOPPED.
    """
    kernel.reset(arrays, state)
    reset_potential(arrays, state, view)
    for m in range(len(teacher.at)):
        teacher.at[m] = teacher.first[m]
    records.size[:] = 0
    j = -1
    while True:
        left = kernel.advance(arrays, state)
        if left <= 0:
            return records.size[0] if left == 0 else STOPPED
        update_potential(arrays, state, view, j)
        n = job_features(arrays, state, view)
        global_features(arrays, state, view)
        i = 0
        if n > 1:
            first = records.size[1]
            _favour_jobs(arrays, state, view, n, teacher, records.right[first : first + n], records.favour)
            score(weights.job, view.job_x, n, N_JOB, view.global_x, JOB_RULE, room)
            for k in range(n):
                room.score[k] += pull * records.favour[k]
                for f in range(N_JOB):
                    records.rows[first + k, f] = view.job_x[k, f]
            i = pick(room, n, temperature)
            _record(view, records, n, i, False)
        j = view.jobs[i]
        o = state.next_op[j]
        machines = machine_features(arrays, state, view, j)
        choice = 0
        if machines > 1:
            first = records.size[1]
            for k in range(machines):
                for f in range(N_MACHINE):
                    records.rows[first + k, f] = view.machine_x[k, f]
                for f in range(N_JOB):
                    records.rows[first + k, N_MACHINE + f] = view.job_x[i, f]
            _favour_machines(
                arrays, state, view, machines, teacher, o, records.right[first : first + machines], records.favour
            )
            rows = records.rows[first : first + machines]
            score(weights.machine, rows, machines, N_MACHINE + N_JOB, view.global_x, MACHINE_RULE, room)
            for k in range(machines):
                room.score[k] += pull * records.favour[k]
            choice = pick(room, machines, temperature)
            _record(view, records, machines, choice, True)
        kernel.dispatch(arrays, state, j, view.pairs[choice])
