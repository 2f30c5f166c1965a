"""Actuals in the store, on both databases: derived once from each pull, by the plan that was in force then, and kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from scheduler_core.actuals.operation_actual import (
    Between,
    Evidence,
    Minutes,
    OperationActual,
    PlannedPlace,
    Progress,
)
from scheduler_core.data.database import open_store
from scheduler_core.data.store import Store, actual_documents
from scheduler_core.data.store.records import AppliedFact, NewFact, QuarantinedRow, Source
from scheduler_core.plant import Fixed, Job
from scheduler_core.services.floor_actuals import bring_up_to_date
from tests.support.sample_plans import FINGERPRINT, approval, fresh, good_schedule, planned, small_plant

START = small_plant().plan_start


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[Store]:
    """An empty store on SQLite."""
    opened = Store.open(f"sqlite:///{tmp_path / 'lite.sqlite3'}")
    yield opened
    opened.close()


def _pull(store: Store, minute: int, *jobs: Job, quarantined: str | None = None, source: Source = Source.ERP) -> str:
    plant = replace(small_plant(), plan_start=START + timedelta(minutes=minute), jobs=jobs)
    row = QuarantinedRow("jobs", "1", "due", "x", "is no date", quarantined)
    return store.snapshots.save(
        plant, request_id=fresh(), source=source, fingerprint=None if source is Source.FILE else FINGERPRINT,
        quarantine=(row,) if quarantined else (),
    )  # fmt: skip


def _running(job: Job, machine: int, end: int) -> Job:
    first = replace(job.operations[0], setup_minutes=0, minutes=end, fixed=Fixed((machine,), 0, end))
    return replace(job, operations=(first, *job.operations[1:]))


def _later(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def test_each_pull_is_compared_once_with_the_plan_that_was_in_force(store: Store) -> None:
    big, little = small_plant().jobs
    first = _pull(store, 0, big, little)
    store.releases.approve(approval(planned(store, snapshot_id=first)), FINGERPRINT)
    assert bring_up_to_date(store, "tiny") == 1
    assert store.actuals.of_plant("tiny") == ()
    _pull(store, 30, _running(big, 1, 40), little)
    # Released after the pull that shows the operation at work: it says nothing of its beginning.
    second = planned(store, good_schedule(5), first)
    store.releases.approve(approval(second, on_top_of=1), FINGERPRINT)
    assert bring_up_to_date(store, "tiny") == 1
    _pull(store, 90, replace(big, operations=big.operations[1:]), little)
    assert (bring_up_to_date(store, "tiny"), bring_up_to_date(store, "tiny")) == (1, 0)
    (found,) = store.actuals.of_plant("tiny")
    assert (found.key, found.machines, found.minutes) == (("JOB-1", 1), (1,), 60)
    assert (found.began, found.ended) == (Between(_later(-2), _later(30)), Between(_later(30), _later(90)))
    assert found.planned is not None
    assert found.planned.plan != second.schedule
    assert (found.planned.start, found.start_late, found.end_late) == (START, Minutes(-2, 30), Minutes(-30, 30))
    assert found.worked == Minutes(0, 92)
    assert store.actuals.of_plant("tiny", _later(91)) == ()
    assert (store.actuals.pulls("tiny"), store.actuals.pulls("other")) == (3, 0)
    for statement in ("UPDATE actual_pull SET ended='[]'", "DELETE FROM actual_pull"):
        database = open_store(store.url)
        with pytest.raises(DBAPIError, match="append-only"), database.engine.begin() as connection:
            connection.execute(sa.text(statement))
        database.close()


def test_an_older_stores_pulls_are_caught_up_with_at_once(lite: Store) -> None:
    big, little = small_plant().jobs
    for minute, front in ((0, big), (30, _running(big, 1, 40)), (60, _running(big, 1, 10))):
        _pull(lite, minute, front, little)
    assert bring_up_to_date(lite, "tiny") == 3
    assert [a.worked for a in lite.actuals.of_plant("tiny")] == [Minutes(30, 62)]


def test_of_a_long_history_the_newest_pulls_are_caught_up_with(lite: Store) -> None:
    big, little = small_plant().jobs
    for minute, front in ((0, big), (30, _running(big, 1, 40)), (60, _running(big, 1, 10))):
        _pull(lite, minute, front, little)
    assert bring_up_to_date(lite, "tiny", most_at_first=2) == 2
    assert [a.began for a in lite.actuals.of_plant("tiny")] == [Between(None, _later(30))]
    assert bring_up_to_date(lite, "tiny", most_at_first=0) == 0


def test_what_is_no_later_pull_of_the_erp_tells_nothing(lite: Store) -> None:
    big, little = small_plant().jobs
    _pull(lite, 0, big, little)
    _pull(lite, 0, big)
    _pull(lite, 60, big, source=Source.FILE)
    _pull(lite, 50, big, little, source=Source.FILE)
    assert bring_up_to_date(lite, "tiny") == 1
    assert lite.actuals.of_plant("tiny") == ()


def test_after_a_clock_that_ran_ahead_actuals_begin_anew(lite: Store) -> None:
    big, little = small_plant().jobs
    _pull(lite, 0, big, little)
    _pull(lite, 4 * 365 * 1440, big, little)
    assert bring_up_to_date(lite, "tiny") == 2
    for minute in (30, 30, 5):
        _pull(lite, minute, _running(big, 1, 40), little)
        assert bring_up_to_date(lite, "tiny") == 0
    _pull(lite, 60, _running(big, 1, 20), little)
    _pull(lite, 90, replace(big, operations=big.operations[1:]), little)
    assert (bring_up_to_date(lite, "tiny"), bring_up_to_date(lite, "tiny")) == (2, 0)
    (found,) = lite.actuals.of_plant("tiny")
    assert (found.began, found.ended) == (Between(None, _later(60)), Between(_later(60), _later(90)))


def test_a_single_pull_of_a_clock_that_is_behind_tells_nothing(lite: Store) -> None:
    big, little = small_plant().jobs
    for minute, front in ((0, big), (30, _running(big, 1, 40)), (-9000, big), (-9000, big), (60, _running(big, 1, 10))):
        _pull(lite, minute, front, little)
    assert bring_up_to_date(lite, "tiny") == 3
    assert [a.worked for a in lite.actuals.of_plant("tiny")] == [Minutes(30, 62)]


def test_an_order_in_quarantine_is_out_of_sight(lite: Store) -> None:
    big, little = small_plant().jobs
    _pull(lite, 0, big, _running(little, 2, 40))
    _pull(lite, 10, big, quarantined="job-1")
    _pull(lite, 20, big)
    bring_up_to_date(lite, "tiny")
    (found,) = lite.actuals.of_plant("tiny")
    assert (found.began, found.ended) == (Between(None, START), Between(None, _later(20)))
    assert found.interrupted


def test_an_order_that_is_not_made_by_a_fact_is_out_of_sight(lite: Store) -> None:
    big, little = small_plant().jobs
    _pull(lite, 0, big, _running(little, 2, 40))
    change = '{"change":"job-dropped","job":"job-1"}'
    fact = lite.facts.record(NewFact(fresh(), "tiny", "job-dropped", change, START, None, "cancelled", "Ann"))
    without = replace(small_plant(), plan_start=_later(10), jobs=(big,))
    lite.snapshots.save(
        without, request_id=fresh(), source=Source.ERP, fingerprint=FINGERPRINT,
        before=replace(without, jobs=(big, little)), facts=(AppliedFact(fact, None),),
    )  # fmt: skip
    bring_up_to_date(lite, "tiny")
    (found,) = lite.actuals.of_plant("tiny")
    assert (found.key, found.ended, found.interrupted) == (("job-1", 1), None, True)


def test_the_slower_of_two_adds_nothing(lite: Store) -> None:
    big, little = small_plant().jobs
    pulled = _pull(lite, 0, big, little)
    assert lite.actuals.add("tiny", pulled, None, Progress((), ()))
    assert not lite.actuals.add("tiny", pulled, None, Progress((), ()))


def test_a_document_holds_every_field() -> None:
    second = datetime(2025, 10, 26, 2, 30).replace(fold=1)
    whole = OperationActual(
        "Jób", 3, "部品", (1, 2), Between(None, second), Between(second, START), Evidence.ORDER_GONE, True, second, 60,
        PlannedPlace("plan", (4,), START, second, 5, 60, 480), Minutes(None, 3), Minutes(-4, 5), Minutes(1, None), True,
    )  # fmt: skip
    bare = OperationActual("B", 1, "work", (), Between(START, START), None, Evidence.RUNNING)
    (told, plain) = actual_documents.from_json(actual_documents.to_json([whole, bare]))
    assert (told, plain) == (whole, bare)
    assert told.began.until.fold == 1
    assert told.planned is not None
    assert told.planned.end.fold == 1
