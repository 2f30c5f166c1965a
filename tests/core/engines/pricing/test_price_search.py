"""The search for a plant's resource prices: repeatable, punctual, and better than what it begins at."""

from __future__ import annotations

import math

import numpy as np
import pytest

from scheduler_core.engines.pricing.price_memory import TERM_NAMES, names, recalled, told
from scheduler_core.engines.pricing.price_search import (
    AT_ONCE,
    BUSY_PRICE,
    EVOLVED,
    FAVOURS_AT_ONCE,
    IDLE_PRICE,
    TERMS,
    PriceSearch,
    first_prices,
)
from scheduler_core.engines.pricing.trusted_prices import FARTHEST, MOST, trusted, within_reach
from scheduler_core.engines.rules import RULES, run_rule
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.errors import Cancelled
from scheduler_core.judge.validator import violations
from scheduler_core.objectives import NAMED
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule
from scheduler_core.simulator import costs
from scheduler_core.simulator.arrays import new_state, pack
from scheduler_core.simulator.simulator import to_schedule
from tests.support.small_networks import factory, small_plants


def search(given: Plant, schedules: int, seed: int = 0, workers: int = 2, evolved: float = EVOLVED) -> PriceSearch:
    found = PriceSearch(given, pack(given), costs.WEIGHTED_TARDINESS, seed, workers, evolved)
    found.run(schedules, lambda: False, lambda: None)
    return found


def schedule_of(given: Plant, found: PriceSearch) -> Schedule:
    return to_schedule(given, found.arrays, found.state)


# ---------------------------------------------------------------- where it begins
def test_busy_types_are_dear_from_the_start() -> None:
    first = first_prices(np.array([100.0, 90.0, 67.5, 40.0, 0.0]))
    dear, cheap = math.log(BUSY_PRICE), math.log(IDLE_PRICE)
    assert first[TERMS:] == pytest.approx([dear, dear, (dear + cheap) / 2, cheap, cheap])
    assert first[TERMS - 1] == pytest.approx(math.log(AT_ONCE))


def test_a_plant_without_work_has_prices() -> None:
    assert np.isfinite(first_prices(np.zeros(3))).all()


def test_the_first_schedule_does_not_depend_on_the_seed() -> None:
    given = factory(1)
    assert len({schedule_of(given, search(given, 1, seed)) for seed in range(4)}) == 1


# ---------------------------------------------------------------- what comes out
@pytest.mark.slow
@pytest.mark.parametrize("evolved", [EVOLVED, 1])
@pytest.mark.parametrize("given", [*small_plants(12, first=6000), factory(1)], ids=lambda p: p.name)
def test_the_best_schedule_is_valid_and_costs_what_it_says(given: Plant, evolved: int) -> None:
    for objective in NAMED.values():
        arrays = pack(given)
        prices = costs.prices_of(objective, arrays)
        found = PriceSearch(given, arrays, prices, 3, 2, evolved)
        found.run(20, lambda: False, lambda: None)
        assert violations(given, schedule_of(given, found)) == ()
        assert found.cost == costs.cost(arrays, found.state, prices)
        assert found.tried == 20


@pytest.mark.parametrize("evolved", [EVOLVED, 1])
def test_the_same_schedule_for_a_seed_and_any_number_of_workers(evolved: int) -> None:
    given = factory(2)
    found = [search(given, 50, 4, workers, evolved) for workers in (1, 2, 5)]
    assert len({schedule_of(given, f) for f in found}) == 1
    assert {f.tried for f in found} == {50}


@pytest.mark.slow
def test_favouring_jobs_finds_what_prices_alone_do_not() -> None:
    plants = [random_plant(8100 + seed, PlantShape(jobs=60, machines=20, tightness=0.8)) for seed in range(8)]
    both, prices_alone = (
        np.mean([search(given, 512, seed, evolved=evolved).cost for seed, given in enumerate(plants)])
        for evolved in (EVOLVED, math.inf)
    )
    assert both < 0.98 * prices_alone


def test_every_schedule_with_favoured_jobs_is_no_worse_than_the_one_before() -> None:
    given = factory(3)
    found = search(given, 1, evolved=1)
    reached = [found.cost]
    while found.tried < 200:
        found.run(found.tried + FAVOURS_AT_ONCE, lambda: False, lambda: None)
        reached.append(found.cost)
        assert found.cost == costs.cost(found.arrays, found.state, costs.WEIGHTED_TARDINESS)
    assert reached == sorted(reached, reverse=True)
    assert reached[-1] < reached[0]


@pytest.mark.parametrize("seed", [-1, 2**40])
def test_any_whole_number_is_a_seed(seed: int) -> None:
    given = factory(2)
    assert schedule_of(given, search(given, 30, seed)) == schedule_of(given, search(given, 30, seed))


