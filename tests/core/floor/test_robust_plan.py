"""The robust plan: legal, no worse under noise than the plan it begins with, and ended when it is enough."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from scheduler_core.engines import time_limit_clock
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.isolation.safe_runner import SafeRunner
from scheduler_core.engines.registry import ENGINES
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.errors import Cancelled, InvalidValue, KeepBest
from scheduler_core.floor import robust_plan
from scheduler_core.floor.noise import DurationNoise
from scheduler_core.floor.plan_choice import Player
from scheduler_core.floor.robust_plan import RUNS_SEED, USUAL, RobustSearch
from scheduler_core.judge.frozen_zone import frozen_zone
from scheduler_core.judge.kpis import measure
from scheduler_core.judge.validator import violations
from scheduler_core.objectives import Objective, objective_value
from scheduler_core.reports import LearnedReport, as_dict
from scheduler_core.simulator import costs
from scheduler_core.simulator.arrays import pack
from scheduler_core.simulator.simulator import to_state

SHOP = random_plant(41, PlantShape(40, 12, tightness=0.7, load=5.0))
CONFIG = EngineConfig(time_limit=0.6, workers=1, variation=0.3)


def test_it_is_legal_and_costs_no_more_under_noise_than_the_ordinary_plan_before_it() -> None:
    with time_limit_clock.of_workers(1):
        found = robust_plan.robust_plan(SHOP, replace(CONFIG, seed=3), DurationNoise(0.3))
    assert violations(SHOP, found.best.plan) == ()
    assert found.played > USUAL.rounds
    assert found.moves > 0
    arrays = pack(SHOP)
    seeds = range(3 * RUNS_SEED, 3 * RUNS_SEED + USUAL.runs)
    player = Player(SHOP, arrays, costs.prices_of(Objective.TARDINESS, arrays), DurationNoise(0.3), seeds)
    assert found.first.schedule is not None
    assert found.best.cost <= player.play(to_state(SHOP, arrays, found.first.schedule)).cost
    again = player.play(to_state(SHOP, arrays, found.best.plan))
    assert found.best.cost == pytest.approx(again.cost)


@pytest.mark.parametrize("objective", [Objective.TARDINESS, Objective(1, 0.3, 0.2, 0.5, 0.4, 0.6)])
def test_the_learned_engine_makes_it_where_durations_vary_and_states_its_value_on_paper(objective: Objective) -> None:
    with time_limit_clock.of_workers(1):
        found = ENGINES["learned"](SHOP, replace(CONFIG, objective=objective))
    assert found.schedule is not None
    assert violations(SHOP, found.schedule) == ()
    assert found.objective == pytest.approx(objective_value(objective, measure(SHOP, found.schedule)))
    assert isinstance(found.report, LearnedReport)
    assert found.report.played > 1
    assert as_dict(found.report)["played"] == found.report.played
    assert found.seconds < 1.5


def test_an_ordinary_plan_says_nothing_of_it() -> None:
    found = ENGINES["learned"](SHOP, EngineConfig(workers=1))
    assert "played" not in as_dict(found.report)


def test_without_choosing_the_last_round_stands_and_without_shifting_the_due_dates_do() -> None:
    how = RobustSearch(rounds=2, plans=0, shifted=False, choosing=False)
    with time_limit_clock.of_workers(1):
        found = robust_plan.robust_plan(SHOP, CONFIG, DurationNoise(0.3), how)
    assert found.played == 1 + 2
    assert found.first.objective is not None
    assert objective_value(Objective.TARDINESS, measure(SHOP, found.best.plan)) <= found.first.objective + 1e-6


def test_it_keeps_a_frozen_zone_and_runs_in_a_process_of_its_own() -> None:
    in_force = ENGINES["greedy"](SHOP, EngineConfig(rule="EDD")).schedule
    assert in_force is not None
    config = replace(CONFIG, time_limit=1.0, warm_start=in_force, frozen_hours=24.0)
    with SafeRunner() as safe:
        found = safe.run("learned", ENGINES["learned"], SHOP, config, 300.0)
    assert isinstance(found.report, LearnedReport)
    assert found.report.played > 1
    assert found.schedule is not None
    zone = frozen_zone(SHOP, in_force, found.schedule, {kind.id: 24.0 for kind in SHOP.machine_types})
    assert zone.moved == ()


def test_it_needs_a_time_limit_and_a_variation_that_is_a_number() -> None:
    with pytest.raises(InvalidValue, match="time_limit"):
        ENGINES["learned"](SHOP, replace(CONFIG, time_limit=None))
    with pytest.raises(InvalidValue, match="variation"):
        ENGINES["learned"](SHOP, replace(CONFIG, variation=math.inf))


def test_the_best_so_far_is_kept_in_every_part_of_the_search() -> None:
    for moment in (0.05, 0.5):

        def enough(fraction: float, message: str, moment: float = moment) -> None:
            if fraction >= moment:
                raise KeepBest("enough")

        with time_limit_clock.of_workers(1):
            found = robust_plan.schedule(SHOP, replace(CONFIG, time_limit=2.0), enough)
        assert found.schedule is not None
        assert violations(SHOP, found.schedule) == ()
        assert found.seconds < 1.8


def test_cancelling_ends_it() -> None:
    def cancel(fraction: float, message: str) -> None:
        if fraction >= 0.3:
            raise Cancelled("cancelled")

    with pytest.raises(Cancelled):
        robust_plan.schedule(SHOP, CONFIG, cancel)


def test_progress_never_falls() -> None:
    told: list[float] = []
    robust_plan.schedule(SHOP, replace(CONFIG, time_limit=1.0), lambda fraction, message: told.append(fraction))
    assert told == sorted(told)
    assert 0.0 <= told[0] < 0.2
    assert 0.6 < told[-1] <= 1.0
