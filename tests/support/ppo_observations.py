"""Observations and spaces for the tests of PPO's policy."""

from __future__ import annotations

import numpy as np
from gymnasium import spaces

from scheduler_core.environments.stepping import CHOSEN, COUNT, GLOBALS, OBSERVATION_SIZE, PHASE, ROWS, K
from scheduler_core.policy.features import N_GLOBAL, N_JOB, N_MACHINE

OBSERVATIONS = spaces.Box(-1e9, 1e9, (OBSERVATION_SIZE,), np.float32)


ACTIONS = spaces.Discrete(K)


def observation(phase: int, n: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    found = np.zeros(OBSERVATION_SIZE, np.float32)
    found[PHASE], found[COUNT] = phase, n
    found[GLOBALS:CHOSEN] = rng.normal(size=N_GLOBAL)
    rows = np.zeros((K, N_JOB), np.float32)
    rows[:n] = rng.normal(size=(n, N_JOB))
    if phase == 1:
        found[CHOSEN:ROWS] = rng.normal(size=N_JOB)
        rows[:, N_MACHINE:] = 0
    found[ROWS:] = rows.reshape(-1)
    return found
