"""What the policy sees: features of the plant, of each candidate job and of each open machine of the chosen job.

Slack, loads and waiting are in working days of the plant (``DAY`` working minutes), everything is scaled to about -5 to 5,
and nothing depends on how many jobs or machines there are, so that a policy carries over between plants.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scheduler_core.plant import MINUTES_PER_DAY
from scheduler_core.policy.objective_shares import PRICE_FEATURES, price_shares
from scheduler_core.simulator import costs, kernel
from scheduler_core.simulator.arrays import CANDIDATES, DONE, NEVER, NOW, READY, PlantArrays
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

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]


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
def _estimate(a, s, j):
    """Weighted tardiness in days of job j if it runs from now on without waiting."""
    o = s.next_op[j]
    end = s.ready_at[j]
    if o < a.job_first[j + 1]:
        begin = kernel.worked_before(a, a.plant_table, max(s.clock[NOW], end))
        end = kernel.minute_of_work(a, a.plant_table, begin + int(a.op_tail[o]) - 1) + 1
    else:
        end = s.end[a.job_first[j + 1] - 1]
    late = end - a.job_due[j]
    return a.job_weight[j] * late / MINUTES_PER_DAY if late > 0 else 0.0


@compiled
def _set_estimate(v, j, new):
    old = v.estimate[j]
    v.potential[0] += new - old
    v.potential[1] += (1.0 if new > 0 else 0.0) - (1.0 if old > 0 else 0.0)
    v.estimate[j] = new


@compiled
def reset_potential(a, s, v):
    """The potential at the start of a schedule."""
    v.potential[:] = 0.0
    v.estimate[:] = 0.0
    v.minute[0] = s.clock[NOW]
    for j in range(len(a.job_open)):
        _set_estimate(v, j, _estimate(a, s, j))


@compiled
def update_potential(a, s, v, j):
    """The potential after job j was dispatched (-1: none) and the clock may have moved: only waiting jobs have changed."""
    if j >= 0:
        _set_estimate(v, j, _estimate(a, s, j))
    if v.minute[0] != s.clock[NOW]:
        v.minute[0] = s.clock[NOW]
        for i in range(s.clock[READY]):
            _set_estimate(v, s.ready_list[i], _estimate(a, s, s.ready_list[i]))


# ---------------------------------------------------------------- global
@compiled
def global_features(a, s, v):
    """Fills ``v.global_x`` but for the prices, which stay; the potential must be up to date."""
    g = v.global_x
    jobs, machines = len(a.job_open), len(a.machine_table)
    now = s.clock[NOW]
    g[0] = 1.0 - s.clock[DONE] / len(a.op_job)
    g[1] = math.log1p(s.clock[CANDIDATES]) / 4
    g[2] = math.log1p(s.clock[READY]) / 5
    opened, total, squares, largest = 0, 0.0, 0.0, 0.0
    for m in range(machines):
        if s.is_open[m]:
            opened += 1
        load = max(0.0, s.total_load[m]) / DAY
        total += load
        squares += load * load
        largest = max(largest, load)
    mean = total / machines
    g[3] = opened / machines
    g[4] = math.log1p(mean)
    g[5] = math.log1p(largest) / 2
    g[6] = math.sqrt(max(0.0, squares / machines - mean * mean)) / 4
    day_end = (now // MINUTES_PER_DAY + 1) * MINUTES_PER_DAY
    worked_now = kernel.worked_before(a, a.plant_table, now)
    g[7] = (kernel.worked_before(a, a.plant_table, day_end) - worked_now) / DAY
    g[8] = (now // MINUTES_PER_DAY % 7) / 7.0
    g[9] = v.potential[1] / jobs
    g[10] = min(5.0, v.potential[0] / jobs)
    g[11] = math.log(jobs) / 6
    g[12] = math.log(machines) / 5
    g[13] = math.log1p(jobs / machines)
    g[14] = math.log1p(max(0.0, v.potential[0])) / 6
    g[15] = 1.0


# ---------------------------------------------------------------- jobs
@compiled
def _mean_load(a, load, o):
    total = 0.0
    for pair in range(a.op_first[o], a.op_first[o + 1]):
        total += load[a.pair_machine[pair]]
    return max(0.0, total) / (a.op_first[o + 1] - a.op_first[o]) / DAY


@compiled
def _worked_due(a, j, worked_now):
    """Working minutes before job j's due minute."""
    due = a.job_due[j]
    return kernel.worked_before(a, a.plant_table, due) if due < NEVER else worked_now + NO_DUE


@compiled
def _watc(a, j, work, slack, k):
    return math.log(a.job_weight[j] / work) - max(0.0, slack) / (k * a.mean_minutes)


