"""Dispatching rules: which of the candidate jobs is dispatched next.

A rule gives every candidate a value; the highest is dispatched, on the open machine on which it ends first (ties: less
setup, the preferred machine). Symbols: w weight, p processing and s setup minutes there, d due, t the clock, r remaining
work of the job (an estimate without waiting), all in working minutes of the plant's most common calendar
(a due date before plan_start counts as plan_start, except in EDD and priority, which only compare dates);
slack = d - t - r; p-bar and s-bar are the plant's means.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from scheduler_core.simulator import costs, kernel
from scheduler_core.simulator.array_types import Float64
from scheduler_core.simulator.arrays import CANDIDATES, NEVER, NOW, PlantArrays, State
from scheduler_core.simulator.kernel import compiled

(
    RANDOM, FIRST_FIT, PRIORITY, EDD, WEDD, SPT, WSPT, LPT, CR, SLACK, MDD, WMDD, ATC, WATC, ATCS, WATCS, COVERT, FIFO,
    MWKR, LWKR, MOPNR, ATCR, WATCR,
) = range(23)  # fmt: skip
STOPPED, WORSE = -1, -2
SEEDS = 2**32
"""Numba's generator tells so many seeds apart; larger integers do not fit it."""


@dataclass(frozen=True)
class Rule:
    """A named rule: its code in the kernel, formula and source; ``variants`` are the (k1, k2) that "best" tries."""

    name: str
    code: int
    formula: str
    source: str
    variants: tuple[tuple[float, float], ...] = ((0.0, 0.0),)

    @property
    def default(self) -> tuple[float, float]:
        """The parameters used when the rule is asked for by name alone."""
        return self.variants[0]


_LOOK_AHEAD = tuple((k1, 0.0) for k1 in (2.0, 1.0, 3.0, 4.0, 0.5, 8.0))
_WITH_SETUP = tuple((k1, k2) for k1 in (2.0, 1.0, 4.0, 8.0) for k2 in (2.0, 4.0, 1.0))

_RULES = (
    Rule("random", RANDOM, "uniform", "the baseline of every comparison"),
    Rule("first-fit", FIRST_FIT, "the job that stands first, on the first open machine", "planning by list"),
    Rule("priority", PRIORITY, "important jobs first, then the earliest due date", "planning by hand"),
    Rule("EDD", EDD, "min d", "Jackson 1955, Scheduling a production line to minimize maximum tardiness"),
    Rule("WEDD", WEDD, "min (d - t) / w", "weighted form of EDD"),
    Rule("SPT", SPT, "min p + s", "Smith 1956, Various optimizers for single-stage production"),
    Rule("WSPT", WSPT, "max w / (p + s)", "Smith 1956"),
    Rule("LPT", LPT, "max p + s", "Graham 1969, Bounds on multiprocessing timing anomalies"),
    Rule("CR", CR, "min (d - t) / r", "Berry & Rao 1975, Critical ratio scheduling"),
    Rule("slack", SLACK, "min slack", "Conway 1965, Priority dispatching and job lateness in a job shop"),
    Rule("MDD", MDD, "min max(d, t + r)", "Baker & Bertrand 1982, A dynamic priority rule for scheduling"),
    Rule("WMDD", WMDD, "min max(d - t, r) / w", "Kanet & Li 2004, A weighted modified due date rule"),
    Rule("ATC", ATC, "max exp(-max(0, slack) / (k1 p-bar)) / (p + s)",
         "Vepsalainen & Morton 1987, Priority rules for job shops with weighted tardiness costs", _LOOK_AHEAD),
    Rule("WATC", WATC, "max w exp(-max(0, slack) / (k1 p-bar)) / (p + s)", "Vepsalainen & Morton 1987", _LOOK_AHEAD),
    Rule("ATCS", ATCS, "max exp(-max(0, slack) / (k1 p-bar) - s / (k2 s-bar)) / p",
         "Lee, Bhaskaran & Pinedo 1997, A heuristic to minimize the total weighted tardiness with sequence-dependent setups",
         _WITH_SETUP),
    Rule("WATCS", WATCS, "max w exp(-max(0, slack) / (k1 p-bar) - s / (k2 s-bar)) / p", "Lee, Bhaskaran & Pinedo 1997",
         _WITH_SETUP),
    Rule("COVERT", COVERT, "max w max(0, 1 - max(0, slack) / (k1 r)) / (p + s)",
         "Carroll 1965, Heuristic sequencing of single and multiple component jobs", ((2.0, 0.0), (1.0, 0.0), (4.0, 0.0))),
    Rule("FIFO", FIFO, "min time of arrival at this operation", "Conway 1965"),
    Rule("MWKR", MWKR, "max r", "Conway 1965"),
    Rule("LWKR", LWKR, "min r", "Conway 1965"),
    Rule("MOPNR", MOPNR, "max operations left", "Conway 1965"),
    Rule("ATCR", ATCR, "max exp(-max(0, slack) / (k1 p-bar) - s / (k2 s-bar)) / r",
         "ATCS with the remaining work of the job instead of p", _WITH_SETUP),
    Rule("WATCR", WATCR, "max w exp(-max(0, slack) / (k1 p-bar) - s / (k2 s-bar)) / r",
         "WATCS with the remaining work of the job instead of p", _WITH_SETUP),
)  # fmt: skip

RULES: Mapping[str, Rule] = MappingProxyType({r.name: r for r in _RULES})


