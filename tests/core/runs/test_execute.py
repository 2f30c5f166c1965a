from __future__ import annotations

import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import RunRequest, RunState, Source
from scheduler_core.data.store_errors import LeaseLost, NotFound, Refused
from scheduler_core.engines.config import EngineConfig, Progress, no_progress
from scheduler_core.engines.registry import ALL_ENGINES, REPAIR_CHOICES, Engine
from scheduler_core.errors import InvalidValue, KeepBest, Unschedulable
from scheduler_core.objectives import Objective
from scheduler_core.plant import Plant
from scheduler_core.reports import ExactReport, RepairReport
from scheduler_core.runs import execute as run_execution
from scheduler_core.runs import worker
from scheduler_core.runs.lease import Pace
from scheduler_core.runs.lower_bounds import BoundWanted, bounded, find_bound, known_bound
from scheduler_core.runs.request import submit
from scheduler_core.runs.supervisor import Supervisor
from scheduler_core.runs.worker import start_worker
from scheduler_core.scenarios.changes import JobDropped
from scheduler_core.schedule import Result, Schedule, Status
from scheduler_core.services import what_if
from scheduler_core.settings.run_slots import RunSlots
from tests.support.plants import job, operation, plant
from tests.support.sample_plans import fresh, good_schedule, overlapping_schedule, planned, small_plant, snapshot

Body = Callable[[Plant, EngineConfig, Progress], Result]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    yield opened
    opened.close()


QUICK = Pace(beat_seconds=0.05, grace_seconds=0.3)
ENGINES: dict[str, Engine] = dict(ALL_ENGINES)
"""The engines of these tests: the real ones, and the one called "test", which does what ``engine`` said last."""


def engine(body: Body) -> None:
    """Let the engine called "test" do this."""

    def run(plant: Plant, config: EngineConfig, progress: Progress = no_progress) -> Result:
        return body(plant, config, progress)

    ENGINES["test"] = run


def execute(store: Store, run_id: str, end_process: Callable[[], None] | None = None) -> BoundWanted | None:
    return run_execution.execute(store, run_id, end_process, engines=ENGINES, pace=QUICK)


def bound_of(store: Store, run_id: str) -> float | None:
    """The lower bound that the run's plan came with."""
    return store.schedules.get(str(store.runs.get(run_id).schedule_id)).lower_bound


def found(schedule: Schedule) -> Result:
    return Result("test", Status.FEASIBLE, schedule, 0.0)


def queued(store: Store, name: str = "test", **more: int) -> str:
    return submit(store, RunRequest(fresh(), snapshot(store), name, **more), ENGINES)


def work_until_told(plant: Plant, config: EngineConfig, progress: Progress) -> Result:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        time.sleep(0.02)
        progress(0.5, "working")
    raise AssertionError("nobody stopped the engine")


@pytest.mark.slow
def test_a_run_ends_with_a_judged_and_measured_plan(store: Store) -> None:
    seen: list[tuple[float, str]] = []

    def body(plant: Plant, config: EngineConfig, progress: Progress) -> Result:
        progress(0.4, "half way")
        wait_for(lambda: store.runs.get(run_id).message == "half way")
        seen.append((store.runs.get(run_id).fraction, store.runs.get(run_id).message))
        return found(good_schedule())

    engine(body)
    run_id = queued(store)
    execute(store, run_id)
    run = store.runs.get(run_id)
    assert (run.state, run.fraction, run.fail_reason) == (RunState.OK, 1.0, None)
    assert seen == [(0.4, "half way")]
    assert store.schedules.load(str(run.schedule_id)) == good_schedule()
    kpis = store.schedules.get(str(run.schedule_id)).kpis
    assert kpis is not None
    assert kpis.completion_rate == 1.0


def test_what_no_plan_can_beat_is_found_after_the_run_has_ended(store: Store) -> None:
    for objective, most in ((Objective.TARDINESS, 100 / 1440), (Objective.MAKESPAN, 200 / 60)):
        both = plant(job("A", operation(100), due=100), job("B", operation(100), due=100))
        kept = store.snapshots.save(both, request_id=fresh(), source=Source.FILE)
        run_id = submit(store, RunRequest(fresh(), kept, "greedy", EngineConfig(objective=objective, rule="SPT")))
        wanted = execute(store, run_id)
        assert (store.runs.get(run_id).state, bound_of(store, run_id)) == (RunState.OK, None), "nobody waits for it"
        assert wanted is not None
        assert find_bound(store, wanted) == pytest.approx(most)
        assert store.bounds.of(kept) == {objective: pytest.approx(most)}
        assert known_bound(store, kept, objective) == pytest.approx(most)


