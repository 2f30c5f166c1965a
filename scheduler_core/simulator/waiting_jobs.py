"""The jobs that wait until their next operation is ready: a binary heap by (``ready_at``, job) in ``State.waiting``.

Williams 1964, Algorithm 232: Heapsort. Jobs that become ready in the same minute leave in the plant's order.
"""

from __future__ import annotations

from scheduler_core.simulator.arrays import WAITING, State
from scheduler_core.simulator.compiling import compiled


@compiled
def _sooner(state: State, job: int, other: int) -> bool:
    return state.ready_at[job] < state.ready_at[other] or (state.ready_at[job] == state.ready_at[other] and job < other)


@compiled
def add_waiting(state: State, job: int) -> None:
    """Adds the job. Its ``ready_at`` must stand until it is taken."""
    place = state.clock[WAITING]
    state.clock[WAITING] += 1
    while place > 0:
        above = (place - 1) >> 1
        if not _sooner(state, job, state.waiting[above]):
            break
        state.waiting[place] = state.waiting[above]
        place = above
    state.waiting[place] = job


@compiled
def take_waiting(state: State) -> int:
    """Removes the job that is ready first and returns it; there must be one."""
    first: int = state.waiting[0]
    size = state.clock[WAITING] - 1
    state.clock[WAITING] = size
    j = state.waiting[size]
    place = 0
    while True:
        below = 2 * place + 1
        if below >= size:
            break
        if below + 1 < size and _sooner(state, state.waiting[below + 1], state.waiting[below]):
            below += 1
        if not _sooner(state, state.waiting[below], j):
            break
        state.waiting[place] = state.waiting[below]
        place = below
    state.waiting[place] = j
    return first
