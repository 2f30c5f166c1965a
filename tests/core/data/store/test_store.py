from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import (
    MANUAL,
    PullCounts,
    PullNote,
    QuarantinedRow,
    RunRequest,
    RunState,
    Source,
    StopRequest,
)
from scheduler_core.data.store_errors import LeaseLost, NotFound, Refused, RequestConflict
from scheduler_core.engines.config import EngineConfig
from scheduler_core.errors import InvalidValue
from scheduler_core.judge.kpis import measure
from scheduler_core.objectives import Objective
from scheduler_core.reports import OtherReport
from scheduler_core.schedule import Assignment, Result, Schedule, Status
from scheduler_core.settings.run_slots import RunSlots
from tests.support.sample_plans import (
    FINGERPRINT,
    fresh,
    good_schedule,
    overlapping_schedule,
    planned,
    running,
    small_plant,
    snapshot,
)


def test_a_snapshot_comes_back_with_all_that_was_noticed(store: Store) -> None:
    quarantine = (
        QuarantinedRow("tbl_jo_txn", "TxnId_i=7", "DocRef_v", "<script>=1+1\x00\ud800", "is odd", "JO-7"),
        QuarantinedRow("ai_holidays", "holiday_date=x", "holiday_date", "x", "is not a date"),
    )
    notes = (PullNote("tbl_machine", "MachineId_i=3", "has no name", None),)
    counts = PullCounts(4, 2, 2, 11, 7, 4, 3)
    snapshot_id = store.snapshots.save(
        small_plant(), request_id="pull-1", source=Source.DEMO, counts=counts, quarantine=quarantine, notes=notes,
        fingerprint=FINGERPRINT, banner="demo",
    )  # fmt: skip
    info = store.snapshots.get(snapshot_id)
    assert (info.plant, info.source, info.counts, info.banner) == ("tiny", Source.DEMO, counts, "demo")
    assert (info.plan_start, info.operation_count) == (small_plant().plan_start, 3)
    assert info.age_minutes(info.taken_at + timedelta(minutes=7, seconds=30)) == 7
    assert abs(info.taken_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert store.snapshots.plant(snapshot_id) == small_plant()
    assert store.snapshots.quarantine(snapshot_id)[0].value == "<script>=1+1\x00\\ud800"
    assert store.snapshots.quarantine(snapshot_id)[1] == quarantine[1]
    assert store.snapshots.notes(snapshot_id) == notes
    assert store.snapshots.latest() == info


def test_the_same_request_makes_one_snapshot(store: Store) -> None:
    first = store.snapshots.save(small_plant(), request_id="pull-1", source=Source.FILE)
    assert store.snapshots.save(small_plant(), request_id="pull-1", source=Source.FILE) == first
    assert len(store.snapshots.newest()) == 1


def test_a_snapshot_that_cannot_be_kept_is_refused_with_the_reason(store: Store) -> None:
    with pytest.raises(InvalidValue, match="fingerprint"):
        store.snapshots.save(small_plant(), request_id="a", source=Source.ERP)
    with pytest.raises(InvalidValue, match="request_id"):
        store.snapshots.save(small_plant(), request_id="two words", source=Source.FILE)
    assert store.snapshots.newest() == ()
    assert store.snapshots.latest() is None


def test_everything_survives_a_restart(database_url: str) -> None:
    first = Store.open(database_url)
    made = planned(first)
    first.close()
    second = Store.open(database_url)
    assert second.schedules.load(made.schedule) == good_schedule()
    stored = second.schedules.get(made.schedule)
    assert stored.kpis == measure(small_plant(), good_schedule())
    assert (stored.status, stored.objective, stored.lower_bound, stored.seconds) == (Status.FEASIBLE, 1.5, None, 0.25)
    assert stored.detail == {"rule": "EDD"}
    assert second.runs.get(made.run).state is RunState.OK
    assert second.runs.get(made.run).schedule_id == made.schedule
    assert [s.id for s in second.schedules.newest(snapshot_id=made.snapshot)] == [made.schedule]
    second.close()


def test_ids_that_differ_in_case_or_accents_stay_apart(store: Store) -> None:
    # The sample's jobs are called JOB-1 and job-1.
    made = planned(store)
    loaded = store.schedules.load(made.schedule).by_operation
    assert loaded["JOB-1", 1].start == 0
    assert loaded["job-1", 1].start == 90
    with pytest.raises(NotFound):
        store.runs.get(made.run.upper() + "x")


def test_engine_settings_come_back_exactly(store: Store) -> None:
    config = EngineConfig(Objective.ON_TIME, 12.5, 3, "WATC", 64, "toy", good_schedule(), 1)
    run_id = store.runs.submit(RunRequest(fresh(), snapshot(store), "learned", config, "Ann", 60))
    back = store.runs.get(run_id).config
    assert back == config
    assert back.warm_start == good_schedule()


def test_the_life_of_a_run(store: Store) -> None:
    request = RunRequest("run-1", snapshot(store), "greedy", EngineConfig(), "Ann", 60)
    run_id = store.runs.submit(request)
    assert store.runs.submit(request) == run_id
    queued = store.runs.get(run_id)
    assert (queued.state, queued.fraction, queued.seconds(queued.created_at)) == (RunState.QUEUED, 0.0, 0.0)
    assert queued.deadline - queued.created_at == timedelta(seconds=60)
    store.runs.claim(run_id, "w1")
    with pytest.raises(LeaseLost):
        store.runs.claim(run_id, "w2")
    assert store.runs.report(run_id, "w1", (0.25, "rule EDD")) is None
    with pytest.raises(LeaseLost):
        store.runs.report(run_id, "w2", (0.9, "thief"))
    run = store.runs.get(run_id)
    assert (run.state, run.fraction, run.message, run.cancel_requested) == (RunState.RUNNING, 0.25, "rule EDD", False)
    store.runs.request_cancel(run_id)
    assert store.runs.report(run_id, "w1") is StopRequest.STOP
    assert store.runs.get(run_id).cancel_requested
    store.runs.finish(run_id, "w1", RunState.CANCELLED, "cancelled")
    ended = store.runs.get(run_id)
    assert (ended.state, ended.lease_owner, ended.fail_reason) == (RunState.CANCELLED, None, None)
    with pytest.raises(LeaseLost):
        store.runs.finish(run_id, "w1", RunState.FAILED, "late")
    store.runs.request_cancel(run_id)
    assert [r.id for r in store.runs.newest(states=[RunState.CANCELLED])] == [run_id]
    assert store.runs.newest(states=[RunState.RUNNING]) == ()


def test_a_double_click_makes_one_run(store: Store) -> None:
    request = RunRequest("run-1", snapshot(store), "greedy", EngineConfig(), "Ann", 60)
    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(lambda _: store.runs.submit(request), range(8)))) == 1
    with pytest.raises(RequestConflict, match=r"used for something else: run .*engine: 'greedy' there, 'exact' here"):
        store.runs.submit(replace(request, engine="exact"))


