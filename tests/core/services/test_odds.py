"""Odds of stored plans: computed once, kept, tied to releases by what was known then, and compared with ends."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from scheduler_core.actuals.operation_actual import Between, Evidence, Minutes, OperationActual, PlannedPlace, Progress
from scheduler_core.data.database import open_store
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import Source
from scheduler_core.floor.noise_fit import ENOUGH
from scheduler_core.floor.order_odds import STATED, AssumedNoise
from scheduler_core.plant import Job
from scheduler_core.services import floor_actuals, odds, odds_process
from scheduler_core.settings import environment
from tests.support.sample_plans import FINGERPRINT, approval, fresh, planned, small_plant

START = small_plant().plan_start


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """An empty store, which a process finds by itself."""
    url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    monkeypatch.setenv(environment.DATABASE_URL, url)
    opened = Store.open(url)
    yield opened
    opened.close()


def _pull(store: Store, minute: int, *jobs: Job) -> str:
    plant = replace(small_plant(), plan_start=START + timedelta(minutes=minute), jobs=jobs)
    return store.snapshots.save(plant, request_id=fresh(), source=Source.ERP, fingerprint=FINGERPRINT)


def _released(store: Store) -> str:
    """The schedule's id of a plan that is released; due is its first order at minute 500."""
    found = planned(store, snapshot_id=_pull(store, 0, *small_plant().jobs))
    store.releases.approve(approval(found, override_reason="as it is"), None)
    return found.schedule


def _tables(store: Store) -> dict[str, int]:
    database = open_store(store.url)
    try:
        with database.reading() as connection:
            return {
                name: int(connection.execute(sa.text(f"SELECT COUNT(*) FROM {name}")).scalar_one())
                for name in ("plan_odds", "release_odds")
            }
    finally:
        database.close()


def test_odds_are_computed_once_and_read_back_as_they_were(store: Store) -> None:
    schedule_id = _released(store)
    assert odds.known_odds(store, schedule_id, STATED) is None
    made = odds.compute_odds(store, schedule_id, STATED)
    read = odds.known_odds(store, schedule_id, STATED)
    assert read is not None
    assert read.odds.late == made.odds.late
    assert [(o.job, o.due, o.on_time, o.late_runs, o.ends.p80) for o in read.odds.orders] == [
        (o.job, o.due, o.on_time, o.late_runs, o.ends.p80) for o in made.odds.orders
    ]
    odds.compute_odds(store, schedule_id, STATED)
    assert _tables(store)["plan_odds"] == 1
    wider = AssumedNoise(STATED.noise.times(2), 40)
    assert odds.known_odds(store, schedule_id, wider) is None, "other noise, other odds"


@pytest.mark.parametrize("table", ["plan_odds", "release_odds"])
def test_odds_are_never_changed_nor_removed(store: Store, table: str) -> None:
    _released(store)
    odds.keep_release_odds(store, "tiny")
    database = open_store(store.url)
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET noise_sha256=noise_sha256"):
        with pytest.raises(DBAPIError, match="append-only"), database.engine.begin() as connection:
            connection.exec_driver_sql(statement)
    database.close()


def test_the_process_computes_plans_and_gives_releases_their_odds(store: Store) -> None:
    schedule_id = _released(store)
    assert [one.schedule_id for one in store.odds.without("tiny", odds.WEEKS)] == [schedule_id]
    assert odds_process.main(["--", "tiny", schedule_id]) == 0
    assert odds.known_odds(store, schedule_id, STATED) is not None
    assert store.odds.without("tiny", odds.WEEKS) == ()
    assert odds_process.main(["--", "tiny", "no such plan"]) == 1
    assert _tables(store) == {"plan_odds": 1, "release_odds": 1}


def test_the_process_ends_with_the_one_that_started_it(store: Store) -> None:
    schedule_id = _released(store)
    # Its parent is not the one that it is told of, as after the board's end; then it is.
    for parent, status in ((os.getppid(), 1), (os.getpid(), 0)):
        asked = [sys.executable, "-m", odds_process.MODULE, f"--parent={parent}", "--", "tiny", schedule_id]
        assert subprocess.run(asked, timeout=120, check=False).returncode == status
        assert (odds.known_odds(store, schedule_id, STATED) is None) == bool(status)


def _took(n: int, share: float, at: datetime) -> OperationActual:
    """An operation of 100 minutes that took more or less by a share."""
    place = PlannedPlace("plan", (1,), at, at + timedelta(minutes=100), 0, 60, 420)
    real = round(100 * (1 + (share if n % 2 else -share)))
    return OperationActual(
        f"done-{n}", 1, "mill", (1,), Between(at, at), Between(at, at), Evidence.RUNNING, minutes=100, planned=place,
        worked=Minutes(real, real),
    )  # fmt: skip


def test_the_noise_is_the_plants_own_once_enough_is_known_and_that_of_the_time(store: Store) -> None:
    assert odds.assumed_noise(store, "tiny") == STATED
    first = _pull(store, 0, *small_plant().jobs)
    assert store.actuals.add("tiny", first, None, Progress((), ()))
    later = _pull(store, 10_000, *small_plant().jobs)
    ended = tuple(_took(n, 0.3, START + timedelta(minutes=5000)) for n in range(ENOUGH))
    assert store.actuals.add("tiny", later, first, Progress((), ended))
    found = odds.assumed_noise(store, "tiny")
    assert found.operations == ENOUGH
    spread = (math.log(1.3) - math.log(0.7)) / 2 * math.sqrt(ENOUGH / (ENOUGH - 1))
    assert found.noise.by_process["mill"] == round(math.sqrt(math.expm1(spread**2)), 2)
    assert odds.assumed_noise(store, "tiny", START + timedelta(minutes=4000)) == STATED, "nothing had ended by then"


def test_what_became_of_a_release_is_compared_with_its_odds(store: Store) -> None:
    big, little = small_plant().jobs
    _released(store)
    floor_actuals.bring_up_to_date(store, "tiny")
    odds.keep_release_odds(store, "tiny")
    assert odds.how_true(store, "tiny") is None, "no pull came after it"
    last = replace(big, operations=big.operations[1:], due=500 - 600)
    _pull(store, 600, last, little)
    floor_actuals.bring_up_to_date(store, "tiny")
    found = odds.how_true(store, "tiny")
    assert found is not None
    assert (found.orders, found.unknown) == (1, 0), "the other order has no due date"
    (told,) = (one for one in found.classes if one.orders)
    assert (told.low, told.came_true) == (0.9, 0.0), "safe by its odds, and still open past its due date"
    assert found.brier == pytest.approx(1.0)
    assert (found.dates["plan"].orders, found.dates["plan"].met) == (2, 0)
