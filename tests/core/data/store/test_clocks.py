"""The clock of a server may be set: what is newest goes by the order in which it was kept, and a lease by silence."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from scheduler_core.data import migrations
from scheduler_core.data.database import open_store
from scheduler_core.data.store import Store, run_repository, serialization
from scheduler_core.data.store.records import DeliveryState, ProposalRequest, RunRequest, RunState
from scheduler_core.data.store.silence import SilenceWatch
from scheduler_core.engines.config import EngineConfig
from scheduler_core.settings.run_slots import RunSlots
from tests.support.lived_in_store import aged, live
from tests.support.sample_plans import FINGERPRINT, approval, fresh, good_schedule, planned, running, snapshot

HOUR = 3600.0


class Clock:
    """The server's clock, which somebody sets; the time that passes is the true one."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def now_us(self) -> int:
        return round((time.time() + self.ahead) * 1_000_000)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that the store goes by."""
    made = Clock()
    monkeypatch.setattr(serialization, "now_us", made.now_us)
    return made


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Store]:
    """An SQLite store."""
    opened = Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    yield opened
    opened.close()


def queued(store: Store, snapshot_id: str) -> str:
    return store.runs.submit(RunRequest(fresh(), snapshot_id, "greedy", EngineConfig(), "Ann", 60))


def test_what_was_kept_last_is_the_newest_though_the_clock_was_set_back(store: Store, clock: Clock) -> None:
    kept, plans, asked = [], [], []
    for set_back in range(4):
        clock.ahead = -HOUR * set_back
        kept.append(snapshot(store, FINGERPRINT))
        plans.append(planned(store, good_schedule(set_back), kept[0]).schedule)
        asked.append(queued(store, kept[0]))
    latest = store.snapshots.latest()
    assert latest is not None
    assert latest.id == kept[-1]
    assert [found.id for found in store.snapshots.newest()] == kept[::-1]
    assert [found.id for found in store.schedules.newest()] == plans[::-1]
    assert [run.id for run in store.runs.newest(states=[RunState.QUEUED])] == asked[::-1]
    taken = [store.runs.take(f"w{place}", RunSlots(9)) for place in range(4)]
    assert [run.id for run in taken if run is not None] == asked, "whose turn it is goes by who asked first"


def test_a_plan_made_after_a_release_is_younger_than_it_whatever_the_clock_says(quick: Store, clock: Clock) -> None:
    pulled = snapshot(quick, FINGERPRINT)
    before = planned(quick, snapshot_id=pulled)
    release = quick.releases.approve(approval(before), FINGERPRINT)
    clock.ahead = -HOUR
    after = quick.schedules.get(planned(quick, good_schedule(5), pulled).schedule)
    assert after.created_at < release.approved_at
    assert quick.schedules.get(before.schedule).order < release.order < after.order
    assert quick.releases.current("tiny") == release


def test_releases_are_delivered_in_their_order_and_the_newest_proposal_counts(quick: Store, clock: Clock) -> None:
    pulled = snapshot(quick, FINGERPRINT)
    first, second = planned(quick, snapshot_id=pulled), planned(quick, good_schedule(5), pulled)
    one = quick.releases.approve(approval(first), FINGERPRINT)
    clock.ahead = -HOUR
    two = quick.releases.approve(approval(second, on_top_of=1), FINGERPRINT)
    assert [d.number for d in quick.deliveries.newest()] == [2, 1]
    for release in (one, two):
        claimed = quick.deliveries.claim("exporter", 60, 5)
        assert claimed == (release.id, 1)
        quick.deliveries.confirm(release.id, "exporter", "here")
    for remark in ("later", "sooner"):
        clock.ahead -= HOUR
        quick.releases.propose(ProposalRequest(fresh(), first.schedule, first.content, "Ann", remark, on_top_of=2))
    assert [p.remark for p in quick.releases.waiting_proposals("tiny")] == ["sooner"]


@pytest.mark.parametrize("jump", [120.0, 9 * HOUR, -9 * HOUR])
def test_a_clock_that_is_set_ends_no_run_that_is_alive(quick: Store, clock: Clock, jump: float) -> None:
    run_id, now = running(quick, snapshot(quick)), time.monotonic()
    waiting = queued(quick, snapshot(quick))
    assert quick.runs.fail_expired(now) == ()
    clock.ahead = jump
    for passed in (0.2, 1.0, 15.0):
        assert quick.runs.fail_expired(now + passed) == ()
    quick.runs.report(run_id, "worker-1")
    assert quick.runs.fail_expired(now + 30) == (), "a new sign of life"
    assert quick.runs.fail_expired(now + 51) == (run_id,), "and none for a lease after it"
    assert quick.runs.get(waiting).state is RunState.QUEUED


def test_a_clock_that_was_set_back_keeps_no_dead_run(quick: Store, clock: Clock) -> None:
    run_id, now = running(quick, snapshot(quick)), time.monotonic()
    clock.ahead = -HOUR
    assert quick.runs.fail_expired(now) == ()
    assert quick.runs.fail_expired(now + 21) == (run_id,)


def test_a_worker_that_is_being_started_has_longer_until_its_first_report(quick: Store) -> None:
    queued(quick, snapshot(quick))
    taken, now = quick.runs.take("w1", RunSlots(1)), time.monotonic()
    assert taken is not None
    assert quick.runs.fail_expired(now) == quick.runs.fail_expired(now + 59) == ()
    assert quick.runs.fail_expired(now + 61) == (taken.id,)


def test_who_comes_by_once_waits_for_a_sign_of_life_of_a_run_in_doubt(
    quick: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_repository, "OVER_SECONDS", 0.4)
    monkeypatch.setattr(run_repository, "SIGN_SECONDS", 0.05)
    dead, alive = running(quick, snapshot(quick)), running(quick, snapshot(quick), "worker-2")
    assert quick.runs.end_lost() == (), "no lease is over: there is no doubt, and nothing is waited for"
    clock.ahead = HOUR
    passing = Store.open(quick.url)
    reports = iter(range(1000))

    def sleep(seconds: float) -> None:
        if next(reports) < 3:
            quick.runs.report(alive, "worker-2")
        real_sleep(seconds)

    real_sleep = time.sleep
    monkeypatch.setattr("scheduler_core.data.store.run_repository.time.sleep", sleep)
    assert passing.runs.end_lost() == (dead,)
    assert quick.runs.get(alive).state is RunState.RUNNING
    passing.close()


def failed_once(store: Store, wait_seconds: float) -> str:
    """A release whose first delivery has just failed."""
    one = planned(store, snapshot_id=snapshot(store, FINGERPRINT))
    release = store.releases.approve(approval(one), FINGERPRINT)
    assert store.deliveries.claim("exporter", 60, 5) == (release.id, 1)
    state = store.deliveries.fail(release.id, "exporter", "no", attempts=5, wait_seconds=wait_seconds)
    assert state is DeliveryState.PENDING
    return release.id


def test_a_delivery_that_failed_does_not_wait_longer_because_the_clock_was_set_back(store: Store, clock: Clock) -> None:
    release_id = failed_once(store, 30)
    assert store.deliveries.claim("exporter", 60, 5) is None
    clock.ahead = -HOUR
    assert store.deliveries.claim("exporter", 60, 5) == (release_id, 2)


def test_a_message_is_taken_over_after_a_lease_by_the_watchers_own_patience(
    quick: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = planned(quick, snapshot_id=snapshot(quick, FINGERPRINT))
    release = quick.releases.approve(approval(one), FINGERPRINT)
    assert quick.deliveries.claim("first", 60, 5) == (release.id, 1)
    other, passed = Store.open(quick.url), 0.0
    monkeypatch.setattr("scheduler_core.data.store.delivery_repository.time.monotonic", lambda: passed)
    assert other.deliveries.claim("second", 60, 5) is None
    for ahead in (HOUR, -HOUR):
        clock.ahead = ahead
        assert other.deliveries.claim("second", 60, 5) is None, "the first one's lease lasts"
    passed = 61.0
    assert other.deliveries.claim("second", 60, 5) == (release.id, 2)
    other.close()


def test_silence_counts_from_the_first_sight_of_a_sign() -> None:
    watch = SilenceWatch()
    given = {"a": 10.0, "b": 5.0}
    assert watch.silent({"a": 1, "b": 1}, 100.0, given.__getitem__) == frozenset()
    assert watch.silent({"a": 1, "b": 1}, 105.0, given.__getitem__) == {"b"}
    assert watch.silent({"a": 2, "b": 2}, 111.0, given.__getitem__) == frozenset()
    assert watch.silent({"a": 2}, 121.0, given.__getitem__) == {"a"}
    assert watch.silent({"b": 2}, 130.0, given.__getitem__) == frozenset(), "b was forgotten meanwhile"


def test_rows_of_an_earlier_version_get_the_order_of_the_trail(tmp_path: Path, clock: Clock) -> None:
    lived, old = (open_store(f"sqlite:///{tmp_path / name}.sqlite3") for name in ("lived", "old"))
    migrations.upgrade(lived)
    store = Store(lived)
    live(store)
    clock.ahead = -HOUR
    last = snapshot(store)
    version = next(n for n, made in enumerate(migrations.MIGRATIONS) if "order_no" in made("sqlite")[0])
    aged(lived, old, version)
    migrations.upgrade(old)
    again = Store(old)
    for newest in (lambda s: s.snapshots.newest(), lambda s: s.schedules.newest(rejected=None), lambda s: s.runs.newest()):
        assert [one.id for one in newest(again)] == [one.id for one in newest(store)]
    assert again.snapshots.needed_latest().id == last
    with pytest.raises(DBAPIError, match="append-only"), old.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE snapshot SET order_no=0")
    with pytest.raises(DBAPIError, match="the order of runs is final"), old.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE run SET order_no=9999 WHERE state='running'")
    lived.close()
    old.close()


def test_a_row_that_was_put_in_front_is_told(quick: Store) -> None:
    snapshot(quick)
    last = snapshot(quick)
    planned(quick, snapshot_id=last)
    assert quick.audit.verify() is None
    with closing(open_store(quick.url)) as database, database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER snapshot_no_update")
        connection.exec_driver_sql(f"UPDATE snapshot SET order_no=99 WHERE snapshot_id='{last}'")
    broken = quick.audit.verify()
    assert broken is not None
    assert f"snapshot {last} stands in front of what was kept after it" in broken.reason
