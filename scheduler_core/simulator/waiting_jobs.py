"""The jobs that wait until their next operation is ready: a binary heap by (``ready_at``, job) in ``State.waiting``.

Williams 1964, Algorithm 232: Heapsort. Jobs that become ready in the same minute leave in the plant's order.
"""

from __future__ import annotations

from scheduler_core.simulator.arrays import WAITING
from scheduler_core.simulator.compiling import compiled


@compiled
def _sooner(s, i, j):
    return s.ready_at[i] < s.ready_at[j] or (s.ready_at[i] == s.ready_at[j] and i < j)


@compiled
def add_waiting(s, j):
    """Adds job j. Its ``ready_at`` must stand until it is taken."""
    place = s.clock[WAITING]
    s.clock[WAITING] += 1
    while place > 0:
        above = (place - 1) >> 1
        if not _sooner(s, j, s.waiting[above]):
            break
        s.waiting[place] = s.waiting[above]
        place = above
    s.waiting[place] = j


@compiled
def take_waiting(s):
    """Removes the job that is ready first and returns it; there must be one."""
    first = s.waiting[0]
    size = s.clock[WAITING] - 1
    s.clock[WAITING] = size
    j = s.waiting[size]
    place = 0
    while True:
        below = 2 * place + 1
        if below >= size:
            break
        if below + 1 < size and _sooner(s, s.waiting[below + 1], s.waiting[below]):
            below += 1
        if not _sooner(s, s.waiting[below], j):
            break
        s.waiting[place] = s.waiting[below]
        place = below
    s.waiting[place] = j
    return first
