"""Exploration: how often, among what, how it ends, and that the policy's own probabilities are stored."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from scheduler_core.environments.stepping import OBSERVATION_SIZE, PHASE, ROWS, K
from scheduler_core.policy.features import MACHINE_FEATURES, N_JOB
from scheduler_core.training import train as training
from scheduler_core.training.exploration import Exploration
from scheduler_core.training.ppo import HierarchicalPolicy
from tests.support.ppo_observations import ACTIONS, OBSERVATIONS, observation
from tests.support.small_training import UPDATE, configured, silent

MANY = 20_000


def decisions(phase: int, n: int, loads: tuple[float, ...] = ()) -> tuple[torch.Tensor, np.ndarray]:
    """MANY equal decisions with n choices, machines with ``loads`` working days before them."""
    obs = torch.zeros(MANY, OBSERVATION_SIZE)
    obs[:, PHASE] = phase
    for i, days in enumerate(loads):
        obs[:, ROWS + i * N_JOB + MACHINE_FEATURES.index("total load")] = np.log1p(days) / 2
    masks = np.zeros((MANY, K), np.bool_)
    masks[:, :n] = True
    return obs, masks


@pytest.mark.parametrize("phase", [0, 1])
def test_choices_are_replaced_as_often_as_asked(phase: int) -> None:
    torch.manual_seed(0)
    obs, masks = decisions(phase, 4)
    taken = torch.full((MANY,), 3)
    found = Exploration(job=0.2, machine=0.1).explored(obs, masks, taken)
    shares = torch.bincount(found, minlength=K) / MANY
    expected = (0.2, 0.1)[phase] / 4
    assert shares[:3].numpy() == pytest.approx([expected] * 3, abs=0.006)
    assert shares[4:].sum() == 0


def test_machines_with_less_work_come_more_often() -> None:
    torch.manual_seed(0)
    obs, masks = decisions(1, 3, (0.0, 1.0, 3.0))
    found = Exploration(machine=1.0).explored(obs, masks, torch.zeros(MANY, dtype=torch.int64))
    shares = (torch.bincount(found, minlength=K) / MANY)[:3].numpy()
    assert shares == pytest.approx(np.array([4, 2, 1]) / 7, abs=0.012)
    jobs = Exploration(job=1.0).explored(decisions(0, 3, (0.0, 1.0, 3.0))[0], masks, torch.zeros(MANY, dtype=torch.int64))
    assert (torch.bincount(jobs, minlength=K) / MANY)[:3].numpy() == pytest.approx([1 / 3] * 3, abs=0.012)


def test_it_falls_linearly_to_nothing() -> None:
    start = Exploration(0.2, 0.1)
    assert start.at(0.0, 0.5) == start
    assert start.at(0.25, 0.5) == Exploration(0.1, 0.05)
    assert start.at(0.5, 0.5) == start.at(0.9, 0.5) == Exploration()


def test_without_it_nothing_is_drawn() -> None:
    obs, masks = decisions(0, 4)
    taken = torch.zeros(MANY, dtype=torch.int64)
    before = torch.get_rng_state()
    assert Exploration().explored(obs, masks, taken) is taken
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.slow
def test_the_log_probability_is_that_of_the_action_taken_under_the_policy() -> None:
    policy = HierarchicalPolicy(OBSERVATIONS, ACTIONS, lambda _: 1e-3, hidden=8)
    obs = torch.tensor(np.stack([observation(i % 2, 3 + i % 5, i) for i in range(40)]))
    masks = np.arange(K)[None] < 3 + np.arange(40)[:, None] % 5
    policy.exploration = Exploration(1.0, 1.0)
    with torch.no_grad():
        actions, values, log_prob = policy(obs, action_masks=masks)
        again, expected, _ = policy.evaluate_actions(obs, actions, action_masks=masks)
    assert masks[np.arange(40), actions.numpy()].all()
    assert torch.allclose(log_prob, expected, atol=1e-6)
    assert torch.equal(values, again)
    with torch.no_grad():
        assert torch.equal(policy(obs, deterministic=True, action_masks=masks)[0], policy(obs, True, masks)[0])


@pytest.mark.slow
@pytest.mark.usefixtures("small_runs")
def test_a_run_explores_less_and_less(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[float] = []
    usual = Exploration.explored

    def explored(self: Exploration, *args: torch.Tensor) -> torch.Tensor:
        seen.append(self.job)
        return usual(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(Exploration, "explored", explored)
    training.train(
        configured(tmp_path, explore_job=0.4, explore_until=0.5, total_steps=4 * UPDATE), report=silent,
        models=tmp_path / "models",
    )  # fmt: skip
    assert sorted(set(seen), reverse=True) == pytest.approx([0.4, 0.2, 0.0])
    assert seen == sorted(seen, reverse=True)
