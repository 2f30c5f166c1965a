"""When a change of the schedule is accepted, and the trying of a single move, compiled."""

from __future__ import annotations

import math

import numpy as np

from scheduler_core.engines.annealing.chain import FLOOR, HERE, JOB, MOST, MOVED, PAIR, TRIED, Chain, accept
from scheduler_core.engines.annealing.staying import may_leave, strayed_after_move
from scheduler_core.simulator import costs
from scheduler_core.simulator.array_types import Float64
from scheduler_core.simulator.arrays import PlantArrays
from scheduler_core.simulator.compiling import compiled, compiled_inline
from scheduler_core.simulator.legal_moves import held_pairs
from scheduler_core.simulator.sequences import machine_sequences as sq
from scheduler_core.simulator.sequences import relocation
from scheduler_core.simulator.sequences.machine_sequences import Sequences
from scheduler_core.simulator.sequences.relocation_estimates import job_costs_of_move

PATIENCE = 3.0
"""Early-rejection margin, in temperatures: a move whose estimated job costs exceed the acceptance threshold by more is
abandoned, by its estimate or halfway through it."""
LONG_SHOTS = 0.15
"""Share of the moves that are made without asking the estimate: it does not know what a move changes far away, and a search
that trusts it always ends no lower for all the moves that it saves (docs/policy.md)."""
LONG_PATIENCE = 10.0
"""The same as PATIENCE for those, beside what the job that the move is for costs now."""
BALANCE_GAIN = 0.05
"""Percentage points of the standard deviation of utilisation that a single move may gain, about."""


@compiled_inline
def acceptance_threshold(cost: float, temperature: float) -> float:
    """The most that a schedule may cost which takes the place of one that costs ``cost``; drawn at random at each call, so
    that a dearer one is accepted with the probability that the temperature gives it (Metropolis et al. 1953)."""
    return cost - temperature * math.log(1.0 - np.random.random())


@compiled_inline
def try_move(
    arrays: PlantArrays, sequences: Sequences, prices: Float64, chain: Chain, operation: int, temperature: float
) -> None:
    """Makes the move of the operation that ``chain`` and ``sequences.spot`` describe, and keeps it with the chance that the
    temperature (in units of cost) gives it. An operation of -1: nothing was proposed."""
    chain.number[TRIED] += 1
    if operation < 0:
        return
    if chain.number[MOST] >= 0 and not may_leave(arrays, sequences, chain, operation):
        return
    cost = chain.cost[HERE]
    pair, floor = sequences.pair[operation], sequences.floor[operation]
    threshold = acceptance_threshold(cost, temperature)
    dearest = threshold - cost + gain_beside(arrays, sequences, prices, operation, chain)
    if np.random.random() < LONG_SHOTS:
        dearest += sequences.share[chain.number[JOB]] + LONG_PATIENCE * temperature
    else:
        dearest += PATIENCE * temperature
        if sequences.total[sq.JOBS] > 0.0 and not arrays.op_all[operation]:
            estimate = job_costs_of_move(arrays, sequences, prices, operation, chain.number[PAIR], chain.number[FLOOR])
            if estimate > dearest:
                return
    new = math.inf
    if relocation.move(
        arrays, sequences, operation, chain.number[PAIR], chain.number[FLOOR], prices, sequences.total[sq.JOBS] + dearest
    ):
        new = sq.total_cost(arrays, sequences, prices)
    if new <= threshold and chain.number[MOST] >= 0:
        moved = strayed_after_move(arrays, sequences, chain, operation, pair)
        if moved > chain.number[MOST]:
            new = math.inf
        else:
            chain.number[MOVED] = moved
    if new > threshold:
        relocation.undo(arrays, sequences, operation, pair, floor, prices)
        return
    accept(sequences, chain, new)


@compiled
def gain_beside(arrays: PlantArrays, sequences: Sequences, prices: Float64, operation: int, chain: Chain) -> float:
    """What the proposed move of the operation may gain at most, about, in all but the jobs' costs."""
    gain: float = prices[costs.BALANCE] * BALANCE_GAIN
    j = chain.number[JOB]
    if sequences.end[arrays.job_first[j + 1] - 1] == sequences.number[sq.END]:
        gain += prices[costs.MAKESPAN] * (sequences.end[operation] - sequences.start[operation]) / 60.0
    if prices[costs.SETUPS] > 0.0:
        setups = sequences.setup[operation]
        for slot in range(*held_pairs(arrays, operation, sequences.pair[operation])):
            if sequences.after[slot] >= 0:
                setups += sequences.setup[arrays.pair_op[sequences.after[slot]]]
        gain += prices[costs.SETUPS] * (setups + arrays.op_setup[operation]) / 60.0
    gain += prices[costs.OVERTIME] * sequences.overtime[operation] / 60.0
    return gain
