"""The flat action space: one action is a job and its machine at once.

It exists to be compared with the hierarchical one (``benchmarks/action_space.py``): first the job, then its machine.
"""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from scheduler_core.environments.observations import Mode
from scheduler_core.environments.scheduling_env import Observation, SchedulingEnv
from scheduler_core.environments.stepping import ASK_JOB, K
from scheduler_core.errors import InvalidValue
from scheduler_core.policy.features import machine_features


class FlatActions(gymnasium.Wrapper[Observation, np.int64, Observation, np.int64]):
    """``SchedulingEnv`` with ``Discrete(K * machines)`` actions: action ``i * machines + j`` is the i-th job and its j-th
    machine, both in the order of the base rules.

    A step is a whole decision: where the environment asks for the job and then for its machine, both are answered, and the
    rewards of both are summed. Forced choices are made without asking, as in the environment itself.

    Raises InvalidValue for an environment in mode *candidates*, whose choices have no fixed order.
    """

    env: SchedulingEnv

    def __init__(self, env: SchedulingEnv, machines: int) -> None:
        """``machines``: the most machines that an operation has to choose from."""
        super().__init__(env)
        if env.mode is Mode.CANDIDATES:
            raise InvalidValue("observation", env.mode, "has no fixed order of choices; flat actions need one")
        self._machines = machines
        self.action_space = spaces.Discrete(K * machines)

    def action_masks(self) -> npt.NDArray[np.bool_]:
        """bool [K * machines]: the legal pairs."""
        legal = np.zeros((K, self._machines), np.bool_)
        for i, choices in enumerate(self._choices()):
            legal[i, : min(choices, self._machines)] = True
        return legal.reshape(-1)

    def step(self, action: np.int64) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Answers the decision with the pair; raises InvalidValue for one that the mask forbids."""
        i, j = divmod(int(action), self._machines)
        choices = self._choices()
        if not (i < len(choices) and j < choices[i]):
            raise InvalidValue("action", int(action), "is not legal here")
        if not self._asks_for_job():
            return self.env.step(np.int64(j))
        found = self.env.step(np.int64(i))
        if choices[i] == 1:
            return found
        observation, reward, ended, cut, info = self.env.step(np.int64(j))
        return observation, found[1] + reward, ended, cut, info

    def _asks_for_job(self) -> bool:
        return bool(self.env.turn.phase[0] == ASK_JOB)

    def _choices(self) -> list[int]:
        """The number of machines of each job that can be chosen."""
        env = self.env
        if not self._asks_for_job():
            return [env.choices]
        jobs = [int(env.view.jobs[i]) for i in range(env.choices)]
        return [int(machine_features(env.arrays, env.state, env.view, job)) for job in jobs]
