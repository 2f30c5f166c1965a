"""Improving never makes a schedule worse or invalid, keeps its deadline, and finds what is easy to find."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest

from scheduler_core.engines import time_limit_clock
from scheduler_core.engines.annealing.population import KNEE_AT, Cooling, Improvement, copies, improve, improve_by_moves
from scheduler_core.engines.config import no_progress
from scheduler_core.engines.rules import RULES, run_rule
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.errors import Cancelled, KeepBest
from scheduler_core.judge.kpis import measure
from scheduler_core.judge.validator import violations
from scheduler_core.objectives import NAMED, Objective
from scheduler_core.plant import Plant
from scheduler_core.simulator import costs, kernel
from scheduler_core.simulator.arrays import PlantArrays, State, new_state, pack
from scheduler_core.simulator.simulator import to_schedule
from tests.support.plants import job, machine, operation, plant
from tests.support.random_plants import schedulable


def start(given: Plant, rule: str) -> tuple[PlantArrays, State]:
    arrays = pack(given)
    state = new_state(arrays)
    run_rule(arrays, state, RULES[rule].code, *RULES[rule].default, 0.0, costs.WEIGHTED_TARDINESS, math.inf)
    return arrays, state


def improved(
    given: Plant, objective: Objective, seconds: float, rule: str = "LPT", workers: int = 1
) -> tuple[float, Improvement]:
    arrays, state = start(given, rule)
    prices = costs.prices_of(objective, arrays)
    found = improve(arrays, state, prices, time.perf_counter() + seconds, workers, 0, no_progress)
    assert violations(given, to_schedule(given, arrays, found.state)) == ()
    assert found.cost == pytest.approx(costs.cost(arrays, found.state, prices))
    return float(costs.cost(arrays, state, prices)), found


@pytest.mark.slow
@pytest.mark.parametrize("objective", [*NAMED.values(), Objective(1, 0.3, 0.2, 0.5, 0.4, 0.6)])
def test_small_plants_with_every_constraint_stay_valid_and_get_no_worse(objective: Objective) -> None:
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
    before, found = improved(given, Objective.TARDINESS, 0.5)
    ends = np.cumsum([10, 20, 30, 40, 50])
    assert before > found.cost
    assert found.cost == pytest.approx(ends.sum() / 1440, abs=1e-4)


@pytest.mark.slow
def test_a_factory_gets_better_on_all_workers_until_the_deadline() -> None:
    given = random_plant(3, PlantShape(60, 10, tightness=0.8))
    improved(given, Objective.TARDINESS, 0.0)  # compiled
    began = time.perf_counter()
    before, found = improved(given, Objective.TARDINESS, 2.0, rule="EDD", workers=2)
    assert 2.0 <= time.perf_counter() - began < 4.0
    assert found.cost < 0.9 * before
    assert found.moves > 50
    assert [cost for _, cost in found.curve] == sorted((cost for _, cost in found.curve), reverse=True)
    assert found.curve[-1][1] == pytest.approx(found.cost)


def test_what_is_found_is_kept_when_it_is_enough() -> None:
    given = random_plant(3, PlantShape(60, 10, tightness=0.8))
    arrays, state = start(given, "EDD")
    reports = 0

    def enough(fraction: float, message: str) -> None:
        nonlocal reports
        reports += 1
        if reports == 3:
            raise KeepBest("enough")

    began = time.perf_counter()
    found = improve(arrays, state, costs.WEIGHTED_TARDINESS, began + 60, 2, 0, enough)
    assert time.perf_counter() - began < 10.0
    assert found.cost < costs.cost(arrays, state, costs.WEIGHTED_TARDINESS)
    assert violations(given, to_schedule(given, arrays, found.state)) == ()


def test_plans_that_the_search_passed_are_kept_where_they_are_asked_for() -> None:
    given = random_plant(3, PlantShape(30, 10, tightness=0.8))
    arrays, state = start(given, "LPT")
    prices = costs.WEIGHTED_TARDINESS
    improve_by_moves(arrays, state, prices, 1, 0)  # what is loaded at the first call takes none of the time
    with time_limit_clock.of_workers(1):
        found = improve(arrays, state, prices, time_limit_clock.now() + 0.5, 1, 0, no_progress, keep=6)
    assert 1 <= len(found.earlier) <= 6
    values = [float(costs.cost(arrays, one, prices)) for one in (*found.earlier, found.state)]
    assert values == sorted(values, reverse=True), "each was the best when it was kept"
    assert all(violations(given, to_schedule(given, arrays, one)) == () for one in found.earlier)
    assert improve(arrays, state, prices, time.perf_counter() + 0.1, 1, 0, no_progress).earlier == ()


@pytest.mark.slow
def test_each_price_buys_what_it_is_for() -> None:
    given = random_plant(4, PlantShape(80, 12, tightness=0.8))
    arrays = pack(given)
    figures = {}
    for name in ("tardiness=1", "tardiness=1,setups=10", "tardiness=1,overtime=5", "tardiness=1,balance=200"):
        prices = costs.prices_of(Objective.parse(name), arrays)
        _, state = start(given, "WATC")
        found = improve(arrays, state, prices, time.perf_counter() + 1.5, 1, 0, no_progress)
        figures[name] = measure(given, to_schedule(given, arrays, found.state))
    plain = figures["tardiness=1"]
    assert figures["tardiness=1,setups=10"].setup_hours < 0.9 * plain.setup_hours
    assert figures["tardiness=1,overtime=5"].overtime_hours < 0.9 * plain.overtime_hours
    assert figures["tardiness=1,balance=200"].utilization_std < plain.utilization_std


def test_cancelling_ends_it_at_once() -> None:
    arrays, state = start(random_plant(3, PlantShape(60, 10)), "EDD")

    def cancel(fraction: float, message: str) -> None:
        raise Cancelled("enough")

    began = time.perf_counter()
    with pytest.raises(Cancelled):
        improve(arrays, state, costs.WEIGHTED_TARDINESS, began + 60, 2, 0, cancel)
    assert time.perf_counter() - began < 3.0


def test_a_plant_with_nothing_to_decide_stays_as_it_is() -> None:
    given = plant(machines=[machine(1)])
    arrays = pack(given)
    state = new_state(arrays)
    kernel.reset(arrays, state)
    assert improve(arrays, state, costs.WEIGHTED_TARDINESS, time.perf_counter() + 5, 1, 0, no_progress).moves == 0


def test_chains_go_on_as_often_as_the_fall_of_the_temperature_asks() -> None:
    # Factors at these costs, from temperature 2 to 1: exp(-cost / 2), so 1, 0.5, 0.25, 0.25 of a sum of 2.
    costs_now = 2.0 * np.log([1.0, 2.0, 4.0, 4.0])
    random = np.random.default_rng(0)
    times = np.zeros(4)
    for _ in range(2000):
        after = [0, 1, 2, 3]
        for place, source in copies(costs_now, 2.0, 1.0, random):
            assert after[place] == place, "a chain is overwritten once at most"
            after[place] = source
        once = np.bincount(after, minlength=4)
        assert (np.abs(once - [2.0, 1.0, 0.5, 0.5]) < 1.0).all()
        times += once
    assert times / 2000 == pytest.approx([2.0, 1.0, 0.5, 0.5], abs=0.05)


def test_chains_of_equal_cost_all_go_on() -> None:
    assert copies(np.full(5, 3.0), 2.0, 0.001, np.random.default_rng(1)) == []


def test_no_chain_survives_a_cold_fall_but_the_best() -> None:
    assert copies(np.array([9.0, 1.0, 5.0]), 1.0, 1e-3, np.random.default_rng(2)) == [(0, 1), (2, 1)]


def test_it_cools_to_the_knee_and_then_to_the_end() -> None:
    cooling = Cooling(hot=8.0, knee=0.5, cold=0.1)
    temperatures = [cooling.at(n / 100) for n in range(101)]
    assert temperatures == sorted(temperatures, reverse=True)
    assert (cooling.at(0.0), cooling.at(KNEE_AT / 2), cooling.at(KNEE_AT), cooling.at(1.0)) == pytest.approx(
        (8, 2, 0.5, 0.1)
    )
