"""The policy on flat arrays in compiled code: a whole schedule without a call to torch."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scheduler_core.policy.features import (
    JOB_RULE,
    MACHINE_RULE,
    MAX_CANDIDATES,
    N_JOB,
    N_MACHINE,
    global_features,
    job_features,
    machine_features,
    reset_potential,
    update_potential,
)
from scheduler_core.simulator import costs, kernel
from scheduler_core.simulator.arrays import PlantArrays
from scheduler_core.simulator.kernel import compiled

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

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
def score(w, x, n, features, g, rule, r):
    """Writes the head's scores of ``x[:n]`` to ``r.score``: the same formula as network.Pointer."""
    width = len(w.last)
    base, pool, hidden = r.base, r.pool, r.hidden
    for k in range(width):
        base[k] = w.first_bias[k]
        pool[k] = 0.0
    for q in range(len(g)):
        value = g[q]
        for k in range(width):
            base[k] += value * w.context[q, k]
    for i in range(n):
        for k in range(width):
            hidden[i, k] = base[k]
        for q in range(features):
            value = x[i, q]
            if value != 0.0:
                for k in range(width):
                    hidden[i, k] += value * w.first[q, k]
        for k in range(width):
            if hidden[i, k] < 0.0:
                hidden[i, k] = 0.0
            pool[k] += hidden[i, k]
    for k in range(width):
        base[k] = w.second_bias[k]
    share = np.float32(1.0 / n)
    for q in range(width):
        value = pool[q] * share
        if value != 0.0:
            for k in range(width):
                base[k] += value * w.pooled[q, k]
    for i in range(n):
        for k in range(width):
            pool[k] = base[k]
        for q in range(width):
            value = hidden[i, q]
            if value != 0.0:
                for k in range(width):
                    pool[k] += value * w.second[q, k]
        total = np.float32(0.0)
        for k in range(width):
            # Asked this way round, so that a number that is not finite reaches the score and is noticed there.
            if not pool[k] <= 0.0:
                total += pool[k] * w.last[k]
        linear = x[i, rule]
        for q in range(features):
            linear += x[i, q] * w.skip[q]
        r.score[i] = total + w.beta[0] * linear


@compiled
def pick(r, n, temperature):
    """The index of the highest score (temperature 0), or one drawn from softmax(score / temperature); -1 if a score is not
    finite."""
    best = 0
    for i in range(n):
        if not math.isfinite(r.score[i]):
            return -1
        if r.score[i] > r.score[best]:
            best = i
    if temperature <= 0.0:
        return best
    total = 0.0
    for i in range(n):
        r.chance[i] = math.exp((r.score[i] - r.score[best]) / temperature)
        total += r.chance[i]
    mark = np.random.random() * total
    for i in range(n):
        mark -= r.chance[i]
        if mark < 0.0:
            return i
    return best


@compiled
def decide(a, s, v, r, weights, temperature):
    """The policy's move at the present decision as (job, pair); (-1, -1) if a score is not finite. The potential must be up
    to date."""
    n = job_features(a, s, v)
    global_features(a, s, v)
    i = 0
    if n > 1:
        score(weights.job, v.job_x, n, N_JOB, v.global_x, JOB_RULE, r)
        i = pick(r, n, temperature)
        if i < 0:
            return -1, -1
    j = v.jobs[i]
    machines = machine_features(a, s, v, j)
    q = 0
    if machines > 1:
        for k in range(machines):
            for f in range(N_MACHINE):
                r.x[k, f] = v.machine_x[k, f]
            for f in range(N_JOB):
                r.x[k, N_MACHINE + f] = v.job_x[i, f]
        score(weights.machine, r.x, machines, N_MACHINE + N_JOB, v.global_x, MACHINE_RULE, r)
        q = pick(r, machines, temperature)
        if q < 0:
            return -1, -1
    return j, v.pairs[q]


@compiled
def rollout(a, s, v, r, weights, temperature, prices, bound):
    """A whole schedule by the policy, left in the state. Returns its number of decisions; STOPPED if the simulation stopped,
    NOT_FINITE if the network did not answer with numbers, WORSE as soon as the schedule is sure to cost more than
    ``bound``."""
    kernel.reset(a, s)
    reset_potential(a, s, v)
    decisions = 0
    spent = 0.0
    j = -1
    while True:
        n = kernel.advance(a, s)
        if n <= 0:
            return decisions if n == 0 else STOPPED
        update_potential(a, s, v, j)
        j, pair = decide(a, s, v, r, weights, temperature)
        if j < 0:
            return NOT_FINITE
        end = kernel.dispatch(a, s, j, pair)
        decisions += 1
        spent = costs.spent_after(a, s, j, end, prices, spent)
        if costs.is_beyond(prices, spent, end, bound):
            return WORSE
