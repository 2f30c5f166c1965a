"""Decisions as an environment sees them: first the job, then its machine; forced moves are made without asking.

An observation is one row of float32:

    [phase, candidates n, worked days, globals (N_GLOBAL), chosen job (N_JOB), K rows of N_JOB candidate features]

phase 0 asks for the job (rows are candidate jobs), phase 1 for the machine (rows hold N_MACHINE features, the rest is 0;
"chosen job" is filled). Rows beyond n are 0, and the mask is true for the first n actions.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scheduler_core.policy.features import (
    DAY,
    MAX_CANDIDATES,
    N_GLOBAL,
    N_JOB,
    N_MACHINE,
    global_features,
    job_features,
    machine_features,
    reset_potential,
    update_potential,
)
from scheduler_core.simulator import kernel
from scheduler_core.simulator.arrays import NOW
from scheduler_core.simulator.kernel import compiled

K = MAX_CANDIDATES
PHASE, COUNT, WORKED, GLOBALS = 0, 1, 2, 3
CHOSEN = GLOBALS + N_GLOBAL
ROWS = CHOSEN + N_JOB
OBSERVATION_SIZE = ROWS + K * N_JOB
ASK_JOB, ASK_MACHINE = 0, 1


class Turn(NamedTuple):
    """Where an environment stands between two actions."""

    phase: npt.NDArray[np.int64]  # [1]
    job: npt.NDArray[np.int64]  # [1] the chosen job while a machine is asked for
    dispatched: npt.NDArray[np.int64]  # [1] the last dispatched job, whose potential is due for an update; -1


def new_turn() -> Turn:
    """Room for one environment's turn."""
    return Turn(np.zeros(1, np.int64), np.zeros(1, np.int64), np.full(1, -1, np.int64))


@compiled
def begin(a, s, v, turn, obs, mask):
    """Starts a schedule; returns the number of choices of its first real decision, 0 if there is none, -1 if it stopped."""
    kernel.reset(a, s)
    reset_potential(a, s, v)
    turn.phase[0] = ASK_JOB
    turn.dispatched[0] = -1
    return _to_decision(a, s, v, turn, obs, mask)


@compiled
def act(a, s, v, turn, action, obs, mask):
    """Takes an action that the mask allows and goes on to the next real decision; returns as ``begin``."""
    if turn.phase[0] == ASK_JOB:
        turn.job[0] = v.jobs[action]
        turn.phase[0] = ASK_MACHINE
        for f in range(N_JOB):
            obs[CHOSEN + f] = obs[ROWS + action * N_JOB + f]
    else:
        _dispatch(a, s, v, turn, v.pairs[action])
    return _to_decision(a, s, v, turn, obs, mask)


@compiled
def _dispatch(a, s, v, turn, pair):
    kernel.dispatch(a, s, turn.job[0], pair)
    update_potential(a, s, v, turn.job[0])
    turn.phase[0] = ASK_JOB


@compiled
def _to_decision(a, s, v, turn, obs, mask):
    while True:
        if turn.phase[0] == ASK_JOB:
            left = kernel.advance(a, s)
            if left <= 0:
                return left
            n = job_features(a, s, v)
            if n > 1:
                for f in range(N_JOB):
                    obs[CHOSEN + f] = 0.0
                for i in range(n):
                    for f in range(N_JOB):
                        obs[ROWS + i * N_JOB + f] = v.job_x[i, f]
                break
            turn.job[0] = v.jobs[0]
            turn.phase[0] = ASK_MACHINE
            for f in range(N_JOB):
                obs[CHOSEN + f] = v.job_x[0, f]
        else:
            n = machine_features(a, s, v, turn.job[0])
            if n > 1:
                for i in range(n):
                    for f in range(N_MACHINE):
                        obs[ROWS + i * N_JOB + f] = v.machine_x[i, f]
                    for f in range(N_MACHINE, N_JOB):
                        obs[ROWS + i * N_JOB + f] = 0.0
                break
            _dispatch(a, s, v, turn, v.pairs[0])
    update_potential(a, s, v, -1)
    global_features(a, s, v)
    for f in range(N_GLOBAL):
        obs[GLOBALS + f] = v.global_x[f]
    obs[PHASE] = turn.phase[0]
    obs[COUNT] = n
    obs[WORKED] = kernel.worked_before(a, a.plant_table, s.clock[NOW]) / DAY
    for i in range(n * N_JOB, K * N_JOB):
        obs[ROWS + i] = 0.0
    for i in range(K):
        mask[i] = i < n
    return n
