"""The flat observations computed (observations.py names every number)."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from scheduler_core.environments.observations import OF_FIRST, OF_GLOBALS, OF_JOBS, OF_MACHINES
from scheduler_core.environments.stepping import ASK_JOB, CHOSEN, COUNT, PHASE, ROWS, WORKED
from scheduler_core.plant import MINUTES_PER_DAY
from scheduler_core.policy.features import DAY, GLOBAL_FEATURES, JOB_FEATURES, MACHINE_FEATURES, N_JOB
from scheduler_core.simulator import kernel
from scheduler_core.simulator.arrays import CANDIDATES, NOW, PlantArrays
from scheduler_core.simulator.kernel import compiled

_GLOBALS = tuple(GLOBAL_FEATURES.index(name) for name in OF_GLOBALS)
_JOBS = tuple(JOB_FEATURES.index(name) for name in OF_JOBS)
_FIRST = tuple(JOB_FEATURES.index(name) for name in OF_FIRST)
_MACHINES = tuple(MACHINE_FEATURES.index(name) for name in OF_MACHINES)
LIMIT = 5.0
"""No number is further from 0."""


def new_scratch(arrays: PlantArrays) -> npt.NDArray[np.float64]:
    """float64 [max(J, M)]: memory for sorting one quality of all jobs or machines."""
    return np.zeros(max(len(arrays.job_open), len(arrays.machine_table)), np.float64)


@compiled
def _limited(x):
    return min(LIMIT, max(-LIMIT, x))


@compiled
def _sort(x, n):
    """Sorts x[:n] ascending in place (Shell 1959, A high-speed sorting procedure; gaps as in Knuth)."""
    gap = 1
    while gap < n:
        gap = 3 * gap + 1
    while gap > 1:
        gap //= 3
        for i in range(gap, n):
            value, q = x[i], i
            while q >= gap and x[q - gap] > value:
                x[q] = x[q - gap]
                q -= gap
            x[q] = value


@compiled
def _quantile(x, n, quarter):
    """The quarter-th quartile of the sorted x[:n], interpolated as numpy.quantile does; 0 of nothing."""
    if n == 0:
        return 0.0
    place = quarter * (n - 1) / 4
    low = int(place)
    high = min(n - 1, low + 1)
    return x[low] + (place - low) * (x[high] - x[low])


@compiled
def _slack(a, s, j, worked_now):
    return (kernel.worked_before(a, a.plant_table, a.job_due[j]) - worked_now - a.op_tail[s.next_op[j]]) / DAY


@compiled
def _closed_for(s, m, now):
    if s.is_open[m]:
        return 0.0
    return min(LIMIT, math.log1p(max(0, s.open_at[m] - now) / MINUTES_PER_DAY))


@compiled
def _load(s, m):
    return min(LIMIT, math.log1p(max(0.0, s.total_load[m]) / DAY) / 2)


@compiled
def _choices(a, s, v, obs, out):
    """Fills out[:M] with the share of the candidates that could start on each machine, or whether it is a choice."""
    for m in range(len(a.machine_table)):
        out[m] = 0.0
    if obs[PHASE] != ASK_JOB:
        for i in range(int(obs[COUNT])):
            out[a.pair_machine[v.pairs[i]]] = 1.0
        return
    n = s.clock[CANDIDATES]
    for i in range(n):
        o = s.next_op[s.candidates[i]]
        for pair in range(a.op_first[o], a.op_first[o + 1]):
            if a.op_all[o] or kernel.is_legal(a, s, o, pair):
                out[a.pair_machine[pair]] += 1.0 / n


@compiled
def plant_features(a, s, v, obs, out):
    """Fills out[:20]: PLANT_FEATURES."""
    k = 0
    for g in _GLOBALS:
        out[k] = _limited(v.global_x[g])
        k += 1
    jobs = len(a.job_open)
    worked_now = kernel.worked_before(a, a.plant_table, s.clock[NOW])
    left, important, lost, total, least = 0, 0, 0, 0.0, LIMIT
    for j in range(jobs):
        if s.next_op[j] == a.job_first[j + 1]:
            continue
        left += 1
        slack = _limited(_slack(a, s, j, worked_now) / 4)
        total += slack
        least = min(least, slack)
        if a.job_important[j]:
            important += 1
            if v.estimate[j] > 0.0:
                lost += 1
    some = max(1, left)
    out[k] = 0.0 if obs[PHASE] == ASK_JOB else 1.0
    out[k + 1] = left / jobs
    out[k + 2] = important / some
    out[k + 3] = lost / some
    out[k + 4] = total / some
    out[k + 5] = least
    out[k + 6] = min(LIMIT, math.log1p(obs[WORKED]))


@compiled
def decision_features(obs, out):
    """Fills out[:29]: DECISION_FEATURES, from the candidates' observation with its choices ranked."""
    n = int(obs[COUNT])
    asks_job = obs[PHASE] == ASK_JOB
    k = 0
    for f in _JOBS:
        total = 0.0
        if asks_job:
            for i in range(n):
                total += obs[ROWS + i * N_JOB + f]
            total /= n
        else:
            total = obs[CHOSEN + f]
        out[k] = _limited(total)
        k += 1
    first = ROWS if asks_job else CHOSEN
    for f in _FIRST:
        out[k] = _limited(obs[first + f])
        k += 1
    for f in _MACHINES:
        total = 0.0
        if not asks_job:
            for i in range(n):
                total += obs[ROWS + i * N_JOB + f]
            total /= n
        out[k] = _limited(total)
        k += 1


