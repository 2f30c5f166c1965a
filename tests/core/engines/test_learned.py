"""The learned engine: one rollout or the best of many, repeatable, punctual, and honest about its model."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from scheduler_core.engines import greedy, learned, time_limit_clock
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.learned import PRICED_PER_SAMPLE, schedule
from scheduler_core.engines.pricing.price_search import EVOLVED, PriceSearch
from scheduler_core.engines.registry import ENGINES
from scheduler_core.engines.rules import RULES
from scheduler_core.environments.random_plants import SIZES, random_plant
from scheduler_core.errors import Cancelled, InvalidValue, Unschedulable
from scheduler_core.judge.kpis import measure
from scheduler_core.judge.validator import violations
from scheduler_core.objectives import NAMED, Objective, objective_value
from scheduler_core.plant import Calendar, Fixed, Plant
from scheduler_core.policy import checkpoint
from scheduler_core.schedule import Result, Status
from tests.support.plants import at, job, machine, operation, plant
from tests.support.small_networks import factory, random_network, small_plants, untrained_network

NAME = "untrained"


@pytest.fixture(autouse=True)
def models(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A models folder with one checkpoint, which is the rule, and one that is far from it."""
    folder = tmp_path_factory.mktemp("models")
    checkpoint.save(NAME, untrained_network(), {"description": "as training starts"}, folder)
    checkpoint.save("random", random_network(1), {"description": "anything"}, folder)
    monkeypatch.setenv("SHOPWRIGHT_MODELS", str(folder))
    return folder


def plan(given: Plant, **settings: object) -> Result:
    return schedule(given, EngineConfig(**settings))  # type: ignore[arg-type]


# ---------------------------------------------------------------- what comes out
@pytest.mark.slow
@pytest.mark.parametrize("given", [*small_plants(20, first=4000), factory(1)], ids=lambda p: p.name)
@pytest.mark.parametrize("model", [NAME, "random"])
def test_schedules_are_valid_and_objectives_are_theirs(given: Plant, model: str) -> None:
    for objective in NAMED.values():
        found = plan(given, model=model, samples=4, objective=objective)
        assert found.status is Status.FEASIBLE
        assert found.schedule is not None
        assert violations(given, found.schedule) == ()
        assert found.objective == objective_value(objective, measure(given, found.schedule))


def test_the_result_tells_model_samples_and_winner(models: Path) -> None:
    found = plan(factory(1), model="random", samples=5)
    assert found.engine == "learned"
    assert found.detail["model"] == "random"
    assert found.detail["model_sha256"] == checkpoint.load("random", models).sha256
    assert found.detail["samples"] == 5
    if found.detail["winning_rule"] is None:
        assert 0 <= int(str(found.detail["winning_sample"])) < 5
    else:
        assert found.detail["winning_rule"] in RULES
    assert found.seconds > 0


def test_without_a_name_the_active_model_plans(models: Path) -> None:
    assert plan(factory(1)).detail["model"] == NAME
    (models / checkpoint.ACTIVE).write_text("random")
    assert plan(factory(1)).detail["model"] == "random"


def test_the_registry_finds_it() -> None:
    assert ENGINES["learned"](factory(1), EngineConfig()).schedule == plan(factory(1)).schedule


# ---------------------------------------------------------------- repeatable
@pytest.mark.parametrize("samples", [1, 2, 13])
def test_the_same_schedule_for_a_seed_and_any_number_of_workers(samples: int) -> None:
    given = factory(2)
    found = [plan(given, samples=samples, seed=3, workers=workers, model="random") for workers in (1, 2, 5, 1)]
    assert len({r.schedule for r in found}) == 1
    assert len({(r.detail["winning_sample"], r.detail["samples"]) for r in found}) == 1


def test_seeds_differ_in_samples_but_not_in_the_first_rollout() -> None:
    given = factory(2)
    assert plan(given, seed=1).schedule == plan(given, seed=2).schedule
    assert len({plan(given, seed=s, samples=24).schedule for s in range(6)}) > 1


def test_no_rule_is_better_than_what_comes_out() -> None:
    for given in [factory(s) for s in range(3)]:
        rules = [greedy.schedule(given, EngineConfig(rule=name)).objective for name in (*RULES, greedy.BEST)]
        found = plan(given, samples=2, model="random")
        assert found.objective is not None
        assert found.objective <= min(r for r in rules if r is not None)


@pytest.mark.parametrize("seed", [-1, 2**31, 2**64, 10**30])
def test_any_whole_number_is_a_seed(seed: int) -> None:
    first, second = (plan(factory(2), seed=seed, samples=3).schedule for _ in range(2))
    assert first == second


