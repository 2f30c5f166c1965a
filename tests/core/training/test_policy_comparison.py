"""Two policies on the same plants with the same seeds."""

from __future__ import annotations

import numpy as np
import pytest

from scheduler_core.environments.random_plants import PlantShape
from scheduler_core.training import evaluate
from scheduler_core.training.policy_comparison import PolicyComparison, compare_policies
from tests.support.small_networks import random_network, untrained_network


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(evaluate.SIZES, "tiny", PlantShape(10, 4, tightness=0.9, load=5.0))


def test_a_policy_is_as_good_as_itself_and_better_than_a_random_one() -> None:
    rule, noise = untrained_network().weights(), random_network(1).weights()
    said: list[str] = []
    same = compare_policies(rule, rule, "tiny", 4, 11, 4, said.append)
    assert np.array_equal(same.first, same.second)
    assert (same.record, same.ratio.value) == ((0, 4, 0), 1.0)
    assert said == [f"tiny: plant {i} of 4" for i in range(1, 5)]
    worse = compare_policies(rule, noise, "tiny", 4, 11, 4)
    assert np.array_equal(worse.first, same.first)
    assert worse.ratio.value is not None
    assert worse.ratio.value > 1.0
    assert compare_policies(noise, rule, "tiny", 4, 11, 4).record == worse.record[::-1]


def test_more_samples_and_the_ratio_s_direction() -> None:
    rule = untrained_network().weights()
    assert (compare_policies(rule, rule, "tiny", 3, 5, 8).first <= compare_policies(rule, rule, "tiny", 3, 5, 1).first).all()
    found = PolicyComparison("tiny", 1, np.array([2.0, 4.0]), np.array([1.0, 2.0]), 0.1, 0.1)
    assert (found.ratio.value, found.record) == (0.5, (2, 0, 0))
