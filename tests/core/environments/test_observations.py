"""The modes of observation: sizes and names, every number against a readable twin, and what an agent can do with them."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest
from sb3_contrib import MaskablePPO

from scheduler_core.environments import ENVIRONMENTS
from scheduler_core.environments.observations import DISTRIBUTIONS, OF_GLOBALS, Mode, feature_names
from scheduler_core.environments.random_plants import SIZES, PlantShape, random_plant
from scheduler_core.environments.scheduling_env import SchedulingEnv
from scheduler_core.environments.stepping import CHOSEN, OBSERVATION_SIZE, ROWS, K
from scheduler_core.errors import InvalidValue
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Plant
from scheduler_core.policy.features import GLOBAL_FEATURES, JOB_RULE, MACHINE_RULE
from tests.support.environment_play import has_choices
from tests.support.naive_observations import Naive
from tests.support.small_networks import factory, small_plants

FLAT = (Mode.FULL, Mode.HIERARCHICAL, Mode.COMPRESSED)
PLANTS = [*filter(has_choices, small_plants(12, first=5000)), *(factory(s) for s in range(3))]


@pytest.mark.parametrize(("mode", "size"), [(Mode.FULL, 505), (Mode.HIERARCHICAL, 60), (Mode.COMPRESSED, 20)])
def test_sizes_at_152_machines(mode: Mode, size: int) -> None:
    assert len(feature_names(mode, 152)) == size
    assert len(feature_names(mode, 152, distributions=True)) == size + 20
    assert len(DISTRIBUTIONS) == 20
    env = SchedulingEnv(size="Full", observation=mode)
    observation, _ = env.reset(seed=1)
    assert observation.shape == env.observation_space.shape == (size,)


@pytest.mark.parametrize("mode", Mode)
def test_every_number_has_a_name_of_its_own(mode: Mode) -> None:
    names = feature_names(mode, 152, distributions=True)
    assert len(set(names)) == len(names)
    assert all(names)


@pytest.mark.parametrize("mode", Mode)
def test_sizes_do_not_depend_on_the_number_of_jobs(mode: Mode) -> None:
    shapes = [SchedulingEnv(random_plant(1, PlantShape(n, 6))).reset()[0].shape for n in (8, 80)]
    assert shapes[0] == shapes[1]
    few, many = (SchedulingEnv(random_plant(1, PlantShape(n, 6)), observation=mode, distributions=True) for n in (8, 80))
    assert few.reset()[0].shape == many.reset()[0].shape == (len(feature_names(mode, 6, True)),)


def test_candidates_are_named_place_by_place() -> None:
    names = feature_names(Mode.CANDIDATES, 3)
    assert len(names) == OBSERVATION_SIZE
    assert names[CHOSEN] == "chosen job's log work here"
    assert names[ROWS + JOB_RULE] == "candidate 1: WATC k=2 below the best"
    assert names[ROWS + MACHINE_RULE].endswith("/ end after the earliest")
    assert SchedulingEnv(observation="candidates").feature_names == names


@pytest.mark.parametrize("given", PLANTS, ids=lambda p: p.name)
@pytest.mark.parametrize("mode", FLAT)
def test_every_number_equals_the_naive_twin_s(given: Plant, mode: Mode) -> None:
    env = SchedulingEnv(given, observation=mode, distributions=True)
    rng = np.random.default_rng(0)
    observation, _ = env.reset()
    done = False
    while not done:
        naive = Naive(env)
        expected = naive.all(env._rows[CHOSEN:ROWS])
        for name, found in zip(env.feature_names, observation, strict=True):
            if name in OF_GLOBALS:
                assert found == pytest.approx(min(5.0, env.view.global_x[GLOBAL_FEATURES.index(name)]), abs=1e-6), name
            else:
                assert found == pytest.approx(expected[name], abs=2e-5), name
        observation, _, done, _, _ = env.step(rng.integers(naive.n))
    assert violations(given, env.schedule()) == ()


@pytest.mark.parametrize("size", ["Toy", "Medium", "Full"])
def test_numbers_are_finite_and_small_and_within_their_space(size: str) -> None:
    env = SchedulingEnv(size=size, observation="full", distributions=True)
    rng = np.random.default_rng(3)
    observation, _ = env.reset(seed=3)
    for _ in range(300):
        assert np.isfinite(observation).all()
        assert np.abs(observation).max() <= 5.0
        assert observation in env.observation_space
        observation, _, done, _, _ = env.step(rng.integers(env.action_masks().sum()))
        if done:
            observation, _ = env.reset()


def test_importance_can_be_seen_in_every_mode() -> None:
    for mode in FLAT:
        env = SchedulingEnv(factory(1), observation=mode)
        shown = env.reset()[0][env.feature_names.index("important share")]
        assert shown == pytest.approx(np.mean([j.important for j in factory(1).jobs]), abs=1e-6)
    assert {"chosen job's important", "candidate 1: important / total load"} <= set(feature_names(Mode.CANDIDATES, 1))


@pytest.mark.parametrize("given", PLANTS[-3:], ids=lambda p: p.name)
def test_choices_stand_in_the_base_rule_s_order(given: Plant) -> None:
    env = SchedulingEnv(given, observation="compressed")
    env.reset()
    seen, done = set(), False
    while not done:
        n = int(env.action_masks().sum())
        x, rule = (env.view.machine_x, MACHINE_RULE) if env.turn.phase[0] else (env.view.job_x, JOB_RULE)
        values = x[:n, rule]
        assert (np.diff(values) <= 0).all()
        seen.add(int(env.turn.phase[0]))
        _, _, done, _, _ = env.step(np.int64(n - 1))
    assert seen == {0, 1}


def test_taking_the_first_choice_always_is_the_base_rule() -> None:
    """The untrained network takes the best by the same rule, whatever the order of its rows."""
    from tests.support.environment_play import played_by
    from tests.support.small_networks import untrained_network

    for seed in range(3):
        env = SchedulingEnv(factory(seed), observation="hierarchical")
        env.reset()
        done = False
        while not done:
            _, _, done, _, _ = env.step(np.int64(0))
        expected = played_by(untrained_network(), factory(seed))
        assert env.schedule() == expected.schedule()


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_registered_environments_take_all_options(name: str) -> None:
    options = {"observation": "compressed", "distributions": True, "reward": "original"}
    env = gymnasium.make(f"Shopwright-{name}-v0", **options)
    assert env.reset(seed=1)[0].shape == (40,)


def test_the_hierarchical_environment_shows_60_and_20_numbers_of_the_full_plant() -> None:
    env = gymnasium.make("Shopwright-Hierarchical-v0")
    assert env.reset(seed=1)[0].shape == (80,)
    assert len(env.unwrapped.plant.machines) == SIZES["Full"].machines  # type: ignore[attr-defined]


@pytest.mark.slow
def test_masked_ppo_learns_from_a_flat_observation() -> None:
    env = gymnasium.make("Shopwright-Medium-v0", observation="hierarchical", distributions=True)
    model = MaskablePPO("MlpPolicy", env, n_steps=32, batch_size=16, seed=1)
    model.learn(64)
    assert model.num_timesteps == 64
    assert model.policy.action_net.out_features == K


def test_unknown_modes_are_refused() -> None:
    with pytest.raises(InvalidValue, match="observation: 'everything' must be one of candidates, full"):
        SchedulingEnv(observation="everything")
