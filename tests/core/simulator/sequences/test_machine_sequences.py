"""Sequences give the schedule and cost of the simulator's rules, move by move, and every move can be taken back."""

from __future__ import annotations

import math

import numpy as np
import pytest

from scheduler_core.judge.kpis import measure
from scheduler_core.judge.validator import violations
from scheduler_core.objectives import Objective, objective_value
from scheduler_core.simulator import costs
from scheduler_core.simulator.arrays import new_state
from scheduler_core.simulator.sequences import machine_sequences, relocation
from scheduler_core.simulator.simulator import to_schedule
from tests.support.plants import job, machine, operation, plant
from tests.support.sequences import MIX, contents, draw_move, loaded, movable_shops, shops


def test_no_operation_ends_later_than_in_the_schedule_taken_over() -> None:
    for given in shops():
        arrays, state, q, prices = loaded(given)
        assert (q.end <= state.end).all()
        again = new_state(arrays)
        machine_sequences.store(arrays, q, again)
        assert violations(given, to_schedule(given, arrays, again)) == ()
        assert machine_sequences.total_cost(arrays, q, prices) == pytest.approx(costs.cost(arrays, again, prices))


def test_a_cost_is_the_objective_s_value() -> None:
    for given in shops():
        if any(op.fixed is not None and op.fixed.start < 0 for j in given.jobs for op in j.operations):
            continue  # the figures count what ran before plan_start as well
        arrays, _, q, prices = loaded(given)
        again = new_state(arrays)
        machine_sequences.store(arrays, q, again)
        value = objective_value(MIX, measure(given, to_schedule(given, arrays, again)))
        assert machine_sequences.total_cost(arrays, q, prices) == pytest.approx(value, abs=1e-6)


@pytest.mark.slow
def test_moves_keep_a_valid_schedule_and_its_cost() -> None:
    moved = refused = 0
    for given, arrays, q, prices, rng in movable_shops():
        for _ in range(300):
            o, pair, floor = draw_move(rng, arrays, q)
            old_pair, old_floor = int(q.pair[o]), int(q.floor[o])
            if relocation.move(arrays, q, o, pair, floor, prices, math.inf):
                moved += 1
            else:
                refused += 1
                relocation.undo(arrays, q, o, old_pair, old_floor, prices)
        again = new_state(arrays)
        machine_sequences.store(arrays, q, again)
        assert violations(given, to_schedule(given, arrays, again)) == ()
        kept, cost = [c.copy() for c in contents(q)], machine_sequences.total_cost(arrays, q, prices)
        assert cost == pytest.approx(costs.cost(arrays, again, prices))
        assert machine_sequences.time_all(arrays, q, prices)
        for before, after in zip(kept, contents(q), strict=True):
            np.testing.assert_allclose(before, after, atol=1e-9)
    assert moved > 5000
    assert refused > 100


@pytest.mark.slow
def test_a_move_taken_back_leaves_nothing_behind() -> None:
    for _, arrays, q, prices, rng in movable_shops():
        for limit in (math.inf, 0.0):
            for _ in range(50):
                kept, cost = [c.copy() for c in contents(q)], machine_sequences.total_cost(arrays, q, prices)
                o, pair, floor = draw_move(rng, arrays, q)
                old_pair, old_floor = int(q.pair[o]), int(q.floor[o])
                relocation.move(arrays, q, o, pair, floor, prices, limit)
                relocation.undo(arrays, q, o, old_pair, old_floor, prices)
                for before, after in zip(kept, contents(q), strict=True):
                    np.testing.assert_allclose(before, after, atol=1e-9)
                assert machine_sequences.total_cost(arrays, q, prices) == pytest.approx(cost)


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
    assert relocation.move(arrays, q, a2, q.pair[a2], 0, prices, math.inf)
    assert list(q.end) == [10, 20, 30, 40]
    q.spot[q.pair[b2]] = -1
    assert not relocation.move(arrays, q, b2, q.pair[b2], 0, prices, math.inf)
    relocation.undo(arrays, q, b2, q.pair[b2], 0, prices)
    assert list(q.end) == [10, 20, 30, 40]


def test_a_floor_makes_an_operation_wait_on_purpose() -> None:
    given = plant(job("A", operation(10, 1)), machines=[machine(1)])
    arrays, _, q, prices = loaded(given, objective=Objective.MAKESPAN)
    q.spot[q.pair[0]] = -1
    assert relocation.move(arrays, q, 0, q.pair[0], 25, prices, math.inf)
    assert (q.start[0], q.end[0]) == (25, 35)
