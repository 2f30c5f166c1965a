"""The flat observations computed (observations.py names every number)."""

from __future__ import annotations

import math

import numpy as np

from scheduler_core.environments.observations import OF_FIRST, OF_GLOBALS, OF_JOBS, OF_MACHINES
from scheduler_core.environments.stepping import ASK_JOB, CHOSEN, COUNT, PHASE, ROWS, WORKED
from scheduler_core.plant import MINUTES_PER_DAY
from scheduler_core.policy.features import DAY, GLOBAL_FEATURES, JOB_FEATURES, MACHINE_FEATURES, N_JOB, View
from scheduler_core.simulator import kernel
from scheduler_core.simulator.array_types import Float32, Float64
from scheduler_core.simulator.arrays import CANDIDATES, NOW, PlantArrays, State
from scheduler_core.simulator.kernel import compiled

_GLOBALS = tuple(GLOBAL_FEATURES.index(name) for name in OF_GLOBALS)
_JOBS = tuple(JOB_FEATURES.index(name) for name in OF_JOBS)
_FIRST = tuple(JOB_FEATURES.index(name) for name in OF_FIRST)
_MACHINES = tuple(MACHINE_FEATURES.index(name) for name in OF_MACHINES)
LIMIT = 5.0
"""No number is further from 0."""


def new_scratch(arrays: PlantArrays) -> Float64:
    """float64 [max(J, M)]: memory for sorting one quality of all jobs or machines."""
    return np.zeros(max(len(arrays.job_open), len(arrays.machine_table)), np.float64)


@compiled
def _limited(number: float) -> float:
    return min(LIMIT, max(-LIMIT, number))


@compiled
def _sort(values: Float64, count: int) -> None:
    """Sorts values[:count] ascending in place (Shell 1959, A high-speed sorting procedure; gaps as in Knuth)."""
    gap = 1
    while gap < count:
        gap = 3 * gap + 1
    while gap > 1:
        gap //= 3
        for i in range(gap, count):
            value, place = values[i], i
            while place >= gap and values[place - gap] > value:
                values[place] = values[place - gap]
                place -= gap
            values[place] = value


@compiled
def _quantile(values: Float64, count: int, quarter: int) -> float:
    """The quarter-th quartile of the sorted values[:count], interpolated as numpy.quantile does; 0 of nothing."""
    if count == 0:
        return 0.0
    place = quarter * (count - 1) / 4
    low = int(place)
    high = min(count - 1, low + 1)
    between: float = values[low] + (place - low) * (values[high] - values[low])
    return between


@compiled
def _slack(arrays: PlantArrays, state: State, job: int, worked_now: int) -> float:
    worked_due = kernel.worked_before(arrays, arrays.plant_table, arrays.job_due[job])
    slack: float = (worked_due - worked_now - arrays.op_tail[state.next_op[job]]) / DAY
    return slack


@compiled
def _closed_for(state: State, machine: int, now: int) -> float:
    if state.is_open[machine]:
        return 0.0
    return min(LIMIT, math.log1p(max(0, state.open_at[machine] - now) / MINUTES_PER_DAY))


@compiled
def _load(state: State, machine: int) -> float:
    return min(LIMIT, math.log1p(max(0.0, state.total_load[machine]) / DAY) / 2)


@compiled
def _choices(arrays: PlantArrays, state: State, view: View, observation: Float32, out: Float64) -> None:
    """Fills out[:M] with the share of the candidates that could start on each machine, or whether it is a choice."""
    for m in range(len(arrays.machine_table)):
        out[m] = 0.0
    if observation[PHASE] != ASK_JOB:
        for i in range(int(observation[COUNT])):
            out[arrays.pair_machine[view.pairs[i]]] = 1.0
        return
    n = state.clock[CANDIDATES]
    for i in range(n):
        o = state.next_op[state.candidates[i]]
        for pair in range(arrays.op_first[o], arrays.op_first[o + 1]):
            if arrays.op_all[o] or kernel.is_legal(arrays, state, o, pair):
                out[arrays.pair_machine[pair]] += 1.0 / n


