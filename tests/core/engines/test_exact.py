"""The exact engine: optimal on tiny plants, never at odds with the judge or the greedy engine, and punctual."""

from __future__ import annotations

import csv
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings

from scheduler_core.engines import greedy
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.exact import problem, schedule
from scheduler_core.errors import Cancelled, InvalidValue, KeepBest, Unschedulable
from scheduler_core.interchange.benchmark_files import read_benchmark
from scheduler_core.judge.validator import violations
from scheduler_core.objectives import MIXES, PURE, Objective
from scheduler_core.plant import Calendar, Downtime, Fixed, Plant, SetupEntry
from scheduler_core.schedule import Assignment, Result, Schedule, Status
from scheduler_core.simulator.simulator import replay
from tests.support.brute_force import candidates, optimum
from tests.support.own_time import own_time
from tests.support.paths import GOLDEN_BENCHMARKS
from tests.support.plants import HOUR, at, job, machine, operation, plant
from tests.support.plants import schedule as written
from tests.support.strategies import plants

UNHURRIED = settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


UNTIL_PROVEN = 120.0
"""Seconds in which a small plant is proven on any machine, however crowded: it ends at the proof, after a tenth of one."""
HOURS = 20_000.0
"""A limit that nobody waits for."""
SHORT = 2.5
"""Seconds for plants that need not be proven."""


def _solve(plant: Plant, objective: Objective = Objective.MAKESPAN, **more: object) -> Result:
    return schedule(plant, EngineConfig(objective=objective, **{"time_limit": UNTIL_PROVEN, **more}))  # type: ignore[arg-type]


def _expect(plant: Plant, *expected: Assignment, objective: Objective = Objective.MAKESPAN) -> None:
    result = _solve(plant, objective)
    assert result.status is Status.OPTIMAL
    assert result.schedule is not None
    assert not violations(plant, result.schedule)
    assert set(result.schedule.assignments) == set(expected)


# ---------------------------------------------------------------------- every rule by hand
def test_the_faster_machine_is_chosen_when_it_pays() -> None:
    step = operation(50, 1, 2, minutes_by_machine={2: 30})
    result = _solve(plant(job("A", step), job("B", step), machines=[machine(1), machine(2)]))
    assert result.objective == 50 / 60
    assert _solve(plant(job("A", step), machines=[machine(1), machine(2)])).objective == 30 / 60


def test_work_pauses_over_lunch_and_night() -> None:
    # 08:00 to 12:00 and 13:00 to 18:00 are nine hours; the tenth is Tuesday's first.
    _expect(
        plant(job("A", operation(10 * HOUR)), machines=[machine(1, calendar="office")]),
        at("A", 1, 1, 0, 25 * HOUR),
    )


def test_a_machine_with_an_outage_pauses_while_the_other_goes_on() -> None:
    down = machine(1, downtime=(Downtime(60, 120),))
    _expect(
        plant(job("A", operation(90, 1)), job("B", operation(90, 2)), machines=[down, machine(2)]),
        at("A", 1, 1, 0, 150), at("B", 1, 2, 0, 90),
    )  # fmt: skip


def test_several_machines_at_once_work_only_when_all_do() -> None:
    both = operation(60, 1, 2, requires_all=True, minutes_by_machine={2: 90})
    parts = [machine(1, downtime=(Downtime(30, 60),)), machine(2, available_from=10)]
    _expect(plant(job("A", both), machines=parts), at("A", 1, (1, 2), 10, 130))


def test_setups_are_saved_by_running_a_family_together() -> None:
    jobs = [job(name, operation(10, setup_minutes=30), family=name[0]) for name in ("A1", "B1", "A2", "B2")]
    result = _solve(plant(*jobs, machines=[machine(1, initial_family="B")]))
    assert result.objective == (4 * 10 + 30) / 60
    assert result.status is Status.OPTIMAL


def test_the_setup_matrix_decides_the_order() -> None:
    jobs = [job(name, operation(10, setup_minutes=50), family=name) for name in ("A", "B", "C")]
    matrix = [SetupEntry(1, "A", "B", 1), SetupEntry(1, "B", "C", 2), SetupEntry(1, "A", "C", 40)]
    _expect(
        plant(*jobs, setups=matrix),
        at("A", 1, 1, 0, 60, 50), at("B", 1, 1, 60, 71, 1), at("C", 1, 1, 71, 83, 2),
    )  # fmt: skip


