"""Odds of a plan, against chances that can be computed, and against floors drawn otherwise."""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest

from scheduler_core.engines import greedy
from scheduler_core.engines.config import EngineConfig
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.errors import InvalidValue
from scheduler_core.floor.events import Stream
from scheduler_core.floor.executions import Guide
from scheduler_core.floor.noise import DurationNoise
from scheduler_core.floor.odds import odds_of
from scheduler_core.floor.ways import NoisyFloor, way_named
from scheduler_core.plant import Fixed
from tests.support.plants import at, job, machine, operation, plant, schedule

ONE = plant(job("A", operation(1000), due=1100))
PLAN = schedule(at("A", 1, 1, 0, 1000))
SHAPE = PlantShape(40, 12, tightness=0.7, load=5.0)


def test_the_chance_of_one_operation_is_that_of_its_lognormal_duration() -> None:
    found = odds_of(ONE, PLAN, DurationNoise(0.2), runs=4000)
    s = math.sqrt(math.log1p(0.2**2))
    factor = NormalDist(-s * s / 2, s)
    assert found.orders[0].on_time == pytest.approx(factor.cdf(math.log(1.1)), abs=0.03)
    for share, promised in (
        (0.5, found.orders[0].ends.p50),
        (0.8, found.orders[0].ends.p80),
        (0.95, found.orders[0].ends.p95),
    ):
        assert promised == pytest.approx(1000 * math.exp(factor.inv_cdf(share)), rel=0.02)
    assert found.late.mean == pytest.approx(1 - found.orders[0].on_time)


def test_without_noise_every_run_is_the_plan() -> None:
    p = random_plant(4, SHAPE)
    plan = greedy.schedule(p, EngineConfig(rule="WATC")).schedule
    assert plan is not None
    found = odds_of(p, plan, DurationNoise(0.0), runs=3)
    assert all(one.ends.p50 == one.ends.p95 == one.planned_end for one in found.orders)
    assert all(one.on_time == float(one.due is None or one.planned_end <= one.due) for one in found.orders)


def test_promises_are_kept_as_often_as_they_say_on_floors_of_other_seeds() -> None:
    p = random_plant(5, SHAPE)
    plan = greedy.schedule(p, EngineConfig(rule="WATC")).schedule
    assert plan is not None
    noise = DurationNoise(0.3)
    found = odds_of(p, plan, noise, runs=300)
    floor = NoisyFloor(Stream(p), noise)
    kept: dict[str, list[bool]] = {"p50": [], "p80": [], "p95": []}
    for seed in range(5000, 5060):
        ends: dict[str, int] = {}
        for a in floor.play(seed, way_named("order"), Guide(plan)).executed.assignments:
            ends[a.job] = max(ends.get(a.job, 0), a.end)
        for name, met in kept.items():
            met += [ends[one.job] <= getattr(one.ends, name) for one in found.orders]
    assert {name: round(float(np.mean(met)), 2) for name, met in kept.items()} == {
        "p50": pytest.approx(0.5, abs=0.05), "p80": pytest.approx(0.8, abs=0.04), "p95": pytest.approx(0.95, abs=0.02),
    }  # fmt: skip


def test_a_pinned_operation_begins_no_earlier_and_what_runs_ends_when_it_says() -> None:
    p = plant(job("A", operation(60, 1)), job("B", operation(60, 2)), machines=[machine(1), machine(2)])
    running, pinned = Fixed((1,), 0, 75), Fixed((2,), 500, 560)
    p = replace(
        p,
        jobs=tuple(
            replace(j, operations=(replace(j.operations[0], fixed=fixed),))
            for j, fixed in zip(p.jobs, (running, pinned), strict=True)
        ),
    )
    found = odds_of(p, schedule(at("A", 1, 1, 0, 75), at("B", 1, 2, 500, 560)), DurationNoise(0.5), runs=50)
    assert found.orders[0].ends.p50 == found.orders[0].ends.p95 == 75
    assert found.orders[1].ends.p50 > 500
    assert found.orders[0].on_time is None


def test_an_impossible_question_is_refused() -> None:
    with pytest.raises(InvalidValue, match="runs"):
        odds_of(ONE, PLAN, DurationNoise(), runs=0)
    with pytest.raises(InvalidValue, match="plan lacks"):
        odds_of(ONE, schedule(), DurationNoise())


def test_a_plant_without_orders_has_odds_of_nothing() -> None:
    found = odds_of(replace(ONE, jobs=()), schedule(), DurationNoise(0.2), runs=20)
    assert found.orders == ()
    assert (found.tardiness.mean, found.late.mean, found.end.p95) == (0, 0, 0)