@compiled
def plant_features(arrays: PlantArrays, state: State, view: View, observation: Float32, out: Float32) -> None:
    """Fills out[:20]: PLANT_FEATURES."""
    k = 0
    for g in _GLOBALS:
        out[k] = _limited(view.global_x[g])
        k += 1
    jobs = len(arrays.job_open)
    worked_now = kernel.worked_before(arrays, arrays.plant_table, state.clock[NOW])
    left, important, lost, total, least = 0, 0, 0, 0.0, LIMIT
    for j in range(jobs):
        if state.next_op[j] == arrays.job_first[j + 1]:
            continue
        left += 1
        slack = _limited(_slack(arrays, state, j, worked_now) / 4)
        total += slack
        least = min(least, slack)
        if arrays.job_important[j]:
            important += 1
            if view.estimate[j] > 0.0:
                lost += 1
    some = max(1, left)
    out[k] = 0.0 if observation[PHASE] == ASK_JOB else 1.0
    out[k + 1] = left / jobs
    out[k + 2] = important / some
    out[k + 3] = lost / some
    out[k + 4] = total / some
    out[k + 5] = least
    out[k + 6] = min(LIMIT, math.log1p(observation[WORKED]))


@compiled
def decision_features(observation: Float32, out: Float32) -> None:
    """Fills out[:29]: DECISION_FEATURES, from the candidates' observation with its choices ranked."""
    n = int(observation[COUNT])
    asks_job = observation[PHASE] == ASK_JOB
    k = 0
    for f in _JOBS:
        total = 0.0
        if asks_job:
            for i in range(n):
                total += observation[ROWS + i * N_JOB + f]
            total /= n
        else:
            total = observation[CHOSEN + f]
        out[k] = _limited(total)
        k += 1
    first = ROWS if asks_job else CHOSEN
    for f in _FIRST:
        out[k] = _limited(observation[first + f])
        k += 1
    for f in _MACHINES:
        total = 0.0
        if not asks_job:
            for i in range(n):
                total += observation[ROWS + i * N_JOB + f]
            total /= n
        out[k] = _limited(total)
        k += 1


@compiled
def machine_state(
    arrays: PlantArrays, state: State, view: View, observation: Float32, scratch: Float64, out: Float32
) -> None:
    """Fills out[:3 M]: MACHINE_STATE of every machine."""
    _choices(arrays, state, view, observation, scratch)
    for m in range(len(arrays.machine_table)):
        out[3 * m] = _closed_for(state, m, state.clock[NOW])
        out[3 * m + 1] = _load(state, m)
        out[3 * m + 2] = scratch[m]


@compiled
def machine_summary(
    arrays: PlantArrays, state: State, view: View, observation: Float32, scratch: Float64, out: Float32
) -> None:
    """Fills out[:11]: MACHINE_SUMMARY."""
    machines = len(arrays.machine_table)
    for m in range(machines):
        scratch[m] = _closed_for(state, m, state.clock[NOW])
    _sort(scratch, machines)
    for i in range(3):
        out[i] = _quantile(scratch, machines, i + 2)
    for m in range(machines):
        scratch[m] = _load(state, m)
    _sort(scratch, machines)
    for i in range(4):
        out[3 + i] = _quantile(scratch, machines, i)
    _choices(arrays, state, view, observation, scratch)
    _sort(scratch, machines)
    for i in range(4):
        out[7 + i] = _quantile(scratch, machines, i + 1)


@compiled
def _five(scratch: Float64, count: int, out: Float32) -> None:
    _sort(scratch, count)
    for i in range(5):
        out[i] = _quantile(scratch, count, i)


@compiled
def _compatibility(arrays: PlantArrays, state: State, job: int) -> float:
    """Log of the number of open machines that could take the job's next operation (all or none if it needs all at once)."""
    o = state.next_op[job]
    opened, eligible = 0, arrays.op_first[o + 1] - arrays.op_first[o]
    for pair in range(arrays.op_first[o], arrays.op_first[o + 1]):
        if state.is_open[arrays.pair_machine[pair]]:
            opened += 1
    if arrays.op_all[o]:
        opened = 1 if opened == eligible else 0
    return math.log1p(opened)


@compiled
def distributions(arrays: PlantArrays, state: State, scratch: Float64, out: Float32) -> None:
    """Fills out[:20]: DISTRIBUTIONS."""
    worked_now = kernel.worked_before(arrays, arrays.plant_table, state.clock[NOW])
    for quality in range(3):
        n = 0
        for j in range(len(arrays.job_open)):
            if state.next_op[j] == arrays.job_first[j + 1]:
                continue
            if quality == 0:
                scratch[n] = math.tanh(-_slack(arrays, state, j, worked_now) / 5)
            elif quality == 1:
                scratch[n] = min(LIMIT, math.log1p(arrays.op_tail[state.next_op[j]] / DAY))
            else:
                scratch[n] = _compatibility(arrays, state, j)
            n += 1
        # Load stands third, between the qualities of jobs.
        _five(scratch, n, out[5 * quality if quality < 2 else 15 :])
    machines = len(arrays.machine_table)
    for m in range(machines):
        scratch[m] = _load(state, m)
    _five(scratch, machines, out[10:])