def test_what_no_plan_can_beat_is_found_out_once_for_a_snapshot_and_aim(store: Store) -> None:
    both = plant(job("A", operation(100), due=100), job("B", operation(100), due=100))
    kept = store.snapshots.save(both, request_id=fresh(), source=Source.FILE)
    asked, found = [], []
    for rule, objective in (("SPT", Objective.TARDINESS), ("EDD", Objective.TARDINESS), ("SPT", Objective.MAKESPAN)):
        run_id = submit(store, RunRequest(fresh(), kept, "greedy", EngineConfig(objective=objective, rule=rule)))
        wanted = execute(store, run_id)
        found.append(bound_of(store, run_id))
        if wanted is not None:
            asked.append(wanted.objective)
            find_bound(store, wanted)
    assert asked == [Objective.TARDINESS, Objective.MAKESPAN]
    assert found == [None, pytest.approx(100 / 1440), None]


def test_a_bound_that_is_kept_stays(store: Store) -> None:
    kept = snapshot(store)
    for value in (1.5, 2.5):
        store.bounds.save(kept, Objective.TARDINESS, value)
    store.bounds.save(kept, Objective(tardiness=1.0, setups=0.25), 0.0)
    assert store.bounds.of(kept) == {Objective.TARDINESS: 1.5, Objective(tardiness=1.0, setups=0.25): 0.0}
    assert store.bounds.of("other") == {}


def test_the_better_of_two_bounds_counts_and_never_exceeds_the_plan() -> None:
    good, known = good_schedule(), 100 / 1440

    def bound(objective: float, proven: float | None, status: Status = Status.FEASIBLE) -> float | None:
        return bounded(Result("test", status, good, objective, proven), known).lower_bound

    assert bound(1.0, None) == bound(1.0, 0.01) == known
    assert bound(1.0, 0.5) == 0.5
    assert bound(0.02, None) == 0.02
    assert bound(0.5, 0.5, Status.OPTIMAL) == 0.5
    assert bounded(Result("test", Status.FEASIBLE, good, 1.0, 0.5), None).lower_bound == 0.5


def test_a_schedule_with_faults_is_rejected(store: Store) -> None:
    engine(lambda *_: found(overlapping_schedule()))
    run_id = queued(store)
    execute(store, run_id)
    run = store.runs.get(run_id)
    assert run.state is RunState.FAILED
    assert store.schedules.violations(str(run.schedule_id))[0].rule == "no-overlap"
    with pytest.raises(Refused):
        store.schedules.load(str(run.schedule_id))


def test_an_engine_without_a_schedule_fails_with_its_reason(store: Store) -> None:
    outcome = Result("test", Status.TOO_LARGE, None, report=ExactReport(reason="3,000 operations are too many"))
    engine(lambda *_: outcome)
    run_id = queued(store)
    execute(store, run_id)
    assert store.runs.get(run_id).fail_reason == "3,000 operations are too many"


