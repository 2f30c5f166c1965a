"""A machine group while it is dispatched anew, compiled: when and for what its machines are free, and which of them takes
over what another one had to do."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scheduler_core.simulator.arrays import NEVER, PlantArrays
from scheduler_core.simulator.calendar_lookup import end_of_work
from scheduler_core.simulator.compiling import compiled as compiled
from scheduler_core.simulator.legal_moves import held_pairs, setup_after
from scheduler_core.simulator.sequences.machine_sequences import Sequences, new_sequences

GIVES, TAKES = 1, 2
"""What a machine of the group has still to do: give its sequence away, take one over."""


class Draft(NamedTuple):
    """Scratch of a dispatch; ``pair`` and ``end`` count from where it begins."""

    kept: Sequences  # the schedule before it
    order: npt.NDArray[np.int32]  # [O] all operations, nearly in order of starts
    pair: npt.NDArray[np.int32]  # [O]
    end: npt.NDArray[np.int64]  # [O]
    free: npt.NDArray[np.int64]  # [M] minute from which each machine is free
    family: npt.NDArray[np.int32]  # [M] setup family that it is set up for
    was_free: npt.NDArray[np.int64]  # [M] the same minute in the schedule before
    next: npt.NDArray[np.int32]  # [M] next pair of each machine's sequence in the schedule before, -1: none
    role: npt.NDArray[np.int8]  # [M] GIVES and TAKES
    heir: npt.NDArray[np.int32]  # [M] machine that takes over each one's sequence, -1: not a machine of the group


def new_draft(arrays: PlantArrays) -> Draft:
    """Room for a dispatch on the plant."""
    ops, machines = len(arrays.op_job), len(arrays.machine_table)
    return Draft(
        new_sequences(arrays), np.arange(ops, dtype=np.int32), np.zeros(ops, np.int32), np.zeros(ops, np.int64),
        np.zeros(machines, np.int64), np.zeros(machines, np.int32), np.zeros(machines, np.int64),
        np.zeros(machines, np.int32), np.zeros(machines, np.int8), np.zeros(machines, np.int32),
    )  # fmt: skip


@compiled
def form_group(a, d, o):
    """Makes operation o's machines the group."""
    for m in range(len(d.role)):
        d.role[m], d.heir[m] = 0, -1
    for slot in range(a.op_first[o], a.op_first[o + 1]):
        m = a.pair_machine[slot]
        d.role[m], d.heir[m] = GIVES | TAKES, m


@compiled
def free_machine(a, q, d, m, at):
    """When and for what machine m is free if only what starts before minute ``at`` is done, and what comes next."""
    b = q.last[m]
    while b >= 0 and q.start[a.pair_op[b]] >= at:
        b = q.before[b]
    if b >= 0:
        d.free[m], d.family[m], d.next[m] = q.end[a.pair_op[b]], a.job_family[a.op_job[a.pair_op[b]]], q.after[b]
    else:
        d.free[m], d.family[m], d.next[m] = 0, a.machine_family[m], q.first[m]
    d.was_free[m] = d.free[m]


@compiled
def end_on(a, d, x, pair, ready):
    """Minute in which operation x ends on one machine."""
    m = a.pair_machine[pair]
    minutes = setup_after(a, x, m, d.family[m]) + a.pair_minutes[pair]
    return end_of_work(a, a.machine_table[m], max(ready, d.free[m]), minutes)


@compiled
def first_to_end(a, q, d, x, ready):
    """The pair of operation x within the group on which it ends first."""
    chosen, earliest = q.pair[x], NEVER
    for pair in range(a.op_first[x], a.op_first[x + 1]):
        if d.heir[a.pair_machine[pair]] >= 0:
            end = end_on(a, d, x, pair, ready)
            if end < earliest:
                chosen, earliest = pair, end
    return chosen


@compiled
def place(a, q, d, x, pair, ready):
    """Lets operation x run on the pair's machine, or on all of its own."""
    if q.place[x] < 0:
        d.end[x] = q.end[x]
    elif a.op_all[x]:
        setup = 0
        for slot in range(*held_pairs(a, x, pair)):
            m = a.pair_machine[slot]
            ready = max(ready, d.free[m])
            setup = max(setup, setup_after(a, x, m, d.family[m]))
        d.end[x] = end_of_work(a, a.op_table[x], ready, setup + a.pair_minutes[pair])
    else:
        d.end[x] = end_on(a, d, x, pair, ready)
    for slot in range(*held_pairs(a, x, pair)):
        m = a.pair_machine[slot]
        d.free[m], d.family[m] = d.end[x], a.job_family[a.op_job[x]]


@compiled
def name_heirs(a, d, o):
    """Gives the sequence of each machine of the group, which are those of operation o, to the one that is now free in the
    same order as it was."""
    while True:
        old, new = -1, -1
        for slot in range(a.op_first[o], a.op_first[o + 1]):
            m = a.pair_machine[slot]
            if d.role[m] & GIVES and (old < 0 or d.was_free[m] < d.was_free[old]):
                old = m
            if d.role[m] & TAKES and (new < 0 or d.free[m] < d.free[new]):
                new = m
        if old < 0:
            return
        d.heir[old] = new
        d.role[old] &= ~GIVES
        d.role[new] &= ~TAKES


@compiled
def pair_on(a, x, m, otherwise):
    """Operation x's pair on machine m, or the other one if it may not run there."""
    for pair in range(a.op_first[x], a.op_first[x + 1]):
        if a.pair_machine[pair] == m:
            return pair
    return otherwise
