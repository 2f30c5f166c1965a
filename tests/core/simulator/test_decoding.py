"""A schedule's own sequence leads to the same schedule again, from the start or from any state on the way."""

from __future__ import annotations

import math

import numpy as np
import pytest

from scheduler_core.engines.rules import RULES, run_rule
from scheduler_core.errors import Unschedulable
from scheduler_core.plant import Plant
from scheduler_core.simulator import kernel
from scheduler_core.simulator.arrays import DONE, PlantArrays, State, new_state, pack
from scheduler_core.simulator.decoding import COMPLETE, PAUSED, WORSE, copy_state, decode
from tests.random_plants import small_plant


def scheduled(plant: Plant, rule: str = "WATC") -> tuple[PlantArrays, State]:
    arrays = pack(plant)
    state = new_state(arrays)
    run_rule(arrays, state, RULES[rule].code, *RULES[rule].default, 0.0, kernel.TARDINESS, math.inf)
    return arrays, state


def schedulable(count: int) -> list[Plant]:
    found: list[Plant] = []
    seed = 70_000
    while len(found) < count:
        seed += 1
        plant = small_plant(seed)
        try:
            pack(plant)
        except Unschedulable:
            continue
        found.append(plant)
    return found


@pytest.mark.parametrize("rule", ["WATC", "MWKR", "LPT"])
def test_a_sequence_leads_to_its_schedule_again(rule: str) -> None:
    for plant in schedulable(60):
        arrays, state = scheduled(plant, rule)
        again, spent = new_state(arrays), np.zeros(1)
        kernel.reset(arrays, again)
        rank, wish = state.order.astype(np.float64), state.pair.astype(np.int64)
        ops = len(arrays.op_job)
        assert decode(arrays, again, rank, wish, ops + 1, kernel.TARDINESS, spent, math.inf) == COMPLETE
        for name in ("start", "end", "setup", "pair"):
            np.testing.assert_array_equal(getattr(again, name), getattr(state, name))
        reserved = sum(
            arrays.job_weight[j] * max(0, state.end[last - 1] - arrays.job_due[j]) / 1440
            for j, last in enumerate(arrays.job_first[1:])
            if arrays.op_reserved_pair[last - 1] >= 0
        )
        assert spent[0] + reserved == pytest.approx(kernel.weighted_tardiness(arrays, state))


def test_it_goes_on_from_a_state_on_the_way() -> None:
    for plant in schedulable(40):
        arrays, state = scheduled(plant)
        rank, wish, ops = state.order.astype(np.float64), state.pair.astype(np.int64), len(arrays.op_job)
        first, second, spent = new_state(arrays), new_state(arrays), np.zeros(1)
        kernel.reset(arrays, first)
        half = (int(first.clock[DONE]) + ops) // 2
        if half == first.clock[DONE]:
            continue
        assert decode(arrays, first, rank, wish, half, kernel.MAKESPAN, spent, math.inf) == PAUSED
        assert first.clock[DONE] == half
        copy_state(second, first)
        assert decode(arrays, second, rank, wish, ops + 1, kernel.MAKESPAN, spent, math.inf) == COMPLETE
        np.testing.assert_array_equal(second.end, state.end)
        assert first.clock[DONE] == half


def test_a_schedule_beyond_the_bound_is_given_up() -> None:
    arrays, state = scheduled(schedulable(1)[0])
    last = float(kernel.last_end(arrays, state)) / 60
    rank, wish = state.order.astype(np.float64), state.pair.astype(np.int64)
    for bound, outcome in ((last, COMPLETE), (last / 2, WORSE)):
        again = new_state(arrays)
        kernel.reset(arrays, again)
        assert decode(arrays, again, rank, wish, len(rank) + 1, kernel.MAKESPAN, np.zeros(1), bound) == outcome
