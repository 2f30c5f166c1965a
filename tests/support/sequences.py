"""Schedules as sequences on small random plants, and random moves of their operations."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from scheduler_core.engines.annealing import chain as chains
from scheduler_core.engines.rules import RULES, run_rule
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.objectives import Objective
from scheduler_core.plant import Plant
from scheduler_core.simulator import costs
from scheduler_core.simulator.arrays import PlantArrays, State, new_state, pack
from scheduler_core.simulator.sequences import machine_sequences
from scheduler_core.simulator.sequences.machine_sequences import Sequences, new_sequences
from tests.support.plants import job, machine, operation, plant
from tests.support.random_plants import schedulable

MIX = Objective(tardiness=1, on_time=0.3, makespan=0.2, setups=0.5, overtime=0.4, balance=0.6)


def shops() -> list[Plant]:
    return [*schedulable(40), random_plant(5, PlantShape(60, 10, simultaneous_share=0.2))]


def loaded(
    given: Plant, rule: str = "WATC", objective: Objective = MIX
) -> tuple[PlantArrays, State, Sequences, costs.Float64]:
    arrays = pack(given)
    state = new_state(arrays)
    run_rule(arrays, state, RULES[rule].code, *RULES[rule].default, 0.0, costs.WEIGHTED_TARDINESS, math.inf)
    prices = costs.prices_of(objective, arrays)
    q = new_sequences(arrays)
    machine_sequences.load(arrays, q, state.pair, state.start, None, prices)
    return arrays, state, q, prices


def movable_shops() -> Iterator[tuple[Plant, PlantArrays, Sequences, costs.Float64, np.random.Generator]]:
    """Each shop with something to move, loaded, with its prices and a generator of its own."""
    for number, given in enumerate(shops()):
        arrays, _, q, prices = loaded(given)
        if (q.place >= 0).any():
            yield given, arrays, q, prices, np.random.default_rng(number)


def draw_move(rng: np.random.Generator, arrays: PlantArrays, q: Sequences) -> tuple[int, int, int]:
    """An operation, a pair and a floor; its places, anywhere on the machines, go to ``q.spot``."""
    o = int(rng.choice(np.flatnonzero(q.place >= 0)))
    first, last = int(arrays.op_first[o]), int(arrays.op_first[o + 1])
    pair = first if arrays.op_all[o] else int(rng.integers(first, last))
    at = int(q.start[o] + rng.integers(-2000, 2000))
    for slot in range(first, last) if arrays.op_all[o] else (pair,):
        q.spot[slot] = -1
        n = int(q.first[arrays.pair_machine[slot]])
        while n >= 0:
            if arrays.pair_op[n] != o and q.start[arrays.pair_op[n]] < at:
                q.spot[slot] = n
            n = int(q.after[n])
    return o, pair, int(q.start[o] + 100) if rng.random() < 0.1 else 0


def contents(q: Sequences) -> list[np.ndarray]:
    return [
        q.pair,
        q.start,
        q.end,
        q.setup,
        q.floor,
        q.order[: q.number[machine_sequences.MOVABLE]],
        q.place,
        q.share,
        q.ahead,
    ]


def single_operations(seed: int) -> Plant:
    """Sixteen jobs of one operation each on three machines around the clock, of three families."""
    rng = np.random.default_rng(seed)
    return plant(
        *(
            job(
                f"J{n:02}",
                operation(int(rng.integers(10, 90)), 1, 2, 3, setup_minutes=int(rng.integers(0, 30))),
                family="ABC"[int(rng.integers(3))],
                due=int(rng.integers(0, 400)),
                release=int(rng.integers(0, 200)),
                important=bool(rng.random() < 0.3),
            )
            for n in range(16)
        ),
        machines=[machine(1), machine(2), machine(3)],
    )


def chain_on(arrays: PlantArrays, q: Sequences, prices: costs.Float64) -> chains.Chain:
    chain = chains.new_chain(arrays)
    chain.cost[chains.HERE] = machine_sequences.total_cost(arrays, q, prices)
    chains.keep(q, chain)
    return chain


def two_before_one_on_both(due: int) -> Plant:
    """A on one machine, B on another, both due then; W, due at once, needs both and is behind them."""
    return plant(
        job("A", operation(60, 1), due=due),
        job("B", operation(60, 2), due=due),
        job("W", operation(30, 1, 2, requires_all=True), due=0),
        machines=[machine(1), machine(2)],
    )
