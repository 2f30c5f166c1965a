"""What the policy sees: features of the plant, of each candidate job and of each open machine of the chosen job.

Slack, loads and waiting are in working days of the plant (``DAY`` working minutes), everything is scaled to about -5 to 5,
and nothing depends on how many jobs or machines there are, so that a policy carries over between plants.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from scheduler_core.plant import MINUTES_PER_DAY
from scheduler_core.policy.objective_shares import PRICE_FEATURES, price_shares
from scheduler_core.simulator import costs, kernel
from scheduler_core.simulator.array_types import Float32, Float64, Int64
from scheduler_core.simulator.arrays import CANDIDATES, DONE, NEVER, NOW, READY, PlantArrays, State
from scheduler_core.simulator.kernel import compiled

DAY = 690.0
"""Working minutes that count as a day in features."""
NO_DUE = 200_000
"""Working minutes from now at which a job without a due date counts as due: far, but near enough that what tells such jobs
apart (their remaining work) is not lost in float32."""
MAX_CANDIDATES = 24
"""Candidate jobs (and open machines) that the policy looks at; beyond, those that the base rule likes best."""

JOB_FEATURES = (
    "log work here", "log remaining work", "slack", "tanh slack", "no slack left", "past due", "important",
    "operations left", "log waited", "open machine has its family", "setup", "open share of eligible", "log eligible",
    "ready load here", "total load here", "ready load next", "total load next", "largest load later",
    "WATC k=2 below the best", "WSPT below the best", "due after the first", "start delay", "needs several machines",
    "longer than the shift's rest", "log candidates", "last operation", "slack under one operation",
    "cost of one operation's delay", "stretch by closed hours", "slack above the least", "WATC k=1 below the best",
    "WATCS k=2,2 below the best",
)  # fmt: skip
MACHINE_FEATURES = (
    "processing above the least", "setup", "no setup", "end after the earliest", "log processing", "ready load",
    "total load", "ready load above the least", "preferred", "ends on another day", "candidates of its family",
    "log idle", "total load above the least", "earliest end",
)  # fmt: skip
GLOBAL_FEATURES = (
    "operations left", "log candidates", "log ready", "open machines", "log mean load", "log largest load",
    "spread of load", "rest of the day", "weekday", "late share", "potential per job", "log jobs", "log machines",
    "log jobs per machine", "log potential", "one", *PRICE_FEATURES,
)  # fmt: skip
JOB_RULE, MACHINE_RULE = 18, 3
"""The features that are a rule's value: at zero weights the policy follows them."""
PRICES = GLOBAL_FEATURES.index(PRICE_FEATURES[0])
"""Where the prices' shares begin among the numbers of the plant."""
N_JOB, N_MACHINE, N_GLOBAL = len(JOB_FEATURES), len(MACHINE_FEATURES), len(GLOBAL_FEATURES)


class View(NamedTuple):
    """Room for one decision's features (compiled code does not allocate)."""

    jobs: Int64  # [K] candidate jobs
    job_x: Float32  # [K, N_JOB]
    pairs: Int64  # [M] legal pairs of the chosen job
    machine_x: Float32  # [M, N_MACHINE]
    global_x: Float32  # [N_GLOBAL]
    value: Float64  # [J] base rule's value of each candidate
    order: Int64  # [J]
    estimate: Float64  # [J] optimistic weighted tardiness of each job, in days
    potential: Float64  # [2] its sum over all jobs, and how many of them are late in it
    minute: Int64  # [1] clock for which the estimates of waiting jobs hold


def new_view(arrays: PlantArrays, prices: Float64 = costs.WEIGHTED_TARDINESS) -> View:
    """Room for decisions on the plant, for an objective of these ``prices`` [6] (costs.prices_of)."""
    jobs, machines = len(arrays.job_open), len(arrays.machine_table)
    view = View(
        jobs=np.zeros(MAX_CANDIDATES, np.int64),
        job_x=np.zeros((MAX_CANDIDATES, N_JOB), np.float32),
        pairs=np.zeros(max(MAX_CANDIDATES, machines), np.int64),
        machine_x=np.zeros((max(MAX_CANDIDATES, machines), N_MACHINE), np.float32),
        global_x=np.zeros(N_GLOBAL, np.float32),
        value=np.zeros(jobs, np.float64),
        order=np.zeros(jobs, np.int64),
        estimate=np.zeros(jobs, np.float64),
        potential=np.zeros(2, np.float64),
        minute=np.full(1, -1, np.int64),
    )
    view.global_x[PRICES:] = price_shares(arrays, prices)
    return view