def test_everything_respects_fixed_operations() -> None:
    fixed = replace(operation(5), fixed=Fixed((1,), 20, 40))
    result = _solve(plant(job("A", operation(10), fixed, operation(7)), job("B", operation(15))))
    assert result.objective == 62 / 60


def test_a_running_operation_sets_the_machine_up_for_its_family() -> None:
    running = replace(operation(5), fixed=Fixed((1,), -30, 20))
    _expect(
        plant(job("A", running, family="F"), job("B", operation(10, setup_minutes=30), family="F")),
        at("A", 1, 1, -30, 20), at("B", 1, 1, 20, 30),
    )  # fmt: skip


def test_a_fixed_operation_inside_a_break_cannot_be_paused_around() -> None:
    # 12:10 to 12:30 lies in the lunch break, where nothing else could start; a job that pauses there would hold the machine.
    fixed = replace(operation(5), fixed=Fixed((1,), 4 * HOUR + 10, 4 * HOUR + 30))
    _expect(
        plant(job("A", fixed), job("B", operation(5 * HOUR)), machines=[machine(1, calendar="office")]),
        at("A", 1, 1, 250, 270), at("B", 1, 1, 5 * HOUR, 10 * HOUR),
    )  # fmt: skip


def test_release_and_due_dates_decide_what_runs_first() -> None:
    jobs = [
        job("A", operation(60), due=60),
        job("B", operation(60), due=60, important=True),
        job("C", operation(10), release=130, due=135),
    ]
    _expect(
        plant(*jobs),
        at("B", 1, 1, 0, 60), at("A", 1, 1, 60, 120), at("C", 1, 1, 130, 140),
        objective=Objective.TARDINESS,
    )  # fmt: skip


def test_lateness_counts_on_the_wall_clock() -> None:
    # Nine hours fit into Monday; the tenth hour ends on Tuesday at 09:00, 15 hours after Monday 18:00.
    late = job("A", operation(10 * HOUR), due=10 * HOUR)
    result = _solve(plant(late, machines=[machine(1, calendar="office")]), Objective.TARDINESS)
    assert result.objective == pytest.approx(15 / 24)
    assert result.lower_bound == pytest.approx(15 / 24)


def test_fixed_operations_in_one_night_keep_their_order() -> None:
    # No working time parts A1 and B1. The next morning follows B1: A2 needs its setup wherever it runs, B2 none if it is
    # first. Were A1 taken for the last, both would seem to need none.
    jobs = [
        job("A", operation(1, 1, fixed=Fixed((1,), 700, 701)), operation(10, 1, setup_minutes=5), family="A"),
        job("B", operation(1, 1, fixed=Fixed((1,), 701, 702)), operation(10, 1, setup_minutes=5), family="B"),
    ]
    night = plant(*jobs, machines=[machine(1, calendar="office")])
    fixed = (at("A", 1, 1, 700, 701), at("B", 1, 1, 701, 702))
    best = written(*fixed, at("B", 2, 1, 1440, 1450), at("A", 2, 1, 1450, 1465, 5))
    worse = written(*fixed, at("A", 2, 1, 1440, 1455, 5), at("B", 2, 1, 1455, 1470, 5))
    for first in (None, best, worse):
        result = _solve(night, warm_start=first)
        assert result.status is Status.OPTIMAL
        assert result.objective == result.lower_bound == pytest.approx(1465 / 60)
        assert result.schedule is not None
        assert set(result.schedule.assignments) == set(best.assignments)


def test_nothing_follows_a_free_operation_across_a_fixed_one_in_the_night() -> None:
    # A1 ends as the office closes and A2 begins as it opens, but F runs between: A2 needs its setup.
    jobs = [
        job("A", operation(9 * HOUR, 1), operation(10, 1, setup_minutes=5), family="A"),
        job("F", operation(1, 1, fixed=Fixed((1,), 700, 701)), family="B"),
    ]
    result = _solve(plant(*jobs, machines=[machine(1, calendar="office")]))
    assert result.status is Status.OPTIMAL
    assert result.schedule is not None
    assert result.schedule.by_operation["A", 2] == at("A", 2, 1, 1440, 1455, 5)
    assert result.objective == result.lower_bound == pytest.approx(1455 / 60)