def test_saving_again_after_a_lost_answer_finds_the_first_schedule(store: Store) -> None:
    made = planned(store)
    result = Result("greedy", Status.FEASIBLE, good_schedule(), 1.5)
    kpis = measure(small_plant(), good_schedule())
    assert store.schedules.save(made.run, "worker-1", result, (), kpis) == made.schedule
    other = replace(result, schedule=good_schedule(7))
    with pytest.raises(Refused, match="has another schedule already"):
        store.schedules.save(made.run, "worker-1", other, (), kpis)


def test_a_queued_run_is_cancelled_at_once(store: Store) -> None:
    run_id = store.runs.submit(RunRequest(fresh(), snapshot(store), "greedy", EngineConfig(), "Ann", 60))
    store.runs.request_cancel(run_id)
    assert store.runs.get(run_id).state is RunState.CANCELLED
    with pytest.raises(LeaseLost):
        store.runs.claim(run_id, "w1")


def test_a_running_run_is_asked_once_to_keep_its_best_and_stopping_outweighs_it(store: Store) -> None:
    run_id = store.runs.submit(RunRequest(fresh(), snapshot(store), "learned", EngineConfig(), "Ann", 60))
    store.runs.request_keep(run_id)
    assert not store.runs.get(run_id).keep_requested
    store.runs.claim(run_id, "w1")
    assert store.runs.report(run_id, "w1") is None
    store.runs.request_keep(run_id, "Ann")
    store.runs.request_keep(run_id, "Ann")
    assert store.runs.get(run_id).keep_requested
    assert store.runs.get(run_id).state is RunState.RUNNING
    assert store.runs.report(run_id, "w1") is StopRequest.KEEP
    assert [(e.actor, e.subject) for e in store.audit.newest() if e.action == "keep-best"] == [("Ann", run_id)]
    store.runs.request_cancel(run_id)
    assert store.runs.report(run_id, "w1") is StopRequest.STOP
    store.runs.finish(run_id, "w1", RunState.CANCELLED, "cancelled")
    store.runs.request_keep(run_id)
    assert len([e for e in store.audit.newest() if e.action == "keep-best"]) == 1
    with pytest.raises(NotFound):
        store.runs.request_keep("nope")


