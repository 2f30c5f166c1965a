"""Machines out of service overnight: Today says it in red, and a release needs the acknowledgement of who leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler_core.analysis.job_sets import LeavesBecause, losses
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import ApprovalRequest, NewScenario, QuarantinedRow, Source
from scheduler_core.data.store_errors import Unacknowledged
from scheduler_core.plant import Plant
from scheduler_core.scenarios.changes import DueChanged, apply_all
from scheduler_core.scenarios.changes_file import changes_to_json
from tests.support.opening import open_page, release, texts
from tests.support.plants import job, machine, operation, plant
from tests.support.seeding import seed_plan, seed_snapshot


def evening() -> Plant:
    return plant(
        job("A", operation(600, 1), due=60),
        job("B", operation(60, 2), due=500),
        machines=(machine(1), machine(2)),
    )


def overnight(store: Store) -> str:
    """The plan of the evening is in force; machine 1 is gone in the morning. Returns the morning's plan."""
    before = evening()
    release(store, seed_plan(store, seed_snapshot(store, before)))
    after = replace(before, machines=before.machines[1:], jobs=before.jobs[1:])
    return seed_plan(store, seed_snapshot(store, after, "snapshot-2"), request_id="morning")


def test_today_says_first_in_red_what_is_down_and_whom_it_stops(store: Store) -> None:
    morning = overnight(store)
    page = open_page("today", plan=morning)
    assert not page.exception
    name = evening().machines[0].name
    assert page.error[0].value.replace("\\", "") == f"1 machine down: {name}. 1 order cannot be planned."
    assert "0 machines down" not in texts(page)
    assert page.dataframe[0].value.iloc[0].tolist()[0] == "A"
    late = next(m for m in page.metric if m.label == "Late jobs")
    assert (late.value, late.delta) in {("0", ""), ("0", "0"), ("0", "±0")}, "the lost late job is no gain"


def test_the_approval_needs_the_acknowledgement_and_keeps_it(store: Store) -> None:
    morning = overnight(store)
    stored = store.schedules.get(morning)
    bare = ApprovalRequest("bare", morning, stored.content_sha256, "Ana", on_top_of=1)
    for wrong in ((), ("B",), ("A", "B")):
        with pytest.raises(Unacknowledged, match=r"1 order of version 1 is no longer in this plan \(A\)"):
            store.releases.approve(replace(bare, acknowledged=wrong), None)
    page = open_page("approve", plan=morning)
    page.text_input(key="approver").set_value("Ana").run()
    page.button(key="release").click().run()
    assert not any(button.key == "confirm" for button in page.button), "refused before it asks once more"
    assert store.releases.newest(stored_plant(store, morning))[0].number == 1
    assert "No longer in this plan: 1 order of version 1." in texts(page)
    page.checkbox(key=f"acknowledged_{morning}").check().run()
    page.button(key="release").click().run()
    page.button(key="confirm").click().run()
    assert not page.exception
    newest = store.releases.newest(stored_plant(store, morning))[0]
    assert (newest.number, dict(store.releases.acknowledged(newest.id))) == (2, {"A": "dropped"})
    assert store.audit.verify() is None


def test_a_what_if_plan_loses_the_same_orders_as_the_pull_behind_it(store: Store) -> None:
    """A was at work on machine 1 when that failed: only the pull's quarantine says that it is not finished."""
    before = evening()
    release(store, seed_plan(store, seed_snapshot(store, before)))
    later = before.plan_start + timedelta(minutes=30)
    after = replace(before, machines=before.machines[1:], jobs=before.jobs[1:], plan_start=later)
    row = QuarantinedRow("tbl_jo_process", "TxnId_i=1", "Machine_v", "1", "names machine 1 (M1), which is not active", "A")
    pulled = store.snapshots.save(after, request_id="snapshot-2", source=Source.FILE, quarantine=(row,))
    morning = seed_plan(store, pulled, request_id="morning")
    changes = (DueChanged("B", 700),)
    asked = NewScenario("what-if", morning, apply_all(after, changes), changes_to_json(after, changes), 0, 0)
    derived = store.scenarios.get(store.scenarios.save(asked)).snapshot_id
    for snapshot_id in (pulled, derived):
        lost = losses(store.releases.leaving(after.name, snapshot_id))
        assert [(j.job.id, j.because) for j in lost] == [("A", LeavesBecause.QUARANTINED)]


def stored_plant(store: Store, schedule_id: str) -> str:
    return store.snapshots.get(store.schedules.get(schedule_id).snapshot_id).plant
