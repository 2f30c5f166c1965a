"""What the daily account could add: the tables refuse it; without their guards, the verifiers and the exporter see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from scheduler_core.data.database import Database, open_store
from scheduler_core.data.export.config import ExportConfig
from scheduler_core.data.export.exporter import Exporter
from scheduler_core.data.export.message import Message
from scheduler_core.data.maintenance.backup import unchanging
from scheduler_core.data.maintenance.verification import problems
from scheduler_core.data.store import Store, audit, store_stats
from scheduler_core.data.store.records import DeliveryState, ProposalRequest
from scheduler_core.data.store_errors import Refused
from scheduler_core.roles import Role
from tests.support.guards import lift_guards_of_additions
from tests.support.sample_plans import approval, fresh, good_schedule, overlapping_schedule, planned

ADDITIONS = {
    "an operation of a finished plan": "INSERT INTO assignment VALUES(:plan,'JOB-7',1,700,760,0)",
    "an operation of a rejected schedule": "INSERT INTO assignment VALUES(:rejected,'JOB-7',1,700,760,0)",
    "a second machine of an operation": "INSERT INTO assignment_machine VALUES(:plan,'JOB-1',1,2,0)",
    "a violation of a rejected schedule": "INSERT INTO fault VALUES(:rejected,99,'overlap','JOB-1',1,2,'m')",
    "a violation of a plan": "INSERT INTO fault VALUES(:plan,0,'overlap','JOB-1',1,2,'m')",
    "a quarantined row of a pull": "INSERT INTO finding VALUES(:snapshot,9,'quarantine','t','r','f','v','why','JOB-1')",
    "a dispatch line": "INSERT INTO dispatch VALUES(:release,:plan,1,9,'M1','JOB-1',1,'w',NULL,NULL,0,'a','b',NULL)",
    "an acknowledged order": "INSERT INTO acknowledged_loss VALUES(:release,'JOB-7','dropped')",
    "a roll-back": "INSERT INTO rolled_back VALUES(:release,:plan,:second,'why')",
    "a second name": "INSERT INTO seconded VALUES(:release,:plan,'Ann',:proposal,'Bob')",
    "a fact in a snapshot": "INSERT INTO fact_applied VALUES(:snapshot,0,'f',NULL)",
    "a plant before facts": "INSERT INTO snapshot_before_facts VALUES(:snapshot,'{}',:hash)",
    "a role": "INSERT INTO role_change VALUES(7,'mallory','approver',1,'boss',1)",
    "a role by another name": "INSERT INTO role_change VALUES(7,'mallory','admin',1,'boss',1)",
    "a service token": "INSERT INTO service_token VALUES(7,'t','q','n','ann','planner',:hash,2,'ann',1)",
    "an acknowledged alert": "INSERT INTO alert_acknowledgement VALUES(7,:hash32,'eve',1)",
    "the rule of two names switched off": "UPDATE plant_rule SET four_eyes=0",
    "the rule for another plant": "UPDATE plant_rule SET plant='else'",
    "a rule for a new plant": "INSERT INTO plant_rule VALUES('else',1,1)",
    "a proposal": "INSERT INTO proposal SELECT :hash32,'q',plant,schedule_id,content_sha256,snapshot_id,0,on_top_of,NULL,"
    "'Eve','',1 FROM proposal",
    "a plan taken back": "INSERT INTO withdrawal VALUES(7,:other,NULL,0,'eve',1)",
    "a frozen zone": "INSERT INTO frozen_zone VALUES(7,'tiny',0,'eve',1)",
    "hours of a work centre": "INSERT INTO frozen_centre VALUES(1,9,60)",
    "a downtime": "INSERT INTO recorded_downtime VALUES(7,'d','q7','tiny',1,'M1','2025-07-21T06:00:00',NULL,0,'x','eve',1)",
    "a fact": "INSERT INTO fact VALUES(7,'f','q8','tiny','note','{}','2025-07-21T06:00:00',NULL,0,'x',NULL,'eve',1)",
}  # fmt: skip


def world(store: Store) -> dict[str, str]:
    """Two releases, the second by two names, a rejected schedule, a withdrawn plan and a role; ids by their names above."""
    plan, second, other = planned(store), planned(store, good_schedule(5)), planned(store, good_schedule(9))
    rejected = planned(store, overlapping_schedule())
    store.frozen_zones.set_zone("tiny", 8, {7: 24}, "Ann")
    release = store.releases.approve(approval(plan), None)
    proposal = store.releases.propose(ProposalRequest(fresh(), second.schedule, second.content, "Bob", on_top_of=1))
    later = store.releases.approve(approval(second, on_top_of=1), None, True)
    store.roles.grant("ann", "viewer", "boss")
    store.withdrawals.change_plan(other.schedule, withdraw=True, actor="Ann")
    return {
        "plan": plan.schedule, "rejected": rejected.schedule, "snapshot": plan.snapshot, "release": release.id,
        "second": later.id, "proposal": proposal.id, "other": other.schedule, "hash": "a" * 64, "hash32": "b" * 32,
    }  # fmt: skip


def written(database: Database, statement: str, names: Mapping[str, str]) -> None:
    used = {key: value for key, value in names.items() if f":{key}" in statement}
    with database.engine.begin() as connection:
        connection.execute(sa.text(statement), used)


def both_verifiers(store: Store) -> tuple[str | None, tuple[str, ...]]:
    """What ``audit verify`` and ``db verify`` say."""
    broken = store.audit.verify()
    with closing(open_store(store.url)) as database, unchanging(database) as connection:
        return None if broken is None else broken.reason, problems(connection, lambda fraction, message: None)


def test_the_tables_refuse_additions_to_what_is_complete_and_past_the_trail(store: Store) -> None:
    names, accepted = world(store), []
    with closing(open_store(store.url)) as database:
        for what, statement in ADDITIONS.items():
            try:
                written(database, statement, names)
                accepted.append(what)
            except DBAPIError as refusal:
                said = str(refusal.orig)
                assert "that is complete is kept as it is" in said or "only with a line in the audit trail" in said, said
    assert accepted == []
    assert both_verifiers(store) == (None, ())


def test_a_line_that_tells_something_else_lets_no_row_in(store: Store) -> None:
    """The newest line grants viewer to ann: no other role, person or direction goes in with it."""
    store.roles.grant("ann", "viewer", "boss")
    with closing(open_store(store.url)) as database:
        for row in ("7,'ann','admin',1,'boss',1", "7,'eve','viewer',1,'boss',1", "7,'ann','viewer',0,'boss',1",
                    "7,'ann','viewer',1,'eve',1"):  # fmt: skip
            with pytest.raises(DBAPIError, match="only with a line"):
                written(database, f"INSERT INTO role_change VALUES({row})", {})


def test_a_role_that_was_slipped_in_gives_no_right_and_is_told(store: Store) -> None:
    lift_guards_of_additions(store.url)
    store.roles.grant("ann", "viewer", "boss")
    with closing(open_store(store.url)) as database:
        written(database, "INSERT INTO role_change VALUES(7,'mallory','approver',1,'boss',1)", {})
        written(database, "INSERT INTO role_change VALUES(8,'ann','admin',1,'boss',1)", {})
    assert (store.roles.of("mallory"), store.roles.of("ann")) == (frozenset(), frozenset({Role.VIEWER}))
    assert [one.person for one in store.roles.granted()] == ["ann"]
    said = "no line tells of grant-role of mallory, which stands in role_change"
    assert both_verifiers(store) == (said, (said,))
    assert store.roles.grant("mallory", "approver", "boss"), "it can be given in the right way"
    assert store.roles.of("mallory") == {Role.APPROVER}


def test_a_proposal_that_was_slipped_in_is_no_second_name(store: Store) -> None:
    first, plan = planned(store), planned(store, good_schedule(5))
    store.releases.propose(ProposalRequest(fresh(), first.schedule, first.content, "Ann"))
    lift_guards_of_additions(store.url)
    names = {"plan": plan.schedule, "content": plan.content, "snapshot": plan.snapshot, "hash32": "b" * 32}
    with closing(open_store(store.url)) as database:
        forgery = "INSERT INTO proposal SELECT :hash32,'q',plant,:plan,:content,:snapshot,0,on_top_of,NULL,'Bob','',1"
        written(database, f"{forgery} FROM proposal", names)
    with pytest.raises(Refused, match="need two names"):
        store.releases.approve(approval(plan), None, True)
    said = f"no line tells of propose of {'b' * 32}"
    assert both_verifiers(store) == (said, (said,))
    assert store.releases.approve(approval(first, approver="Bob"), None, True).number == 1


@pytest.mark.parametrize(
    ("statement", "said"),
    [("UPDATE plant_rule SET four_eyes=0", "no line tells that the rule of two names is off for tiny, as plant_rule says"),
     ("INSERT INTO plant_rule VALUES('else',1,1)",
      "no line tells that the rule of two names is on for else, as plant_rule says")],
)  # fmt: skip
def test_a_rule_that_was_switched_past_the_trail_is_told(store: Store, statement: str, said: str) -> None:
    names = world(store)
    lift_guards_of_additions(store.url)
    with closing(open_store(store.url)) as database:
        written(database, statement, names)
    assert both_verifiers(store) == (said, (said,))


class Taker:
    """A receiver that takes everything."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    def deliver(self, message: Message) -> str:
        self.taken.append(message.approval_id)
        return "taken"


