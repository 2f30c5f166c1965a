"""Dispatching by what the machines' minutes are worth, compiled (bottleneck dynamics: Morton & Pentico 1993, Heuristic
Scheduling Systems).

WATC weighs a job's urgency against the minutes of its next operation, on whatever machine. But a minute on a machine that
jobs queue for keeps all of them waiting, and one on a machine that stands idle keeps nobody. So every machine type has a
price, and first comes the job whose urgency is highest for the price of what it still needs:

    max f w exp(-max(0, slack) / (k1 p-bar) - s / (k2 s-bar)) / (its operation's price + a share of its later ones')

in the symbols of rules.py; the remaining work in ``slack`` may be stretched, and ``f`` is how much a job is favoured.
price_search.py finds the plant's prices and whom to favour.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from scheduler_core.engines.rules import STOPPED, WORSE
from scheduler_core.simulator import costs, kernel
from scheduler_core.simulator.arrays import CANDIDATES, NOW, SETUP_TAIL_SHARE, Float64, Int32, PlantArrays, State
from scheduler_core.simulator.compiling import compiled as compiled


class ResourcePrices(NamedTuple):
    """What dispatching by prices goes by."""

    look_ahead: float
    """k1: mean processing times before its latest start from which a job is urgent."""
    setup_scale: float
    """k2: mean setups that make a job e times less attractive."""
    later_share: float
    """Share of the price of its later operations that counts against a job now, 0 to 1."""
    stretch: float
    """Factor on a job's remaining work, for the waiting in it."""
    at_once: float
    """Factor on the prices of all machines that an operation holds at once."""
    machine: Float64
    """[M] price of a minute of each machine; only ratios count."""


class PricedOperations(NamedTuple):
    """The prices for each operation of a plant."""

    terms: Float64  # [2] look_ahead in minutes, setup_scale in minutes
    price: Float64  # [O] of a minute of the operation
    priced: Float64  # [O] price of the operation at its mean minutes, and the share of the later ones'
    lead: Float64  # [O] estimated minutes from its start to the end of its job
    favour: Float64  # [J] logarithm of the factor by which a job counts more than its weight says


def loads(arrays: PlantArrays, machine_kind: Int32, kinds: int) -> Float64:
    """float64 [K]: minutes of work for each machine of a kind; an operation that may run on several counts evenly on all."""
    counts = np.diff(arrays.op_first)
    minutes = np.where(arrays.op_all, arrays.op_mean, arrays.op_mean / np.maximum(1, counts))
    work = np.bincount(machine_kind[arrays.pair_machine], np.repeat(minutes, counts), kinds)
    share: Float64 = work / np.maximum(1, np.bincount(machine_kind, minlength=kinds))
    return share


def price_operations(arrays: PlantArrays, prices: ResourcePrices) -> PricedOperations:
    """The prices for each operation; one that may run on several machines has their mean. No job is favoured."""
    of_pair = prices.machine[arrays.pair_machine]
    sums = np.add.reduceat(of_pair, arrays.op_first[:-1])
    price = np.where(arrays.op_all, prices.at_once * sums, sums / np.diff(arrays.op_first))
    minutes = arrays.op_mean + SETUP_TAIL_SHARE * arrays.op_setup
    own = price * minutes
    up_to = np.cumsum(own)
    later = up_to[arrays.job_first[1:] - 1][arrays.op_job] - up_to
    return PricedOperations(
        np.array([prices.look_ahead * arrays.mean_minutes, prices.setup_scale * arrays.mean_setup]),
        price,
        own + prices.later_share * later,
        prices.stretch * arrays.op_tail[:-1],
        np.zeros(len(arrays.job_open)),
    )


@compiled
def value_of(arrays: PlantArrays, state: State, operations: PricedOperations, job: int, worked_now: int) -> float:
    """How attractive the candidate job is on the pair of its best move, as a logarithm."""
    o = state.next_op[job]
    pair, start = state.move_pair[job], state.move_start[job]
    wait = 0 if start == state.clock[NOW] else kernel.worked_before(arrays, arrays.plant_table, start) - worked_now
    slack = arrays.job_worked_due[job] - worked_now - operations.lead[o]
    # Slower machines and machines that have to be waited for cost what they hold the operation longer.
    priced = operations.priced[o] + operations.price[o] * (arrays.pair_minutes[pair] - arrays.op_mean[o] + wait)
    urgency: float = (
        operations.favour[job] - max(0.0, slack) / operations.terms[0] - state.move_setup[job] / operations.terms[1]
    )
    return math.log(arrays.job_weight[job] / (priced + 1e-9)) + urgency


@compiled
def choose(arrays: PlantArrays, state: State, operations: PricedOperations) -> tuple[int, int]:
    """The candidate to dispatch next, as (job, pair); equal values are settled as by a rule."""
    worked_now = kernel.worked_before(arrays, arrays.plant_table, state.clock[NOW])
    best_job, best_value = -1, -math.inf
    for i in range(state.clock[CANDIDATES]):
        j = state.candidates[i]
        if kernel.earliest_end(arrays, state, j):
            state.move_value[j] = value_of(arrays, state, operations, j, worked_now)
        value = state.move_value[j]
        better = value > best_value
        if value == best_value:
            better = state.move_end[j] < state.move_end[best_job] or (
                state.move_end[j] == state.move_end[best_job] and j < best_job
            )
        if better:
            best_job, best_value = j, value
    return best_job, state.move_pair[best_job]


@compiled
def run_priced(arrays: PlantArrays, state: State, operations: PricedOperations, prices: Float64, bound: float) -> int:
    """A whole schedule by prices, left in the state. Returns its number of decisions; STOPPED if the simulation stopped,
    WORSE as soon as the schedule is sure to cost more than ``bound`` at an objective's ``prices`` [6] (math.inf: never)."""
    kernel.reset(arrays, state)
    decisions = 0
    spent = 0.0
    while True:
        n = kernel.advance(arrays, state)
        if n <= 0:
            return decisions if n == 0 else STOPPED
        j, pair = choose(arrays, state, operations)
        end = kernel.dispatch(arrays, state, j, pair)
        decisions += 1
        spent = costs.spent_after(arrays, state, j, end, prices, spent)
        if costs.is_beyond(prices, spent, end, bound):
            return WORSE
