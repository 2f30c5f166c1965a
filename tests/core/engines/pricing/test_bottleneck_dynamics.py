"""Dispatching by resource prices, worked out by hand."""

from __future__ import annotations

from math import inf, log

import numpy as np
import pytest

from scheduler_core.engines.pricing.bottleneck_dynamics import (
    PricedOperations,
    ResourcePrices,
    loads,
    price_operations,
    run_priced,
    value_of,
)
from scheduler_core.engines.rules import WORSE
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Plant
from scheduler_core.simulator import costs, kernel
from scheduler_core.simulator.arrays import NOW, new_state, pack
from scheduler_core.simulator.simulator import Simulator, to_schedule
from tests.support.plants import job, machine, operation, plant
from tests.support.small_networks import factory, small_plants

SHOP = plant(
    job("x", operation(40, 1, setup_minutes=10), operation(30, 2, 3), due=200),
    job("y", operation(60, 2, 4, requires_all=True)),
    machines=[machine(1, type=1), machine(2, type=2), machine(3, type=2), machine(4, type=3)],
)


def prices(*machine_prices: float, **more: float) -> ResourcePrices:
    terms = {"look_ahead": 2.0, "setup_scale": 4.0, "later_share": 0.0, "stretch": 1.0, "at_once": 1.0, **more}
    return ResourcePrices(**terms, machine=np.array(machine_prices))


def schedule_by(given: Plant, priced: ResourcePrices) -> dict[str, int]:
    """Start of each job's first operation."""
    arrays = pack(given)
    state = new_state(arrays)
    assert run_priced(arrays, state, price_operations(arrays, priced), costs.WEIGHTED_TARDINESS, inf) >= 0
    made = to_schedule(given, arrays, state)
    assert violations(given, made) == ()
    return {a.job: a.start for a in made.assignments if a.sequence == 1}


# ---------------------------------------------------------------- what an operation costs
def test_the_load_of_a_type_is_its_work_for_each_of_its_machines() -> None:
    kind = np.array([0, 1, 1, 2], np.int32)
    # Type 2 has the 30 minutes of x, on either machine, and the 60 of y; type 3 has those of y too.
    assert loads(pack(SHOP), kind, 4).tolist() == [40.0, 45.0, 60.0, 0.0]


def test_an_operation_has_the_mean_price_of_its_machines_or_the_sum_of_those_it_holds_at_once() -> None:
    found = price_operations(pack(SHOP), prices(1.0, 2.0, 4.0, 5.0, at_once=0.5))
    assert found.price.tolist() == [1.0, 3.0, 3.5]


def test_what_a_job_still_needs_counts_by_its_share_and_the_work_left_is_stretched() -> None:
    arrays = pack(SHOP)
    found = price_operations(arrays, prices(1.0, 2.0, 4.0, 5.0, later_share=0.25, stretch=2.0))
    # Stated setups count as in every estimate: 0.7 of 10 minutes.
    assert found.priced == pytest.approx([47.0 + 0.25 * 90.0, 90.0, 7.0 * 60.0])
    assert found.lead == pytest.approx([2 * 77.0, 2 * 30.0, 2 * 60.0])
    assert found.terms == pytest.approx([2.0 * arrays.mean_minutes, 4.0 * arrays.mean_setup])


# ---------------------------------------------------------------- who comes first
@pytest.mark.slow
def test_the_value_is_urgency_over_price() -> None:
    sim = Simulator(SHOP)
    arrays, state = sim.arrays, sim.state
    kernel.advance(arrays, state)
    x = price_operations(arrays, prices(1.0, 2.0, 4.0, 5.0, later_share=0.25))
    assert kernel.earliest_end(arrays, state, 0)
    assert state.clock[NOW] == 0
    # p = 40, its mean: the whole price of 69.5; slack 200 - 77 minutes; the first job on a machine sets up for 10 minutes.
    expected = log(1 / 69.5) - 123 / (2 * arrays.mean_minutes) - 10 / (4 * arrays.mean_setup)
    assert value_of(arrays, state, x, 0, 0) == pytest.approx(expected)
    x.favour[:] = 0.75, -9.0
    assert value_of(arrays, state, x, 0, 0) == pytest.approx(expected + 0.75)


