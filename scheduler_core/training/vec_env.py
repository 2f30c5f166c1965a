"""Many schedules at once for stable-baselines3: every environment is stepped in one call to compiled code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt
from gymnasium import spaces
from stable_baselines3.common.vec_env import VecEnv

from scheduler_core.engines.config import Progress, no_progress
from scheduler_core.environments.random_plants import PlantSeed
from scheduler_core.environments.rewards import (
    Ledger,
    Reward,
    new_ledger,
    open_ledger,
    original_reward,
    potential_reward,
)
from scheduler_core.environments.stepping import OBSERVATION_SIZE, K, Turn, act, begin, new_turn
from scheduler_core.policy.features import View, new_view
from scheduler_core.simulator import kernel
from scheduler_core.simulator.array_types import Bool, Float32, Float64, Int64
from scheduler_core.simulator.arrays import PlantArrays, State, new_state
from scheduler_core.simulator.compiling import compiled_over_lists
from scheduler_core.training.sampled_plants import Drawn, drawn

POOL = 48
"""Plants that episodes are drawn from; one is replaced by a new one at every ``RENEW``-th episode."""
RENEW = 3
REWARD_SCALE = 0.1
ORIGINAL_SCALE = 0.01
"""Factors that bring an episode's rewards to single digits, which the critic learns best; the original reward has no scale
of the plant in it."""


@compiled_over_lists
def _step_all(
    plants: Sequence[PlantArrays],
    states: Sequence[State],
    views: Sequence[View],
    turns: Sequence[Turn],
    ledgers: Sequence[Ledger],
    actions: Int64,
    observations: Float32,
    masks: Bool,
    left: Int64,
    gained: Float64,
    reached: Float64,
    original: bool,
) -> None:
    for i in range(len(plants)):
        arrays, state, view = plants[i], states[i], views[i]
        n = act(arrays, state, view, turns[i], actions[i], observations[i], masks[i])
        left[i] = n
        if original:
            gained[i] = original_reward(arrays, state, ledgers[i], n == 0)
        else:
            gained[i] = potential_reward(arrays, state, view, ledgers[i], n == 0)
        if n == 0:
            reached[i] = kernel.weighted_tardiness(arrays, state)


class Episode(NamedTuple):
    """Everything that changes in a running episode."""

    state: State
    view: View
    turn: Turn
    ledger: Ledger


def new_episode(arrays: PlantArrays) -> Episode:
    """Room for an episode on the plant."""
    return Episode(new_state(arrays), new_view(arrays), new_turn(), new_ledger(arrays))


class PlantVecEnv(VecEnv):
    """n schedules side by side. With the potential reward a step earns the fall of the optimistic weighted tardiness of all
    jobs, so that an episode's rewards sum to minus its weighted tardiness, up to a constant and the plant's scale; see
    environments/rewards.py for the original one.

    ``sample`` draws the next plant. ``info["relative"]`` of a finished episode compares it with the WATC rule (0: equal).
    """

    def __init__(
        self, n: int, sample: Callable[[np.random.Generator], PlantSeed], seed: int, reward: Reward = Reward.POTENTIAL
    ) -> None:
        super().__init__(n, spaces.Box(-np.inf, np.inf, (OBSERVATION_SIZE,), np.float32), spaces.Discrete(K))
        self.rng = np.random.default_rng(seed)
        self.sample = sample
        self.original = reward is Reward.ORIGINAL
        self.pool: list[Drawn] = []
        self.running: list[Drawn] = []
        self.episodes = 0
        self.observations = np.zeros((n, OBSERVATION_SIZE), np.float32)
        self.masks = np.zeros((n, K), np.bool_)
        self.left = np.zeros(n, np.int64)
        self.gained = np.zeros(n, np.float64)
        self.reached = np.zeros(n, np.float64)

    def refill(self, progress: Progress = no_progress) -> None:
        """Draws the whole pool anew (a new stage of the curriculum)."""
        pool = []
        for k in range(POOL):
            progress(k / POOL, f"drawing plant {k + 1} of {POOL}")
            pool.append(drawn(self.sample(self.rng)))
        self.pool = pool

    def _next_episode(self, i: int) -> tuple[Drawn, Episode]:
        while True:
            self.episodes += 1
            if self.episodes % RENEW == 0:
                self.pool[int(self.rng.integers(len(self.pool)))] = drawn(self.sample(self.rng))
            found = self.pool[int(self.rng.integers(len(self.pool)))]
            e = new_episode(found.arrays)
            if begin(found.arrays, e.state, e.view, e.turn, self.observations[i], self.masks[i]) > 0:
                open_ledger(found.arrays, e.state, e.view, e.ledger)
                return found, e

    def reset(self) -> npt.NDArray[np.float32]:
        if not self.pool:
            self.refill()
        rows = [self._next_episode(i) for i in range(self.num_envs)]
        self.put([found for found, _ in rows], [episode for _, episode in rows])
        return self.observations.copy()

    def put(self, running: list[Drawn], episodes: list[Episode]) -> None:
        """Goes on with these episodes; their observations and masks are set apart."""
        self.running = running
        self.plants = nb.typed.List([found.arrays for found in running])
        self.states = nb.typed.List([e.state for e in episodes])
        self.views = nb.typed.List([e.view for e in episodes])
        self.turns = nb.typed.List([e.turn for e in episodes])
        self.ledgers = nb.typed.List([e.ledger for e in episodes])

    def step_async(self, actions: npt.NDArray[np.int64]) -> None:
        self.actions = actions

    def step_wait(self) -> Any:
        _step_all(
            self.plants, self.states, self.views, self.turns, self.ledgers, self.actions,
            self.observations, self.masks, self.left, self.gained, self.reached, self.original,
        )  # fmt: skip
        scales = 1 / ORIGINAL_SCALE if self.original else np.array([found.scale for found in self.running]) / REWARD_SCALE
        rewards = (self.gained / scales).astype(np.float32)
        done = self.left <= 0
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        for i in np.flatnonzero(done):
            if self.left[i] < 0:
                raise AssertionError("a simulation stopped with operations left")
            found = self.running[i]
            infos[i]["relative"] = (self.reached[i] - found.base) / (found.scale * len(found.arrays.job_open))
            infos[i]["terminal_observation"] = self.observations[i].copy()
            self.running[i], episode = self._next_episode(int(i))
            self.plants[i] = self.running[i].arrays
            self.states[i], self.views[i], self.turns[i], self.ledgers[i] = episode
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
