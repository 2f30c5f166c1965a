"""The greedy engine: every rule's plans are valid, the best of them is the best, and it stops when asked to."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

import pytest

from scheduler_core.engines import greedy
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.rules import RULES
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.errors import Cancelled, InvalidValue, Unschedulable
from scheduler_core.judge.kpis import measure
from scheduler_core.judge.validator import violations
from scheduler_core.objectives import NAMED, Objective, objective_value
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule, Status
from scheduler_core.simulator.arrays import pack
from tests.support.plants import at, job, machine, operation, plant, schedule
from tests.support.random_plants import small_plant

VARIANTS = sum(len(r.variants) for r in RULES.values())


def schedulable(seeds: range) -> Iterator[Plant]:
    for seed in seeds:
        try:
            pack(small_plant(seed))
        except Unschedulable:
            continue
        yield small_plant(seed)


@pytest.fixture(scope="module")
def shops() -> list[Plant]:
    """Tiny plants with everything in them, and two with shape."""
    return [*islice(schedulable(range(100)), 10), *(random_plant(s, PlantShape(25, 8, tightness=0.9)) for s in (1, 2))]


def run(shop: Plant, rule: str = "best", **settings: Any) -> Schedule:
    result = greedy.schedule(shop, EngineConfig(rule=rule, **settings))
    assert result.schedule is not None
    return result.schedule


@pytest.mark.parametrize("rule", [*RULES, "best"])
def test_every_rule_builds_valid_schedules(rule: str, shops: list[Plant]) -> None:
    for shop in shops:
        assert violations(shop, run(shop, rule)) == ()


@pytest.mark.slow
@pytest.mark.parametrize("objective", NAMED.values(), ids=NAMED)
def test_best_is_never_worse_than_any_rule(objective: Objective, shops: list[Plant]) -> None:
    for shop in shops:
        best = greedy.schedule(shop, EngineConfig(objective=objective)).objective
        single = [greedy.schedule(shop, EngineConfig(objective=objective, rule=r)).objective for r in RULES]
        assert best is not None
        assert all(value is not None and best <= value + 1e-12 for value in single)


@pytest.mark.parametrize("objective", NAMED.values(), ids=NAMED)
def test_the_result_tells_what_was_built(objective: Objective) -> None:
    shop = random_plant(3, PlantShape(25, 8, tightness=0.9))
    ticks: list[tuple[float, str]] = []
    result = greedy.schedule(shop, EngineConfig(objective=objective), lambda f, m: ticks.append((f, m)))
    assert result.schedule is not None
    assert (result.engine, result.status, result.lower_bound) == ("greedy", Status.FEASIBLE, None)
    assert result.objective == objective_value(objective, measure(shop, result.schedule))
    assert result.seconds > 0
    assert result.detail["rules_tried"] == VARIANTS
    assert [f for f, _ in ticks] == pytest.approx([(i + 1) / VARIANTS for i in range(VARIANTS)])
    assert {m for _, m in ticks} == {f"rule {name}" for name in RULES}
    winner = RULES[str(result.detail["rule"])]
    assert (result.detail["k1"], result.detail["k2"]) in winner.variants


def test_the_winner_is_worth_more_than_the_first_variant() -> None:
    """Guards the comparison above: on some plant, rules and parameters must differ."""
    winners = {str(greedy.schedule(random_plant(s, PlantShape(25, 8)), EngineConfig()).detail) for s in range(6)}
    assert len(winners) > 2


@pytest.mark.parametrize("rule", ["best", "random", "WATC"])
def test_equal_seeds_give_equal_schedules_with_any_number_of_workers(rule: str) -> None:
    shop = random_plant(4, PlantShape(30, 8, tightness=0.9))
    expected = run(shop, rule, seed=11, workers=1)
    for workers in (1, 2, 5, 64):
        assert run(shop, rule, seed=11, workers=workers) == expected


def test_the_seed_changes_random_choices_only() -> None:
    shop = random_plant(5, PlantShape(30, 8))
    assert run(shop, "random", seed=1) != run(shop, "random", seed=2)
    assert run(shop, "WATC", seed=1) == run(shop, "WATC", seed=2)


@pytest.mark.parametrize("seed", [0, -1, 2**32, 2**70])
def test_any_whole_number_is_a_seed(seed: int) -> None:
    assert run(small_plant(3), "random", seed=seed) == run(small_plant(3), "random", seed=seed)


def test_a_schedule_by_hand() -> None:
    """EDD on one machine: J2 is due first; J1's second operation follows on machine 2."""
    shop = plant(
        job("J1", operation(60, 1), operation(30, 2), due=500),
        job("J2", operation(20, 1), due=400),
        machines=[machine(1), machine(2)],
    )
    assert run(shop, "EDD") == schedule(at("J1", 1, 1, 20, 80), at("J1", 2, 2, 80, 110), at("J2", 1, 1, 0, 20))


