"""Sequences give the schedule and cost of the simulator's rules, move by move, and every move can be taken back."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest

from scheduler_core.engines.rules import RULES, run_rule
from scheduler_core.environments.plants import PlantShape, random_plant
from scheduler_core.kpis import measure
from scheduler_core.objectives import Objective, objective_value
from scheduler_core.plant import Plant
from scheduler_core.simulator import changes, costs, sequences
from scheduler_core.simulator.arrays import PlantArrays, State, new_state, pack
from scheduler_core.simulator.sequences import Sequences, new_sequences
from scheduler_core.simulator.simulator import to_schedule
from scheduler_core.validator import violations
from tests.plants import job, machine, operation, plant
from tests.random_plants import schedulable

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
    sequences.load(arrays, q, state.pair, state.start, None, prices)
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
    return [q.pair, q.start, q.end, q.setup, q.floor, q.order[: q.number[sequences.MOVABLE]], q.place, q.share, q.ahead]


def test_no_operation_ends_later_than_in_the_schedule_taken_over() -> None:
    for given in shops():
        arrays, state, q, prices = loaded(given)
        assert (q.end <= state.end).all()
        again = new_state(arrays)
        sequences.store(arrays, q, again)
        assert violations(given, to_schedule(given, arrays, again)) == ()
        assert sequences.total_cost(arrays, q, prices) == pytest.approx(costs.cost(arrays, again, prices))


def test_a_cost_is_the_objective_s_value() -> None:
    for given in shops():
        if any(op.fixed is not None and op.fixed.start < 0 for j in given.jobs for op in j.operations):
            continue  # the figures count what ran before plan_start as well
        arrays, _, q, prices = loaded(given)
        again = new_state(arrays)
        sequences.store(arrays, q, again)
        value = objective_value(MIX, measure(given, to_schedule(given, arrays, again)))
        assert sequences.total_cost(arrays, q, prices) == pytest.approx(value, abs=1e-6)


def test_moves_keep_a_valid_schedule_and_its_cost() -> None:
    moved = refused = 0
    for given, arrays, q, prices, rng in movable_shops():
        for _ in range(300):
            o, pair, floor = draw_move(rng, arrays, q)
            old_pair, old_floor = int(q.pair[o]), int(q.floor[o])
            if changes.move(arrays, q, o, pair, floor, prices, math.inf):
                moved += 1
            else:
                refused += 1
                changes.undo(arrays, q, o, old_pair, old_floor, prices)
        again = new_state(arrays)
        sequences.store(arrays, q, again)
        assert violations(given, to_schedule(given, arrays, again)) == ()
        kept, cost = [c.copy() for c in contents(q)], sequences.total_cost(arrays, q, prices)
        assert cost == pytest.approx(costs.cost(arrays, again, prices))
        assert sequences.time_all(arrays, q, prices)
        for before, after in zip(kept, contents(q), strict=True):
            np.testing.assert_allclose(before, after, atol=1e-9)
    assert moved > 5000
    assert refused > 100


def test_a_move_taken_back_leaves_nothing_behind() -> None:
    for _, arrays, q, prices, rng in movable_shops():
        for limit in (math.inf, 0.0):
            for _ in range(50):
                kept, cost = [c.copy() for c in contents(q)], sequences.total_cost(arrays, q, prices)
                o, pair, floor = draw_move(rng, arrays, q)
                old_pair, old_floor = int(q.pair[o]), int(q.floor[o])
                changes.move(arrays, q, o, pair, floor, prices, limit)
                changes.undo(arrays, q, o, old_pair, old_floor, prices)
                for before, after in zip(kept, contents(q), strict=True):
                    np.testing.assert_allclose(before, after, atol=1e-9)
                assert sequences.total_cost(arrays, q, prices) == pytest.approx(cost)


def test_an_operation_before_itself_is_refused() -> None:
    # A1 -> A2 and B1 -> B2 on two machines in opposite order: A2 before B1 and B2 before A1 is a cycle.
    given = plant(
        job("A", operation(10, 1), operation(10, 2, sequence=2)),
        job("B", operation(10, 2), operation(10, 1, sequence=2)),
        machines=[machine(1), machine(2)],
    )
    arrays, _, q, prices = loaded(given, "first-fit", Objective.MAKESPAN)
    a2, b2 = 1, 3
    assert list(q.end) == [10, 20, 10, 20]
    q.spot[q.pair[a2]] = -1
    assert changes.move(arrays, q, a2, q.pair[a2], 0, prices, math.inf)
    assert list(q.end) == [10, 20, 30, 40]
    q.spot[q.pair[b2]] = -1
    assert not changes.move(arrays, q, b2, q.pair[b2], 0, prices, math.inf)
    changes.undo(arrays, q, b2, q.pair[b2], 0, prices)
    assert list(q.end) == [10, 20, 30, 40]


def test_a_floor_makes_an_operation_wait_on_purpose() -> None:
    given = plant(job("A", operation(10, 1)), machines=[machine(1)])
    arrays, _, q, prices = loaded(given, objective=Objective.MAKESPAN)
    q.spot[q.pair[0]] = -1
    assert changes.move(arrays, q, 0, q.pair[0], 25, prices, math.inf)
    assert (q.start[0], q.end[0]) == (25, 35)
