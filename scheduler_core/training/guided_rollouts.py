"""Rollouts of the policy that are pulled towards a searched schedule, and the decisions that they took.

The search (engines/annealing/population.py) may let a machine wait for a job; the simulator never does (non-delay
dispatching), so a searched schedule cannot be followed to the letter, and following it as closely as possible is often worse
than the policy's own schedule. Pulled by it at different strengths, the policy finds schedules better than both, and those
can be imitated: the policy almost made them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scheduler_core.policy.features import (
    JOB_RULE,
    MACHINE_RULE,
    MAX_CANDIDATES,
    N_GLOBAL,
    N_JOB,
    N_MACHINE,
    global_features,
    job_features,
    machine_features,
    reset_potential,
    update_potential,
)
from scheduler_core.policy.inference import pick, score
from scheduler_core.simulator import kernel
from scheduler_core.simulator.arrays import NOW, PlantArrays, State
from scheduler_core.simulator.compiling import compiled as compiled
from scheduler_core.simulator.legal_moves import held_pairs

STOPPED = -1


class Teacher(NamedTuple):
    """A searched schedule: O operations, M machines."""

    pair: npt.NDArray[np.int32]  # [O]
    start: npt.NDArray[np.int64]  # [O] minutes
    sequence: npt.NDArray[np.int32]  # operations machine by machine, by start
    first: npt.NDArray[np.int64]  # [M + 1] where a machine's sequence begins
    at: npt.NDArray[np.int64]  # [M] how far the machine has come in it


class Records(NamedTuple):
    """Decisions in a row: D of them, R candidates in all."""

    rows: npt.NDArray[np.float32]  # [R, N_MACHINE + N_JOB] what the head reads; N_JOB of them where a job is asked for
    right: npt.NDArray[np.bool_]  # [R]
    counts: npt.NDArray[np.int64]  # [D] candidates
    asks_machine: npt.NDArray[np.bool_]  # [D]
    plant: npt.NDArray[np.float32]  # [D, N_GLOBAL]
    size: npt.NDArray[np.int64]  # [2] D and R in use
    favour: npt.NDArray[np.float64]  # [MAX_CANDIDATES or M] how well each choice of one decision fits the teacher


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
def _come(a, s, t, m):
    """Moves machine m on to the first operation of its sequence that is not dispatched yet."""
    while t.at[m] < t.first[m + 1] and s.next_op[a.op_job[t.sequence[t.at[m]]]] > t.sequence[t.at[m]]:
        t.at[m] += 1


@compiled
def _is_next(a, s, t, o):
    """Whether operation o is the next in the teacher's sequence of every machine that it holds there."""
    first, last = held_pairs(a, o, t.pair[o])
    for pair in range(first, last):
        m = a.pair_machine[pair]
        _come(a, s, t, m)
        if t.sequence[t.at[m]] != o:
            return False
    return True


@compiled
def _overrun(a, s, t, o, pair):
    """Minutes by which operation o, started now on the pair, would delay what the teacher has next on that machine."""
    _, end, _ = kernel.placement(a, s, o, pair, s.clock[NOW])
    first, last = held_pairs(a, o, pair)
    most = 0
    for slot in range(first, last):
        m = a.pair_machine[slot]
        _come(a, s, t, m)
        if t.at[m] < t.first[m + 1] and t.sequence[t.at[m]] != o:
            most = max(most, end - t.start[t.sequence[t.at[m]]])
    return most


@compiled
def _favour_jobs(a, s, v, n, t, right, favour):
    """Marks the right ones among the n candidates and writes to ``favour`` how well each one fits the teacher: 1 for a right
    one, down to -1 for one that would delay what the teacher has next on the machine by a mean operation or more."""
    for i in range(n):
        j = v.jobs[i]
        o = s.next_op[j]
        right[i] = (a.op_all[o] or kernel.is_legal(a, s, o, t.pair[o])) and _is_next(a, s, t, o)
        favour[i] = 1.0
        if not right[i]:
            legal = kernel.legal_pairs(a, s, j, v.pairs)
            least = 2**60
            for q in range(legal):
                least = min(least, _overrun(a, s, t, o, v.pairs[q]))
            favour[i] = -min(1.0, max(0, least) / a.mean_minutes)


@compiled
def _favour_machines(a, s, v, n, t, o, right, favour):
    """The same for the n pairs of operation o; a pair that looks just like the teacher's is as right."""
    taken = -1
    for q in range(n):
        if v.pairs[q] == t.pair[o]:
            taken = q
    for q in range(n):
        right[q] = taken >= 0
        if taken >= 0:
            for f in range(N_MACHINE):
                if v.machine_x[q, f] != v.machine_x[taken, f]:
                    right[q] = False
        favour[q] = 1.0 if right[q] else -min(1.0, max(0, _overrun(a, s, t, o, v.pairs[q])) / a.mean_minutes)


@compiled
def _record(v, r, n, taken, asks_machine):
    """Keeps the decision whose rows stand at the end of the records, if it had a wrong answer."""
    d, first = r.size
    # What was taken is right, since it led to the schedule; so are the teacher's others if it was the teacher's.
    if not r.right[first + taken]:
        for i in range(n):
            r.right[first + i] = i == taken
    some_wrong = False
    for i in range(n):
        if not r.right[first + i]:
            some_wrong = True
    if some_wrong:
        r.counts[d], r.asks_machine[d] = n, asks_machine
        for f in range(len(v.global_x)):
            r.plant[d, f] = v.global_x[f]
        r.size[0], r.size[1] = d + 1, first + n


@compiled
def guided(a, s, v, t, r, room, weights, temperature, pull):
    """A whole schedule by the policy, pulled towards the teacher, left in the state with its decisions in ``r``.

    ``pull`` times what _favour_jobs and _favour_machines say is added to the policy's scores; 0 is the policy alone. Returns
    the number of records, or STOPPED.
    """
    kernel.reset(a, s)
    reset_potential(a, s, v)
    for m in range(len(t.at)):
        t.at[m] = t.first[m]
    r.size[:] = 0
    j = -1
    while True:
        left = kernel.advance(a, s)
        if left <= 0:
            return r.size[0] if left == 0 else STOPPED
        update_potential(a, s, v, j)
        n = job_features(a, s, v)
        global_features(a, s, v)
        i = 0
        if n > 1:
            first = r.size[1]
            _favour_jobs(a, s, v, n, t, r.right[first : first + n], r.favour)
            score(weights.job, v.job_x, n, N_JOB, v.global_x, JOB_RULE, room)
            for k in range(n):
                room.score[k] += pull * r.favour[k]
                for f in range(N_JOB):
                    r.rows[first + k, f] = v.job_x[k, f]
            i = pick(room, n, temperature)
            _record(v, r, n, i, False)
        j = v.jobs[i]
        o = s.next_op[j]
        machines = machine_features(a, s, v, j)
        q = 0
        if machines > 1:
            first = r.size[1]
            for k in range(machines):
                for f in range(N_MACHINE):
                    r.rows[first + k, f] = v.machine_x[k, f]
                for f in range(N_JOB):
                    r.rows[first + k, N_MACHINE + f] = v.job_x[i, f]
            _favour_machines(a, s, v, machines, t, o, r.right[first : first + machines], r.favour)
            x = r.rows[first : first + machines]
            score(weights.machine, x, machines, N_MACHINE + N_JOB, v.global_x, MACHINE_RULE, room)
            for k in range(machines):
                room.score[k] += pull * r.favour[k]
            q = pick(room, machines, temperature)
            _record(v, r, machines, q, True)
        kernel.dispatch(a, s, j, v.pairs[q])
