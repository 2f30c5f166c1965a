"""The ERP watched from Today: one look at a time, failures as age, and one click that replans."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
import sqlalchemy as sa
import streamlit as st

from dashboard.background.erp_poller import ErpPoller, poll_seconds
from dashboard.state import supervision
from dashboard.state.plant_context import utc_now
from dashboard.views.today.erp_changes import change_words
from scheduler_core.analysis.shop_floor_changes import MachineChange, MachineEvent, ShopFloorChanges
from scheduler_core.data import demo, erp
from scheduler_core.data.database import DatabaseUnavailable
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import SnapshotInfo
from scheduler_core.errors import InvalidValue
from scheduler_core.plant import Plant
from scheduler_core.services import pulling
from scheduler_core.settings import environment, locations
from scheduler_core.settings.environment import POLL_SECONDS
from tests.support.opening import open_page, texts
from tests.support.page_runs import without_slots
from tests.support.seeding import seed_plan, seed_snapshot


def wait_for(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not done():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def info(store: Store, plant: Plant) -> SnapshotInfo:
    return store.snapshots.get(seed_snapshot(store, plant))


def test_two_looks_never_run_at_once_and_nobody_waits(store: Store, small_plant: Plant) -> None:
    go, began = Event(), []

    def look(snapshot: SnapshotInfo) -> Plant:
        began.append(snapshot.id)
        assert go.wait(20)
        return small_plant

    snapshot, now = info(store, small_plant), utc_now()
    watched = ErpPoller(look)
    for minute in range(5):
        assert watched.see(snapshot, now + timedelta(minutes=minute), 60).plant is None
    wait_for(lambda: began == [snapshot.id])
    go.set()
    wait_for(lambda: watched.see(snapshot, now, 60).plant is small_plant)
    assert began == [snapshot.id]
    watched.see(snapshot, now + timedelta(minutes=2), 60)
    wait_for(lambda: len(began) == 2)


def test_a_failed_look_keeps_what_was_seen_before(store: Store, small_plant: Plant) -> None:
    answers: list[Plant | Exception] = [small_plant, DatabaseUnavailable("ERP database: gone")]

    def look(_: SnapshotInfo) -> Plant:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    snapshot, now = info(store, small_plant), utc_now()
    watched = ErpPoller(look)
    wait_for(lambda: watched.see(snapshot, now, 60).plant is small_plant)
    later = now + timedelta(seconds=60)
    wait_for(lambda: watched.see(snapshot, later, 60).failure is not None)
    status = watched.see(snapshot, later, 60)
    assert status.failure == "ERP database: gone"
    assert status.plant is small_plant
    assert status.seen_at is not None


@pytest.mark.parametrize(("text", "seconds"), [("", 60), ("0", 0), ("5", 5), ("300", 300)])
def test_the_interval_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch, text: str, seconds: int) -> None:
    monkeypatch.setenv(POLL_SECONDS, text)
    assert poll_seconds() == seconds


@pytest.mark.parametrize("text", ["4", "-1", "1.5", "soon"])
def test_a_wrong_interval_is_named(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(POLL_SECONDS, text)
    with pytest.raises(InvalidValue, match=POLL_SECONDS):
        poll_seconds()


@pytest.mark.slow
def test_changed_rows_are_shown_and_one_click_pulls_and_replans(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'erp.sqlite3'}"
    demo.ensure_demo(url)
    monkeypatch.setenv(environment.ERP_URL, url)
    monkeypatch.setenv(environment.ERP_CONFIG, str(locations.root() / "configs" / "demo_erp.yaml"))
    monkeypatch.setattr(supervision, "new_supervisor", without_slots)
    first = pulling.pull(store, request_id="pull")
    before = store.snapshots.plant(first)
    seed_plan(store, first, "greedy", "WATC")
    assert pulling.look(store.snapshots.get(first)) is None
    job = before.jobs[-1].id
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE tbl_jo_txn SET DocStatus_c = 'CP' WHERE DocRef_v = :job"), {"job": job})
    engine.dispose()
    st.cache_resource.clear()
    page = open_page("today")
    wait_for(lambda: "1 change since the pull: 1 order gone." in texts(page.run()))
    assert not page.exception
    shown = next(d.value for d in page.dataframe if "What" in d.value.columns)
    assert list(shown["What"]) == ["job gone"]
    assert list(shown["Job"]) == [job]
    page.button(key="replan").click().run()
    assert not page.exception
    latest = store.snapshots.latest()
    assert latest is not None
    assert latest.id != first
    assert sorted(r.engine for r in store.runs.newest(snapshot_id=latest.id)) == ["greedy", "learned"]
    # What has begun stays: the ERP reader fixes it, before and after.
    ran = {(j.id, o.sequence) for j in before.jobs for o in j.operations if o.fixed and j.id != job}
    runs = {(j.id, o.sequence) for j in store.snapshots.plant(latest.id).jobs for o in j.operations if o.fixed}
    assert ran
    assert ran <= runs
    assert erp.load_config(locations.erp_config()).plant == latest.plant


def test_the_changes_are_counted_by_kind_with_what_stops_work_first(small_plant: Plant) -> None:
    jobs, machine = small_plant.jobs, small_plant.machines[0]
    found = ShopFloorChanges(
        arrived=jobs[:2], gone=jobs[2:3], machines=(MachineChange(machine, MachineEvent.DOWN, None),) * 2,
    )  # fmt: skip
    assert change_words(found, "v2") == "5 changes since v2: 2 machines down, 2 new orders, 1 order gone."
    assert change_words(ShopFloorChanges(), "v2") == "The ERP has changed since v2, but no change affects a plan."