# ---------------------------------------------------------------- potential
@compiled
def _estimate(arrays: PlantArrays, state: State, job: int) -> float:
    """Weighted tardiness in days of the job if it runs from now on without waiting."""
    o = state.next_op[job]
    end = state.ready_at[job]
    if o < arrays.job_first[job + 1]:
        begin = kernel.worked_before(arrays, arrays.plant_table, max(state.clock[NOW], end))
        end = kernel.minute_of_work(arrays, arrays.plant_table, begin + int(arrays.op_tail[o]) - 1) + 1
    else:
        end = state.end[arrays.job_first[job + 1] - 1]
    late = end - arrays.job_due[job]
    return arrays.job_weight[job] * late / MINUTES_PER_DAY if late > 0 else 0.0


@compiled
def _set_estimate(view: View, job: int, new: float) -> None:
    old = view.estimate[job]
    view.potential[0] += new - old
    view.potential[1] += (1.0 if new > 0 else 0.0) - (1.0 if old > 0 else 0.0)
    view.estimate[job] = new


@compiled
def reset_potential(arrays: PlantArrays, state: State, view: View) -> None:
    """The potential at the start of a schedule."""
    view.potential[:] = 0.0
    view.estimate[:] = 0.0
    view.minute[0] = state.clock[NOW]
    for j in range(len(arrays.job_open)):
        _set_estimate(view, j, _estimate(arrays, state, j))


@compiled
def update_potential(arrays: PlantArrays, state: State, view: View, job: int) -> None:
    """The potential after the job was dispatched (-1: none) and the clock may have moved: only waiting jobs have changed."""
    if job >= 0:
        _set_estimate(view, job, _estimate(arrays, state, job))
    if view.minute[0] != state.clock[NOW]:
        view.minute[0] = state.clock[NOW]
        for i in range(state.clock[READY]):
            _set_estimate(view, state.ready_list[i], _estimate(arrays, state, state.ready_list[i]))


