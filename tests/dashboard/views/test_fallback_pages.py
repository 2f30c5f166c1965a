"""A fallback's plan says what it stands in for, and a run without any plan raises an alarm on Today."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import OperationalError
from streamlit.testing.v1 import AppTest

from dashboard.presentation import formatting
from scheduler_core.comparison.over_time import engine_records, pairs
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import RunState
from scheduler_core.data.store.snapshot_repository import SnapshotRepository
from scheduler_core.plant import Plant
from scheduler_core.reports import Fallback, GreedyReport
from tests.support.opening import open_page, texts
from tests.support.paths import ROOT
from tests.support.seeding import history, seed_plan, seed_run, seed_snapshot

REPORT = Fallback("learned", "its process was ended by SIGSEGV", GreedyReport("EDD", 0.0, 0.0, 1))


def test_a_fallback_is_named_on_its_plan_and_counted(store: Store, small_plant: Plant) -> None:
    snapshot = seed_snapshot(store, small_plant)
    plan = seed_plan(store, snapshot, "greedy", report=REPORT)
    assert formatting.plan_kind(store.schedules.get(plan)) == "Greedy instead of RL"
    (record,) = engine_records(*history(store))  # type: ignore[arg-type]
    assert record.fallbacks == 1
    assert "SIGSEGV" in texts(open_page("today", plan=plan))
    assert "SIGSEGV" in texts(open_page("compare", left=plan, right=plan))


def test_a_fallback_is_no_plan_of_the_engine_in_the_comparison_over_time(store: Store, small_plant: Plant) -> None:
    snapshot = seed_snapshot(store, small_plant)
    seed_plan(store, snapshot, "greedy", "EDD", "one")
    seed_plan(store, snapshot, "learned", "LPT", "two", report=REPORT)
    assert pairs(*history(store), store.snapshots.newest()) == ()  # type: ignore[arg-type]


def test_a_run_without_a_plan_raises_an_alarm_on_today(store: Store, small_plant: Plant) -> None:
    snapshot = seed_snapshot(store, small_plant)
    seed_plan(store, snapshot, "greedy")
    assert "made no plan" not in texts(open_page("today"))
    run = seed_run(store, snapshot, "learned", "failing")
    store.runs.claim(run.id, "worker")
    store.runs.finish(run.id, "worker", RunState.FAILED, "the engine failed: a; the greedy fallback failed too: b")
    assert "made no plan" in texts(open_page("today"))


def test_a_database_that_fails_is_told_in_words_on_every_page(
    store: Store, small_plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed_snapshot(store, small_plant)

    def gone(*_: object, **__: object) -> None:
        raise OperationalError("SELECT secret", {}, Exception("(2003, Can't connect)"))

    monkeypatch.setattr(SnapshotRepository, "latest", gone)
    page = AppTest.from_file(str(ROOT / "dashboard" / "board.py"), default_timeout=60).run()
    assert not page.exception
    (told,) = page.error
    assert "database does not answer" in told.value
    assert "2003" in told.value
    assert "SELECT" not in told.value
