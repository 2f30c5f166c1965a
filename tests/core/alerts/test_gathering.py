"""From the store to facts: late orders against the pull before, machines, quarantine, runs, the audit trail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from scheduler_core.alerts.config import AlertsConfig
from scheduler_core.alerts.facts import Facts
from scheduler_core.alerts.gathering import Gatherer
from scheduler_core.alerts.kinds import Kind
from scheduler_core.alerts.rules import find
from scheduler_core.data.database import open_store
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import STANDING, NewDowntime, QuarantinedRow, RunRequest, RunState, Source
from scheduler_core.engines.config import EngineConfig
from scheduler_core.monitoring.health import Check, Level
from scheduler_core.plant import Plant
from tests.support.guards import lift
from tests.support.sample_plans import approval, fresh, good_schedule, overlapping_schedule, planned, running, small_plant

NOW = datetime(2026, 3, 4, 7, 30, tzinfo=UTC)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'store.sqlite3'}"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = Store.open(url)
    yield opened
    opened.close()


def pulled(store: Store, plant: Plant, taken: datetime, *unusable: str) -> str:
    rows = tuple(QuarantinedRow("t", "r", "f", "v", "reason", order) for order in unusable)
    return store.snapshots.save(
        plant, request_id=fresh(), source=Source.ERP, fingerprint="f" * 64, quarantine=rows, taken_at=taken
    )  # fmt: skip


def due(minutes: int) -> Plant:
    """The small plant, whose first order is important and due then."""
    plant = small_plant()
    return replace(plant, jobs=(replace(plant.jobs[0], due=minutes, important=True), *plant.jobs[1:]))


def facts(store: Store, gatherer: Gatherer | None = None, now: datetime = NOW) -> Facts:
    check = Check("disk", Level.OK, "fine")
    return (gatherer or Gatherer(store, lambda _: (check,))).look(AlertsConfig(), now)


def found(of: Facts) -> dict[Kind, list[str]]:
    return {k: [one.about for one in several] for k, several in find(of, AlertsConfig().rules, {}).items() if several}


def test_an_empty_store_has_nothing_to_tell(store: Store) -> None:
    assert found(facts(store)) == {}


def test_an_order_newly_late_since_the_pull_before_is_told_with_cause_and_tried_fix(store: Store) -> None:
    gatherer = Gatherer(store, lambda _: ())
    planned(store, good_schedule(), pulled(store, due(500), NOW - timedelta(hours=2)))
    assert found(facts(store, gatherer)) == {}
    newest = pulled(store, due(80), NOW - timedelta(hours=1))
    assert found(facts(store, gatherer)) == {}, "the newest pull has no plan yet"
    planned(store, good_schedule(), newest)
    seen = facts(store, gatherer)
    assert found(seen) == {Kind.LATE_ORDER: ["JOB-1"]}
    late = find(seen, AlertsConfig().rules, {})[Kind.LATE_ORDER]
    assert late is not None
    (told,) = gatherer.detailed(seen, late)
    assert told.content["hours"] == 0.2
    assert isinstance(told.content["cause"], dict)
    assert "fix" in told.content
    planned(store, good_schedule(), pulled(store, due(80), NOW))
    assert found(facts(store, gatherer)) == {}, "late in the pull before already"


def test_no_order_is_told_as_late_while_the_pull_is_still_being_planned(store: Store) -> None:
    planned(store, good_schedule(), pulled(store, due(500), NOW - timedelta(hours=2)))
    newest = pulled(store, due(80), NOW - timedelta(hours=1))
    planned(store, good_schedule(), newest)
    waiting = store.runs.submit(RunRequest(fresh(), newest, "best", EngineConfig()))
    assert found(facts(store)) == {}
    (late,) = find(facts(store), AlertsConfig().rules, {Kind.LATE_ORDER: ["JOB-1"]})[Kind.LATE_ORDER] or ()
    assert late.about == "JOB-1", "an open one stays open"
    store.runs.request_cancel(waiting)
    assert found(facts(store)) != {}
    store.runs.submit(RunRequest(fresh(), newest, STANDING, EngineConfig()))
    assert found(facts(store)) != {}, "nobody waits for the standing search"


def test_a_machine_that_is_recorded_as_down_is_told_with_what_it_costs(store: Store) -> None:
    snapshot = pulled(store, due(500), NOW - timedelta(hours=1))
    plan = planned(store, good_schedule(), snapshot)
    store.releases.approve(approval(plan), "f" * 64)
    start = store.snapshots.get(snapshot).plan_start
    now = start.replace(tzinfo=ZoneInfo(store.snapshots.get(snapshot).timezone)) + timedelta(minutes=30)
    store.downtimes.record(NewDowntime(fresh(), "tiny", 2, "M2", start, start + timedelta(hours=9), "spindle", "Ann"))
    gatherer = Gatherer(store, lambda _: ())
    seen = facts(store, gatherer, now)
    down = find(seen, AlertsConfig().rules, {})[Kind.MACHINE_DOWN]
    assert down is not None
    (told,) = gatherer.detailed(seen, down)
    assert told.about == "2"
    assert told.content["orders"] == 2
    assert told.content["until"] == (start + timedelta(hours=9)).isoformat()
    assert told.content["more_late"] == 0, "the newest pull does not know of the downtime yet"
    assert Kind.MACHINE_DOWN not in found(facts(store, gatherer, now + timedelta(hours=10)))


def test_an_order_that_a_pull_could_not_use_is_told_once(store: Store) -> None:
    pulled(store, due(500), NOW - timedelta(hours=2), "OLD")
    assert found(facts(store)) == {}, "no pull before to compare with"
    pulled(store, due(500), NOW - timedelta(hours=1), "OLD", "NEW")
    assert found(facts(store)) == {Kind.ORDER_WITHOUT_PLAN: ["NEW"]}


def test_a_rejected_plan_is_told_until_the_engine_gives_one(store: Store) -> None:
    snapshot = pulled(store, due(500), NOW)
    planned(store, overlapping_schedule(), snapshot)
    assert found(facts(store)) == {Kind.PLAN_REJECTED: ["greedy"]}
    store.runs.finish(running(store, snapshot), "worker-1", RunState.CANCELLED, "stopped")
    assert found(facts(store)) == {Kind.PLAN_REJECTED: ["greedy"]}, "a run that was stopped says nothing"
    planned(store, good_schedule(), snapshot)
    assert found(facts(store)) == {}


def test_a_trail_that_was_changed_is_told(store: Store, url: str) -> None:
    gatherer = Gatherer(store, lambda _: ())
    pulled(store, due(500), NOW)
    assert found(facts(store, gatherer)) == {}
    with closing(open_store(url)) as database, database.engine.begin() as connection:
        lift(connection, "")
        connection.exec_driver_sql("UPDATE audit SET actor='Eve' WHERE audit_seq=1")
    assert found(facts(store, gatherer)) == {}, "it is read every six hours"
    assert Kind.AUDIT_BROKEN in found(facts(store, gatherer, NOW + timedelta(hours=6)))


def test_ages_count_where_the_clock_runs(store: Store) -> None:
    plan = planned(store, good_schedule(), pulled(store, due(500), NOW - timedelta(hours=1)))
    released = store.releases.approve(approval(plan), "f" * 64)
    later = released.approved_at.replace(hour=8) + timedelta(days=7)
    while later.weekday() > 4:
        later += timedelta(days=1)
    assert set(found(facts(store, now=later))) == {Kind.ERP_OLD, Kind.NO_RELEASE}
