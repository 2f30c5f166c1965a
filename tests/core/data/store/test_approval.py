from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from scheduler_core.data.database import open_store
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import ApprovalRequest, Release, RollbackRequest
from scheduler_core.data.store_errors import NotFound, Refused, RequestConflict, StaleSnapshot
from tests.support.sample_plans import (
    FINGERPRINT,
    approval,
    fresh,
    good_schedule,
    overlapping_schedule,
    planned,
    small_plant,
    snapshot,
)


def test_a_release_writes_everything_at_once(store: Store, database_url: str) -> None:
    made = planned(store)
    release = store.releases.approve(approval(made, comment="  for Monday  "), None)
    assert (release.number, release.plant, release.approver, release.comment) == (1, "tiny", "Ann", "for Monday")
    assert (release.schedule_id, release.content_sha256, release.override_reason) == (made.schedule, made.content, None)
    assert store.releases.current("tiny") == release == store.releases.get(release.id)
    rows = store.releases.dispatch_rows(release.id)
    assert [(r.machine_name, r.position, r.job, r.sequence) for r in rows] == [
        ("M1", 1, "JOB-1", 1), ("M1", 2, "JOB-1", 2), ("M2", 1, "JOB-1", 2), ("M2", 2, "job-1", 1)
    ]  # fmt: skip
    first, last = rows[0], rows[-1]
    start = small_plant().plan_start
    assert (first.start, first.end, first.due) == (start, start + timedelta(hours=1), start + timedelta(minutes=500))
    assert (first.product, first.quantity, last.product, last.quantity, last.due) == ("CP01-100", 50, None, 2.5, None)
    database = open_store(database_url)
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT approval_id, state, attempts FROM outbox").all() == [
            (release.id, "pending", 0)
        ]
    database.close()
    assert store.audit.newest()[0].action == "approve"
    assert store.audit.newest()[0].actor == "Ann"


def test_a_refused_approval_writes_nothing(store: Store) -> None:
    made = planned(store)
    before = store.audit.newest()
    for request, reason in (
        (approval(made, approver="  "), "approver's name"),
        (approval(made, content="0" * 64), "not the one that was shown"),
        (approval(made, on_top_of=3), "look at the difference again"),
        (approval(planned(store, overlapping_schedule())), "rejected this schedule"),
    ):
        with pytest.raises(Refused, match=reason):
            store.releases.approve(request, None)
    with pytest.raises(NotFound):
        store.releases.approve(ApprovalRequest(fresh(), "nope", "0" * 64, "Ann"), None)
    assert store.releases.current("tiny") is None
    assert [a for a in store.audit.newest() if a.action == "approve"] == [a for a in before if a.action == "approve"] == []


def test_the_same_request_is_one_approval(store: Store) -> None:
    made, other = planned(store), planned(store, good_schedule(5))
    request = approval(made)
    assert store.releases.approve(request, None) == store.releases.approve(request, None)
    assert len(store.releases.newest("tiny")) == 1
    with pytest.raises(
        RequestConflict, match=f"was used for something else: version 1 of 'tiny' .schedule: '{made.schedule}'"
    ):
        store.releases.approve(approval(other, request_id=request.request_id), None)


def test_another_decision_under_the_same_request_is_a_conflict(store: Store) -> None:
    made = planned(store)
    request = approval(made, comment="for Monday")
    first = store.releases.approve(request, None)
    for change, said in (
        ({"approver": "Bob"}, "approver: 'Ann' there, 'Bob' here"),
        ({"comment": "x"}, "comment: 'for Monday' there, 'x' here"),
        ({"content_sha256": "0" * 64}, "content: "), ({"on_top_of": 1}, "on top of version: 'none' there, '1' here"),
    ):  # fmt: skip
        with pytest.raises(RequestConflict, match=said):
            store.releases.approve(replace(request, **change), None)
    assert store.releases.approve(replace(request, approver=" Ann "), None) == first, "spaces around it make no other name"
    with pytest.raises(RequestConflict, match="roll-back to version: 'none' there, '1' here"):
        store.releases.roll_back(RollbackRequest(request.request_id, "tiny", 1, "Ann", "for Monday", 1), None)
    assert store.releases.newest("tiny") == (first,)