@pytest.mark.parametrize("name", ["edd", "EDD", "Edd", "First-Fit"])
def test_rules_are_found_in_any_case(name: str) -> None:
    assert run(small_plant(3), name) == run(small_plant(3), {n.lower(): n for n in RULES}[name.lower()])


def test_an_unknown_rule_is_refused_with_the_choices() -> None:
    with pytest.raises(InvalidValue) as refused:
        run(small_plant(3), "EDDD")
    message = str(refused.value)
    assert message.startswith("rule: 'EDDD' must be one of best, ")
    assert all(name in message for name in RULES)


def test_a_plant_without_jobs_has_an_empty_schedule() -> None:
    result = greedy.schedule(plant(), EngineConfig())
    assert result.schedule == schedule()
    assert result.objective == 0


def test_a_plant_without_due_dates_is_never_late() -> None:
    shop = plant(job("J1", operation(60)), job("J2", operation(20)))
    for objective in (Objective.TARDINESS, Objective.ON_TIME):
        assert greedy.schedule(shop, EngineConfig(objective=objective)).objective == 0


def test_an_unschedulable_plant_is_refused() -> None:
    shop = plant(job("J1", operation(5)))
    dead = replace(shop, calendars=tuple(replace(c, week=()) for c in shop.calendars))
    with pytest.raises(Unschedulable, match="job J1 operation 1"):
        run(dead)


# ---------------------------------------------------------------- stopping early
@pytest.fixture
def slow_rules(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Every rule takes a tenth of a second more; the list collects the codes of those that ran."""
    ran: list[int] = []
    original = greedy.run_rule

    def slowly(a: Any, s: Any, code: int, *rest: Any) -> int:
        ran.append(code)
        time.sleep(0.1)
        return int(original(a, s, code, *rest))

    monkeypatch.setattr(greedy, "run_rule", slowly)
    return ran


@pytest.mark.parametrize("workers", [1, 2])
def test_cancelling_ends_the_search_at_once(slow_rules: list[int], workers: int) -> None:
    def cancel(fraction: float, message: str) -> None:
        raise Cancelled("the planner asked to stop")

    began = time.perf_counter()
    with pytest.raises(Cancelled):
        greedy.schedule(small_plant(3), EngineConfig(workers=workers), cancel)
    # Each worker may have begun its next rule before the first one's end was noticed.
    assert len(slow_rules) <= 2 * workers
    assert time.perf_counter() - began < 2.0


def test_a_time_limit_ends_the_search_with_the_best_so_far(slow_rules: list[int]) -> None:
    shop = small_plant(3)
    result = greedy.schedule(shop, EngineConfig(time_limit=0.5, workers=1))
    assert result.schedule is not None
    assert violations(shop, result.schedule) == ()
    assert 1 <= len(slow_rules) <= 8 < VARIANTS
    assert result.detail["rules_tried"] == len(slow_rules)


def test_without_any_time_one_rule_is_tried(slow_rules: list[int]) -> None:
    result = greedy.schedule(small_plant(3), EngineConfig(time_limit=0.0, workers=1))
    assert result.schedule is not None
    assert 1 <= len(slow_rules) <= 2
