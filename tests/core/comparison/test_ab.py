"""Two engines on the same plants: paired numbers, counted violations, and nothing hidden where one has no schedule."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduler_core.comparison import spec
from scheduler_core.comparison.ab import AbReport, compare_schedulers
from scheduler_core.comparison.spec import parse_spec
from scheduler_core.comparison.trial import Trial, judged, run_trial
from scheduler_core.engines import greedy
from scheduler_core.engines.config import EngineConfig
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.errors import Cancelled, InvalidValue
from scheduler_core.judge.kpis import measure
from scheduler_core.objectives import Objective
from scheduler_core.reports import ExactReport
from scheduler_core.schedule import Result, Schedule, Status

PLANTS = [random_plant(seed, PlantShape(12, 4, tightness=0.9, load=5.0)) for seed in range(4)]
EDD, BEST = parse_spec("greedy rule=EDD"), parse_spec("greedy")


def made(value: float | None, violations: int = 0) -> Trial:
    return Trial("p", value, None, violations, 0.0 if value is None else 1.0, 2.0, 1.0)


def report(a: list[float | None], b: list[float | None]) -> AbReport:
    return AbReport(EDD, BEST, Objective.TARDINESS, tuple(map(made, a)), tuple(map(made, b)))


def test_every_trial_is_the_engine_s_own_schedule() -> None:
    found = compare_schedulers(EDD, BEST, PLANTS, Objective.TARDINESS)
    for plant, a, b in zip(PLANTS, found.trials_a, found.trials_b, strict=True):
        schedule = greedy.schedule(plant, EngineConfig(rule="EDD")).schedule
        assert schedule is not None
        assert (a.plant, a.value) == (plant.name, measure(plant, schedule).weighted_tardiness_days)
        assert a.kpis == measure(plant, schedule)
        assert b.value is not None
        assert a.value is not None
        assert b.value <= a.value
        assert (a.completion, b.completion) == (1.0, 1.0)
    assert found.violations == (0, 0)
    wins, ties, losses = found.record
    assert (wins + ties, losses) == (4, 0)
    assert found.improvement.value is not None
    assert found.improvement.value > 0


def test_swapping_the_sides_swaps_the_record() -> None:
    there, back = report([3.0, 2.0, 1.0], [1.0, 2.0, 4.0]), report([1.0, 2.0, 4.0], [3.0, 2.0, 1.0])
    assert (there.record, back.record) == ((1, 1, 1), (1, 1, 1))
    assert report([3.0, 2.0], [1.0, 2.0]).record == (1, 1, 0)
    assert report([1.0, 2.0], [3.0, 2.0]).record == (0, 1, 1)


def test_the_improvement_is_a_percentage_of_a_s_mean_with_ascending_bounds() -> None:
    found = report([10.0, 20.0, 30.0], [5.0, 15.0, 28.0]).improvement
    assert found.value == pytest.approx(20.0)
    assert found.low is not None
    assert found.high is not None
    assert 100 * (1 - 28 / 30) <= found.low < 20 < found.high <= 50
    assert report([0.0, 0.0], [0.0, 1.0]).improvement.value is None


def test_plants_that_one_side_cannot_plan_do_not_count() -> None:
    found = report([10.0, None, 30.0], [5.0, 1.0, None])
    assert [p.tolist() for p in found.pairs] == [[10.0], [5.0]]
    assert found.record == (1, 0, 0)
    nothing = report([None], [1.0])
    assert (nothing.improvement.value, nothing.record) == (None, (0, 0, 0))


def test_violations_are_found_by_the_validator() -> None:
    schedule = greedy.schedule(PLANTS[0], EngineConfig(rule="EDD")).schedule
    assert schedule is not None
    assert judged(PLANTS[0], schedule, Objective.TARDINESS).violations == 0
    torn = judged(PLANTS[0], Schedule(schedule.assignments[1:]), Objective.TARDINESS)
    assert torn.violations > 0
    assert torn.completion < 1.0


def test_an_engine_without_a_schedule_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = Result("exact", Status.TOO_LARGE, None, report=ExactReport(reason="too many operations"))
    monkeypatch.setattr(spec, "ENGINES", {"exact": lambda plant, config, progress: refused})
    found = run_trial(parse_spec("exact"), PLANTS[0], Objective.TARDINESS)
    assert (found.value, found.completion, found.reason) == (None, 0.0, "too many operations")


def test_both_sides_get_the_objective_and_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, Objective]] = []
    genuine = greedy.schedule

    def spy(plant: object, config: EngineConfig, *rest: object) -> Result:
        asked.append((config.rule, config.objective))
        return genuine(plant, replace(config, rule="EDD"))  # type: ignore[arg-type]

    monkeypatch.setattr(spec, "ENGINES", {"greedy": spy})
    compare_schedulers(EDD, BEST, PLANTS[:2], Objective.MAKESPAN)
    assert asked[2:] == [(rule, Objective.MAKESPAN) for rule in ("EDD", "best", "best", "EDD")]


def test_progress_ascends_and_may_cancel() -> None:
    seen: list[float] = []
    compare_schedulers(EDD, BEST, PLANTS[:2], Objective.TARDINESS, lambda fraction, message: seen.append(fraction))
    assert seen == sorted(seen)
    assert 0 < seen[0] < seen[-1] == 1.0

    def stop(fraction: float, message: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        compare_schedulers(EDD, BEST, PLANTS, Objective.TARDINESS, stop)
    with pytest.raises(InvalidValue, match="plants: 0"):
        compare_schedulers(EDD, BEST, [], Objective.TARDINESS)