# ---------------------------------------------------------------- best of many
@pytest.mark.slow
@pytest.mark.parametrize("objective", NAMED.values(), ids=NAMED)
def test_more_samples_are_never_worse(objective: Objective) -> None:
    better = 0
    for given in [factory(s) for s in range(4)]:
        values = [float(plan(given, samples=n, objective=objective).objective or 0) for n in (1, 8, 32)]
        assert values[0] >= values[1] >= values[2]
        better += values[2] < values[0]
    assert better or objective is not Objective.TARDINESS


def test_each_objective_is_best_at_its_own() -> None:
    """Out of the same samples: nothing that was chosen for another objective is better. One rollout, so that the prices of a
    second generation, which depend on the objective, are not among them."""
    given = factory(3)
    kpis = {}
    for chosen in NAMED.values():
        found = plan(given, samples=1, objective=chosen)
        assert found.schedule is not None
        kpis[chosen] = measure(given, found.schedule)
    for chosen in NAMED.values():
        assert objective_value(chosen, kpis[chosen]) == min(objective_value(chosen, k) for k in kpis.values())


# ---------------------------------------------------------------- time
@pytest.mark.slow
@pytest.mark.parametrize("limit", [0.3, 1.2])
def test_it_goes_on_until_the_time_limit(limit: float) -> None:
    plan(factory(1), samples=2)  # everything is loaded and compiled
    with time_limit_clock.of_workers(2):  # CPU time, of which a crowd takes nothing
        began = time_limit_clock.now()
        found = plan(factory(1), time_limit=limit)
        took = time_limit_clock.now() - began
    assert limit <= took < limit + 1.0
    assert found.detail["moves"]


def test_a_tenth_of_the_limit_is_time_for_several_rollouts() -> None:
    assert int(str(plan(factory(1), time_limit=1.2).detail["samples"])) > 1


def test_a_time_limit_of_zero_is_one_rollout_and_one_schedule_by_prices() -> None:
    found = plan(factory(1), time_limit=0)
    assert (found.detail["samples"], found.detail["priced"], found.detail["moves"]) == (1, 1, 0)
    longer = plan(factory(1))
    assert (longer.detail["samples"], longer.detail["priced"]) == (1, PRICED_PER_SAMPLE)
    assert found.objective is not None
    assert longer.objective is not None
    assert longer.objective <= found.objective


def test_prices_that_won_are_told() -> None:
    told = [plan(factory(seed), model="random").detail for seed in range(6)]
    assert any(one["prices_won"] for one in told)
    assert all(one["winning_sample"] is None for one in told if one["prices_won"])


