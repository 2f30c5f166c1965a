"""Many schedules at once for stable-baselines3: every environment is stepped in one call to compiled code."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt
from gymnasium import spaces
from stable_baselines3.common.vec_env import VecEnv

from scheduler_core.engines.rules import RULES, run_rule
from scheduler_core.environments.stepping import OBSERVATION_SIZE, K, act, begin, new_turn
from scheduler_core.plant import Plant
from scheduler_core.policy.features import View, new_view
from scheduler_core.simulator import costs, kernel
from scheduler_core.simulator.arrays import PlantArrays, State, new_state, pack
from scheduler_core.simulator.compiling import compiled_over_lists

BASE_RULE = RULES["WATC"]
POOL = 48
"""Plants that episodes are drawn from; one is replaced by a new one at every ``RENEW``-th episode."""
RENEW = 3
REWARD_SCALE = 0.1


@compiled_over_lists
def _step_all(plants, states, views, turns, actions, observations, masks, left, potential):  # type: ignore[no-untyped-def]
    for i in range(len(plants)):
        a, s, v = plants[i], states[i], views[i]
        n = act(a, s, v, turns[i], actions[i], observations[i], masks[i])
        left[i] = n
        potential[i] = kernel.weighted_tardiness(a, s) if n == 0 else v.potential[0]


class PlantVecEnv(VecEnv):
    """n schedules side by side. The reward of a step is the fall of the potential (the optimistic weighted tardiness of all
    jobs), so that an episode's rewards sum to minus its weighted tardiness, up to a constant and the plant's scale.

    ``sample`` draws the next plant. ``info["relative"]`` of a finished episode compares it with the WATC rule (0: equal).
    """

    def __init__(self, n: int, sample: Callable[[np.random.Generator], Plant], seed: int) -> None:
        super().__init__(n, spaces.Box(-np.inf, np.inf, (OBSERVATION_SIZE,), np.float32), spaces.Discrete(K))
        self.rng = np.random.default_rng(seed)
        self.sample = sample
        self.pool: list[tuple[PlantArrays, float]] = []
        self.episodes = 0
        self.observations = np.zeros((n, OBSERVATION_SIZE), np.float32)
        self.masks = np.zeros((n, K), np.bool_)
        self.left = np.zeros(n, np.int64)
        self.potential = np.zeros(n, np.float64)
        self.before = np.zeros(n, np.float64)
        self.base = np.zeros(n, np.float64)
        self.jobs = np.ones(n, np.float64)
        self.started = False

    def refill(self) -> None:
        """Draws the whole pool anew (a new stage of the curriculum)."""
        self.pool = [self._draw() for _ in range(POOL)]

    def _draw(self) -> tuple[PlantArrays, float]:
        arrays = pack(self.sample(self.rng))
        state = new_state(arrays)
        run_rule(arrays, state, BASE_RULE.code, *BASE_RULE.default, 0.0, costs.WEIGHTED_TARDINESS, math.inf)
        return arrays, kernel.weighted_tardiness(arrays, state)

    def _next_episode(self, i: int) -> tuple[PlantArrays, State, View]:
        while True:
            self.episodes += 1
            if self.episodes % RENEW == 0:
                self.pool[int(self.rng.integers(len(self.pool)))] = self._draw()
            arrays, base = self.pool[int(self.rng.integers(len(self.pool)))]
            state, view = new_state(arrays), new_view(arrays)
            n = begin(arrays, state, view, self.turns[i], self.observations[i], self.masks[i])
            if n > 0:
                break
        self.base[i], self.jobs[i] = base, len(arrays.job_open)
        self.before[i] = view.potential[0]
        return arrays, state, view

    def reset(self) -> npt.NDArray[np.float32]:
        if not self.pool:
            self.refill()
        self.turns = nb.typed.List([new_turn() for _ in range(self.num_envs)])
        rows = [self._next_episode(i) for i in range(self.num_envs)]
        self.plants = nb.typed.List([r[0] for r in rows])
        self.states = nb.typed.List([r[1] for r in rows])
        self.views = nb.typed.List([r[2] for r in rows])
        return self.observations.copy()

    def step_async(self, actions: npt.NDArray[np.int64]) -> None:
        self.actions = actions

    def step_wait(self) -> Any:
        _step_all(
            self.plants, self.states, self.views, self.turns, self.actions,
            self.observations, self.masks, self.left, self.potential,
        )  # fmt: skip
        scale = (self.base + 0.1 * self.jobs) / self.jobs
        rewards = (REWARD_SCALE * (self.before - self.potential) / scale).astype(np.float32)
        self.before[:] = self.potential
        done = self.left <= 0
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        for i in np.flatnonzero(done):
            if self.left[i] < 0:
                raise AssertionError("a simulation stopped with operations left")
            reached = self.potential[i]
            infos[i]["relative"] = (reached - self.base[i]) / (self.base[i] + 0.1 * self.jobs[i])
            infos[i]["terminal_observation"] = self.observations[i].copy()
            self.plants[i], self.states[i], self.views[i] = self._next_episode(int(i))
        return self.observations.copy(), rewards, done, infos

    # ---------------------------------------------------------------- what stable-baselines3 asks for besides
    def close(self) -> None:
        """Nothing to release."""

    def has_attr(self, attr_name: str) -> bool:
        return attr_name == "action_masks" or hasattr(self, attr_name)

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        return [getattr(self, attr_name, None)] * self.num_envs

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        setattr(self, attr_name, value)

    def env_method(self, method_name: str, *args: Any, indices: Any = None, **kwargs: Any) -> list[Any]:
        if method_name != "action_masks":
            raise AttributeError(method_name)
        return list(self.masks.copy())

    def env_is_wrapped(self, wrapper_class: Any, indices: Any = None) -> list[bool]:
        return [False] * self.num_envs
