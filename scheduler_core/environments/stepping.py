"""Decisions as an environment sees them: first the job, then its machine; forced moves are made without asking.

An observation is one row of float32:

    [phase, candidates n, worked days, globals (N_GLOBAL), chosen job (N_JOB), K rows of N_JOB candidate features]

phase 0 asks for the job (rows are candidate jobs), phase 1 for the machine (rows hold N_MACHINE features, the rest is 0;
"chosen job" is filled). Rows beyond n are 0, and the mask is true for the first n actions.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from scheduler_core.policy.features import (
    DAY,
    MAX_CANDIDATES,
    N_GLOBAL,
    N_JOB,
    N_MACHINE,
    View,
    global_features,
    job_features,
    machine_features,
    reset_potential,
    update_potential,
)
from scheduler_core.simulator import kernel
from scheduler_core.simulator.array_types import Bool, Float32, Int64
from scheduler_core.simulator.arrays import NOW, PlantArrays, State
from scheduler_core.simulator.kernel import compiled

K = MAX_CANDIDATES
PHASE, COUNT, WORKED, GLOBALS = 0, 1, 2, 3
CHOSEN = GLOBALS + N_GLOBAL
ROWS = CHOSEN + N_JOB
OBSERVATION_SIZE = ROWS + K * N_JOB
ASK_JOB, ASK_MACHINE = 0, 1


class Turn(NamedTuple):
    """Where an environment stands between two actions."""

    phase: Int64  # [1]
    job: Int64  # [1] the chosen job while a machine is asked for
    dispatched: Int64  # [1] the last dispatched job, whose potential is due for an update; -1


def new_turn() -> Turn:
    """Room for one environment's turn."""
    return Turn(np.zeros(1, np.int64), np.zeros(1, np.int64), np.full(1, -1, np.int64))


@compiled
def begin(arrays: PlantArrays, state: State, view: View, turn: Turn, observation: Float32, mask: Bool) -> int:
    """Starts a schedule; returns the number of choices of its first real decision, 0 if there is none, -1 if it stopped."""
    kernel.reset(arrays, state)
    reset_potential(arrays, state, view)
    turn.phase[0] = ASK_JOB
    turn.dispatched[0] = -1
    return _to_decision(arrays, state, view, turn, observation, mask)


@compiled
def act(arrays: PlantArrays, state: State, view: View, turn: Turn, action: int, observation: Float32, mask: Bool) -> int:
    """Takes an action that the mask allows and goes on to the next real decision; returns as ``begin``."""
    if turn.phase[0] == ASK_JOB:
        turn.job[0] = view.jobs[action]
        turn.phase[0] = ASK_MACHINE
        for f in range(N_JOB):
            observation[CHOSEN + f] = observation[ROWS + action * N_JOB + f]
    else:
        _dispatch(arrays, state, view, turn, view.pairs[action])
    return _to_decision(arrays, state, view, turn, observation, mask)


@compiled
def _dispatch(arrays: PlantArrays, state: State, view: View, turn: Turn, pair: int) -> None:
    kernel.dispatch(arrays, state, turn.job[0], pair)
    update_potential(arrays, state, view, turn.job[0])
    turn.phase[0] = ASK_JOB


@compiled
def _to_decision(arrays: PlantArrays, state: State, view: View, turn: Turn, observation: Float32, mask: Bool) -> int:
    while True:
        if turn.phase[0] == ASK_JOB:
            left = kernel.advance(arrays, state)
            if left <= 0:
                return left
            n = job_features(arrays, state, view)
            if n > 1:
                for f in range(N_JOB):
                    observation[CHOSEN + f] = 0.0
                for i in range(n):
                    for f in range(N_JOB):
                        observation[ROWS + i * N_JOB + f] = view.job_x[i, f]
                break
            turn.job[0] = view.jobs[0]
            turn.phase[0] = ASK_MACHINE
            for f in range(N_JOB):
                observation[CHOSEN + f] = view.job_x[0, f]
        else:
            n = machine_features(arrays, state, view, turn.job[0])
            if n > 1:
                for i in range(n):
                    for f in range(N_MACHINE):
                        observation[ROWS + i * N_JOB + f] = view.machine_x[i, f]
                    for f in range(N_MACHINE, N_JOB):
                        observation[ROWS + i * N_JOB + f] = 0.0
                break
            _dispatch(arrays, state, view, turn, view.pairs[0])
    update_potential(arrays, state, view, -1)
    global_features(arrays, state, view)
    for f in range(N_GLOBAL):
        observation[GLOBALS + f] = view.global_x[f]
    observation[PHASE] = turn.phase[0]
    observation[COUNT] = n
    observation[WORKED] = kernel.worked_before(arrays, arrays.plant_table, state.clock[NOW]) / DAY
    for i in range(n * N_JOB, K * N_JOB):
        observation[ROWS + i] = 0.0
    for i in range(K):
        mask[i] = i < n
    return n
