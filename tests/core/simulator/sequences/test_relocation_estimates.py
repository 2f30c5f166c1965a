"""An estimate is what a move really costs where nothing but the machines' own sequences is in play, and changes nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest

from scheduler_core.objectives import Objective
from scheduler_core.simulator.sequences import machine_sequences, relocation, relocation_estimates
from tests.support.plants import job, machine, operation, plant
from tests.support.sequences import contents, draw_move, loaded, movable_shops, single_operations


def test_where_each_job_is_one_operation_it_is_exact() -> None:
    moved = 0
    for seed in range(8):
        arrays, _, q, prices = loaded(single_operations(seed), "EDD", Objective.TARDINESS)
        rng = np.random.default_rng(seed)
        for _ in range(200):
            o, pair, floor = draw_move(rng, arrays, q)
            before = float(q.total[machine_sequences.JOBS])
            estimate = relocation_estimates.job_costs_of_move(arrays, q, prices, o, pair, floor)
            assert relocation.move(arrays, q, o, pair, floor, prices, math.inf)
            assert estimate == pytest.approx(float(q.total[machine_sequences.JOBS]) - before, abs=1e-9)
            moved += abs(estimate) > 1e-9
    assert moved > 500


def test_a_delay_is_eaten_up_by_what_the_job_waits_anyway() -> None:
    # A2 waits for B on machine 2 until minute 100; A1 ends at 30, and A is due when A2 ends.
    given = plant(
        job("A", operation(30, 1), operation(50, 2, sequence=2), due=150),
        job("B", operation(100, 2), due=100),
        machines=[machine(1), machine(2)],
    )
    arrays, _, q, prices = loaded(given, "first-fit", Objective.TARDINESS)
    assert list(q.end) == [30, 150, 100]
    assert relocation_estimates.job_delay(arrays, q, prices, 0, 70) == 0.0
    assert relocation_estimates.job_delay(arrays, q, prices, 0, 90) == pytest.approx(20 / 1440)
    assert relocation_estimates.job_delay(arrays, q, prices, 1, 10) == pytest.approx(10 / 1440)
    assert relocation_estimates.job_delay(arrays, q, prices, 0, -20) == 0.0


def test_a_job_that_ends_earlier_gains_no_more_than_it_was_late() -> None:
    given = plant(job("A", operation(30, 1), operation(50, 1, sequence=2), due=60), machines=[machine(1)])
    arrays, _, q, prices = loaded(given, objective=Objective.TARDINESS)
    assert relocation_estimates.job_delay(arrays, q, prices, 1, -10) == pytest.approx(-10 / 1440)
    assert relocation_estimates.job_delay(arrays, q, prices, 1, -40) == pytest.approx(-20 / 1440)


def test_it_changes_nothing() -> None:
    asked = 0
    for _, arrays, q, prices, rng in movable_shops():
        for _ in range(30):
            o, pair, floor = draw_move(rng, arrays, q)
            if arrays.op_all[o]:
                continue
            kept = [c.copy() for c in contents(q)]
            assert math.isfinite(relocation_estimates.job_costs_of_move(arrays, q, prices, o, pair, floor))
            asked += 1
            for before, after in zip(kept, contents(q), strict=True):
                np.testing.assert_array_equal(before, after)
    assert asked > 500


def test_a_move_that_is_sure_to_become_too_dear_is_given_up_before_the_job_ends() -> None:
    # A1 goes behind B, which takes the whole day; A's four later operations would follow.
    steps = [operation(10, 1, sequence=1), *(operation(10, 2, sequence=n) for n in range(2, 6))]
    given = plant(job("A", *steps, due=50), job("B", operation(1440, 1), due=1490), machines=[machine(1), machine(2)])
    arrays, _, q, prices = loaded(given, "EDD", Objective.TARDINESS)
    b = int(np.flatnonzero(arrays.op_job == 1)[0])
    q.spot[q.pair[0]] = q.pair[b]
    assert not relocation.move(arrays, q, 0, q.pair[0], 0, prices, float(q.total[machine_sequences.JOBS]) + 0.5)
    timed = set(q.log_op[: q.number[machine_sequences.LOGGED]])
    assert timed == {b, 0}
    assert not q.ahead.any()
    relocation.undo(arrays, q, 0, q.pair[0], 0, prices)
    assert list(q.end[:5]) == [10, 20, 30, 40, 50]