@compiled
def machine_state(a, s, v, obs, scratch, out):
    """Fills out[:3 M]: MACHINE_STATE of every machine."""
    _choices(a, s, v, obs, scratch)
    for m in range(len(a.machine_table)):
        out[3 * m] = _closed_for(s, m, s.clock[NOW])
        out[3 * m + 1] = _load(s, m)
        out[3 * m + 2] = scratch[m]


@compiled
def machine_summary(a, s, v, obs, scratch, out):
    """Fills out[:11]: MACHINE_SUMMARY."""
    machines = len(a.machine_table)
    for m in range(machines):
        scratch[m] = _closed_for(s, m, s.clock[NOW])
    _sort(scratch, machines)
    for q in range(3):
        out[q] = _quantile(scratch, machines, q + 2)
    for m in range(machines):
        scratch[m] = _load(s, m)
    _sort(scratch, machines)
    for q in range(4):
        out[3 + q] = _quantile(scratch, machines, q)
    _choices(a, s, v, obs, scratch)
    _sort(scratch, machines)
    for q in range(4):
        out[7 + q] = _quantile(scratch, machines, q + 1)


@compiled
def _five(scratch, n, out):
    _sort(scratch, n)
    for q in range(5):
        out[q] = _quantile(scratch, n, q)


@compiled
def _compatibility(a, s, j):
    """Log of the number of open machines that could take job j's next operation (all or none if it needs all at once)."""
    o = s.next_op[j]
    opened, eligible = 0, a.op_first[o + 1] - a.op_first[o]
    for pair in range(a.op_first[o], a.op_first[o + 1]):
        if s.is_open[a.pair_machine[pair]]:
            opened += 1
    if a.op_all[o]:
        opened = 1 if opened == eligible else 0
    return math.log1p(opened)


@compiled
def distributions(a, s, scratch, out):
    """Fills out[:20]: DISTRIBUTIONS."""
    worked_now = kernel.worked_before(a, a.plant_table, s.clock[NOW])
    for quality in range(3):
        n = 0
        for j in range(len(a.job_open)):
            if s.next_op[j] == a.job_first[j + 1]:
                continue
            if quality == 0:
                scratch[n] = math.tanh(-_slack(a, s, j, worked_now) / 5)
            elif quality == 1:
                scratch[n] = min(LIMIT, math.log1p(a.op_tail[s.next_op[j]] / DAY))
            else:
                scratch[n] = _compatibility(a, s, j)
            n += 1
        # Load stands third, between the qualities of jobs.
        _five(scratch, n, out[5 * quality if quality < 2 else 15 :])
    machines = len(a.machine_table)
    for m in range(machines):
        scratch[m] = _load(s, m)
    _five(scratch, machines, out[10:])
