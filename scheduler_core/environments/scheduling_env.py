"""The scheduling environment with its hierarchical action."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

import gymnasium
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from scheduler_core.environments.observation_writer import Observer
from scheduler_core.environments.observations import Mode
from scheduler_core.environments.random_plants import SIZES, PlantShape, random_plant
from scheduler_core.environments.rewards import Reward, new_ledger, open_ledger, original_reward, potential_reward
from scheduler_core.environments.stepping import ASK_JOB, COUNT, OBSERVATION_SIZE, K, act, begin, new_turn
from scheduler_core.errors import InvalidValue
from scheduler_core.plant import Plant
from scheduler_core.policy.features import new_view
from scheduler_core.schedule import Schedule
from scheduler_core.simulator import kernel
from scheduler_core.simulator.arrays import new_state, pack
from scheduler_core.simulator.simulator import to_schedule

Observation = npt.NDArray[np.float32]
_Option = TypeVar("_Option", bound=StrEnum)


class SchedulingEnv(gymnasium.Env[Observation, np.int64]):
    """One plant's schedule as an episode.

    Actions: ``Discrete(K)``. In turn the agent is asked for a job and for the machine of that job; action i means the i-th
    candidate, and ``action_masks()`` is true for those that are legal. In mode *candidates* it is the i-th row of the
    observation (see stepping.py), in the other modes the i-th by the base rule (see ranked_choices.py). Where there is only
    one choice the environment makes it. An action that the mask forbids counts on from the first one again (action modulo
    the number of legal ones), so that agents without masks can be compared.

    ``plant``: the plant of every episode; without one, a random plant of ``size`` (a name in ``plants.SIZES`` or a
    PlantShape) is drawn at every reset. ``observation``: a Mode; ``distributions`` appends 20 numbers to it;
    ``feature_names`` names them all. ``reward``: a Reward (see rewards.py).
    """

    metadata = {"render_modes": []}  # noqa: RUF012 (Gymnasium's own convention)

    def __init__(
        self,
        plant: Plant | None = None,
        size: str | PlantShape = "Toy",
        observation: str = Mode.CANDIDATES,
        distributions: bool = False,
        reward: str = Reward.POTENTIAL,
    ) -> None:
        if isinstance(size, str) and size not in SIZES:
            raise InvalidValue("size", size, f"must be one of {', '.join(SIZES)}")
        self._shape = SIZES[size] if isinstance(size, str) else size
        self._given = plant
        machines = self._shape.machines if plant is None else len(plant.machines)
        self.mode = _option("observation", observation, Mode)
        self._observer = Observer(self.mode, machines, distributions)
        self._reward = _option("reward", reward, Reward)
        self.feature_names = self._observer.names
        # Features are scaled to single digits; the bound is what the checkers of finite spaces ask for.
        self.observation_space = spaces.Box(-1e9, 1e9, (len(self.feature_names),), np.float32)
        self.action_space = spaces.Discrete(K)
        self._rows = np.zeros(OBSERVATION_SIZE, np.float32)
        self._observation = np.zeros(len(self.feature_names), np.float32)
        self._mask = np.zeros(K, np.bool_)
        self._finished = True

    def reset(
        self, *, seed: int | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Starts a schedule; plants without any real decision are passed over when plants are drawn."""
        super().reset(seed=seed, options=dict(options) if options else None)
        while True:
            self.plant = self._given or random_plant(int(self.np_random.integers(2**31)), self._shape)
            self.arrays = pack(self.plant)
            self.state, self.view, self.turn = new_state(self.arrays), new_view(self.arrays), new_turn()
            left = begin(self.arrays, self.state, self.view, self.turn, self._rows, self._mask)
            self._finished = left <= 0
            if not self._finished:
                break
            if self._given is not None:
                raise InvalidValue("plant", self.plant.name, "leaves nothing to decide")
        self._observer.begin(self.arrays)
        self._ledger = new_ledger(self.arrays)
        open_ledger(self.arrays, self.state, self.view, self._ledger)
        self._observe()
        return self._observation.copy(), self._info()

    @property
    def choices(self) -> int:
        """The number of legal actions."""
        return int(self._rows[COUNT])

    def action_masks(self) -> npt.NDArray[np.bool_]:
        """bool [K]: the legal actions."""
        return self._mask.copy()

    def step(self, action: np.int64) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Takes the action and goes on to the next real decision or to the end of the schedule, whose observation still
        shows the last decision's choices."""
        if self._finished:
            raise InvalidValue("action", int(action), "comes after the schedule's end: reset first")
        if not 0 <= int(action) < K:
            raise InvalidValue("action", int(action), f"is not between 0 and {K - 1}")
        left = act(self.arrays, self.state, self.view, self.turn, int(action) % self.choices, self._rows, self._mask)
        if left < 0:
            raise AssertionError("the simulation stopped with operations left; packing should have refused this plant")
        self._finished = left == 0
        if self._reward is Reward.ORIGINAL:
            reward = original_reward(self.arrays, self.state, self._ledger, self._finished)
        else:
            reward = potential_reward(self.arrays, self.state, self.view, self._ledger, self._finished)
        self._observe()
        return self._observation.copy(), float(reward), self._finished, False, self._info()

    def schedule(self) -> Schedule:
        """The schedule so far."""
        return to_schedule(self.plant, self.arrays, self.state)

    def _observe(self) -> None:
        self._observation = self._observer.write(self.arrays, self.state, self.view, self._rows)

    def _info(self) -> dict[str, Any]:
        info: dict[str, Any] = {"asks_for": "job" if self.turn.phase[0] == ASK_JOB else "machine"}
        if self._finished:
            info["weighted_tardiness_days"] = float(kernel.weighted_tardiness(self.arrays, self.state))
        return info


def _option(name: str, value: str, kind: type[_Option]) -> _Option:
    try:
        return kind(value)
    except ValueError:
        raise InvalidValue(name, value, f"must be one of {', '.join(kind)}") from None