@compiled
def _keep_best(v, n):
    """Orders ``v.order[:n]`` by falling value (partially: the first MAX_CANDIDATES places) and returns how many are kept."""
    kept = min(n, MAX_CANDIDATES)
    for i in range(kept):
        best = i
        for q in range(i + 1, n):
            if v.value[v.order[q]] > v.value[v.order[best]]:
                best = q
        v.order[i], v.order[best] = v.order[best], v.order[i]
    return kept


@compiled
def job_features(a, s, v):
    """Fills ``v.jobs`` and ``v.job_x`` with the candidates and returns their number."""
    now = s.clock[NOW]
    table = a.plant_table
    worked_now = kernel.worked_before(a, table, now)
    n = s.clock[CANDIDATES]
    for i in range(n):
        j = s.candidates[i]
        if kernel.earliest_end(a, s, j):
            o = s.next_op[j]
            wait = kernel.worked_before(a, table, s.move_start[j]) - worked_now
            work = float(a.pair_minutes[s.move_pair[j]] + s.move_setup[j] + wait)
            slack = _worked_due(a, j, worked_now) - worked_now - a.op_tail[o]
            s.move_value[j] = _watc(a, j, work, slack, 2.0)
        v.order[i] = j
        v.value[j] = s.move_value[j]
    if n > MAX_CANDIDATES:
        n = _keep_best(v, n)
    day_end = (now // MINUTES_PER_DAY + 1) * MINUTES_PER_DAY
    left_today = kernel.worked_before(a, table, day_end) - worked_now
    best_watc2, best_watc1, best_watcs, best_wspt = -1e9, -1e9, -1e9, -1e9
    first_due, least_slack = 1e18, 1e9
    for i in range(n):
        j = v.order[i]
        x = v.job_x[i]
        v.jobs[i] = j
        o = s.next_op[j]
        p = float(a.pair_minutes[s.move_pair[j]])
        setup = float(s.move_setup[j])
        wait = float(kernel.worked_before(a, table, s.move_start[j]) - worked_now)
        tail = a.op_tail[o]
        slack_minutes = _worked_due(a, j, worked_now) - worked_now - tail
        slack = min(1e4, slack_minutes / DAY)
        left = a.job_first[j + 1] - o
        eligible = a.op_first[o + 1] - a.op_first[o]
        opened, same = 0, 0.0
        for pair in range(a.op_first[o], a.op_first[o + 1]):
            m = a.pair_machine[pair]
            if s.is_open[m]:
                opened += 1
                if s.family[m] == a.job_family[j]:
                    same = 1.0
        x[0] = math.log((p + setup) / 60 + 0.1) / 2
        x[1] = math.log(tail / 60 + 0.1) / 2
        x[2] = min(10.0, max(-10.0, slack)) / 4
        x[3] = math.tanh(slack)
        x[4] = 1.0 if slack < 0 else 0.0
        x[5] = 1.0 if now > a.job_due[j] else 0.0
        x[6] = 1.0 if a.job_important[j] else 0.0
        x[7] = left / 5
        x[8] = math.log1p(max(0, worked_now - kernel.worked_before(a, table, s.ready_at[j])) / 60) / 2
        x[9] = same
        x[10] = setup / 60
        x[11] = opened / eligible
        x[12] = math.log(eligible) / 2
        x[13] = math.log1p(_mean_load(a, s.ready_load, o))
        x[14] = math.log1p(_mean_load(a, s.total_load, o)) / 2
        x[15], x[16], x[17] = 0.0, 0.0, 0.0
        if left > 1:
            x[15] = math.log1p(_mean_load(a, s.ready_load, o + 1))
            later = _mean_load(a, s.total_load, o + 1)
            x[16] = math.log1p(later) / 2
            for q in range(o + 2, a.job_first[j + 1]):
                later = max(later, _mean_load(a, s.total_load, q))
            x[17] = math.log1p(later) / 2
        work = p + setup + wait
        x[18] = v.value[j]
        x[19] = math.log(a.job_weight[j] / work)
        x[20] = min(1e9, float(a.job_due[j]))
        x[21] = wait / 240
        x[22] = 1.0 if a.op_all[o] else 0.0
        x[23] = 1.0 if p + setup > left_today else 0.0
        x[24] = math.log(n) / 3
        x[25] = 1.0 if left == 1 else 0.0
        x[26] = 1.0 if 0 <= slack_minutes < a.mean_minutes else 0.0
        end_now = kernel.minute_of_work(a, table, int(worked_now + tail + wait) - 1) + 1
        end_later = kernel.minute_of_work(a, table, int(worked_now + tail + wait + a.mean_minutes) - 1) + 1
        delay = max(0, end_later - a.job_due[j]) - max(0, end_now - a.job_due[j])
        x[27] = min(8.0, a.job_weight[j] * delay / MINUTES_PER_DAY)
        x[28] = math.log((s.move_end[j] - s.move_start[j] + 1.0) / (p + setup + 1.0))
        x[29] = slack
        x[30] = _watc(a, j, work, slack_minutes, 1.0)
        x[31] = _watc(a, j, p + wait, slack_minutes, 2.0) - setup / (2.0 * a.mean_setup)
        best_watc2, best_wspt = max(best_watc2, x[18]), max(best_wspt, x[19])
        best_watc1, best_watcs = max(best_watc1, x[30]), max(best_watcs, x[31])
        first_due, least_slack = min(first_due, x[20]), min(least_slack, slack)
    for i in range(n):
        x = v.job_x[i]
        x[18] = max(-8.0, x[18] - best_watc2)
        x[19] = max(-6.0, x[19] - best_wspt)
        x[20] = min(8.0, (x[20] - first_due) / MINUTES_PER_DAY) / 4
        x[29] = min(8.0, x[29] - least_slack) / 4
        x[30] = max(-8.0, x[30] - best_watc1)
        x[31] = max(-8.0, x[31] - best_watcs)
    return n


# ---------------------------------------------------------------- machines
@compiled
def machine_features(a, s, v, j):
    """Fills ``v.pairs`` and ``v.machine_x`` with the legal pairs of candidate job j, at most the MAX_CANDIDATES on which it
    ends first, and returns their number.

    An operation that needs several machines has one pair and no features: there is nothing to choose.
    """
    now = s.clock[NOW]
    table = a.plant_table
    o = s.next_op[j]
    n = kernel.legal_pairs(a, s, j, v.pairs)
    if n == 1:
        return 1
    least_p, least_ready, least_total = 1e18, 1e18, 1e18
    first_end = 2**60
    for i in range(n):
        pair = v.pairs[i]
        m = a.pair_machine[pair]
        y = v.machine_x[i]
        _, end, setup = kernel.placement(a, s, o, pair, now)
        p = float(a.pair_minutes[pair])
        y[0] = p
        y[1] = setup / 60
        y[2] = 1.0 if setup == 0 else 0.0
        y[3] = end
        y[4] = math.log(p / 60 + 0.1) / 2
        y[5] = max(0.0, s.ready_load[m])
        y[6] = max(0.0, s.total_load[m])
        y[8] = 1.0 if a.op_preferred[o] == m else 0.0
        y[9] = 1.0 if end // MINUTES_PER_DAY > now // MINUTES_PER_DAY else 0.0
        wanted = 0
        for q in range(s.clock[CANDIDATES]):
            other = s.candidates[q]
            if other != j and a.job_family[other] == s.family[m]:
                k = s.next_op[other]
                for third in range(a.op_first[k], a.op_first[k + 1]):
                    if a.pair_machine[third] == m:
                        wanted += 1
                        break
        y[10] = min(3.0, float(wanted))
        idle = kernel.worked_before(a, table, now) - kernel.worked_before(a, table, s.free_at[m])
        y[11] = math.log1p(max(0, idle) / 60)
        least_p = min(least_p, p)
        first_end = min(first_end, end)
        least_ready, least_total = min(least_ready, y[5]), min(least_total, y[6])
    worked_first = kernel.worked_before(a, table, first_end)
    for i in range(n):
        y = v.machine_x[i]
        end = int(y[3])
        y[0] = y[0] / least_p - 1.0
        y[13] = 1.0 if end == first_end else 0.0
        y[3] = -min(8.0, (kernel.worked_before(a, table, end) - worked_first) / 60)
        y[7] = min(3.0, (y[5] - least_ready) / DAY)
        y[12] = min(3.0, (y[6] - least_total) / DAY / 2)
        y[5] = math.log1p(y[5] / DAY)
        y[6] = math.log1p(y[6] / DAY) / 2
    return n if n <= MAX_CANDIDATES else _keep_earliest(v, n)


@compiled
def _keep_earliest(v, n):
    """Puts the MAX_CANDIDATES machines on which the operation ends first in front, ordered by that end."""
    for i in range(MAX_CANDIDATES):
        best = i
        for q in range(i + 1, n):
            if v.machine_x[q, 3] > v.machine_x[best, 3]:
                best = q
        v.pairs[i], v.pairs[best] = v.pairs[best], v.pairs[i]
        for f in range(N_MACHINE):
            v.machine_x[i, f], v.machine_x[best, f] = v.machine_x[best, f], v.machine_x[i, f]
    return MAX_CANDIDATES
