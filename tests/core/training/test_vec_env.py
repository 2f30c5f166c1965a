"""Many schedules stepped at once, against the single environment."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from scheduler_core.engines.rules import RULES, run_rule
from scheduler_core.environments.random_plants import PlantSeed, PlantShape
from scheduler_core.environments.rewards import Reward
from scheduler_core.environments.scheduling_env import SchedulingEnv
from scheduler_core.environments.stepping import K
from scheduler_core.plant import Plant
from scheduler_core.simulator import costs, kernel
from scheduler_core.simulator.arrays import new_state, pack
from scheduler_core.training import vec_env
from scheduler_core.training.vec_env import ORIGINAL_SCALE, REWARD_SCALE, PlantVecEnv

SHAPES = [PlantShape(jobs, machines, tightness=0.8, load=4.0, simultaneous_share=0.1) for jobs, machines in ((6, 6), (9, 4))]
SEEDS = [PlantSeed(k + 1, shape) for k, shape in enumerate(SHAPES)]
PLANTS = [seed.plant() for seed in SEEDS]


@pytest.fixture(autouse=True)
def _small_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vec_env, "POOL", 4)


def alternating(n: int, seed: int = 0, reward: Reward = Reward.POTENTIAL) -> PlantVecEnv:
    turns = itertools.cycle(SEEDS)
    return PlantVecEnv(n, lambda _: next(turns), seed, reward)


def plant_of(env: PlantVecEnv, i: int) -> Plant:
    return next(p for p in PLANTS if len(p.jobs) == len(env.running[i].arrays.job_open))


def base_of(plant: Plant) -> float:
    arrays = pack(plant)
    state = new_state(arrays)
    rule = RULES["WATC"]
    run_rule(arrays, state, rule.code, *rule.default, 0.0, costs.WEIGHTED_TARDINESS, np.inf)
    return float(kernel.weighted_tardiness(arrays, state))


@pytest.mark.slow
@pytest.mark.parametrize("kind", Reward)
def test_it_steps_like_single_environments(kind: Reward) -> None:
    """Four schedules through several episodes: equal observations, masks, ends, and rewards up to the plant's scale."""
    env = alternating(4, reward=kind)
    rng = np.random.default_rng(0)
    observations = env.reset()
    singles = [SchedulingEnv(plant_of(env, i), reward=kind) for i in range(4)]
    for i, single in enumerate(singles):
        assert np.array_equal(observations[i], single.reset()[0])
    episodes, seen = 0, set()
    while episodes < 12:
        masks = np.array(env.env_method("action_masks"))
        assert np.array_equal(masks, [s.action_masks() for s in singles])
        actions = np.array([rng.choice(np.flatnonzero(m)) for m in masks])
        observations, rewards, dones, infos = env.step(actions)
        for i, single in enumerate(singles):
            plant, base = single.plant, base_of(single.plant)
            expected, reward, done, _, info = single.step(actions[i])
            scale = base / len(plant.jobs) + 0.1
            factor = ORIGINAL_SCALE if kind is Reward.ORIGINAL else REWARD_SCALE / scale
            assert rewards[i] == pytest.approx(factor * reward, rel=1e-4, abs=1e-5)
            assert dones[i] == done
            if not done:
                assert np.array_equal(observations[i], expected)
                assert infos[i] == {}
                continue
            episodes += 1
            seen.add(plant.name)
            assert np.array_equal(infos[i]["terminal_observation"], expected)
            relative = (info["weighted_tardiness_days"] - base) / (base + 0.1 * len(plant.jobs))
            assert infos[i]["relative"] == pytest.approx(relative)
            singles[i] = SchedulingEnv(plant_of(env, i), reward=kind)
            assert np.array_equal(observations[i], singles[i].reset()[0])
    assert seen == {p.name for p in PLANTS}


def test_equal_seeds_give_equal_steps() -> None:
    runs = []
    for _ in range(2):
        env = PlantVecEnv(3, lambda rng: PlantSeed(int(rng.integers(50)), SHAPES[0]), seed=7)
        trace = [env.reset()]
        for _ in range(40):
            observations, rewards, _, _ = env.step(np.zeros(3, np.int64))
            trace += [observations, rewards]
        runs.append(trace)
    assert all(np.array_equal(a, b) for a, b in zip(*runs, strict=True))


def test_the_pool_is_renewed_and_can_be_refilled() -> None:
    drawn: list[int] = []

    def sample(rng: np.random.Generator) -> PlantSeed:
        drawn.append(int(rng.integers(1000)))
        return SEEDS[0]

    env = PlantVecEnv(2, sample, seed=1)
    env.reset()
    assert len(drawn) == 4
    while env.episodes < 8:
        env.step(np.zeros(2, np.int64))
    assert len(drawn) == 4 + env.episodes // vec_env.RENEW
    env.sample = lambda _: SEEDS[1]
    env.refill()
    assert {len(found.arrays.job_open) for found in env.pool} == {9}


def test_returned_arrays_are_copies() -> None:
    env = alternating(2)
    first = env.reset()
    kept = first.copy()
    masks = env.env_method("action_masks")
    assert masks[0].shape == (K,)
    env.step(np.zeros(2, np.int64))
    assert np.array_equal(kept, first)


def test_only_masks_can_be_asked_for() -> None:
    env = alternating(2)
    assert env.has_attr("action_masks")
    with pytest.raises(AttributeError, match="render"):
        env.env_method("render")