# ---------------------------------------------------------------------- against every order
@pytest.mark.slow
@pytest.mark.parametrize("objective", PURE.values(), ids=PURE)
def test_optimal_on_tiny_plants(objective: Objective) -> None:
    @UNHURRIED
    @given(plants(max_machines=3, max_jobs=3))
    def check(plant: Plant) -> None:
        assume(plant.operation_count <= 6)
        assume(candidates(plant) <= 400)
        result = _solve(plant, objective)
        best = optimum(plant, objective)
        assert result.status is (Status.INFEASIBLE if best is None else Status.OPTIMAL)
        assert result.objective == (None if best is None else pytest.approx(best))

    check()


@pytest.mark.slow
@UNHURRIED
@given(plants())
def test_agrees_with_the_judge_and_is_never_beaten(plant: Plant) -> None:
    for objective in PURE.values():
        result = _solve(plant, objective, time_limit=SHORT)
        if result.schedule is not None:
            assert not violations(plant, result.schedule)
        try:
            rule = greedy.schedule(plant, EngineConfig(objective=objective, rule="EDD"))
        except Unschedulable:
            continue
        assert rule.objective is not None
        assert result.status is not Status.INFEASIBLE
        if result.lower_bound is not None:
            assert result.lower_bound <= rule.objective + 1e-9
        if result.status is Status.OPTIMAL:
            assert result.objective is not None
            assert result.objective <= rule.objective + 1e-9


@pytest.mark.slow
@UNHURRIED
@given(plants())
def test_its_sequences_replayed_finish_no_operation_later(plant: Plant) -> None:
    result = _solve(plant, time_limit=SHORT)
    assume(result.schedule is not None)
    assert result.schedule is not None
    ends = {a.key: a.end for a in result.schedule.assignments}
    assert all(a.end <= ends[a.key] for a in replay(plant, result.schedule).assignments)


# ---------------------------------------------------------------------- published optima
@pytest.mark.parametrize(("file", "best"), [("mk01.fjs", 40), ("ta01.txt", 1231)])
def test_a_published_optimum_replayed_gives_exactly_that(file: str, best: int) -> None:
    plant = read_benchmark(GOLDEN_BENCHMARKS / file)
    with open(GOLDEN_BENCHMARKS / f"{Path(file).stem}.optimal.csv", newline="") as rows:
        found = Schedule(
            tuple(
                Assignment(r["job"], int(r["operation"]), (int(r["machine"]),), int(r["start"]), int(r["end"]))
                for r in csv.DictReader(rows)
            )
        )
    assert not violations(plant, found)
    replayed = replay(plant, found)
    assert not violations(plant, replayed)
    assert replayed.end == best


def test_mk01_is_solved_to_its_published_optimum() -> None:
    result = _solve(read_benchmark(GOLDEN_BENCHMARKS / "mk01.fjs"))
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(40 / 60)


# ---------------------------------------------------------------------- what a run does besides
def test_beyond_its_size_it_says_so_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = [operation(10, *range(1, 11)) for _ in range(10)]
    large = plant(*(job(f"J{i}", *steps) for i in range(70)), machines=[machine(i) for i in range(1, 11)])
    with own_time() as took:
        result = _solve(large)
    assert took.seconds < 1
    assert result.status is Status.TOO_LARGE
    assert result.detail["modes"] == 7000
    assert result.detail["limit"] == problem.MAX_MODES
    monkeypatch.setattr(problem, "MAX_SUCCESSIONS", 3)
    families = [job(name, operation(10, setup_minutes=5), family="A") for name in "AB"]
    assert _solve(plant(*families)).detail["successions"] == 4