# ---------------------------------------------------------------- global
@compiled
def global_features(arrays: PlantArrays, state: State, view: View) -> None:
    """Fills ``view.global_x`` but for the prices, which stay; the potential must be up to date."""
    row = view.global_x
    jobs, machines = len(arrays.job_open), len(arrays.machine_table)
    now = state.clock[NOW]
    row[0] = 1.0 - state.clock[DONE] / len(arrays.op_job)
    row[1] = math.log1p(state.clock[CANDIDATES]) / 4
    row[2] = math.log1p(state.clock[READY]) / 5
    opened, total, squares, largest = 0, 0.0, 0.0, 0.0
    for m in range(machines):
        if state.is_open[m]:
            opened += 1
        load = max(0.0, state.total_load[m]) / DAY
        total += load
        squares += load * load
        largest = max(largest, load)
    mean = total / machines
    row[3] = opened / machines
    row[4] = math.log1p(mean)
    row[5] = math.log1p(largest) / 2
    row[6] = math.sqrt(max(0.0, squares / machines - mean * mean)) / 4
    day_end = (now // MINUTES_PER_DAY + 1) * MINUTES_PER_DAY
    worked_now = kernel.worked_before(arrays, arrays.plant_table, now)
    row[7] = (kernel.worked_before(arrays, arrays.plant_table, day_end) - worked_now) / DAY
    row[8] = (now // MINUTES_PER_DAY % 7) / 7.0
    row[9] = view.potential[1] / jobs
    row[10] = min(5.0, view.potential[0] / jobs)
    row[11] = math.log(jobs) / 6
    row[12] = math.log(machines) / 5
    row[13] = math.log1p(jobs / machines)
    row[14] = math.log1p(max(0.0, view.potential[0])) / 6
    row[15] = 1.0


# ---------------------------------------------------------------- jobs
@compiled
def _mean_load(arrays: PlantArrays, load: Float64, operation: int) -> float:
    total = 0.0
    for pair in range(arrays.op_first[operation], arrays.op_first[operation + 1]):
        total += load[arrays.pair_machine[pair]]
    mean: float = max(0.0, total) / (arrays.op_first[operation + 1] - arrays.op_first[operation]) / DAY
    return mean


@compiled
def _worked_due(arrays: PlantArrays, job: int, worked_now: int) -> int:
    """Working minutes before the job's due minute."""
    due = arrays.job_due[job]
    return kernel.worked_before(arrays, arrays.plant_table, due) if due < NEVER else worked_now + NO_DUE


@compiled
def _watc(arrays: PlantArrays, job: int, work: float, slack: float, look_ahead: float) -> float:
    return math.log(arrays.job_weight[job] / work) - max(0.0, slack) / (look_ahead * arrays.mean_minutes)


@compiled
def _keep_best(view: View, count: int) -> int:
    """Orders ``view.order[:count]`` by falling value, the first MAX_CANDIDATES places only, and returns how many are
    kept."""
    kept = min(count, MAX_CANDIDATES)
    for i in range(kept):
        best = i
        for other in range(i + 1, count):
            if view.value[view.order[other]] > view.value[view.order[best]]:
                best = other
        view.order[i], view.order[best] = view.order[best], view.order[i]
    return kept


@compiled
def job_features(arrays: PlantArrays, state: State, view: View) -> int:
    """Fills ``view.jobs`` and ``view.job_x`` with the candidates and returns their number."""
    now = state.clock[NOW]
    table = arrays.plant_table
    worked_now = kernel.worked_before(arrays, table, now)
    n: int = state.clock[CANDIDATES]
    for i in range(n):
        j = state.candidates[i]
        if kernel.earliest_end(arrays, state, j):
            o = state.next_op[j]
            start_delay = kernel.worked_before(arrays, table, state.move_start[j]) - worked_now
            work = float(arrays.pair_minutes[state.move_pair[j]] + state.move_setup[j] + start_delay)
            slack = _worked_due(arrays, j, worked_now) - worked_now - arrays.op_tail[o]
            state.move_value[j] = _watc(arrays, j, work, slack, 2.0)
        view.order[i] = j
        view.value[j] = state.move_value[j]
    if n > MAX_CANDIDATES:
        n = _keep_best(view, n)
    day_end = (now // MINUTES_PER_DAY + 1) * MINUTES_PER_DAY
    left_today = kernel.worked_before(arrays, table, day_end) - worked_now
    best_watc2, best_watc1, best_watcs, best_wspt = -1e9, -1e9, -1e9, -1e9
    first_due, least_slack = 1e18, 1e9
    for i in range(n):
        j = view.order[i]
        row = view.job_x[i]
        view.jobs[i] = j
        o = state.next_op[j]
        p = float(arrays.pair_minutes[state.move_pair[j]])
        setup = float(state.move_setup[j])
        wait = float(kernel.worked_before(arrays, table, state.move_start[j]) - worked_now)
        tail = arrays.op_tail[o]
        slack_minutes = _worked_due(arrays, j, worked_now) - worked_now - tail
        slack = min(1e4, slack_minutes / DAY)
        left = arrays.job_first[j + 1] - o
        eligible = arrays.op_first[o + 1] - arrays.op_first[o]
        opened, same = 0, 0.0
        for pair in range(arrays.op_first[o], arrays.op_first[o + 1]):
            m = arrays.pair_machine[pair]
            if state.is_open[m]:
                opened += 1
                if state.family[m] == arrays.job_family[j]:
                    same = 1.0
        row[0] = math.log((p + setup) / 60 + 0.1) / 2
        row[1] = math.log(tail / 60 + 0.1) / 2
        row[2] = min(10.0, max(-10.0, slack)) / 4
        row[3] = math.tanh(slack)
        row[4] = 1.0 if slack < 0 else 0.0
        row[5] = 1.0 if now > arrays.job_due[j] else 0.0
        row[6] = 1.0 if arrays.job_important[j] else 0.0
        row[7] = left / 5
        row[8] = math.log1p(max(0, worked_now - kernel.worked_before(arrays, table, state.ready_at[j])) / 60) / 2
        row[9] = same
        row[10] = setup / 60
        row[11] = opened / eligible
        row[12] = math.log(eligible) / 2
        row[13] = math.log1p(_mean_load(arrays, state.ready_load, o))
        row[14] = math.log1p(_mean_load(arrays, state.total_load, o)) / 2
        row[15], row[16], row[17] = 0.0, 0.0, 0.0
        if left > 1:
            row[15] = math.log1p(_mean_load(arrays, state.ready_load, o + 1))
            later = _mean_load(arrays, state.total_load, o + 1)
            row[16] = math.log1p(later) / 2
            for following in range(o + 2, arrays.job_first[j + 1]):
                later = max(later, _mean_load(arrays, state.total_load, following))
            row[17] = math.log1p(later) / 2
        work = p + setup + wait
        row[18] = view.value[j]
        row[19] = math.log(arrays.job_weight[j] / work)
        row[20] = min(1e9, float(arrays.job_due[j]))
        row[21] = wait / 240
        row[22] = 1.0 if arrays.op_all[o] else 0.0
        row[23] = 1.0 if p + setup > left_today else 0.0
        row[24] = math.log(n) / 3
        row[25] = 1.0 if left == 1 else 0.0
        row[26] = 1.0 if 0 <= slack_minutes < arrays.mean_minutes else 0.0
        end_now = kernel.minute_of_work(arrays, table, int(worked_now + tail + wait) - 1) + 1
        end_later = kernel.minute_of_work(arrays, table, int(worked_now + tail + wait + arrays.mean_minutes) - 1) + 1
        delay = max(0, end_later - arrays.job_due[j]) - max(0, end_now - arrays.job_due[j])
        row[27] = min(8.0, arrays.job_weight[j] * delay / MINUTES_PER_DAY)
        row[28] = math.log((state.move_end[j] - state.move_start[j] + 1.0) / (p + setup + 1.0))
        row[29] = slack
        row[30] = _watc(arrays, j, work, slack_minutes, 1.0)
        row[31] = _watc(arrays, j, p + wait, slack_minutes, 2.0) - setup / (2.0 * arrays.mean_setup)
        best_watc2, best_wspt = max(best_watc2, row[18]), max(best_wspt, row[19])
        best_watc1, best_watcs = max(best_watc1, row[30]), max(best_watcs, row[31])
        first_due, least_slack = min(first_due, row[20]), min(least_slack, slack)
    for i in range(n):
        row = view.job_x[i]
        row[18] = max(-8.0, row[18] - best_watc2)
        row[19] = max(-6.0, row[19] - best_wspt)
        row[20] = min(8.0, (row[20] - first_due) / MINUTES_PER_DAY) / 4
        row[29] = min(8.0, row[29] - least_slack) / 4
        row[30] = max(-8.0, row[30] - best_watc1)
        row[31] = max(-8.0, row[31] - best_watcs)
    return n


# ---------------------------------------------------------------- machines
@compiled
def machine_features(arrays: PlantArrays, state: State, view: View, job: int) -> int:
    """Fills ``view.pairs`` and ``view.machine_x`` with the legal pairs of the candidate job, at most the MAX_CANDIDATES on
    which it ends first, and returns their number.

    An operation that needs several machines has one pair and no features: there is nothing to choose.
    """
    now = state.clock[NOW]
    table = arrays.plant_table
    o = state.next_op[job]
    n = kernel.legal_pairs(arrays, state, job, view.pairs)
    if n == 1:
        return 1
    least_p, least_ready, least_total = 1e18, 1e18, 1e18
    first_end = 2**60
    for i in range(n):
        pair = view.pairs[i]
        m = arrays.pair_machine[pair]
        row = view.machine_x[i]
        _, end, setup = kernel.placement(arrays, state, o, pair, now)
        p = float(arrays.pair_minutes[pair])
        row[0] = p
        row[1] = setup / 60
        row[2] = 1.0 if setup == 0 else 0.0
        row[3] = end
        row[4] = math.log(p / 60 + 0.1) / 2
        row[5] = max(0.0, state.ready_load[m])
        row[6] = max(0.0, state.total_load[m])
        row[8] = 1.0 if arrays.op_preferred[o] == m else 0.0
        row[9] = 1.0 if end // MINUTES_PER_DAY > now // MINUTES_PER_DAY else 0.0
        wanted = 0
        for place in range(state.clock[CANDIDATES]):
            other = state.candidates[place]
            if other != job and arrays.job_family[other] == state.family[m]:
                k = state.next_op[other]
                for third in range(arrays.op_first[k], arrays.op_first[k + 1]):
                    if arrays.pair_machine[third] == m:
                        wanted += 1
                        break
        row[10] = min(3.0, float(wanted))
        idle = kernel.worked_before(arrays, table, now) - kernel.worked_before(arrays, table, state.free_at[m])
        row[11] = math.log1p(max(0, idle) / 60)
        least_p = min(least_p, p)
        first_end = min(first_end, end)
        least_ready, least_total = min(least_ready, row[5]), min(least_total, row[6])
    worked_first = kernel.worked_before(arrays, table, first_end)
    for i in range(n):
        row = view.machine_x[i]
        end = int(row[3])
        row[0] = row[0] / least_p - 1.0
        row[13] = 1.0 if end == first_end else 0.0
        row[3] = -min(8.0, (kernel.worked_before(arrays, table, end) - worked_first) / 60)
        row[7] = min(3.0, (row[5] - least_ready) / DAY)
        row[12] = min(3.0, (row[6] - least_total) / DAY / 2)
        row[5] = math.log1p(row[5] / DAY)
        row[6] = math.log1p(row[6] / DAY) / 2
    return n if n <= MAX_CANDIDATES else _keep_earliest(view, n)


@compiled
def _keep_earliest(view: View, count: int) -> int:
    """Puts the MAX_CANDIDATES machines on which the operation ends first in front, ordered by that end."""
    for i in range(MAX_CANDIDATES):
        best = i
        for other in range(i + 1, count):
            if view.machine_x[other, 3] > view.machine_x[best, 3]:
                best = other
        view.pairs[i], view.pairs[best] = view.pairs[best], view.pairs[i]
        for f in range(N_MACHINE):
            view.machine_x[i, f], view.machine_x[best, f] = view.machine_x[best, f], view.machine_x[i, f]
    return MAX_CANDIDATES
