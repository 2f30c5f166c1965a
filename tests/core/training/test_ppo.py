"""The rollout buffer against a naive twin, and the network as stable-baselines3 sees it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from sb3_contrib.common.maskable.buffers import MaskableRolloutBuffer

from scheduler_core.environments.stepping import CHOSEN, COUNT, GLOBALS, ROWS, WORKED, K
from scheduler_core.policy.features import N_GLOBAL, N_JOB, N_MACHINE
from scheduler_core.training.ppo import Extractor, HierarchicalPolicy, WorkingTimeBuffer
from tests.support.ppo_observations import ACTIONS, OBSERVATIONS, observation
from tests.support.small_networks import random_network, untrained_network


def filled(kind: type[MaskableRolloutBuffer], steps: int, seed: int, **settings: float) -> MaskableRolloutBuffer:
    """A buffer of 3 environments with random rewards, values, clocks and ends of episodes."""
    rng = np.random.default_rng(seed)
    buffer = kind(steps, OBSERVATIONS, ACTIONS, "cpu", gae_lambda=1.0, gamma=1.0, n_envs=3, **settings)
    buffer.rewards[:] = rng.normal(size=(steps, 3))
    buffer.values[:] = rng.normal(size=(steps, 3))
    buffer.episode_starts[:] = rng.random((steps, 3)) < 0.15
    buffer.observations[:, :, WORKED] = np.cumsum(rng.exponential(0.7, size=(steps, 3)), axis=0)
    return buffer


def naive_advantages(
    rewards: Sequence[float], values: Sequence[float], starts: Sequence[bool], worked: Sequence[float],
    last_value: float, done: bool, discount_days: float, trace_days: float,
) -> list[float]:  # fmt: skip
    """One environment's advantages, written as the sum that they are: over all later steps of the same episode, the
    one-step error there, times a discount exp(-days / discount_days) exp(-days / trace_days)."""
    n = len(rewards)
    errors = []
    for t in range(n):
        ends = starts[t + 1] if t + 1 < n else done
        next_value = 0.0 if ends else (values[t + 1] if t + 1 < n else last_value)
        days = worked[t + 1] - worked[t] if t + 1 < n else 0.0
        errors.append(rewards[t] + (0.0 if ends else math.exp(-days / discount_days) * next_value) - values[t])
    found = []
    for t in range(n):
        total = 0.0
        for later in range(t, n):
            if later > t and starts[later]:
                break
            days = worked[later] - worked[t]
            total += errors[later] * math.exp(-days / discount_days) * math.exp(-days / trace_days)
        found.append(total)
    return found


@pytest.mark.parametrize(("discount_days", "trace_days"), [(15.0, 3.0), (0.5, 0.25), (1e9, 1e9)])
@pytest.mark.parametrize("seed", range(4))
def test_advantages_equal_the_naive_twin_s(seed: int, discount_days: float, trace_days: float) -> None:
    buffer = filled(WorkingTimeBuffer, 20, seed, discount_days=discount_days, trace_days=trace_days)
    last = torch.tensor([[0.5], [-1.0], [2.0]])
    done = np.array([False, True, False])
    buffer.compute_returns_and_advantage(last, done)
    for i in range(3):
        expected = naive_advantages(
            buffer.rewards[:, i], buffer.values[:, i], buffer.episode_starts[:, i] > 0,
            buffer.observations[:, i, WORKED].astype(float), float(last[i]), bool(done[i]), discount_days, trace_days,
        )  # fmt: skip
        assert buffer.advantages[:, i] == pytest.approx(expected, rel=1e-4, abs=1e-4)
    assert buffer.returns == pytest.approx(buffer.advantages + buffer.values)


def test_without_discount_it_is_the_usual_estimate() -> None:
    ours, usual = filled(WorkingTimeBuffer, 15, 9, discount_days=1e12, trace_days=1e12), filled(MaskableRolloutBuffer, 15, 9)
    last, done = torch.tensor([[1.0], [2.0], [3.0]]), np.array([False, False, True])
    ours.compute_returns_and_advantage(last, done)
    usual.compute_returns_and_advantage(last, done)
    assert ours.advantages == pytest.approx(usual.advantages, rel=1e-4, abs=1e-4)


def test_a_clock_that_went_back_between_episodes_does_not_matter() -> None:
    buffer = filled(WorkingTimeBuffer, 4, 1)
    buffer.episode_starts[:] = 0
    buffer.episode_starts[2] = 1
    results = []
    for restart in (0.0, 100.0):
        buffer.observations[:, :, WORKED] = np.array([1.0, 5.0, restart, restart + 1])[:, None]
        buffer.compute_returns_and_advantage(torch.zeros(3, 1), np.zeros(3, bool))
        results.append(buffer.advantages.copy())
    assert np.array_equal(results[0], results[1])


# ---------------------------------------------------------------- the network inside


def test_logits_do_not_depend_on_the_rest_of_the_batch() -> None:
    extractor = Extractor(random_network(1))
    batch = torch.tensor(np.stack([observation(i % 2, 2 + i, i) for i in range(12)]))
    with torch.no_grad():
        together = extractor.forward_actor(batch)
        for i in range(12):
            alone = extractor.forward_actor(batch[i : i + 1])[0]
            assert together[i, : 2 + i].numpy() == pytest.approx(alone[: 2 + i].numpy(), rel=1e-4, abs=1e-5)
            assert torch.isfinite(together[i]).all()


def test_each_phase_asks_its_own_head() -> None:
    network = random_network(2)
    for phase, head in ((0, network.job), (1, network.machine)):
        seen = torch.tensor(observation(phase, 5, 7))[None]
        g, chosen = seen[:, GLOBALS:CHOSEN], seen[:, CHOSEN:ROWS]
        rows = seen[:, ROWS:].reshape(1, K, N_JOB)[:, :5]
        x = rows if phase == 0 else torch.cat([rows[..., :N_MACHINE], chosen[:, None].expand(-1, 5, -1)], 2)
        with torch.no_grad():
            expected = head(x, g, torch.ones(1, 5))
            found = Extractor(network).forward_actor(seen)[:, :5]
        assert found.numpy() == pytest.approx(expected.numpy(), rel=1e-4, abs=1e-5)


def test_values_do_not_see_padding_as_candidates() -> None:
    """The critic's mean is over the candidates, whatever K is."""
    extractor = Extractor(random_network(3))
    seen = observation(0, 3, 1)
    one = seen[ROWS : ROWS + N_JOB].copy()
    for i in range(3):
        seen[ROWS + i * N_JOB : ROWS + (i + 1) * N_JOB] = np.abs(one)
    fewer = seen.copy()
    fewer[COUNT] = 2
    fewer[ROWS + 2 * N_JOB : ROWS + 3 * N_JOB] = 0
    with torch.no_grad():
        three, two = (extractor.forward_critic(torch.tensor(s)[None]) for s in (seen, fewer))
    assert three.numpy() == pytest.approx(two.numpy(), rel=1e-5, abs=1e-6)


def test_the_policy_starts_as_the_rule_and_learns_in_every_part() -> None:
    policy = HierarchicalPolicy(OBSERVATIONS, ACTIONS, lambda _: 1e-3, hidden=8)
    network = policy.mlp_extractor.network
    assert not network.job.last.weight.any()
    assert not network.machine.skip.weight.any()
    assert isinstance(policy.action_net, torch.nn.Identity)
    trained = {id(p) for group in policy.optimizer.param_groups for p in group["params"]}
    assert {id(p) for p in network.parameters()} <= trained
    assert policy.optimizer.param_groups[0]["lr"] == 1e-3


def test_the_shapes_agree_with_the_network_s() -> None:
    assert SimpleNamespace(**vars(untrained_network().shape)) == SimpleNamespace(
        hidden=16, job_features=N_JOB, machine_features=N_MACHINE, global_features=N_GLOBAL
    )
