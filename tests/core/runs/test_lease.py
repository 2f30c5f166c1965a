"""What a worker keeps up beside its engine, while the clock is set or the database is away."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import Run, StopRequest
from scheduler_core.runs.lease import LeaseKeeper, Pace
from tests.support.sample_plans import running, snapshot

QUICK = Pace(beat_seconds=0.01, grace_seconds=5.0, away_seconds=0.5)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    yield opened
    opened.close()


def at_work(store: Store) -> Run:
    """A run of a minute that has just begun."""
    return store.runs.get(running(store, snapshot(store)))


def wait_for(condition: Callable[[], bool]) -> None:
    late = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < late, "waited in vain"
        time.sleep(0.005)


@pytest.mark.parametrize("set_by", [timedelta(hours=-3), timedelta(seconds=40), timedelta(days=1)])
def test_a_run_has_its_time_whatever_the_clock_is_set_to(store: Store, set_by: timedelta) -> None:
    run = at_work(store)
    assert run.started_at is not None
    # As if the clock had been set between the start and now.
    moved = Run(**{**vars(run), "started_at": run.started_at - set_by, "deadline": run.deadline - set_by})
    with LeaseKeeper(store, moved, "worker-1", pace=QUICK) as lease:
        time.sleep(0.05)
        assert lease.verdict is None
        assert 0 <= lease.seconds_left() <= 60


def test_a_run_that_has_had_its_time_ends(store: Store) -> None:
    run = at_work(store)
    assert run.started_at is not None
    short = Run(**{**vars(run), "deadline": run.started_at + timedelta(seconds=0.2)})
    with LeaseKeeper(store, short, "worker-1", pace=QUICK) as lease:
        wait_for(lambda: lease.verdict is not None)
        assert lease.seconds_left() == 0


def gone(*_: object) -> StopRequest | None:
    raise OperationalError("UPDATE", {}, Exception(2013, "Lost connection"))


def test_a_database_that_is_away_for_a_moment_ends_no_run(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run = at_work(store)
    with LeaseKeeper(store, run, "worker-1", pace=QUICK) as lease:
        with monkeypatch.context() as away:
            away.setattr(store.runs, "report", gone)
            time.sleep(0.1)
            lease.progress(0.5, "at work")
        lease.progress(0.6, "at work")
        wait_for(lambda: store.runs.get(run.id).fraction == 0.6)
        assert lease.verdict is None


def test_a_database_that_stays_away_ends_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run = at_work(store)

    def told(lease: LeaseKeeper) -> bool:
        try:
            lease.progress(0.5, "at work")
        except OperationalError:
            return True
        return False

    with LeaseKeeper(store, run, "worker-1", pace=QUICK) as lease:
        monkeypatch.setattr(store.runs, "report", gone)
        wait_for(lambda: told(lease))