def test_a_run_that_is_being_stopped_keeps_nothing(store: Store) -> None:
    run_id = running(store, snapshot(store))
    store.runs.request_cancel(run_id)
    store.runs.request_keep(run_id)
    assert not store.runs.get(run_id).keep_requested


def test_a_silent_worker_is_taken_for_dead_only_after_its_lease(store: Store) -> None:
    run_id = running(store, snapshot(store))
    now = time.monotonic()
    assert store.runs.fail_expired(now) == ()
    assert store.runs.fail_expired(now + 19) == ()
    later = now + 21
    assert store.runs.fail_expired(later) == (run_id,)
    assert store.runs.get(run_id).state is RunState.FAILED
    assert store.runs.get(run_id).fail_reason == "its worker process died"
    assert store.runs.fail_expired(later) == ()
    with pytest.raises(LeaseLost):
        store.runs.report(run_id, "worker-1")


def test_a_run_may_wait_longer_than_its_deadline_but_not_for_half_a_shift(store: Store) -> None:
    waiting = store.runs.submit(RunRequest(fresh(), snapshot(store), "greedy", EngineConfig(), "Ann", 1))
    asked = time.monotonic()
    assert store.runs.fail_expired(asked) == ()
    assert store.runs.fail_expired(asked + 3 * 3600 + 59 * 60) == ()
    assert store.runs.fail_expired(asked + 4 * 3600 + 60) == (waiting,)
    ended = store.runs.get(waiting)
    assert (ended.state, ended.fail_reason) == (RunState.TIMEOUT, "waited for 4 h and no place was free")


def test_a_deadline_counts_from_the_start(store: Store) -> None:
    run_id = store.runs.submit(RunRequest(fresh(), snapshot(store), "greedy", EngineConfig(), "Ann", 60))
    time.sleep(0.05)
    run = store.runs.claim(run_id, "w1")
    assert run.started_at is not None
    assert run.started_at > run.created_at
    assert run.deadline - run.started_at == timedelta(seconds=60)
    assert run.allowed_seconds == 60
    # The worker finds its run leased to it already and must not win time by it.
    assert store.runs.claim(run_id, "w1").deadline == run.deadline


