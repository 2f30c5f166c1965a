"""Improving never makes a schedule worse or invalid, keeps its deadline, and finds what is easy to find."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest

from scheduler_core.engines.config import no_progress
from scheduler_core.engines.improve import Improvement, _Best, _Chain, improve
from scheduler_core.engines.rules import RULES, run_rule
from scheduler_core.environments.plants import PlantShape, random_plant
from scheduler_core.errors import Cancelled
from scheduler_core.plant import Plant
from scheduler_core.simulator import kernel
from scheduler_core.simulator.arrays import PlantArrays, State, new_state, pack
from scheduler_core.simulator.simulator import to_schedule
from scheduler_core.validator import violations
from tests.core.simulator.test_decoding import schedulable
from tests.plants import job, machine, operation, plant

OBJECTIVES = (kernel.TARDINESS, kernel.ON_TIME, kernel.MAKESPAN)


def start(given: Plant, rule: str) -> tuple[PlantArrays, State]:
    arrays = pack(given)
    state = new_state(arrays)
    run_rule(arrays, state, RULES[rule].code, *RULES[rule].default, 0.0, kernel.TARDINESS, math.inf)
    return arrays, state


def improved(given: Plant, objective: int, seconds: float, rule: str = "LPT", workers: int = 1) -> tuple[float, Improvement]:
    arrays, state = start(given, rule)
    found = improve(arrays, state, objective, time.perf_counter() + seconds, workers, 0, no_progress)
    assert violations(given, to_schedule(given, arrays, found.state)) == ()
    assert found.cost == pytest.approx(kernel.cost(arrays, found.state, objective))
    return float(kernel.cost(arrays, state, objective)), found


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_small_plants_with_every_constraint_stay_valid_and_get_no_worse(objective: int) -> None:
    better = 0
    for given in schedulable(12):
        before, found = improved(given, objective, 0.05)
        assert found.cost <= before
        better += found.cost < before
    assert better > 0


def test_the_best_order_of_a_few_jobs_is_found() -> None:
    # One machine, five jobs of different length due at once: shortest first is optimal (Smith 1956), LPT is the worst.
    jobs = [job(name, operation(minutes, 1), due=0) for name, minutes in zip("ABCDE", (50, 40, 30, 20, 10), strict=True)]
    given = plant(*jobs, machines=[machine(1)])
    before, found = improved(given, kernel.TARDINESS, 0.5)
    ends = np.cumsum([10, 20, 30, 40, 50])
    assert before > found.cost
    assert found.cost == pytest.approx(ends.sum() / 1440, abs=1e-4)


def test_a_factory_gets_better_on_all_workers_until_the_deadline() -> None:
    given = random_plant(3, PlantShape(60, 10, tightness=0.8))
    improved(given, kernel.TARDINESS, 0.0)  # compiled
    began = time.perf_counter()
    before, found = improved(given, kernel.TARDINESS, 2.0, rule="EDD", workers=2)
    assert 2.0 <= time.perf_counter() - began < 4.0
    assert found.cost < 0.9 * before
    assert found.moves > 50
    assert [cost for _, cost in found.curve] == sorted((cost for _, cost in found.curve), reverse=True)
    assert found.curve[-1][1] == found.cost


def test_a_chain_begins_at_the_schedule_it_is_given() -> None:
    for given in [*schedulable(30), random_plant(5, PlantShape(60, 10, simultaneous_share=0.2))]:
        arrays, state = start(given, "WATC")
        if not (arrays.op_reserved_pair < 0).any():
            continue
        chain = _Chain(arrays, _Best(arrays, state, kernel.TARDINESS, [0]), kernel.TARDINESS, 0, np.random.default_rng(0))
        assert chain.cost == pytest.approx(kernel.cost(arrays, state, kernel.TARDINESS))
        np.testing.assert_array_equal(chain.incumbent.start, state.start)


def test_states_kept_on_the_way_give_what_a_fresh_start_gives() -> None:
    given = random_plant(6, PlantShape(60, 10, tightness=0.9, simultaneous_share=0.1))
    arrays, state = start(given, "EDD")
    chain = _Chain(arrays, _Best(arrays, state, kernel.TARDINESS, [0]), kernel.TARDINESS, 0, np.random.default_rng(1))
    for _ in range(150):
        rank, wish, minute = chain._propose()
        index = max(0, int(np.searchsorted(chain.kept_clock, minute)) - 1)
        short = chain._evaluate(index, rank, wish, math.inf)
        short_end = chain.trial.end.copy()
        whole = chain._evaluate(0, rank, wish, math.inf)
        assert short == pytest.approx(whole)
        np.testing.assert_array_equal(short_end, chain.trial.end)
        if whole <= chain.cost:
            chain._accept(0, whole)


def test_cancelling_ends_it_at_once() -> None:
    arrays, state = start(random_plant(3, PlantShape(60, 10)), "EDD")

    def cancel(fraction: float, message: str) -> None:
        raise Cancelled("enough")

    began = time.perf_counter()
    with pytest.raises(Cancelled):
        improve(arrays, state, kernel.TARDINESS, began + 60, 2, 0, cancel)
    assert time.perf_counter() - began < 3.0


def test_a_plant_with_nothing_to_decide_stays_as_it_is() -> None:
    given = plant(machines=[machine(1)])
    arrays = pack(given)
    state = new_state(arrays)
    kernel.reset(arrays, state)
    assert improve(arrays, state, kernel.TARDINESS, time.perf_counter() + 5, 1, 0, no_progress).moves == 0
