"""The policy on flat arrays in compiled code: a whole schedule without a call to torch."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from scheduler_core.policy.features import (
    JOB_RULE,
    MACHINE_RULE,
    MAX_CANDIDATES,
    N_JOB,
    N_MACHINE,
    View,
    global_features,
    job_features,
    machine_features,
    reset_potential,
    update_potential,
)
from scheduler_core.simulator import costs, kernel
from scheduler_core.simulator.array_types import Float32, Float64
from scheduler_core.simulator.arrays import PlantArrays, State
from scheduler_core.simulator.kernel import compiled

STOPPED, NOT_FINITE, WORSE = -1, -2, -3


class HeadWeights(NamedTuple):
    """One head (see network.py), transposed for row-wise products: F features, G globals, H hidden."""

    first: Float32  # [F, H]
    context: Float32  # [G, H]
    first_bias: Float32  # [H]
    second: Float32  # [H, H]
    pooled: Float32  # [H, H]
    second_bias: Float32  # [H]
    last: Float32  # [H]
    skip: Float32  # [F]
    beta: Float32  # [1]


class PolicyWeights(NamedTuple):
    """Both heads."""

    job: HeadWeights
    machine: HeadWeights


class Room(NamedTuple):
    """Memory for one forward pass over at most N candidates."""

    x: Float32  # [N, N_MACHINE + N_JOB] a machine's features and its job's
    hidden: Float32  # [N, H]
    base: Float32  # [H]
    pool: Float32  # [H]
    score: Float32  # [N]
    chance: Float64  # [N]


def new_room(arrays: PlantArrays, weights: PolicyWeights) -> Room:
    """Memory for the plant and network."""
    n = max(MAX_CANDIDATES, len(arrays.machine_table))
    hidden = len(weights.job.last)
    zeros = np.zeros
    return Room(
        zeros((n, N_MACHINE + N_JOB), np.float32),
        zeros((n, hidden), np.float32),
        zeros(hidden, np.float32),
        zeros(hidden, np.float32),
        zeros(n, np.float32),
        zeros(n, np.float64),
    )


@compiled
def score(weights: HeadWeights, rows: Float32, count: int, features: int, plant_row: Float32, rule: int, room: Room) -> None:
    """Writes the head's scores of ``rows[:count]`` to ``room.score``: the same formula as network.Pointer."""
    width = len(weights.last)
    base, pool, hidden = room.base, room.pool, room.hidden
    for k in range(width):
        base[k] = weights.first_bias[k]
        pool[k] = 0.0
    for f in range(len(plant_row)):
        value = plant_row[f]
        for k in range(width):
            base[k] += value * weights.context[f, k]
    for i in range(count):
        for k in range(width):
            hidden[i, k] = base[k]
        for f in range(features):
            value = rows[i, f]
            if value != 0.0:
                for k in range(width):
                    hidden[i, k] += value * weights.first[f, k]
        for k in range(width):
            if hidden[i, k] < 0.0:
                hidden[i, k] = 0.0
            pool[k] += hidden[i, k]
    for k in range(width):
        base[k] = weights.second_bias[k]
    share = np.float32(1.0 / count)
    for f in range(width):
        value = pool[f] * share
        if value != 0.0:
            for k in range(width):
                base[k] += value * weights.pooled[f, k]
    for i in range(count):
        for k in range(width):
            pool[k] = base[k]
        for f in range(width):
            value = hidden[i, f]
            if value != 0.0:
                for k in range(width):
                    pool[k] += value * weights.second[f, k]
        total = np.float32(0.0)
        for k in range(width):
            # Asked this way round, so that a number that is not finite reaches the score and is noticed there.
            if not pool[k] <= 0.0:
                total += pool[k] * weights.last[k]
        linear = rows[i, rule]
        for f in range(features):
            linear += rows[i, f] * weights.skip[f]
        room.score[i] = total + weights.beta[0] * linear


@compiled
def pick(room: Room, count: int, temperature: float) -> int:
    """The index of the highest score (temperature 0), or one drawn from softmax(score / temperature); -1 if a score is not
    finite."""
    best = 0
    for i in range(count):
        if not math.isfinite(room.score[i]):
            return -1
        if room.score[i] > room.score[best]:
            best = i
    if temperature <= 0.0:
        return best
    total = 0.0
    for i in range(count):
        room.chance[i] = math.exp((room.score[i] - room.score[best]) / temperature)
        total += room.chance[i]
    mark = np.random.random() * total
    for i in range(count):
        mark -= room.chance[i]
        if mark < 0.0:
            return i
    return best


@compiled
def decide(
    arrays: PlantArrays, state: State, view: View, room: Room, weights: PolicyWeights, temperature: float
) -> tuple[int, int]:
    """The policy's move at the present decision as (job, pair); (-1, -1) if a score is not finite. The potential must be up
    to date."""
    n = job_features(arrays, state, view)
    global_features(arrays, state, view)
    i = 0
    if n > 1:
        score(weights.job, view.job_x, n, N_JOB, view.global_x, JOB_RULE, room)
        i = pick(room, n, temperature)
        if i < 0:
            return -1, -1
    j = view.jobs[i]
    machines = machine_features(arrays, state, view, j)
    choice = 0
    if machines > 1:
        for k in range(machines):
            for f in range(N_MACHINE):
                room.x[k, f] = view.machine_x[k, f]
            for f in range(N_JOB):
                room.x[k, N_MACHINE + f] = view.job_x[i, f]
        score(weights.machine, room.x, machines, N_MACHINE + N_JOB, view.global_x, MACHINE_RULE, room)
        choice = pick(room, machines, temperature)
        if choice < 0:
            return -1, -1
    return j, view.pairs[choice]


@compiled
def rollout(
    arrays: PlantArrays,
    state: State,
    view: View,
    room: Room,
    weights: PolicyWeights,
    temperature: float,
    prices: Float64,
    bound: float,
) -> int:
    """A whole schedule by the policy, left in the state. Returns its number of decisions; STOPPED if the simulation stopped,
    NOT_FINITE if the network did not answer with numbers, WORSE as soon as the schedule is sure to cost more than
    ``bound``."""
    kernel.reset(arrays, state)
    reset_potential(arrays, state, view)
    decisions = 0
    spent = 0.0
    j = -1
    while True:
        n = kernel.advance(arrays, state)
        if n <= 0:
            return decisions if n == 0 else STOPPED
        update_potential(arrays, state, view, j)
        j, pair = decide(arrays, state, view, room, weights, temperature)
        if j < 0:
            return NOT_FINITE
        end = kernel.dispatch(arrays, state, j, pair)
        decisions += 1
        spent = costs.spent_after(arrays, state, j, end, prices, spent)
        if costs.is_beyond(prices, spent, end, bound):
            return WORSE
