"""The Gymnasium environments: the checkers' contract, masks, rewards, and that they decide as the learned engine does."""

from __future__ import annotations

import math
import warnings

import gymnasium
import numpy as np
import pytest
import stable_baselines3.common.env_checker
import torch
from gymnasium.utils.env_checker import check_env
from sb3_contrib import MaskablePPO
from sb3_contrib.common.maskable.utils import get_action_masks, is_masking_supported

from scheduler_core.environments import ENVIRONMENTS, SIZES
from scheduler_core.environments.scheduling_env import SchedulingEnv
from scheduler_core.environments.stepping import ASK_MACHINE, COUNT, OBSERVATION_SIZE, PHASE, ROWS, K
from scheduler_core.errors import InvalidValue
from scheduler_core.judge.kpis import measure
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Plant
from scheduler_core.policy.features import N_JOB, N_MACHINE
from scheduler_core.policy.inference import rollout
from scheduler_core.simulator import costs
from scheduler_core.simulator.simulator import to_schedule
from scheduler_core.training.ppo import HierarchicalPolicy
from tests.support.environment_play import has_choices, played_by
from tests.support.plants import job, machine, operation, plant
from tests.support.small_networks import desk, factory, random_network, small_plants, untrained_network

IDS = [f"Shopwright-{name}-v0" for name in ENVIRONMENTS]
NO_CHOICE = plant(job("J1", operation(30, 1)))


def play(env: SchedulingEnv, seed: int) -> tuple[list[np.ndarray], list[float]]:
    """An episode by legal random actions: observations and rewards."""
    rng = np.random.default_rng(seed)
    observations, rewards, done = [env.reset(seed=seed)[0]], [], False
    while not done:
        action = rng.choice(np.flatnonzero(env.action_masks()))
        observation, reward, done, truncated, _ = env.step(action)
        assert not truncated
        observations.append(observation)
        rewards.append(reward)
    return observations, rewards


DECIDED = [*filter(has_choices, small_plants(30, first=3000)), *(factory(s) for s in range(4))]


# ---------------------------------------------------------------- the checkers' contract
@pytest.mark.slow
@pytest.mark.parametrize("name", IDS)
def test_gymnasium_and_stable_baselines_accept_the_registered_environments(name: str) -> None:
    env = gymnasium.make(name)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(env.unwrapped, skip_render_check=True)
        stable_baselines3.common.env_checker.check_env(env)
    plant = env.unwrapped.plant  # type: ignore[attr-defined]
    shape = SIZES[ENVIRONMENTS[name.split("-")[1]]["size"]]
    assert (len(plant.machines), len(plant.jobs)) == (shape.machines, shape.jobs)


def test_the_sizes_are_those_of_the_names() -> None:
    assert {name: shape.machines for name, shape in SIZES.items()} == {"Toy": 2, "Medium": 10, "Scaled": 40, "Full": 152}
    assert SIZES["Toy"].jobs == 5


def test_masked_ppo_learns_in_a_registered_environment() -> None:
    env = gymnasium.make(IDS[0])
    assert is_masking_supported(env)
    assert get_action_masks(env).shape == (K,)
    model = MaskablePPO(HierarchicalPolicy, env, n_steps=32, batch_size=16, policy_kwargs={"hidden": 8}, seed=1)
    before = model.policy.mlp_extractor.network.job.last.weight.detach().clone()
    model.learn(64)
    assert model.num_timesteps == 64
    assert not torch.equal(before, model.policy.mlp_extractor.network.job.last.weight)


# ---------------------------------------------------------------- masks
def test_illegal_actions_have_probability_zero() -> None:
    env = SchedulingEnv(size="Medium")
    policy = HierarchicalPolicy(env.observation_space, env.action_space, lambda _: 1e-3, hidden=8)
    policy.mlp_extractor.network.load_state_dict(random_network(1, 8).state_dict())
    observation, _ = env.reset(seed=1)
    rng = np.random.default_rng(1)
    asked = set()
    for _ in range(60):
        mask = env.action_masks()
        with torch.no_grad():
            inputs = torch.tensor(observation)[None]
            chances = policy.get_distribution(inputs, mask[None]).distribution.probs[0].numpy()
        assert (chances[~mask] == 0).all()
        assert (chances[mask] > 0).all()
        assert chances.sum() == pytest.approx(1.0, abs=1e-5)
        asked.add(int(observation[PHASE]))
        observation, _, done, _, _ = env.step(rng.choice(np.flatnonzero(mask)))
        if done:
            observation, _ = env.reset()
    assert asked == {0, 1}


@pytest.mark.parametrize("given", DECIDED, ids=lambda p: p.name)
def test_the_mask_shows_the_real_choices_and_legal_actions_make_valid_schedules(given: Plant) -> None:
    env = SchedulingEnv(given)
    rng = np.random.default_rng(0)
    observation, info = env.reset(seed=0)
    done = False
    while not done:
        mask, n = env.action_masks(), int(observation[COUNT])
        assert 2 <= n <= K
        assert mask.tolist() == [True] * n + [False] * (K - n)
        assert info["asks_for"] == ("machine" if observation[PHASE] == ASK_MACHINE else "job")
        rows = observation[ROWS:].reshape(K, N_JOB)
        assert (rows[n:] == 0).all()
        assert observation in env.observation_space
        if observation[PHASE] == ASK_MACHINE:
            assert (rows[:, N_MACHINE:] == 0).all()
        observation, _, done, _, info = env.step(rng.integers(n))
    assert violations(given, env.schedule()) == ()
    found = measure(given, env.schedule()).weighted_tardiness_days
    assert info["weighted_tardiness_days"] == pytest.approx(found, abs=1e-9)