@pytest.mark.timeout(600)  # it may have to compile everything first
@pytest.mark.parametrize("name", REPAIR_CHOICES)
def test_a_plan_that_holds_and_cannot_be_bettered_stays_and_no_plan_is_stored(
    store: Store, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    kept = snapshot(store)
    config = EngineConfig(warm_start=good_schedule(), time_limit=None if name == "right_shift" else 0.1, workers=1)
    run_id = submit(store, RunRequest(fresh(), kept, name, config))
    with caplog.at_level(logging.INFO):
        execute(store, run_id)
    run = store.runs.get(run_id)
    assert (run.state, run.schedule_id, run.fail_reason) == (RunState.CANCELLED, None, None)
    assert run.message == run_execution.PLAN_STAYS
    assert store.schedules.newest() == ()
    assert [r.levelname for r in caplog.records if r.message == "run ended"] == ["INFO"]


@pytest.mark.timeout(600)  # it may have to compile everything first
@pytest.mark.parametrize("name", ["greedy", "right_shift"])
def test_a_run_tells_what_stayed_of_its_frozen_zone(store: Store, name: str, caplog: pytest.LogCaptureFixture) -> None:
    """One order is released after its start in the plan in force: its operations could not stay."""
    jobs = small_plant().jobs
    late = replace(small_plant(), jobs=(replace(jobs[0], release=10_000), *jobs[1:]))
    kept = store.snapshots.save(late, request_id=fresh(), source=Source.FILE)
    config = EngineConfig(warm_start=good_schedule(), workers=1, frozen_hours=24.0)
    run_id = submit(store, RunRequest(fresh(), kept, name, config))
    with caplog.at_level(logging.INFO):
        wanted = execute(store, run_id)
    run = store.runs.get(run_id)
    assert run.state is RunState.OK, run.fail_reason
    (told,) = (r.__dict__["frozen"] for r in caplog.records if r.message == "run ended")
    free = [a.job for a in good_schedule().assignments if a.key in {
        (j.id, o.sequence) for j in late.jobs for o in j.operations if o.fixed is None
    }]  # fmt: skip
    gone = free.count(jobs[0].id)
    assert gone
    assert (told["moved"], told["released"], told["could_stay"]) == (0, gone, len(free) - gone)
    assert (wanted is not None) is (name == "greedy"), "a plan from nothing has its bound"


@pytest.mark.timeout(600)  # it may have to compile everything first
def test_a_repair_of_a_plan_that_does_not_hold_is_stored(store: Store) -> None:
    """An operation stands where the plant has it start later: nothing is to be gained, and yet the plan has to change."""
    late = replace(small_plant(), jobs=tuple(replace(j, release=200) for j in small_plant().jobs))
    kept = store.snapshots.save(late, request_id=fresh(), source=Source.FILE)
    config = EngineConfig(warm_start=good_schedule(), time_limit=0.1, workers=1)
    run_id = submit(store, RunRequest(fresh(), kept, "repair", config))
    execute(store, run_id)
    run = store.runs.get(run_id)
    assert run.state is RunState.OK
    assert min(a.start for a in store.schedules.load(str(run.schedule_id)).assignments) >= 200


@pytest.mark.timeout(600)  # it may have to compile everything first
def test_the_answer_to_a_what_if_is_stored_even_where_the_plan_holds(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(what_if, "REPAIR_SECONDS", 0.1)
    question = what_if.Question(fresh(), planned(store).schedule, (JobDropped("job-1"),))
    scenario = what_if.keep(store, question)
    answers = what_if.repair_requests(store, scenario)
    assert [r.engine for r in answers] == list(REPAIR_CHOICES)
    for request in answers:
        run_id = submit(store, request)
        execute(store, run_id)
        run = store.runs.get(run_id)
        assert (run.state, run.message) == (RunState.OK, "done")
        answer = store.schedules.get(str(run.schedule_id))
        assert isinstance(answer.report, RepairReport)
        assert answer.report.stays, request.engine
        assert {a.key: a.start for a in store.schedules.load(answer.id).assignments} == {("JOB-1", 1): 0, ("JOB-1", 2): 60}


def test_errors_for_the_user_are_stored_and_others_escape_too(store: Store) -> None:
    def unschedulable(*_: object) -> Result:
        raise Unschedulable("operation 3 of JO-1 has no machine")

    engine(unschedulable)
    run_id = queued(store)
    execute(store, run_id)
    assert store.runs.get(run_id).fail_reason == "operation 3 of JO-1 has no machine"

    def broken(*_: object) -> Result:
        raise KeyError("oops")

    engine(broken)
    run_id = queued(store)
    with pytest.raises(KeyError):
        execute(store, run_id)
    assert store.runs.get(run_id).fail_reason == "KeyError: 'oops'"


def test_cancel_stops_a_running_engine(store: Store) -> None:
    def body(plant: Plant, config: EngineConfig, progress: Progress) -> Result:
        store.runs.request_cancel(run_id)
        return work_until_told(plant, config, progress)

    engine(body)
    run_id = queued(store)
    began = time.monotonic()
    execute(store, run_id)
    assert store.runs.get(run_id).state is RunState.CANCELLED
    assert time.monotonic() - began < 5


def test_an_engine_that_is_asked_to_keep_its_best_ends_with_a_plan(store: Store) -> None:
    def body(plant: Plant, config: EngineConfig, progress: Progress) -> Result:
        store.runs.request_keep(run_id)
        with pytest.raises(KeepBest):
            work_until_told(plant, config, progress)
        return found(good_schedule())

    engine(body)
    run_id = queued(store)
    execute(store, run_id)
    run = store.runs.get(run_id)
    assert (run.state, run.keep_requested) == (RunState.OK, True)
    assert store.schedules.load(str(run.schedule_id)) == good_schedule()


def test_a_wish_to_keep_that_comes_after_the_search_does_no_harm(store: Store) -> None:
    def body(plant: Plant, config: EngineConfig, progress: Progress) -> Result:
        store.runs.request_keep(run_id)
        time.sleep(0.3)
        return found(good_schedule())

    engine(body)
    run_id = queued(store)
    execute(store, run_id)
    assert store.runs.get(run_id).state is RunState.OK


def test_an_engine_without_anything_to_keep_says_so(store: Store) -> None:
    def body(plant: Plant, config: EngineConfig, progress: Progress) -> Result:
        store.runs.request_keep(run_id)
        return work_until_told(plant, config, progress)

    engine(body)
    run_id = queued(store)
    execute(store, run_id)
    run = store.runs.get(run_id)
    assert run.state is RunState.CANCELLED
    assert "before there was any plan" in run.message


@pytest.mark.slow
@pytest.mark.timeout(600)  # it may have to compile everything first
def test_the_learned_engine_keeps_its_best_when_a_planner_has_had_enough(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real engine, hours before its time limit: had it not listened, the run's deadline would have ended it."""
    config = EngineConfig(time_limit=10_000.0, workers=1)
    run_id = submit(store, RunRequest(fresh(), snapshot(store), "learned", config))
    report = store.runs.report

    def asked(*arguments: object) -> object:
        if store.runs.get(run_id).fraction > 0:
            store.runs.request_keep(run_id)
        return report(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(store.runs, "report", asked)
    execute(store, run_id)
    run = store.runs.get(run_id)
    assert (run.state, run.keep_requested) == (RunState.OK, True)
    assert store.schedules.get(str(run.schedule_id)).detail["model"]


def test_the_deadline_stops_a_running_engine(store: Store) -> None:
    engine(work_until_told)
    run_id = queued(store, deadline_seconds=1)
    execute(store, run_id)
    run = store.runs.get(run_id)
    assert (run.state, run.fail_reason) == (RunState.TIMEOUT, "not finished 1 s after it began")


def test_an_engine_that_does_not_listen_is_ended(store: Store) -> None:
    ended: list[RunState] = []

    def deaf(plant: Plant, config: EngineConfig, progress: Progress) -> Result:
        store.runs.request_cancel(run_id)
        wait_for(lambda: bool(ended))
        return found(good_schedule())

    engine(deaf)
    run_id = queued(store)
    execute(store, run_id, end_process=lambda: ended.append(store.runs.get(run_id).state))
    assert ended == [RunState.CANCELLED]
    # Its late result is not wanted any more.
    assert store.runs.get(run_id).state is RunState.CANCELLED
    assert store.schedules.newest() == ()


def test_a_run_is_executed_once(store: Store) -> None:
    engine(lambda *_: found(good_schedule()))
    request = RunRequest(fresh(), snapshot(store), "test")
    run_id = submit(store, request, ENGINES)
    assert submit(store, request, ENGINES) == run_id
    execute(store, run_id)
    with pytest.raises(LeaseLost):
        execute(store, run_id)
    assert len(store.runs.newest()) == 1


def test_bad_requests_are_refused_before_anything_is_queued(store: Store) -> None:
    with pytest.raises(InvalidValue, match="must be one of best, exact, greedy, learned, repair, right_shift"):
        queued(store, "magic")
    with pytest.raises(NotFound):
        submit(store, RunRequest(fresh(), "nope", "greedy"))
    with pytest.raises(InvalidValue, match="deadline_seconds"):
        queued(store, "greedy", deadline_seconds=0)
    assert store.runs.newest() == ()


@pytest.mark.slow
def test_a_worker_process_does_the_work(store: Store) -> None:
    run_id = queued(store, "greedy")
    assert start_worker(store, run_id).wait(60) == 0
    assert store.runs.get(run_id).state is RunState.OK


@pytest.mark.slow
def test_a_free_place_goes_to_the_run_that_has_waited_longest_and_its_worker_does_the_work(store: Store) -> None:
    first, second = queued(store, "greedy"), queued(store, "greedy")
    started: list[subprocess.Popen[bytes]] = []

    def start(store: Store, run_id: str, owner: str) -> subprocess.Popen[bytes]:
        started.append(start_worker(store, run_id, owner))
        return started[0]

    assert Supervisor(store, slots=lambda: RunSlots(1), start=start).begin_waiting() == (first,)
    assert store.runs.get(first).state is RunState.RUNNING, "its place is taken before its worker lives"
    assert started[0].wait(60) == 0
    assert store.runs.get(first).state is RunState.OK
    assert store.runs.get(second).state is RunState.QUEUED


def test_waiting_takes_nothing_of_a_runs_time(store: Store) -> None:
    engine(lambda plant, config, progress: found(good_schedule()))
    run_id = queued(store, deadline_seconds=1)
    time.sleep(1.1)
    execute(store, run_id)
    assert store.runs.get(run_id).state is RunState.OK


def test_a_killed_worker_is_noticed(store: Store) -> None:
    run_id = queued(store, "greedy")
    process = start_worker(store, run_id)
    # Stopped before it can finish, wherever it is.
    os.kill(process.pid, signal.SIGSTOP)
    if store.runs.get(run_id).state is RunState.QUEUED:
        store.runs.claim(run_id, "the-killed-worker")
    process.kill()
    process.wait(30)
    assert store.runs.fail_expired() == ()
    assert store.runs.fail_expired(time.monotonic() + 60) == (run_id,)
    assert store.runs.get(run_id).fail_reason == "its worker process died"


def test_the_workers_command_line_says_what_is_wrong(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert worker.main(["nope", "--database", store.url]) == 1
    assert "run nope: " in capsys.readouterr().err


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
