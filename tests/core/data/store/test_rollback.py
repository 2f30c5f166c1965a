"""Back to an earlier release, and releases that need two names."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from scheduler_core.data.database import open_store
from scheduler_core.data.store import Store, serialization
from scheduler_core.data.store.records import Proposal, ProposalRequest, Release, RollbackRequest
from scheduler_core.data.store_errors import NotFound, Refused, RequestConflict, StaleSnapshot
from scheduler_core.errors import InvalidValue
from tests.support.sample_plans import FINGERPRINT, Planned, approval, fresh, good_schedule, planned, snapshot


def back(number: int, on_top_of: int, reason: str = "the new plan was wrong", **more: str) -> RollbackRequest:
    approver = more.pop("approver", "Ann")
    return RollbackRequest(fresh(), "tiny", number, approver, reason, on_top_of, **more)


def wish(of: Planned, proposer: str = "Ann", on_top_of: int | None = None, **more: object) -> ProposalRequest:
    return ProposalRequest(fresh(), of.schedule, of.content, proposer, on_top_of=on_top_of, **more)  # type: ignore[arg-type]


def test_going_back_is_a_new_release_of_the_earlier_schedule(store: Store) -> None:
    first = store.releases.approve(approval(planned(store)), None)
    store.releases.approve(approval(planned(store, good_schedule(5)), on_top_of=1), None)
    request = back(1, 2)
    third = store.releases.roll_back(request, None)
    assert store.releases.roll_back(request, None) == third
    assert (third.number, third.schedule_id, third.comment) == (3, first.schedule_id, "the new plan was wrong")
    assert store.releases.current("tiny") == third
    assert store.releases.rolled_back("tiny") == {3: 1}
    assert [d.number for d in store.deliveries.newest("tiny")] == [3, 2, 1]
    assert len(store.releases.dispatch_rows(third.id)) == 4
    assert store.audit.newest()[0].detail["back_to"] == first.id
    assert store.audit.verify() is None


def test_a_roll_back_is_refused_like_an_approval(store: Store) -> None:
    store.releases.approve(approval(planned(store)), None)
    store.releases.approve(approval(planned(store, good_schedule(5)), on_top_of=1), None)
    for request, reason in (
        (back(1, 2, reason="  "), "needs a reason"), (back(2, 2), "released already"), (back(1, 1), "meanwhile"),
        (back(1, 2, approver=" "), "approver's name"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=reason):
            store.releases.roll_back(request, None)
    with pytest.raises(NotFound):
        store.releases.roll_back(back(7, 2), None)
    assert len(store.releases.newest("tiny")) == 2
    assert store.releases.rolled_back("tiny") == {}


def test_going_back_to_stale_data_needs_a_recorded_reason(store: Store) -> None:
    erp = snapshot(store, FINGERPRINT)
    store.releases.approve(approval(planned(store, snapshot_id=erp)), FINGERPRINT)
    store.releases.approve(approval(planned(store, good_schedule(5), erp), on_top_of=1), FINGERPRINT)
    with pytest.raises(StaleSnapshot):
        store.releases.roll_back(back(1, 2), "e" * 64)
    third = store.releases.roll_back(back(1, 2, override_reason="the machine is back"), "e" * 64)
    assert (third.number, third.override_reason) == (3, "the machine is back")


def test_one_of_two_roll_backs_at_once_wins(store: Store) -> None:
    store.releases.approve(approval(planned(store)), None)
    store.releases.approve(approval(planned(store, good_schedule(5)), on_top_of=1), None)

    def go(_: int) -> Release | Refused:
        try:
            return store.releases.roll_back(back(1, 2), None)
        except Refused as refusal:
            return refusal

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(go, range(4)))
    assert sum(isinstance(o, Release) for o in outcomes) == 1
    assert len(store.releases.newest("tiny")) == 3


# ---------------------------------------------------------------- two names
def test_one_proposes_and_another_one_approves(store: Store) -> None:
    made = planned(store)
    with pytest.raises(Refused, match="need two names"):
        store.releases.approve(approval(made), None, True)
    request = wish(made, remark="for Monday")
    proposal = store.releases.propose(request)
    assert store.releases.propose(request) == proposal
    for change, said in (({"proposer": "Bob"}, "proposer: 'Ann' there"), ({"remark": "x"}, "remark: 'for Monday' there")):
        with pytest.raises(RequestConflict, match=said):
            store.releases.propose(replace(request, **change))
    assert store.releases.waiting_proposals("tiny") == (proposal,)
    assert (proposal.proposer, proposal.remark) == ("Ann", "for Monday")
    for name in ("Ann", " ann ", "ＡＮＮ"):
        with pytest.raises(Refused, match="somebody else has to approve"):
            store.releases.approve(approval(made, approver=name), None, True)
    release = store.releases.approve(approval(made, approver="Bob"), None, True)
    assert (release.approver, store.audit.newest()[0].detail["proposer"]) == ("Bob", "Ann")
    assert store.releases.waiting_proposals("tiny") == ()
    assert store.audit.verify() is None


def test_a_name_that_looks_like_the_first_is_no_second_name(store: Store) -> None:
    made = planned(store)
    store.releases.propose(wish(made, "Bea Koh"))
    for name in ("BeaKoh", "ВЕА КОН", "ＢＥＡ  ＫＯＨ"):
        with pytest.raises(Refused, match=r"Bea Koh has proposed this release, and .* may be the same person"):
            store.releases.approve(approval(made, approver=name), None, True)
    for name in ("Bea Koh\u2060", "\u3164", "Bea Koh\ufe0f", "Вea Koh"):
        with pytest.raises(InvalidValue, match="approver"):
            store.releases.approve(approval(made, approver=name), None, True)
        with pytest.raises(InvalidValue, match="proposer"):
            store.releases.propose(wish(made, name))
    assert store.releases.newest("tiny") == ()
    assert store.releases.approve(approval(made, approver="Bea Ooi"), None, True).approver == "Bea Ooi"


def test_names_from_the_time_before_are_read_and_are_still_no_second_name(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, made = "Bea\u200b\u3164", planned(store)
    with monkeypatch.context() as earlier:
        earlier.setattr(serialization, "person", lambda _where, name: name)
        first = store.releases.approve(approval(made, approver=old), None)
        again = planned(store, good_schedule(5))
        store.releases.propose(wish(again, old, on_top_of=1))
    assert [r.approver for r in store.releases.newest("tiny")] == [first.approver] == [old]
    assert [p.proposer for p in store.releases.waiting_proposals("tiny")] == [old]
    assert store.audit.verify() is None
    with pytest.raises(Refused, match="may be the same person"):
        store.releases.approve(approval(again, approver="Bea", on_top_of=1), None, True)


def test_a_proposal_holds_for_one_version_only(store: Store) -> None:
    one, two = planned(store), planned(store, good_schedule(5))
    store.releases.propose(wish(one))
    store.releases.propose(wish(two))
    store.releases.approve(approval(one, approver="Bob"), None, True)
    assert store.releases.waiting_proposals("tiny") == ()
    with pytest.raises(Refused, match="need two names"):
        store.releases.approve(approval(two, approver="Bob", on_top_of=1), None, True)
    with pytest.raises(Refused, match="released meanwhile"):
        store.releases.propose(wish(two))


def test_going_back_needs_two_names_too(store: Store) -> None:
    one, two = planned(store), planned(store, good_schedule(5))
    store.releases.approve(approval(one), None)
    store.releases.approve(approval(two, on_top_of=1), None)
    with pytest.raises(Refused, match="two names"):
        store.releases.roll_back(back(1, 2), None, True)
    with pytest.raises(Refused, match="needs a reason"):
        store.releases.propose(wish(one, on_top_of=2, back_to=1))
    proposal = store.releases.propose(wish(one, on_top_of=2, back_to=1, remark="wrong plan"))
    assert isinstance(proposal, Proposal)
    assert proposal.back_to == 1
    assert store.releases.roll_back(back(1, 2, approver="Bob"), None, True).number == 3


def test_the_tables_ask_for_two_names_as_well(store: Store, database_url: str) -> None:
    made = planned(store)
    store.releases.propose(wish(made))
    insert = sa.text(
        "INSERT INTO approval(approval_id,request_id,plant,release_no,previous_no,schedule_id,content_sha256,snapshot_id,"
        "violations,snapshot_fingerprint,erp_fingerprint,approver,remark,override_reason,approved_us) VALUES "
        "(:id,:id,'tiny',1,NULL,:schedule,:content,:snapshot,0,'','',:approver,'',NULL,1)"
    )
    values = {"schedule": made.schedule, "content": made.content, "snapshot": made.snapshot}
    database = open_store(database_url)
    for name in ("Ann", "ANN"):
        with pytest.raises(DBAPIError, match="second name"), database.engine.begin() as connection:
            connection.execute(insert, {**values, "id": fresh(), "approver": name})
    with database.engine.begin() as connection:
        connection.execute(insert, {**values, "id": fresh(), "approver": "Bob"})
    database.close()


def test_switching_the_rule_off_is_recorded(store: Store) -> None:
    one, two = planned(store), planned(store, good_schedule(5))
    store.releases.propose(wish(one))
    store.releases.approve(approval(one, approver="Bob"), None, True)
    store.releases.approve(approval(two, on_top_of=1), None, False)
    assert [e.detail["four_eyes"] for e in store.audit.newest() if e.action == "four-eyes"] == [False, True]