FORGERIES = {
    "its dispatch lines have been changed": (
        ADDITIONS["an operation of a finished plan"],
        "INSERT INTO assignment_machine VALUES(:plan,'JOB-7',1,1,700)",
        "INSERT INTO dispatch VALUES(:release,:plan,1,9,'M1','JOB-7',1,'w',NULL,NULL,0,'2025-07-21T18:00:00',"
        "'2025-07-21T19:00:00',NULL)",
    ),
    "the orders that were acknowledged have been changed": (ADDITIONS["an acknowledged order"],),
}
"""What makes a release another one than was approved, and what is said of it."""


@pytest.mark.parametrize(("said", "statements"), FORGERIES.items())
def test_a_forged_release_is_not_sent_and_raises_an_alarm(store: Store, said: str, statements: Sequence[str]) -> None:
    names = world(store)
    lift_guards_of_additions(store.url)
    with closing(open_store(store.url)) as database:
        for statement in statements:
            written(database, statement, names)
    receiver = Taker()
    forged, whole = Exporter(store, receiver, ExportConfig()).deliver_due()
    assert (forged.state, whole.state) == (DeliveryState.DEAD, DeliveryState.CONFIRMED)
    assert forged.said == f"not sent, because it is not what was approved: {said} (see 'shopwright audit verify')"
    assert receiver.taken == [names["second"]], "the one that is as approved goes out"
    line = next(entry for entry in store.audit.newest() if entry.action == "undeliverable")
    assert (line.subject, line.detail["reason"]) == (names["release"], forged.said)
    assert store_stats.look(store.url).undeliverable == 1, "health makes a fault of it"
    in_audit, in_db = both_verifiers(store)
    assert in_audit == f"approve of {names['release']}: {said}"
    assert in_audit in in_db