def test_a_valid_warm_start_is_used_and_a_wrong_one_is_named() -> None:
    small = plant(job("A", operation(10), operation(10)))
    right = _solve(small, warm_start=written(at("A", 1, 1, 5, 15), at("A", 2, 1, 15, 25)))
    assert right.detail["warm_start"] == "given"
    assert right.objective == 20 / 60
    wrong = _solve(small, warm_start=written(at("A", 1, 1, 0, 10)))
    assert "1 violations" in str(wrong.detail["warm_start_ignored"])
    assert wrong.objective == 20 / 60


def test_the_time_limit_covers_building_the_model() -> None:
    ta01 = read_benchmark(GOLDEN_BENCHMARKS / "ta01.txt")
    began = time.process_time()
    result = _solve(ta01, time_limit=0.001)
    assert time.process_time() - began < 2, "CPU seconds of all threads"
    assert result.status in (Status.NO_SOLUTION, Status.FEASIBLE)
    if result.schedule is not None:
        assert not violations(ta01, result.schedule)


def test_with_a_warm_start_there_is_always_a_schedule() -> None:
    ta01 = read_benchmark(GOLDEN_BENCHMARKS / "ta01.txt")
    start = greedy.schedule(ta01, EngineConfig(objective=Objective.MAKESPAN, rule="EDD")).schedule
    result = _solve(ta01, time_limit=0.001, warm_start=start)
    assert result.status is Status.FEASIBLE
    assert result.schedule is not None
    assert not violations(ta01, result.schedule)


def test_it_reports_progress_and_stops_on_request() -> None:
    said: list[tuple[float, str]] = []

    def progress(fraction: float, message: str) -> None:
        said.append((fraction, message))
        if len(said) == 4:
            raise Cancelled("enough")

    began = time.perf_counter()
    with pytest.raises(Cancelled):
        schedule(
            read_benchmark(GOLDEN_BENCHMARKS / "ta01.txt"),
            EngineConfig(objective=Objective.MAKESPAN, time_limit=HOURS),
            progress,
        )
    assert time.perf_counter() - began < HOURS / 100
    assert len(said) == 4
    assert all(0 <= fraction <= 1 and message for fraction, message in said)


def test_enough_keeps_the_best_so_far() -> None:
    def progress(fraction: float, message: str) -> None:
        if message.startswith("best"):
            raise KeepBest("enough")

    began = time.perf_counter()
    given = read_benchmark(GOLDEN_BENCHMARKS / "ta01.txt")
    result = schedule(given, EngineConfig(objective=Objective.MAKESPAN, time_limit=HOURS), progress)
    assert time.perf_counter() - began < HOURS / 100
    assert result.status in (Status.FEASIBLE, Status.OPTIMAL)
    assert result.schedule is not None
    assert violations(given, result.schedule) == ()


@pytest.mark.parametrize("objective", [*MIXES.values(), Objective(tardiness=2.0)], ids=lambda o: o.value)
def test_a_mix_is_refused_by_name(objective: Objective) -> None:
    with pytest.raises(InvalidValue, match="give it one of tardiness, on-time, makespan"):
        _solve(plant(), objective)


def test_without_any_schedule_it_says_that_there_is_none() -> None:
    fixed = replace(operation(5), fixed=Fixed((1,), 20, 40))
    result = _solve(plant(job("A", operation(30), fixed)))
    assert result.status is Status.INFEASIBLE
    assert "fixed" in str(result.detail["reason"])


def test_an_operation_that_can_never_run_is_named() -> None:
    closed = plant(job("A", operation(5)), machines=[machine(1, calendar="closed")], calendars=[Calendar("closed", ())])
    with pytest.raises(Unschedulable, match="job A operation 1"):
        _solve(closed)


@pytest.mark.parametrize("objective", PURE.values(), ids=PURE)
def test_nothing_to_decide_is_optimal(objective: Objective) -> None:
    assert _solve(plant(), objective).status is Status.OPTIMAL
    running = plant(job("A", replace(operation(5), fixed=Fixed((1,), -30, 20)), due=0))
    result = _solve(running, objective)
    assert result.status is Status.OPTIMAL
    assert result.objective == {"tardiness": 20 / 1440, "on-time": 1.0, "makespan": 20 / 60}[objective.value]
