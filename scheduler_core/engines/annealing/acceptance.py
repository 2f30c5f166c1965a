"""Whether a proposed move is made and kept, compiled (Metropolis et al. 1953)."""

from __future__ import annotations

import math

import numpy as np

from scheduler_core.engines.annealing.chain import FLOOR, HERE, JOB, PAIR, TRIED, accept
from scheduler_core.simulator import costs
from scheduler_core.simulator.compiling import compiled, compiled_inline
from scheduler_core.simulator.legal_moves import held_pairs
from scheduler_core.simulator.sequences import machine_sequences as sq
from scheduler_core.simulator.sequences import relocation
from scheduler_core.simulator.sequences.relocation_estimates import job_costs_of_move

PATIENCE = 3.0
"""How far beyond what would be accepted the jobs' costs of a move may be, in temperatures, by its estimate and halfway
through it: one that is dearer is given up."""
LONG_SHOTS = 0.15
"""Share of the moves that are made without asking the estimate: it does not know what a move changes far away, and a search
that trusts it always ends no lower for all the moves that it saves (docs/policy.md)."""
LONG_PATIENCE = 10.0
"""The same as PATIENCE for those, beside what the job that the move is for costs now."""
BALANCE_GAIN = 0.05
"""Percentage points of the standard deviation of utilisation that a single move may gain, about."""


@compiled_inline
def try_move(a, q, prices, chain, o, temperature):
    """Makes the move of operation o that ``chain`` and ``q.spot`` describe, and keeps it with the chance that the
    temperature (in units of cost) gives it. o -1: nothing was proposed."""
    chain.number[TRIED] += 1
    if o < 0:
        return
    cost = chain.cost[HERE]
    pair, floor = q.pair[o], q.floor[o]
    threshold = cost - temperature * math.log(1.0 - np.random.random())
    dearest = threshold - cost + gain_beside(a, q, prices, o, chain)
    if np.random.random() < LONG_SHOTS:
        dearest += q.share[chain.number[JOB]] + LONG_PATIENCE * temperature
    else:
        dearest += PATIENCE * temperature
        if q.total[sq.JOBS] > 0.0 and not a.op_all[o]:
            estimate = job_costs_of_move(a, q, prices, o, chain.number[PAIR], chain.number[FLOOR])
            if estimate > dearest:
                return
    new = math.inf
    if relocation.move(a, q, o, chain.number[PAIR], chain.number[FLOOR], prices, q.total[sq.JOBS] + dearest):
        new = sq.total_cost(a, q, prices)
    if new > threshold:
        relocation.undo(a, q, o, pair, floor, prices)
        return
    accept(q, chain, new)


@compiled
def gain_beside(a, q, prices, o, chain):
    """What the proposed move of operation o may gain at most, about, in all but the jobs' costs."""
    gain = prices[costs.BALANCE] * BALANCE_GAIN
    j = chain.number[JOB]
    if q.end[a.job_first[j + 1] - 1] == q.number[sq.END]:
        gain += prices[costs.MAKESPAN] * (q.end[o] - q.start[o]) / 60.0
    if prices[costs.SETUPS] > 0.0:
        setups = q.setup[o]
        for slot in range(*held_pairs(a, o, q.pair[o])):
            if q.after[slot] >= 0:
                setups += q.setup[a.pair_op[q.after[slot]]]
        gain += prices[costs.SETUPS] * (setups + a.op_setup[o]) / 60.0
    return gain + prices[costs.OVERTIME] * q.overtime[o] / 60.0
