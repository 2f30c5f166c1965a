"""The simulator stays fast: searching, sampling and training all multiply its time.

The bounds are an eighth of what an idle core of an ordinary server does, in CPU time: they notice a lost compilation or a
loop of the wrong order, not a busy machine.
"""

from __future__ import annotations

import numba
import pytest
from simulator_speed import SHAPES, fastest, speed

from scheduler_core.environments.random_plants import random_plant
from scheduler_core.policy import checkpoint
from scheduler_core.training.evaluate import sample
from tests.support.small_networks import desk

pytestmark = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled with NUMBA_DISABLE_JIT")


@pytest.mark.parametrize(("shape", "decisions_per_second"), [("40 x 100", 100_000), ("152 x 500", 50_000)])
def test_decisions_per_second(shape: str, decisions_per_second: float) -> None:
    found = speed(random_plant(1, SHAPES[shape]), repeats=3)
    assert found.per_second > decisions_per_second


def test_decisions_per_second_of_the_policy() -> None:
    found = desk(random_plant(1, SHAPES["152 x 500"]), checkpoint.load(None).network)

    def rollout() -> float:
        return sample(found.arrays, found.state, found.view, found.room, found.weights, 0)

    rollout()
    assert len(found.arrays.op_job) / fastest(rollout, repeats=3) > 10_000


def test_packing_takes_a_moment() -> None:
    assert speed(random_plant(1, SHAPES["152 x 500"]), repeats=3).packing < 0.2