def test_whom_the_bottleneck_waits_for_comes_first() -> None:
    given = plant(
        job("long", operation(50, 1), operation(100, 2), due=0),
        job("short", operation(50, 1), operation(10, 2), due=0),
        machines=[machine(1, type=1), machine(2, type=2)],
    )
    assert schedule_by(given, prices(1.0, 9.0, later_share=1.0)) == {"short": 0, "long": 50}
    # Who does not look beyond the next operation sees no difference: the first one in the plant then.
    assert schedule_by(given, prices(1.0, 9.0)) == {"long": 0, "short": 50}


def test_who_needs_no_dear_machine_comes_before_who_does() -> None:
    given = plant(
        job("dear", operation(20, 1), operation(20, 2), due=0),
        job("cheap", operation(20, 1), operation(30, 3), due=0),
        machines=[machine(1, type=1), machine(2, type=2), machine(3, type=3)],
    )
    assert schedule_by(given, prices(1.0, 5.0, 0.1, later_share=1.0)) == {"cheap": 0, "dear": 20}
    assert schedule_by(given, prices(1.0, 0.1, 5.0, later_share=1.0)) == {"dear": 0, "cheap": 20}


def test_who_is_favoured_comes_first() -> None:
    given = plant(job("a", operation(50, 1), due=0), job("b", operation(50, 1), due=0), machines=[machine(1, type=1)])
    arrays, state = pack(given), new_state(pack(given))
    x = price_operations(arrays, prices(1.0))
    for favour, first in ([0.0, 0.1], [50, 0]), ([0.1, 0.0], [0, 50]):
        x.favour[:] = favour
        assert run_priced(arrays, state, x, costs.WEIGHTED_TARDINESS, inf) == 2
        assert state.start.tolist() == first


@pytest.mark.parametrize("seed", range(4))
def test_a_schedule_is_given_up_only_if_it_costs_more_than_the_bound(seed: int) -> None:
    given = factory(seed)
    arrays = pack(given)
    state, at = new_state(arrays), costs.WEIGHTED_TARDINESS
    x = price_operations(arrays, prices(*np.ones(len(given.machines))))
    whole = run_priced(arrays, state, x, at, inf)
    cost = costs.cost(arrays, state, at)
    assert whole > 0
    assert cost > 0
    assert run_priced(arrays, state, x, at, cost) == whole
    assert run_priced(arrays, state, x, at, 0.999 * cost) == WORSE


def test_only_ratios_of_prices_count() -> None:
    given = factory(3)
    one, ten = (np.linspace(1, 2, len(given.machines)) * factor for factor in (1.0, 10.0))
    assert schedule_by(given, prices(*one, later_share=0.5)) == schedule_by(given, prices(*ten, later_share=0.5))


def test_every_schedule_keeps_the_rules() -> None:
    random = np.random.default_rng(5)
    for given in [*small_plants(20, first=7000), factory(1), factory(2)]:
        drawn = random.lognormal(0.0, 1.0, len(given.machines))
        schedule_by(given, prices(*drawn, later_share=float(random.random()), stretch=1.3))


def test_prices_for_operations_have_a_place_for_each() -> None:
    arrays = pack(factory(1))
    found = price_operations(arrays, prices(*np.ones(6)))
    assert isinstance(found, PricedOperations)
    assert {len(part) for part in found[1:4]} == {len(arrays.op_job)}
    assert found.favour.tolist() == [0.0] * len(arrays.job_open)


@pytest.mark.parametrize("seed", range(3))
def test_what_jobs_cost_adds_up_to_the_schedule_s_cost(seed: int) -> None:
    given = factory(seed)
    arrays = pack(given)
    state = new_state(arrays)
    run_priced(arrays, state, price_operations(arrays, prices(*np.ones(len(given.machines)))), costs.WEIGHTED_TARDINESS, inf)
    for at in np.array([[2.0, 0, 0, 0, 0, 0], [1.0, 3.0, 0, 0, 0, 0]]):
        found = np.zeros(len(arrays.job_open))
        costs.fill_job_costs(arrays, state, at, found)
        late = state.end[arrays.job_first[1:] - 1] > arrays.job_due
        assert ((found > 0) == late).all()
        assert found.sum() == pytest.approx(costs.cost(arrays, state, at))