def test_many_at_once_take_no_more_runs_than_there_are_places_and_the_oldest_first(store: Store) -> None:
    snapshot_id = snapshot(store)
    asked = [store.runs.submit(RunRequest(fresh(), snapshot_id, "greedy", EngineConfig(), "Ann", 60)) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda k: store.runs.take(f"w{k}", RunSlots(3)), range(8)))
    assert {run.id for run in taken if run is not None} == set(asked[:3])
    assert {r.id for r in store.runs.newest(states=[RunState.RUNNING])} == set(asked[:3])
    assert store.runs.take("w9", RunSlots(3)) is None
    more = store.runs.take("w9", RunSlots(4))
    assert more is not None
    assert (more.id, more.state, more.lease_owner) == (asked[3], RunState.RUNNING, "w9")


def test_a_plan_by_hand_neither_takes_a_place_nor_waits_for_one(store: Store) -> None:
    snapshot_id = snapshot(store)
    by_hand, other = (
        store.runs.submit(RunRequest(fresh(), snapshot_id, engine, EngineConfig(), "Ann", 60))
        for engine in (MANUAL, "greedy")
    )
    store.runs.claim(by_hand, "by-hand")
    taken = store.runs.take("w1", RunSlots(1))
    assert taken is not None
    assert taken.id == other
    store.runs.submit(RunRequest(fresh(), snapshot_id, MANUAL, EngineConfig(), "Ann", 60))
    assert store.runs.take("w2", RunSlots(9)) is None


def test_a_faulty_schedule_is_kept_as_rejected_with_its_faults(store: Store) -> None:
    bad = planned(store, overlapping_schedule())
    stored = store.schedules.get(bad.schedule)
    assert stored.rejected
    assert stored.kpis is None
    run = store.runs.get(bad.run)
    assert run.state is RunState.FAILED
    assert "broke" in str(run.fail_reason)
    faults = store.schedules.violations(bad.schedule)
    assert len(faults) == stored.fault_count
    assert {f.rule for f in faults} == {"no-overlap"}
    assert store.schedules.newest() == ()
    assert [s.id for s in store.schedules.newest(rejected=True)] == [bad.schedule]


def test_a_schedule_with_an_operation_twice_can_be_kept_as_evidence(store: Store) -> None:
    twice = Schedule((*good_schedule().assignments, Assignment("JOB-1", 1, (2,), 300, 360)))
    assert store.schedules.get(planned(store, twice).schedule).rejected


def test_numbers_of_numpy_become_pythons(store: Store) -> None:
    numbers = Schedule(
        tuple(
            Assignment(
                a.job, np.int32(a.sequence), tuple(np.int64(m) for m in a.machines), np.int64(a.start), np.int32(a.end)
            )  # type: ignore[arg-type]
            for a in good_schedule().assignments
        )
    )
    run_id = running(store, snapshot(store))
    result = Result(
        "greedy",
        Status.FEASIBLE,
        numbers,
        np.float64(2.5),
        None,
        0.1,
        OtherReport({"k1": np.float32(0.5), "n": np.int64(3)}),
    )
    schedule_id = store.schedules.save(run_id, "worker-1", result, (), measure(small_plant(), good_schedule()))
    assert store.schedules.load(schedule_id) == good_schedule()
    assert store.schedules.get(schedule_id).detail == {"k1": 0.5, "n": 3}


def test_numbers_that_are_none_are_refused_and_nothing_is_stored(store: Store) -> None:
    run_id = running(store, snapshot(store))
    result = Result("greedy", Status.FEASIBLE, good_schedule(), float("nan"))
    with pytest.raises(InvalidValue, match="objective"):
        store.schedules.save(run_id, "worker-1", result, (), measure(small_plant(), good_schedule()))
    assert store.runs.get(run_id).state is RunState.RUNNING
    assert store.schedules.newest(rejected=None) == ()


def test_unknown_ids_are_named(store: Store) -> None:
    for look in (
        store.snapshots.get,
        store.snapshots.plant,
        store.runs.get,
        store.schedules.load,
        store.schedules.get,
        store.schedules.violations,
        store.releases.get,
    ):
        with pytest.raises(NotFound, match="nope"):
            look("nope")