def test_more_schedules_are_never_worse_and_much_better_than_the_rules() -> None:
    ratios = []
    for seed in range(6):
        given = random_plant(8000 + seed, PlantShape(jobs=100, machines=40, tightness=0.8))
        arrays = pack(given)
        state = new_state(arrays)
        rules = []
        for rule in RULES.values():
            assert run_rule(arrays, state, rule.code, *rule.default, 0.0, costs.WEIGHTED_TARDINESS, math.inf) >= 0
            rules.append(costs.cost(arrays, state, costs.WEIGHTED_TARDINESS))
        few, many = (search(given, n, seed).cost for n in (1, 200))
        assert many <= few
        ratios.append(many / min(rules))
    assert np.mean(ratios) < 0.9


# ---------------------------------------------------------------- stopping
def test_it_stops_when_its_time_is_over() -> None:
    given, looks = factory(1), 0

    def over() -> bool:
        nonlocal looks
        looks += 1
        return looks > 10

    found = PriceSearch(given, pack(given), costs.WEIGHTED_TARDINESS, 0, 2)
    found.run(math.inf, over, lambda: None)
    assert 0 < found.tried < 200
    assert math.isfinite(found.cost)


def test_it_can_be_cancelled_and_keeps_what_it_has() -> None:
    found = search(factory(1), 1)
    known = found.cost

    def report() -> None:
        raise Cancelled("asked to stop")

    with pytest.raises(Cancelled):
        found.run(1000, lambda: False, report)
    assert found.cost <= known
    assert found.tried < 1000


@pytest.mark.slow
def test_it_goes_on_where_it_stopped() -> None:
    given = factory(2)
    found = search(given, 20)
    first = found.cost
    found.run(60, lambda: False, lambda: None)
    assert found.tried == 60
    assert found.cost <= first


# ---------------------------------------------------------------- memory
def test_a_search_from_remembered_prices_starts_where_the_last_one_ended() -> None:
    ratios = []
    for seed in range(4):
        given = factory(seed)
        long = search(given, 300, evolved=math.inf)
        assert [name for name, _ in long.learned] == list(names(sorted({m.type for m in given.machines})))
        found = [
            PriceSearch(given, pack(given), costs.WEIGHTED_TARDINESS, 1, 2, math.inf, remembered)
            for remembered in ((), long.learned)
        ]
        for one in found:
            one.run(12, lambda: False, lambda: None)
        ratios.append(found[1].cost / found[0].cost)
    assert np.mean(ratios) < 1.0


def test_before_a_generation_nothing_is_told() -> None:
    assert search(factory(0), 2).learned == ()


def test_a_machine_type_that_memory_does_not_know_starts_as_usual() -> None:
    usual = np.linspace(-1.0, 1.0, len(TERM_NAMES) + 2)
    known = told([1], np.full(len(TERM_NAMES) + 1, 0.5))
    found = recalled([1, 2], usual, known)
    assert found[:-1] == pytest.approx(0.5 - usual[:-1])
    assert found[-1] == 0.0
    assert recalled([1, 2], usual, ()) == pytest.approx(np.zeros(len(usual)))


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf, 1e308, 800.0, -800.0, "x", None], ids=str)
def test_prices_that_are_none_are_not_remembered(wrong: object) -> None:
    """A search that starts there would fail or, where compiled code meets an infinite price, end the process."""
    given = factory(0)
    kinds = names(sorted({m.type for m in given.machines}))
    damaged = tuple((name, wrong) for name in kinds)
    usual = search(given, 20)
    found = PriceSearch(given, pack(given), costs.WEIGHTED_TARDINESS, 1, 2, remembered=damaged)  # type: ignore[arg-type]
    found.run(20, lambda: False, lambda: None)
    assert found.cost == usual.cost, "it starts as without memory"


def test_of_foreign_prices_those_that_a_plant_knows_count_within_reach() -> None:
    kept = trusted((("type 1", 0.5), ("type 99", 1.0), ("stretch", math.nan), ("type 1", 40.0)), ("type 1", "stretch"))
    assert kept == (("type 1", 40.0),)
    assert list(within_reach(np.array([40.0, -0.5, -40.0]))) == [FARTHEST, -0.5, -FARTHEST]
    assert len(trusted(tuple((f"type {n}", 0.0) for n in range(5000)))) == MOST
    given = factory(0)
    far = tuple((name, (-1.0) ** n * 45.0) for n, name in enumerate(names(sorted({m.type for m in given.machines}))))
    found = PriceSearch(given, pack(given), costs.WEIGHTED_TARDINESS, 1, 2, remembered=far)
    found.run(20, lambda: False, lambda: None)
    assert math.isfinite(found.cost)
