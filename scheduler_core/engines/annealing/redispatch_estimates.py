"""What dispatching a machine group anew will cost the jobs, without doing it, compiled.

Only the group itself is dispatched, and of each job that ends an operation there at another time the rest is followed
(``relocation_estimates.job_delay``): that others are held up elsewhere is left out. At 152 x 500 that takes 4 us instead of
the 55 of a dispatch, and hardly more with more jobs.
"""

from __future__ import annotations

import math

from scheduler_core.engines.annealing import machine_group as group
from scheduler_core.engines.annealing.machine_group import Draft
from scheduler_core.simulator.array_types import Float64
from scheduler_core.simulator.arrays import PlantArrays
from scheduler_core.simulator.compiling import compiled as compiled
from scheduler_core.simulator.sequences import machine_sequences as sq
from scheduler_core.simulator.sequences.machine_sequences import Sequences
from scheduler_core.simulator.sequences.relocation_estimates import FOLLOWED, job_delay, machines_free


@compiled
def dispatch_estimate(
    arrays: PlantArrays, sequences: Sequences, draft: Draft, prices: Float64, operation: int, at: int
) -> float:
    """By how much the jobs will cost more, about, once the operation is put forward to minute ``at``, when its job is ready
    for it (``group_redispatch.dispatch``); infinite if it would end no earlier."""
    group.form_group(arrays, draft, operation)
    for slot in range(arrays.op_first[operation], arrays.op_first[operation + 1]):
        group.free_machine(arrays, sequences, draft, arrays.pair_machine[slot], at)
    ready = max(sq.job_ready(arrays, sequences, operation), sequences.floor[operation])
    more = _placed(
        arrays,
        sequences,
        draft,
        prices,
        operation,
        sequences.pair[operation]
        if arrays.op_all[operation]
        else group.first_to_end(arrays, sequences, draft, operation, ready),
        ready,
    )
    if draft.end[operation] >= sequences.end[operation]:
        return math.inf
    more += _up_to_its_place(arrays, sequences, draft, prices, operation)
    group.name_heirs(arrays, draft, operation)
    for slot in range(arrays.op_first[operation], arrays.op_first[operation + 1]):
        more += _behind_it(arrays, sequences, draft, prices, operation, arrays.pair_machine[slot])
    return more


@compiled
def _up_to_its_place(arrays: PlantArrays, sequences: Sequences, draft: Draft, prices: Float64, operation: int) -> float:
    """What it costs that the group assigns anew what starts before the operation did."""
    more = 0.0
    while True:
        n, earliest = -1, sequences.start[operation]
        for slot in range(arrays.op_first[operation], arrays.op_first[operation + 1]):
            b = draft.next[arrays.pair_machine[slot]]
            if b >= 0 and sequences.start[arrays.pair_op[b]] < earliest:
                n, earliest = b, sequences.start[arrays.pair_op[b]]
        if n < 0:
            return more
        m = arrays.pair_machine[n]
        x = arrays.pair_op[n]
        if sequences.place[x] >= 0 and not arrays.op_all[x]:
            ready = max(sq.job_ready(arrays, sequences, x), sequences.floor[x])
            more += _placed(
                arrays, sequences, draft, prices, x, group.first_to_end(arrays, sequences, draft, x, ready), ready
            )
        else:
            more += _stays(arrays, sequences, draft, prices, x, n)
        draft.was_free[m], draft.next[m] = sequences.end[x], sequences.after[n]


@compiled
def _behind_it(
    arrays: PlantArrays, sequences: Sequences, draft: Draft, prices: Float64, operation: int, machine: int
) -> float:
    """What it costs that the machine's heir takes over what started there once the operation did, up to where nothing
    changes."""
    more = 0.0
    n = draft.next[machine]
    for _ in range(FOLLOWED):
        if n < 0:
            break
        x = arrays.pair_op[n]
        if x != operation:
            if sequences.place[x] >= 0 and not arrays.op_all[x]:
                pair = group.pair_on(arrays, x, draft.heir[machine], n)
                more += _placed(
                    arrays, sequences, draft, prices, x, pair, max(sq.job_ready(arrays, sequences, x), sequences.floor[x])
                )
            else:
                more += _stays(arrays, sequences, draft, prices, x, n)
            if sequences.place[x] >= 0 and draft.end[x] == sequences.end[x]:
                break
        n = sequences.after[n]
    return more


@compiled
def _placed(
    arrays: PlantArrays, sequences: Sequences, draft: Draft, prices: Float64, operation: int, pair: int, ready: int
) -> float:
    """What it costs that the operation runs on the pair's machine, or on all of its own."""
    group.place(arrays, sequences, draft, operation, pair, ready)
    return job_delay(arrays, sequences, prices, operation, draft.end[operation] - sequences.end[operation])


@compiled
def _stays(arrays: PlantArrays, sequences: Sequences, draft: Draft, prices: Float64, operation: int, slot: int) -> float:
    """What it costs that the operation, which is reserved or holds other machines too, is done where it was: on pair
    ``slot``."""
    m = arrays.pair_machine[slot]
    draft.end[operation] = sequences.end[operation]
    if sequences.place[operation] >= 0:
        draft.end[operation] += (
            max(
                sq.job_ready(arrays, sequences, operation),
                sequences.floor[operation],
                draft.free[m],
                machines_free(arrays, sequences, operation, slot),
            )
            - sequences.start[operation]
        )
    draft.free[m], draft.family[m] = draft.end[operation], arrays.job_family[arrays.op_job[operation]]
    return job_delay(arrays, sequences, prices, operation, draft.end[operation] - sequences.end[operation])