def test_a_forbidden_action_counts_on_from_the_first() -> None:
    first, second = SchedulingEnv(factory(1)), SchedulingEnv(factory(1))
    observation, _ = first.reset()
    second.reset()
    n = int(observation[COUNT])
    assert n < K
    forbidden, _, _, _, _ = first.step(np.int64(n))
    zero, _, _, _, _ = second.step(np.int64(0))
    assert np.array_equal(forbidden, zero)


@pytest.mark.parametrize("action", [-1, K])
def test_actions_outside_the_space_are_refused(action: int) -> None:
    env = SchedulingEnv(factory(1))
    env.reset()
    with pytest.raises(InvalidValue, match=str(action)):
        env.step(np.int64(action))


def test_wrong_uses_are_refused() -> None:
    with pytest.raises(InvalidValue, match="Toy, Medium, Scaled, Full"):
        SchedulingEnv(size="Huge")
    with pytest.raises(InvalidValue, match="leaves nothing to decide"):
        SchedulingEnv(NO_CHOICE).reset()
    with pytest.raises(InvalidValue, match="reset first"):
        SchedulingEnv(factory(1)).step(np.int64(0))
    env = SchedulingEnv(factory(1))
    play(env, 1)
    with pytest.raises(InvalidValue, match="reset first"):
        env.step(np.int64(0))


# ---------------------------------------------------------------- rewards
@pytest.mark.parametrize("given", DECIDED, ids=lambda p: p.name)
def test_rewards_sum_to_the_potential_s_fall(given: Plant) -> None:
    env = SchedulingEnv(given)
    env.reset(seed=3)
    initial = float(env.view.potential[0])
    _, rewards = play(env, 3)
    final = measure(given, env.schedule()).weighted_tardiness_days
    assert sum(rewards) == pytest.approx(initial - final, abs=1e-6)


def test_the_first_potential_belongs_to_the_plant_alone() -> None:
    """So that episodes of one plant can be compared by the sum of their rewards."""
    env = SchedulingEnv(factory(2))
    sums = []
    for seed in range(3):
        _, rewards = play(env, seed)
        sums.append(sum(rewards) + measure(env.plant, env.schedule()).weighted_tardiness_days)
    assert sums == pytest.approx([sums[0]] * 3)


# ---------------------------------------------------------------- seeds
def test_episodes_repeat_by_seed() -> None:
    first, second = play(SchedulingEnv(), 5), play(SchedulingEnv(), 5)
    assert all(np.array_equal(a, b) for a, b in zip(first[0], second[0], strict=True))
    assert first[1] == second[1]


def test_plants_differ_between_seeds_and_episodes() -> None:
    env = SchedulingEnv()
    env.reset(seed=1)
    names = [env.plant.name]
    for _ in range(3):
        env.reset()
        names.append(env.plant.name)
    env.reset(seed=2)
    names.append(env.plant.name)
    assert len(set(names)) == 5
    env.reset(seed=1)
    assert env.plant.name == names[0]


def test_a_given_plant_stays() -> None:
    given = factory(3)
    env = SchedulingEnv(given)
    env.reset(seed=1)
    env.reset(seed=2)
    assert env.plant is given


def test_observations_are_copies() -> None:
    env = SchedulingEnv(factory(3))
    observation, _ = env.reset()
    kept, mask = observation.copy(), env.action_masks()
    mask[:] = False
    env.step(np.int64(0))
    assert np.array_equal(kept, observation)
    assert observation.shape == (OBSERVATION_SIZE,)
    assert env.action_masks().any()


# ---------------------------------------------------------------- one policy, two ways to run it


@pytest.mark.slow
@pytest.mark.parametrize("given", DECIDED, ids=lambda p: p.name)
@pytest.mark.parametrize("seed", [0, 1], ids=["untrained", "random"])
def test_the_environment_and_the_rollout_make_the_same_schedule(given: Plant, seed: int) -> None:
    network = random_network(seed) if seed else untrained_network()
    at = desk(given, network)
    rollout(at.arrays, at.state, at.view, at.room, at.weights, 0.0, costs.WEIGHTED_TARDINESS, math.inf)
    env = played_by(network, given)
    assert env.schedule() == to_schedule(given, at.arrays, at.state)
    assert env.state.order.tolist() == at.state.order.tolist()


def test_they_agree_where_machines_or_jobs_are_too_many_to_show() -> None:
    minutes = {m: 60 + (m * 7) % 30 for m in range(1, 31)}
    jobs = [
        job(f"J{i}", operation(60, *minutes, minutes_by_machine=minutes), operation(20 + i, 1 + i), due=50 * i)
        for i in range(29)
    ]
    given = plant(*jobs, machines=[machine(m) for m in minutes])
    for seed in range(3):
        network = random_network(seed)
        at = desk(given, network)
        rollout(at.arrays, at.state, at.view, at.room, at.weights, 0.0, costs.WEIGHTED_TARDINESS, math.inf)
        assert played_by(network, given).schedule() == to_schedule(given, at.arrays, at.state)