@pytest.mark.parametrize(("settings", "evolved"), [({"samples": 2}, EVOLVED), ({"time_limit": 0.2}, math.inf)])
def test_jobs_are_favoured_only_where_no_annealing_follows(
    settings: dict[str, object], evolved: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    class Watched(PriceSearch):
        def run(self, *args: Any) -> None:
            asked.append(self.evolved)
            super().run(*args)

    monkeypatch.setattr(learned, "PriceSearch", Watched)
    plan(factory(1), **settings)
    assert set(asked) == {evolved}


def test_a_limit_holds_whatever_number_of_samples_was_asked_for() -> None:
    began = time.perf_counter()
    assert int(str(plan(factory(1), samples=10**6, time_limit=0.5).detail["samples"])) < 10**6
    assert time.perf_counter() - began < 2.0


@pytest.mark.parametrize("limit", [0.0, 0.01, 0.5])
def test_a_limit_is_no_worse_than_the_first_rollout(limit: float) -> None:
    given = factory(4)
    once, longer = plan(given, policy_only=True), plan(given, time_limit=limit)
    assert (once.detail["samples"], once.detail["priced"], once.detail["winning_rule"]) == (1, 0, None)
    assert longer.objective is not None
    assert once.objective is not None
    assert longer.objective <= once.objective


def test_a_limit_of_three_times_what_all_rules_take_is_no_worse_than_any_rule() -> None:
    """On the clock of CPU time, so that a busy machine changes nothing; four times, as rollouts and prices want some."""
    given = factory(4)
    greedy.schedule(given, EngineConfig(workers=1))
    began = time.process_time()
    best = greedy.schedule(given, EngineConfig(workers=1))
    rules = time.process_time() - began
    with time_limit_clock.of_workers(1):
        found = plan(given, time_limit=max(0.3, 4 * rules), workers=1, model="random")
    assert found.objective is not None
    assert best.objective is not None
    assert found.objective <= best.objective


def test_one_machine_is_planned_no_worse_than_by_the_best_rule() -> None:
    shop = plant(*(job(f"J{n}", operation(10 + 7 * n % 40), due=60 * n) for n in range(40)), machines=(machine(1),))
    found, best = plan(shop, model="random"), greedy.schedule(shop, EngineConfig())
    assert found.objective is not None
    assert best.objective is not None
    assert found.objective <= best.objective


def test_the_full_plant_takes_less_than_a_second_of_cpu(models: Path) -> None:
    """With a network of the shipped width."""
    checkpoint.save("wide", random_network(1, hidden=64), {}, models)
    given = random_plant(0, SIZES["Full"])
    plan(given, model="wide")
    began = time.process_time()
    found = plan(given, model="wide")
    assert time.process_time() - began < 1.0
    assert found.schedule is not None
    assert violations(given, found.schedule) == ()


def test_progress_rises_and_speaks_to_planners() -> None:
    told: list[tuple[float, str]] = []
    schedule(factory(1), EngineConfig(samples=8), lambda share, words: told.append((share, words)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert any("plans tried" in words for _, words in told)
    assert "machine prices" in told[-1][1]


@pytest.mark.slow
def test_progress_is_told_at_least_once_a_second() -> None:
    times: list[float] = [time.perf_counter()]
    schedule(
        random_plant(0, SIZES["Full"]), EngineConfig(time_limit=2.5), lambda *_: times.append(time.perf_counter())
    )  # fmt: skip
    assert float(np.diff(times).max()) < 1.0


# ---------------------------------------------------------------- stopping
def cancel_after(calls: int) -> Callable[[float, str], None]:
    made = 0

    def progress(fraction: float, message: str) -> None:
        nonlocal made
        made += 1
        if made > calls:
            raise Cancelled("asked to stop")

    return progress


@pytest.mark.parametrize("calls", [0, 1, 3])
def test_cancelling_stops_it_at_once(calls: int) -> None:
    began = time.perf_counter()
    with pytest.raises(Cancelled):
        schedule(factory(1), EngineConfig(samples=10**9, time_limit=60), cancel_after(calls))
    assert time.perf_counter() - began < 2.0


# ---------------------------------------------------------------- what it refuses
def test_an_unknown_model_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidValue, match=r"'nobody' is not listed in .*known: untrained, random"):
        plan(factory(1), model="nobody")


def test_a_damaged_model_is_refused(models: Path) -> None:
    os.truncate(models / NAME / checkpoint.WEIGHTS, 100)
    with pytest.raises(InvalidValue, match=f"{NAME}/{checkpoint.WEIGHTS}.*SHA-256"):
        plan(factory(1))


def test_no_model_at_all_is_refused_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPWRIGHT_MODELS", str(tmp_path))
    with pytest.raises(InvalidValue, match="shopwright train"):
        plan(factory(1))


def test_a_model_that_overflows_is_refused(models: Path) -> None:
    network = random_network(1)
    with torch.no_grad():
        network.job.first.weight.fill_(1e30)
        network.job.second.weight.fill_(1e30)
    checkpoint.save("overflowing", network, {}, models)
    with pytest.raises(InvalidValue, match="not finite"):
        plan(factory(1), model="overflowing")


@pytest.mark.parametrize("samples", [0, -3])
def test_samples_below_one_are_refused(samples: int) -> None:
    with pytest.raises(InvalidValue, match=f"samples: {samples}"):
        plan(factory(1), samples=samples)


def test_a_plant_without_any_schedule_is_named() -> None:
    closed = plant(
        job("J1", operation(10)), machines=[machine(1, calendar="closed")], calendars=[Calendar("closed", ())]
    )  # fmt: skip
    with pytest.raises(Unschedulable, match="J1"):
        plan(closed)


# ---------------------------------------------------------------- little to do
@pytest.mark.parametrize("objective", NAMED.values(), ids=NAMED)
def test_a_plant_without_jobs_has_an_empty_schedule(objective: Objective) -> None:
    found = plan(plant(), samples=3, objective=objective)
    assert found.status is Status.FEASIBLE
    assert found.schedule is not None
    assert found.schedule.assignments == ()
    assert found.objective == 0.0


def test_a_plant_with_nothing_but_fixed_operations_stays_as_it_is() -> None:
    given = plant(job("J1", operation(60, fixed=Fixed((1,), 30, 90)), due=60))
    found = plan(given, samples=3)
    assert found.schedule is not None
    assert found.schedule.assignments == (at("J1", 1, 1, 30, 90),)
    assert found.objective == pytest.approx(30 / 1440)
