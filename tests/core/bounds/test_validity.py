"""No bound is ever above what some plan reaches: brute force, the exact engine, known optima, and every rule's plan."""

from __future__ import annotations

import math
import time

import pytest

from scheduler_core.bounds import Bound, job_bounds, lower_bound
from scheduler_core.engines import exact, greedy
from scheduler_core.engines.config import EngineConfig
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.errors import KeepBest, Unschedulable
from scheduler_core.interchange.benchmark_files import read_benchmark
from scheduler_core.judge.kpis import job_lateness, measure
from scheduler_core.objectives import Objective, objective_value
from scheduler_core.plant import Plant
from scheduler_core.schedule import Status
from tests.support.brute_force import optimum
from tests.support.paths import GOLDEN_BENCHMARKS
from tests.support.random_plants import small_plant

OBJECTIVES = (Objective.TARDINESS, Objective.ON_TIME, Objective.MAKESPAN)
EXACT = 1e-9
CPU_SECONDS = 0.5
"""Of a search for a proof: nine of ten small plants are proven in a tenth of it."""


def bounds_of(plant: Plant) -> dict[Objective, Bound]:
    return {objective: lower_bound(plant, objective, None) for objective in OBJECTIVES}


def orders(plant: Plant) -> int:
    """How many orders and choices of machines brute force has to look at."""
    lengths = [len(job.operations) for job in plant.jobs]
    count = math.factorial(sum(lengths)) // math.prod(math.factorial(n) for n in lengths)
    for job in plant.jobs:
        for op in job.operations:
            count *= 1 if op.requires_all or op.fixed else len(plant.eligible_machines(op))
    return count


@pytest.mark.slow
def test_never_above_the_optimum_of_tiny_plants() -> None:
    compared, tight = 0, dict.fromkeys(OBJECTIVES, 0)
    for seed in range(500):
        plant = small_plant(seed)
        if orders(plant) > 40:
            continue
        try:
            bounds = bounds_of(plant)
        except Unschedulable:
            continue
        best = {objective: optimum(plant, objective) for objective in OBJECTIVES}
        if None in best.values():
            continue
        for objective, bound in bounds.items():
            value = best[objective]
            assert value is not None
            assert bound.alone - EXACT <= bound.value <= value + EXACT, (seed, objective)
            tight[objective] += bound.value >= value - EXACT
        compared += 1
    assert compared > 80
    assert min(tight.values()) > compared // 2, "a bound of zero would be valid, too"


class _Patience:
    """Has had enough of a search after CPU_SECONDS of this process, however few of them a crowded machine gives it."""

    def __init__(self) -> None:
        self._began = time.process_time()

    def __call__(self, fraction: float, message: str) -> None:
        if time.process_time() - self._began > CPU_SECONDS:
            raise KeepBest("enough")


@pytest.mark.slow
def test_never_above_the_exact_engines_proof() -> None:
    exact.schedule(small_plant(20_018), EngineConfig(workers=1))  # loads the solver, which is no search's time
    proven = 0
    for seed in range(25):
        plant = small_plant(20_000 + seed)
        for objective in (Objective.TARDINESS, Objective.MAKESPAN):
            try:
                result = exact.schedule(plant, EngineConfig(objective=objective, workers=1), _Patience())
            except Unschedulable:
                continue
            if result.status is Status.OPTIMAL:
                assert result.objective is not None
                assert lower_bound(plant, objective, None).value <= result.objective + EXACT, (seed, objective)
                proven += 1
    assert proven > 30


@pytest.mark.slow
def test_never_above_a_rules_plan_also_job_by_job() -> None:
    compared = 0
    for seed in range(30_000, 30_250):
        plant = small_plant(seed)
        try:
            schedule = greedy.schedule(plant, EngineConfig(rule="WATC")).schedule
        except Unschedulable:
            continue
        assert schedule is not None
        kpis = measure(plant, schedule)
        for objective, bound in bounds_of(plant).items():
            assert bound.value <= objective_value(objective, kpis) + EXACT, (seed, objective)
        late = job_lateness(plant, schedule)
        for name, alone in job_bounds(plant).items():
            lateness = late[name]
            assert lateness is None or alone.completion <= lateness + (alone.job.due or 0), (seed, name)
        compared += 1
    assert compared > 190


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_never_above_any_rule_on_factories(seed: int) -> None:
    plant = random_plant(40_000 + seed, PlantShape(60, 10, tightness=0.7, families=8, simultaneous_share=0.1))
    for objective, bound in bounds_of(plant).items():
        best = greedy.schedule(plant, EngineConfig(objective=objective)).objective
        assert best is not None
        assert bound.alone - EXACT <= bound.value <= best + EXACT
        assert bound.value > bound.alone or objective is not Objective.TARDINESS, "capacity should tell something"


@pytest.mark.parametrize(("name", "optimum"), [("mk01.fjs", 40), ("ta01.txt", 1231)])
def test_never_above_the_known_optimum_of_a_benchmark(name: str, optimum: int) -> None:
    value = round(lower_bound(read_benchmark(GOLDEN_BENCHMARKS / name), Objective.MAKESPAN, None).value * 60)
    assert 0.8 * optimum < value <= optimum


@pytest.mark.slow
def test_no_longer_than_asked_for_a_whole_factory() -> None:
    """Less time gives a smaller bound or the same, and never one that is too large."""
    plant = random_plant(7, PlantShape(200, 40, tightness=0.7))
    whole = lower_bound(plant, Objective.TARDINESS, None)
    short = lower_bound(plant, Objective.TARDINESS, 0.0)
    assert short.value == pytest.approx(short.alone) == pytest.approx(whole.alone)
    assert whole.value > 2 * short.value
    assert whole == lower_bound(plant, Objective.TARDINESS, None), "the same every time"