@compiled
def slack_of(arrays: PlantArrays, state: State, job: int, worked_now: int) -> float:
    """Working minutes between now and the due date, less the job's remaining work."""
    slack: float = arrays.job_worked_due[job] - worked_now - arrays.op_tail[state.next_op[job]]
    return slack


@compiled
def rule_value(
    arrays: PlantArrays,
    state: State,
    code: int,
    k1: float,
    k2: float,
    job: int,
    worked_now: int,
    pair: int,
    start: int,
    setup: int,
) -> float:
    """The rule's value of the candidate job on ``pair``; the exponential rules as logarithms, which order the same."""
    o = state.next_op[job]
    p = float(arrays.pair_minutes[pair])
    wait = 0 if start == state.clock[NOW] else kernel.worked_before(arrays, arrays.plant_table, start) - worked_now
    work: float = p + setup + wait
    rest: float = arrays.op_tail[o]
    w: float = arrays.job_weight[job]
    if code == RANDOM:
        return np.random.random()
    if code == FIRST_FIT:
        return -float(job)
    if code == PRIORITY:
        return -float(arrays.job_due[job]) + (NEVER * 2.0 if arrays.job_important[job] else 0.0)
    if code == EDD:
        return -float(arrays.job_due[job])
    if code == SPT:
        return -work
    if code == WSPT:
        return w / work
    if code == LPT:
        return work
    if code == FIFO:
        return -float(state.ready_at[job])
    if code == MWKR:
        return rest
    if code == LWKR:
        return -rest
    if code == MOPNR:
        return float(arrays.job_first[arrays.op_job[o] + 1] - o)
    slack = slack_of(arrays, state, job, worked_now)
    if code == WEDD:
        return -(slack + rest) / w
    if code == CR:
        return -(slack + rest) / rest
    if code == SLACK:
        return -slack
    if code == MDD:
        return -max(slack + rest, rest)
    if code == WMDD:
        return -max(slack + rest, rest) / w
    if code == COVERT:
        return w * max(0.0, 1.0 - max(0.0, slack) / (k1 * rest)) / work - 1e-9 * max(0.0, slack)
    urgency = -max(0.0, slack) / (k1 * arrays.mean_minutes)
    weight = math.log(w) if code in (WATC, WATCS, WATCR) else 0.0
    if code in (ATC, WATC):
        return weight + urgency - math.log(work)
    setup_term = -setup / (k2 * arrays.mean_setup)
    if code in (ATCS, WATCS):
        return weight + urgency + setup_term - math.log(p + wait)
    return weight + urgency + setup_term - math.log(rest + wait)


@compiled
def seed_random(seed: int) -> None:
    """Seeds the generator that compiled code draws from (it is not NumPy's own)."""
    np.random.seed(seed)


@compiled
def choose(arrays: PlantArrays, state: State, code: int, k1: float, k2: float, noise: float) -> tuple[int, int]:
    """The rule's choice among the candidates as (job, pair); ``noise`` > 0 adds Gumbel noise of that scale to each value."""
    worked_now = kernel.worked_before(arrays, arrays.plant_table, state.clock[NOW])
    best_job, best_value = -1, -math.inf
    for i in range(state.clock[CANDIDATES]):
        j = state.candidates[i]
        if kernel.earliest_end(arrays, state, j):
            state.move_value[j] = rule_value(
                arrays, state, code, k1, k2, j, worked_now, state.move_pair[j], state.move_start[j], state.move_setup[j]
            )
        value = state.move_value[j]
        if noise > 0.0:
            value -= noise * math.log(-math.log(np.random.random() + 1e-300) + 1e-300)
        better = value > best_value
        if value == best_value:
            # The candidates' order depends on history, so equal values are settled by the earlier end, then by the job's
            # place in the plant.
            better = state.move_end[j] < state.move_end[best_job] or (
                state.move_end[j] == state.move_end[best_job] and j < best_job
            )
        if better:
            best_job, best_value = j, value
    if code == FIRST_FIT:
        return best_job, first_legal(arrays, state, best_job)
    return best_job, state.move_pair[best_job]


@compiled
def first_legal(arrays: PlantArrays, state: State, job: int) -> int:
    """The first legal pair of the candidate job."""
    o = state.next_op[job]
    if not arrays.op_all[o]:
        for pair in range(arrays.op_first[o], arrays.op_first[o + 1]):
            if kernel.is_legal(arrays, state, o, pair):
                return pair
    first: int = arrays.op_first[o]
    return first


@compiled
def run_rule(
    arrays: PlantArrays, state: State, code: int, k1: float, k2: float, noise: float, prices: Float64, bound: float
) -> int:
    """A whole schedule by one rule, left in the state. Returns its number of decisions; STOPPED if the simulation stopped,
    WORSE as soon as the schedule is sure to cost more than ``bound`` (math.inf: never)."""
    kernel.reset(arrays, state)
    decisions = 0
    spent = 0.0
    while True:
        n = kernel.advance(arrays, state)
        if n <= 0:
            return decisions if n == 0 else STOPPED
        j, pair = choose(arrays, state, code, k1, k2, noise)
        end = kernel.dispatch(arrays, state, j, pair)
        decisions += 1
        spent = costs.spent_after(arrays, state, j, end, prices, spent)
        if costs.is_beyond(prices, spent, end, bound):
            return WORSE
