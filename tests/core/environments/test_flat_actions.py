"""The flat action space makes the same schedules as the hierarchical one, and allows nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from scheduler_core.environments.flat_actions import FlatActions
from scheduler_core.environments.random_plants import PlantShape
from scheduler_core.environments.scheduling_env import SchedulingEnv
from scheduler_core.environments.stepping import ASK_JOB, ASK_MACHINE, K
from scheduler_core.errors import InvalidValue
from scheduler_core.judge.validator import violations

SHAPE = PlantShape(8, 5, tightness=0.9, load=4.0)


@pytest.mark.parametrize("seed", range(3))
def test_pairs_are_the_two_answers(seed: int) -> None:
    flat = FlatActions(SchedulingEnv(size=SHAPE, observation="full"), 5)
    base = SchedulingEnv(size=SHAPE, observation="full")
    rng = np.random.default_rng(seed)
    flat.reset(seed=seed)
    base.reset(seed=seed)
    steps, asked, done, total, expected = 0, 0, False, 0.0, 0.0
    while not done:
        mask = flat.action_masks()
        assert mask.shape == (K * 5,)
        action = int(rng.choice(np.flatnonzero(mask)))
        job, machine = divmod(action, 5)
        answers = [machine] if base.turn.phase[0] == ASK_MACHINE else [job, machine]
        if base.turn.phase[0] == ASK_JOB and mask.reshape(K, 5)[job].sum() == 1:
            answers = [job]  # the environment makes a choice of one by itself
        _, reward, done, _, info = flat.step(np.int64(action))
        total += reward
        steps += 1
        for answer in answers:
            _, more, _, _, _ = base.step(np.int64(answer))
            expected += more
        asked += len(answers)
    assert flat.env.schedule() == base.schedule()
    assert not violations(flat.env.plant, flat.env.schedule())
    assert total == pytest.approx(expected)
    assert steps <= asked
    assert info["weighted_tardiness_days"] >= 0


def test_a_pair_that_is_not_legal_is_refused() -> None:
    flat = FlatActions(SchedulingEnv(size=SHAPE, observation="full"), 5)
    flat.reset(seed=1)
    forbidden = int(np.flatnonzero(~flat.action_masks())[0])
    with pytest.raises(InvalidValue, match="is not legal here"):
        flat.step(np.int64(forbidden))


def test_choices_without_an_order_are_refused() -> None:
    with pytest.raises(InvalidValue, match="candidates"):
        FlatActions(SchedulingEnv(size=SHAPE), 5)