def test_a_release_that_no_line_tells_of_is_not_sent(store: Store) -> None:
    store.releases.approve(approval(planned(store)), None)
    new, forged_id = planned(store, good_schedule(11)), "c" * 32
    names = {"id": forged_id, "plan": new.schedule, "content": new.content, "snapshot": new.snapshot}
    with closing(open_store(store.url)) as database:
        forgery = (
            "INSERT INTO approval SELECT :id,'q',plant,2,1,:plan,:content,:snapshot,0,'','','Eve','',NULL,approved_us+1,0,0"
        )
        written(database, f"{forgery} FROM approval", names)
        written(database, "INSERT INTO outbox(approval_id,state,attempts) VALUES(:id,'pending',0)", names)
    receiver = Taker()
    attempts = {attempt.number: attempt for attempt in Exporter(store, receiver, ExportConfig()).deliver_due()}
    assert {n: a.state for n, a in attempts.items()} == {1: DeliveryState.CONFIRMED, 2: DeliveryState.DEAD}
    assert "no line of the audit trail tells of this release" in attempts[2].said
    assert forged_id not in receiver.taken


def test_lines_of_older_versions_are_not_covered_and_no_fault(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    record = audit.record

    def older(connection: Connection, actor: str, action: str, subject: str, detail: Mapping[str, object]) -> None:
        late = {"dispatch_sha256", "back_to", "proposal", "proposer", "machine_name"}
        record(connection, actor, action, subject, {key: value for key, value in detail.items() if key not in late})

    monkeypatch.setattr(audit, "record", older)
    store.releases.approve(approval(planned(store)), None)
    monkeypatch.undo()
    found = store.audit.examine()
    assert (found.broken, dict(found.uncovered)) == (None, {"approve": 1})
    assert both_verifiers(store) == (None, ())
    (attempt,) = Exporter(store, Taker(), ExportConfig()).deliver_due()
    assert attempt.state is DeliveryState.CONFIRMED
