"""Jobs leave the heap of the waiting by the minute at which they are ready, then in the plant's order."""

from __future__ import annotations

import numpy as np
import pytest

from scheduler_core.simulator.arrays import WAITING, State, new_state, pack
from scheduler_core.simulator.waiting_jobs import add_waiting, take_waiting
from tests.support.plants import job, operation, plant

JOBS = 60


def state() -> State:
    """Of a plant with so many jobs that the heap has several levels."""
    return new_state(pack(plant(*(job(f"J{n}", operation(5)) for n in range(JOBS)))))


@pytest.mark.parametrize("seed", range(5))
def test_jobs_leave_in_the_order_in_which_they_are_ready(seed: int) -> None:
    s, rng = state(), np.random.default_rng(seed)
    s.ready_at[:] = rng.integers(20, size=JOBS)
    for j in rng.permutation(JOBS):
        add_waiting(s, j)
    taken = [int(take_waiting(s)) for _ in range(JOBS)]
    assert taken == sorted(range(JOBS), key=lambda j: (s.ready_at[j], j))
    assert s.clock[WAITING] == 0


@pytest.mark.parametrize("seed", range(5))
def test_jobs_may_come_while_others_leave(seed: int) -> None:
    s, rng = state(), np.random.default_rng(seed)
    waiting: set[int] = set()
    for _ in range(500):
        absent = sorted(set(range(JOBS)) - waiting)
        if absent and (not waiting or rng.random() < 0.55):
            j = int(rng.choice(absent))
            s.ready_at[j] = rng.integers(50)
            add_waiting(s, j)
            waiting.add(j)
        else:
            first = min(waiting, key=lambda j: (s.ready_at[j], j))
            assert take_waiting(s) == first
            waiting.remove(first)
        assert s.clock[WAITING] == len(waiting)