def test_the_same_request_under_the_same_name_written_otherwise_is_one_approval(store: Store) -> None:
    request = approval(planned(store), approver="Ann@Example.org")
    first = store.releases.approve(request, None)
    assert first.approver == "ann@example.org"
    for written in ("Ann@Example.org", "ANN@example.org", "ann\uff20example.org"):
        assert store.releases.approve(replace(request, approver=written), None) == first


def test_releases_are_numbered_and_build_on_each_other(store: Store) -> None:
    one, two = planned(store), planned(store, good_schedule(5))
    first = store.releases.approve(approval(one), None)
    with pytest.raises(Refused, match="version 1 has been released meanwhile"):
        store.releases.approve(approval(two), None)
    with pytest.raises(Refused, match="released already, as version 1"):
        store.releases.approve(approval(one, on_top_of=1), None)
    second = store.releases.approve(approval(two, on_top_of=1), None)
    # Rolling back is releasing the older plan again.
    third = store.releases.approve(approval(one, on_top_of=2), None)
    assert [r.number for r in store.releases.newest("tiny")] == [3, 2, 1]
    assert store.releases.current("tiny") == third
    assert (third.schedule_id, second.schedule_id) == (first.schedule_id, two.schedule)


def test_one_of_many_concurrent_approvals_wins(store: Store) -> None:
    plans = [planned(store, good_schedule(delay)) for delay in range(6)]

    def approve(i: int) -> Release | Refused:
        try:
            return store.releases.approve(approval(plans[i]), None)
        except Refused as refusal:
            return refusal

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(approve, range(6)))
    assert sum(isinstance(o, Release) for o in outcomes) == 1
    assert all("meanwhile" in str(o) for o in outcomes if isinstance(o, Refused))
    assert len(store.releases.newest("tiny")) == 1
    assert store.audit.first_broken() is None


def test_a_double_click_is_one_approval(store: Store) -> None:
    made = planned(store)
    request = approval(made)
    with ThreadPoolExecutor(4) as pool:
        releases = list(pool.map(lambda _: store.releases.approve(request, None), range(4)))
    assert len({r.id for r in releases}) == 1
    assert len(store.releases.newest("tiny")) == 1


def test_a_changed_erp_refuses_or_is_overridden_with_a_recorded_reason(store: Store) -> None:
    made = planned(store, snapshot_id=snapshot(store, FINGERPRINT))
    with pytest.raises(StaleSnapshot, match="has changed since this snapshot"):
        store.releases.approve(approval(made), "e" * 64)
    with pytest.raises(StaleSnapshot, match="has changed"):
        store.releases.approve(approval(made, override_reason="   "), "e" * 64)
    with pytest.raises(StaleSnapshot, match="cannot be read"):
        store.releases.approve(approval(made), None)
    release = store.releases.approve(approval(made, override_reason="only a report of output"), "e" * 64)
    assert release.override_reason == "only a report of output"
    assert store.audit.newest()[0].detail["override_reason"] == "only a report of output"


def test_an_unchanged_erp_needs_no_reason(store: Store) -> None:
    made = planned(store, snapshot_id=snapshot(store, FINGERPRINT))
    release = store.releases.approve(approval(made, override_reason="not needed"), FINGERPRINT)
    assert release.override_reason is None


def test_rows_that_were_tampered_with_are_not_released(store: Store, database_url: str) -> None:
    made = planned(store)
    database = open_store(database_url)
    drop = "DROP TRIGGER assignment_no_update"
    with database.engine.begin() as connection:
        connection.exec_driver_sql(drop)
        move = "UPDATE assignment SET end_min = end_min + 1 WHERE schedule_id = :id"
        connection.execute(sa.text(move), {"id": made.schedule})
    database.close()
    with pytest.raises(Refused, match="do not match their content hash"):
        store.releases.approve(approval(made), None)


def test_the_stored_rows_are_judged_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from scheduler_core.data.store import approvals
    from scheduler_core.judge.validator import Rule, Violation

    made = planned(store)
    found = (Violation(Rule.SETUP, "JOB-1", 1, None, "setup is wrong"),)
    monkeypatch.setattr(approvals, "violations", lambda plant, schedule: found)
    with pytest.raises(Refused, match="breaks 1 rules: setup is wrong"):
        store.releases.approve(approval(made), None)
