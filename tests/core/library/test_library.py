"""The library in one import: plan, judge, explain, compare."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import pytest

import scheduler_core
from scheduler_core import compare, dispatch, explain, measure, read_plant, read_snapshot, solve, violations
from scheduler_core.causes import Explainer
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.errors import InvalidValue
from scheduler_core.library.dispatching import Choice
from scheduler_core.library.planning import NoPlan
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule
from tests.support.paths import ROOT

PLANTS = [random_plant(seed, PlantShape(jobs=24, machines=6, load=6.0, tightness=0.9)) for seed in range(3)]
PLANT = PLANTS[0]
BENCHMARK = """2 2
2 1 1 3 1 2 2
2 1 2 4 1 1 5
"""


def earliest_due_date(choice: Choice) -> float:
    return math.inf if choice.due is None else choice.due


def own_planner(plant: Plant) -> Schedule:
    return dispatch(plant, earliest_due_date)


def test_everything_that_is_promised_can_be_imported() -> None:
    assert set(scheduler_core.__all__) <= set(dir(scheduler_core))
    assert all(callable(getattr(scheduler_core, name)) for name in scheduler_core.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'sovle'"):
        _ = scheduler_core.sovle  # type: ignore[attr-defined]


def test_importing_it_loads_nothing_else() -> None:
    code = "import sys, scheduler_core; print(sorted(m for m in sys.modules if m.startswith(('scheduler_core.', 'numpy'))))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("engine", ["greedy", "learned"])
def test_a_plan_is_valid_and_measured(engine: str) -> None:
    plan = solve(PLANT, engine=engine, samples=2)
    assert violations(PLANT, plan) == ()
    assert measure(PLANT, plan).completion_rate == 1


def test_the_rule_and_the_objective_count() -> None:
    by_rule = solve(PLANT, "greedy", rule="EDD")
    by_best = solve(PLANT, "greedy")
    assert measure(PLANT, by_best).weighted_tardiness_days < measure(PLANT, by_rule).weighted_tardiness_days
    short = solve(PLANT, "greedy", objective="makespan")
    assert measure(PLANT, short).makespan_hours <= measure(PLANT, by_best).makespan_hours


def test_a_plan_in_force_can_be_kept() -> None:
    plan = solve(PLANT, "greedy", rule="EDD")
    kept = solve(PLANT, "right_shift", start_from=plan)
    assert kept.by_operation == plan.by_operation


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"engine": "gredy"}, "engine: 'gredy'"),
        ({"time_limit": -1.0}, "time_limit: -1.0"),
        ({"samples": 0}, "samples: 0"),
        ({"engine": "best"}, "plan"),
        ({"variation": 20, "time_limit": 1.0}, "variation: 20 must be a share from 0 to 2: 0.2 stands for 20 %"),
        ({"variation": -0.1, "time_limit": 1.0}, "variation: -0.1 must be a share"),
        ({"variation": float("nan"), "time_limit": 1.0}, "variation: nan must be a share"),
        ({"variation": "0.2", "time_limit": 1.0}, "variation: '0.2' must be a share"),
        ({"variation": True, "time_limit": 1.0}, "variation: True must be a share"),
        ({"variation": 0.2}, "time_limit: None is no limit"),
        ({"variation": 0.2, "engine": "greedy"}, "variation: 0.2 is a setting of learned, not of greedy"),
        ({"variation": 0.2, "engine": "exact"}, "variation: 0.2 is a setting of learned, not of exact"),
    ],
)
def test_a_wrong_setting_is_named(arguments: dict[str, object], named: str) -> None:
    with pytest.raises(InvalidValue, match=named):
        solve(PLANT, **arguments)  # type: ignore[arg-type]


def test_no_plan_is_an_error_with_the_engine_s_reason() -> None:
    large = random_plant(0, PlantShape(jobs=500, machines=152, load=5.0))
    with pytest.raises(NoPlan, match=r"exact made no plan for random-152x500-0: \d+ ways"):
        solve(large, "exact", time_limit=1)


def test_a_snapshot_and_a_benchmark_are_read(tmp_path: Path) -> None:
    from scheduler_core.interchange import snapshot_to_json

    file = tmp_path / "plant.json"
    file.write_text(snapshot_to_json(PLANT), "utf-8")
    assert read_plant(file) == read_plant(str(file)) == read_snapshot(file) == PLANT
    benchmark = tmp_path / "two.fjs"
    benchmark.write_text(BENCHMARK)
    plant = read_plant(benchmark)
    assert measure(plant, solve(plant, "greedy")).makespan_hours > 0


def test_late_jobs_are_explained_worst_first() -> None:
    plan = solve(PLANT, "greedy", rule="EDD")
    told = explain(PLANT, plan)
    late = Explainer(PLANT, plan).late_jobs()
    assert [one.job for one in told] == [one.job.id for one in late]
    assert told
    assert all(one.minutes_late > 0 and one.words and one.possible in str(one) for one in told)
    assert explain(PLANT, plan, told[-1].job) == told[-1:]
    with pytest.raises(InvalidValue, match="'none' is not a job of"):
        explain(PLANT, plan, "none")


def test_a_rule_of_one_s_own_dispatches_like_the_compiled_one() -> None:
    for plant in PLANTS:
        own = dispatch(plant, lambda c: c.now + c.setup + c.processing)
        assert violations(plant, own) == ()
    seen: list[Choice] = []
    dispatch(PLANT, lambda c: seen.append(c) or 0.0)  # type: ignore[func-returns-value]
    first = {c.job.id: c for c in seen if c.operation is c.job.operations[0]}
    assert all(c.remaining >= c.processing for c in first.values() if len(c.operation.machines or ()) == 1)
    assert {c.operation.sequence for c in seen} > {1}
    with pytest.raises(InvalidValue, match=r"priority: nan of job .* is not a number"):
        dispatch(PLANT, lambda c: math.nan)


def test_two_ways_to_plan_are_compared() -> None:
    found = compare(PLANTS, own_planner, "greedy")
    assert found.names == ("own_planner", "greedy")
    assert found.plants == tuple(p.name for p in PLANTS)
    wins, ties, losses = found.record
    assert wins + ties == 3
    assert losses == 0
    value = found.improvement
    assert value.value is not None
    assert value.low is not None
    assert value.high is not None
    assert 0 < value.low <= value.value <= value.high <= 100
    assert found.violations == (0, 0)
    assert "A: own_planner; B: greedy. tardiness" in str(found)
    assert "below A (95 %" in str(found)


def test_trials_have_seeds_of_their_own_and_one_plant_has_no_interval() -> None:
    found = compare(PLANTS[:1], "greedy rule=RANDOM", "greedy rule=RANDOM seed=5", trials=3)
    assert found.values_a == pytest.approx(found.values_b), "both have the seeds 0, 1, 2"
    each = [measure(PLANT, solve(PLANT, "greedy", rule="RANDOM", seed=s)).weighted_tardiness_days for s in range(3)]
    assert len(set(each)) > 1
    assert found.values_a[0] == pytest.approx(sum(each) / 3)
    assert found.improvement.low is None


def test_a_broken_plan_is_counted() -> None:
    def too_early(plant: Plant) -> Schedule:
        return Schedule(own_planner(plant).assignments[1:])

    found = compare(PLANTS[:1], too_early, "greedy rule=EDD")
    assert found.violations[0] > 0 == found.violations[1]


def test_what_cannot_be_compared_is_named() -> None:
    with pytest.raises(InvalidValue, match="trials: 0"):
        compare(PLANTS, "greedy", "greedy", trials=0)
    with pytest.raises(InvalidValue, match="plants: 0"):
        compare([], "greedy", "greedy")
    with pytest.raises(InvalidValue, match="b: 'nobody'"):
        compare(PLANTS, "greedy", "nobody")


def test_a_function_is_asked_for_the_compared_plants_only() -> None:
    made = {plant.name: solve(plant, "greedy", rule="EDD") for plant in PLANTS}
    found = compare(PLANTS, lambda plant: made[plant.name], "greedy rule=EDD")
    assert found.record == (0, 3, 0)


def test_a_comparison_has_a_row_for_each_plant_and_says_what_it_cost() -> None:
    found = compare(PLANTS, "greedy rule=EDD", "greedy")
    assert [row["plant"] for row in found.rows] == [plant.name for plant in PLANTS]
    for row, plant in zip(found.rows, PLANTS, strict=True):
        assert row["a"] == measure(plant, solve(plant, "greedy", rule="EDD")).weighted_tardiness_days
        assert row["percent_below"] == pytest.approx(100 * (1 - row["b"] / row["a"]))
    assert all(seconds > 0 for seconds in found.cpu_seconds)
    assert "CPU seconds a plan: " in str(found)


def test_a_plant_whose_value_is_zero_has_no_percentage() -> None:
    easy = random_plant(1, PlantShape(jobs=2, machines=4, load=0.5, tightness=0.0))
    (row,) = compare([easy], "greedy", "greedy").rows
    assert (row["a"], row["b"], row["percent_below"]) == (0.0, 0.0, None)
