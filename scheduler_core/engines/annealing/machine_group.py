"""A machine group while it is dispatched anew, compiled: when and for what its machines are free, and which of them takes
over what another one had to do."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from scheduler_core.simulator.array_types import Int8, Int32, Int64
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
    order: Int32  # [O] all operations, nearly in order of starts
    pair: Int32  # [O]
    end: Int64  # [O]
    free: Int64  # [M] minute from which each machine is free
    family: Int32  # [M] setup family that it is set up for
    was_free: Int64  # [M] the same minute in the schedule before
    next: Int32  # [M] next pair of each machine's sequence in the schedule before, -1: none
    role: Int8  # [M] GIVES and TAKES
    heir: Int32  # [M] machine that takes over each one's sequence, -1: not a machine of the group


def new_draft(arrays: PlantArrays) -> Draft:
    """Room for a dispatch on the plant."""
    ops, machines = len(arrays.op_job), len(arrays.machine_table)
    return Draft(
        new_sequences(arrays), np.arange(ops, dtype=np.int32), np.zeros(ops, np.int32), np.zeros(ops, np.int64),
        np.zeros(machines, np.int64), np.zeros(machines, np.int32), np.zeros(machines, np.int64),
        np.zeros(machines, np.int32), np.zeros(machines, np.int8), np.zeros(machines, np.int32),
    )  # fmt: skip


@compiled
def form_group(arrays: PlantArrays, draft: Draft, operation: int) -> None:
    """Makes the operation's machines the group."""
    for m in range(len(draft.role)):
        draft.role[m], draft.heir[m] = 0, -1
    for slot in range(arrays.op_first[operation], arrays.op_first[operation + 1]):
        m = arrays.pair_machine[slot]
        draft.role[m], draft.heir[m] = GIVES | TAKES, m


@compiled
def free_machine(arrays: PlantArrays, sequences: Sequences, draft: Draft, machine: int, at: int) -> None:
    """When and for what the machine is free if only what starts before minute ``at`` is done, and what comes next."""
    b = sequences.last[machine]
    while b >= 0 and sequences.start[arrays.pair_op[b]] >= at:
        b = sequences.before[b]
    if b >= 0:
        draft.free[machine], draft.family[machine], draft.next[machine] = (
            sequences.end[arrays.pair_op[b]],
            arrays.job_family[arrays.op_job[arrays.pair_op[b]]],
            sequences.after[b],
        )
    else:
        draft.free[machine], draft.family[machine], draft.next[machine] = (
            0,
            arrays.machine_family[machine],
            sequences.first[machine],
        )
    draft.was_free[machine] = draft.free[machine]


@compiled
def end_on(arrays: PlantArrays, draft: Draft, operation: int, pair: int, ready: int) -> int:
    """Minute in which the operation ends on one machine."""
    m = arrays.pair_machine[pair]
    minutes = setup_after(arrays, operation, m, draft.family[m]) + arrays.pair_minutes[pair]
    return end_of_work(arrays, arrays.machine_table[m], max(ready, draft.free[m]), minutes)


@compiled
def first_to_end(arrays: PlantArrays, sequences: Sequences, draft: Draft, operation: int, ready: int) -> int:
    """The pair of the operation within the group on which it ends first."""
    chosen: int = sequences.pair[operation]
    earliest = NEVER
    for pair in range(arrays.op_first[operation], arrays.op_first[operation + 1]):
        if draft.heir[arrays.pair_machine[pair]] >= 0:
            end = end_on(arrays, draft, operation, pair, ready)
            if end < earliest:
                chosen, earliest = pair, end
    return chosen


@compiled
def place(arrays: PlantArrays, sequences: Sequences, draft: Draft, operation: int, pair: int, ready: int) -> None:
    """Lets the operation run on the pair's machine, or on all of its own."""
    if sequences.place[operation] < 0:
        draft.end[operation] = sequences.end[operation]
    elif arrays.op_all[operation]:
        setup = 0
        for slot in range(*held_pairs(arrays, operation, pair)):
            m = arrays.pair_machine[slot]
            ready = max(ready, draft.free[m])
            setup = max(setup, setup_after(arrays, operation, m, draft.family[m]))
        draft.end[operation] = end_of_work(arrays, arrays.op_table[operation], ready, setup + arrays.pair_minutes[pair])
    else:
        draft.end[operation] = end_on(arrays, draft, operation, pair, ready)
    for slot in range(*held_pairs(arrays, operation, pair)):
        m = arrays.pair_machine[slot]
        draft.free[m], draft.family[m] = draft.end[operation], arrays.job_family[arrays.op_job[operation]]


@compiled
def name_heirs(arrays: PlantArrays, draft: Draft, operation: int) -> None:
    """Gives the sequence of each machine of the group, which are those of the operation, to the one that is now free in the
    same order as it was."""
    while True:
        old, new = -1, -1
        for slot in range(arrays.op_first[operation], arrays.op_first[operation + 1]):
            m = arrays.pair_machine[slot]
            if draft.role[m] & GIVES and (old < 0 or draft.was_free[m] < draft.was_free[old]):
                old = m
            if draft.role[m] & TAKES and (new < 0 or draft.free[m] < draft.free[new]):
                new = m
        if old < 0:
            return
        draft.heir[old] = new
        draft.role[old] &= ~GIVES
        draft.role[new] &= ~TAKES


@compiled
def pair_on(arrays: PlantArrays, operation: int, machine: int, otherwise: int) -> int:
    """The operation's pair on the machine, or the other one if it may not run there."""
    for pair in range(arrays.op_first[operation], arrays.op_first[operation + 1]):
        if arrays.pair_machine[pair] == machine:
            return pair
    return otherwise
