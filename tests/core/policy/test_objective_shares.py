"""The objective among the policy's numbers, and checkpoints from before it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from scheduler_core.objectives import Objective
from scheduler_core.policy import checkpoint
from scheduler_core.policy.checkpoint import GLOBALS_WITHOUT_PRICES
from scheduler_core.policy.features import GLOBAL_FEATURES, N_GLOBAL, PRICES, global_features, new_view
from scheduler_core.policy.network import Network, NetworkShape
from scheduler_core.policy.objective_shares import PRICE_FEATURES, price_shares, usual_amounts
from scheduler_core.simulator import costs, kernel
from scheduler_core.simulator.arrays import new_state, pack
from tests.support.small_networks import factory

ARRAYS = pack(factory(1))


@pytest.mark.parametrize(
    ("objective", "place"),
    [(Objective.TARDINESS, 0), (Objective.ON_TIME, 1), (Objective.MAKESPAN, 2), (Objective(overtime=3), 4)],
)
def test_a_single_price_has_all_of_the_share(objective: Objective, place: int) -> None:
    shares = price_shares(ARRAYS, costs.prices_of(objective, ARRAYS))
    expected = np.eye(6)[place]
    # Tardiness and makespan always have a little, so that they settle ties.
    assert shares == pytest.approx(expected, abs=2e-3)
    assert shares.sum() == pytest.approx(1.0)


def test_shares_are_worth_a_day_and_do_not_depend_on_the_scale() -> None:
    amounts = usual_amounts(ARRAYS)
    shares = np.array([0.4, 0.1, 0.2, 0.1, 0.1, 0.1])
    for scale in (0.01, 1.0, 1000.0):
        assert price_shares(ARRAYS, scale * shares / amounts) == pytest.approx(shares, abs=1e-6)


def test_the_policy_sees_them_at_every_decision() -> None:
    view, state = new_view(ARRAYS, costs.prices_of(Objective.MAKESPAN, ARRAYS)), new_state(ARRAYS)
    kernel.reset(ARRAYS, state)
    kernel.advance(ARRAYS, state)
    global_features(ARRAYS, state, view)
    assert GLOBAL_FEATURES[PRICES:] == PRICE_FEATURES
    assert view.global_x[PRICES + costs.MAKESPAN] > 0.99
    assert new_view(ARRAYS).global_x[PRICES + costs.TARDINESS] > 0.99


def test_an_older_checkpoint_is_read_and_answers_as_before(tmp_path: Path) -> None:
    torch.manual_seed(4)
    old = Network(NetworkShape(hidden=8, global_features=GLOBALS_WITHOUT_PRICES))
    with torch.no_grad():
        for weight in old.parameters():
            weight.copy_(torch.randn(weight.shape))
    checkpoint.save("old", old, {}, tmp_path)
    found = checkpoint.load("old", tmp_path)
    assert found.card["network"]["global_features"] == GLOBALS_WITHOUT_PRICES
    new = found.network
    assert new.shape == replace(old.shape, global_features=N_GLOBAL)
    g, mask = torch.randn(3, N_GLOBAL), torch.ones(3, 5)
    for name in ("job", "machine"):
        x = torch.randn(3, 5, new.get_submodule(name).first.in_features)
        before, after = (n.get_submodule(name)(x, g[:, : n.shape.global_features], mask) for n in (old, new))
        assert torch.allclose(before, after, atol=1e-5)
    of_jobs = torch.randn(3, 3 * new.shape.job_features)
    phase = torch.zeros(3, 1)
    before, after = (n.critic(torch.cat([phase, g[:, : n.shape.global_features], of_jobs], 1)) for n in (old, new))
    assert torch.allclose(before, after, atol=1e-5)
