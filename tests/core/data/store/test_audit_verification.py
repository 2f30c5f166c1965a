"""Whatever is changed behind the triggers' back, in the trail or in the tables that it tells of, is found."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.database import Database, open_store
from scheduler_core.data.maintenance.backup import unchanging
from scheduler_core.data.maintenance.verification import problems
from scheduler_core.data.store import Store, audit_verification
from scheduler_core.data.store.records import (
    AppliedFact,
    Broken,
    DowntimeChange,
    IncidentChanges,
    NewDowntime,
    NewFact,
    NewIncident,
    NewScenario,
    NewToken,
    ProposalRequest,
    RollbackRequest,
    Source,
)
from scheduler_core.data.store.tables import METADATA
from scheduler_core.roles import Role
from scheduler_core.scenarios.breakdown import Breakdown
from scheduler_core.scenarios.changes import apply_all
from scheduler_core.scenarios.changes_file import changes_to_json
from tests.support.guards import lift, lift_guards_of_additions
from tests.support.sample_plans import FINGERPRINT, approval, fresh, good_schedule, planned, small_plant, snapshot

GUARDED = ("audit", "approval", "dispatch", "proposal", "seconded", "rolled_back")
OWN = {
    "plant_rule": ["plant", "four_eyes"],
    "scenario": ["scenario_id"],
    "snapshot": ["sha256", "plant", "source"],
    "run": ["engine", "actor"],
    "outbox": ["state"],
    "assignment": ["start_min"],
    "recorded_downtime": [
        "downtime_id",
        "plant",
        "machine_id",
        "machine_name",
        "starts",
        "ends",
        "in_service",
        "reason",
        "actor",
    ],
    "assumption_answer": ["scenario_id", "position", "came_true", "actor"],
    "fact": ["fact_id", "plant", "kind", "content", "starts", "ends", "undone", "reason", "scenario_id", "actor"],
    "snapshot_before_facts": ["snapshot_id", "document", "sha256"],
    "fact_applied": ["snapshot_id", "position", "fact_id", "idle"],
    "frozen_zone": ["change_no", "plant", "frozen_min", "actor"],
    "role_change": ["change_no", "person", "role", "granted", "actor"],
    "withdrawal": ["scenario_id", "withdrawn", "actor"],
    "service_token": ["token_id", "name", "owner", "roles", "secret_sha256", "expires_us", "actor"],
    "alert_acknowledgement": ["incident_id", "change_no", "actor"],
    "service_token_revoked": ["token_id", "change_no", "actor"],
}
COLUMNS = [(name, c.name) for name in GUARDED for c in METADATA.tables[name].columns]
COLUMNS += [(name, column) for name, columns in OWN.items() for column in columns]


SIX = datetime(2025, 7, 21, 6)
NOW = SIX.replace(tzinfo=UTC)
IN_A_MONTH = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)


@pytest.fixture
def tampered_with(store: Store, database_url: str) -> Store:
    """Three releases, the last one a roll-back that two people made, the first one delivered; no trigger guards them now."""
    erp = snapshot(store, FINGERPRINT)
    one, two = planned(store, snapshot_id=erp), planned(store, good_schedule(5), erp)
    down = store.downtimes.record(NewDowntime("down", "tiny", 2, "M2", SIX, None, "spindle", "Ann"))
    store.downtimes.change(DowntimeChange("later", down, SIX + timedelta(hours=9), False, "Bob"))
    said = NewFact("fact", "tiny", "note", '{"change":"note","machine":2,"text":"x"}', SIX, None, "why", "Ann")
    fact = store.facts.record(said)
    store.facts.undo(fact, request_id="undo", actor="Bob")
    store.snapshots.save(
        small_plant(), request_id=fresh(), source=Source.FILE, before=small_plant(),
        facts=(AppliedFact(fact, None), AppliedFact("f" * 32, "is gone")),
    )  # fmt: skip
    changes = (Breakdown(1, 0, 60),)
    plant, text = apply_all(small_plant(), changes), changes_to_json(small_plant(), changes)
    made = store.scenarios.save(NewScenario(fresh(), one.schedule, plant, text, 0, 0))
    store.scenarios.answer(made, 0, came_true=True, actor="Ann", told={})
    store.frozen_zones.set_zone("tiny", 8, {7: 24}, "Ann")
    store.roles.grant("ann@example.org", "planner", "boss")
    store.roles.revoke("ann@example.org", "planner", "boss")
    store.roles.grant("Ann", "approver", "boss")
    token = NewToken(fresh(), "a" * 12, "MES", "Ann", frozenset({Role.APPROVER}), IN_A_MONTH, "a" * 64, "Ann")
    store.tokens.revoke(store.tokens.make(token).id, "Ann")
    store.alerts.change(IncidentChanges(begun=(NewIncident("disk_low", "disk", {}), NewIncident("erp_old", "ERP", {}))), NOW)
    for alert in store.alerts.opened():
        store.alerts.acknowledge(alert.id, "Ann")
    store.withdrawals.change_scenario(made, withdraw=True, actor="Ann")
    first = store.releases.approve(approval(one, comment="c", override_reason="why"), "e" * 64)
    store.releases.approve(approval(two, on_top_of=1), FINGERPRINT)
    store.releases.propose(ProposalRequest(fresh(), one.schedule, one.content, "Ann", "back", 2, 1))
    store.releases.roll_back(RollbackRequest(fresh(), "tiny", 1, "Bob", "back", 2), FINGERPRINT, True)
    store.deliveries.claim("x", 60, 5)
    store.deliveries.confirm(first.id, "x", "ok")
    assert store.audit.verify() is None
    return store


def unguarded(database: Database, connection: Connection) -> None:
    """Takes away what a person with every right could take away, too."""
    if database.dialect == "sqlite":
        connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
    else:
        connection.exec_driver_sql("SET SESSION foreign_key_checks=0, SESSION check_constraint_checks=0")
    lift(connection, "")


def tampered_value(database: Database, table: str, column: str) -> str:
    if (table, column) == ("outbox", "state"):
        return "'dead'"
    if isinstance(METADATA.tables[table].columns[column].type, sa.BigInteger):
        return f"COALESCE({column}+1000,1000)"
    return "'tampered'"


def without_foreign_keys(database: Database, connection: Connection) -> None:
    """Lets SQLite change rows that others refer to; MariaDB's guards are lifted by ``unguarded``."""
    if database.dialect == "sqlite":
        # Not in a transaction, which SQLite would ignore it in.
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute("PRAGMA foreign_keys=OFF")


def test_every_changed_column_is_found(tampered_with: Store, database_url: str) -> None:
    missed = []
    with closing(open_store(database_url)) as database, database.engine.connect() as connection:
        without_foreign_keys(database, connection)
        unguarded(database, connection)
        connection.commit()
        for table, column in COLUMNS:
            key = METADATA.tables[table].columns.keys()
            # The first row only, in an order that does not hang on the column itself.
            rows = connection.exec_driver_sql(f"SELECT {', '.join(key)} FROM {table}").all()
            target = rows[0] if table != "run" else rows[-1]
            where = " AND ".join(f"{k} IS NULL" if v is None else f"{k}=:{k}" for k, v in target._mapping.items())
            values = {k: v for k, v in target._mapping.items() if v is not None}
            change = f"UPDATE {table} SET {column}={tampered_value(database, table, column)} WHERE {where}"
            assert connection.execute(sa.text(change), values).rowcount == 1, (table, column)
            if audit_verification.verify(connection) is None:
                missed.append((table, column))
            connection.rollback()
    assert missed == []
    assert tampered_with.audit.verify() is None


@pytest.mark.slow
@pytest.mark.parametrize(
    "table",
    ["approval", "dispatch", "outbox", "proposal", "rolled_back", "seconded", "recorded_downtime", "assumption_answer",
     "frozen_zone", "plant_rule", "role_change", "service_token", "service_token_revoked", "withdrawal", "fact",
     "alert_acknowledgement",
     "snapshot_before_facts", "fact_applied"],
)  # fmt: skip
def test_a_row_that_has_gone_is_found(tampered_with: Store, database_url: str, table: str) -> None:
    with closing(open_store(database_url)) as database, database.engine.connect() as connection:
        without_foreign_keys(database, connection)
        unguarded(database, connection)
        connection.exec_driver_sql(f"DELETE FROM {table}")
        connection.commit()
    assert tampered_with.audit.verify() is not None


def test_a_fact_that_was_slipped_into_a_snapshot_is_found(tampered_with: Store, database_url: str) -> None:
    lift_guards_of_additions(database_url)
    with closing(open_store(database_url)) as database, database.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO fact_applied SELECT snapshot_id,9,'f',NULL FROM fact_applied WHERE position=0"
        )
    broken = tampered_with.audit.verify()
    assert broken is not None
    assert broken.reason.startswith("apply-facts of ")
    assert broken.reason.endswith("what became of its facts has been changed")


def test_a_trail_that_ends_too_early_is_found(tampered_with: Store, database_url: str) -> None:
    last = next(e for e in tampered_with.audit.newest() if e.action == "approve")
    with closing(open_store(database_url)) as database, database.engine.connect() as connection:
        unguarded(database, connection)
        connection.execute(sa.text("DELETE FROM audit WHERE audit_seq >= :n"), {"n": last.sequence})
        connection.commit()
    assert tampered_with.audit.first_broken() is None
    assert tampered_with.audit.verify() == Broken(None, f"no line tells of approve of {last.subject}")


def test_the_first_broken_line_is_named(tampered_with: Store, database_url: str) -> None:
    with closing(open_store(database_url)) as database, database.engine.connect() as connection:
        unguarded(database, connection)
        connection.exec_driver_sql("UPDATE audit SET actor='Eve' WHERE audit_seq IN (3, 5)")
        connection.commit()
    broken = tampered_with.audit.verify()
    assert broken is not None
    assert broken.sequence == 3


SLIPPED_IN = {
    "INSERT INTO recorded_downtime VALUES(9,'9','r9','tiny',1,'M1','2025-07-21T06:00:00',NULL,0,'x','eve',0)":
        "no line tells of record-downtime of 9, which stands in recorded_downtime",
    "INSERT INTO recorded_downtime SELECT 9,downtime_id,'r9',plant,machine_id,machine_name,starts,'2025-07-21T07:00:00',1,"
    "reason,'eve',0 FROM recorded_downtime WHERE change_no=1": "no line tells of end-downtime of ",
    "INSERT INTO fact VALUES(9,'9','r8','tiny','note','{}','2025-07-21T06:00:00',NULL,0,'x',NULL,'eve',0)":
        "no line tells of record-fact of 9, which stands in fact",
    "INSERT INTO assumption_answer SELECT 9,scenario_id,0,0,'eve',0 FROM assumption_answer":
        "no line tells of refute-assumption of ",
    "INSERT INTO frozen_zone VALUES(9,'tiny',0,'eve',0)": "no line tells of set-frozen-zone of tiny",
    "INSERT INTO role_change VALUES(9,'eve','approver',1,'boss',0)": "no line tells of grant-role of eve",
    f"INSERT INTO alert_acknowledgement VALUES(9,'{'e' * 32}','eve',0)": "no line tells of acknowledge-alert of eeee",
    f"INSERT INTO service_token SELECT 9,'e','r','n',owner,roles,'{'b' * 64}',expires_us,'eve',made_us FROM service_token":
        "no line tells of make-token of e, which stands in service_token",
    "INSERT INTO withdrawal SELECT 9,NULL,scenario_id,0,'eve',0 FROM scenario": "no line tells of return-scenario of ",
}  # fmt: skip
"""Rows that only the guards of additions refuse, and what is said of them where those are gone."""


@pytest.mark.parametrize(("statement", "fault"), SLIPPED_IN.items())
def test_a_row_that_was_slipped_in_past_the_trail_is_found(
    tampered_with: Store, database_url: str, statement: str, fault: str
) -> None:  # fmt: skip
    lift_guards_of_additions(database_url)
    with closing(open_store(database_url)) as database:
        with database.engine.begin() as connection:
            connection.exec_driver_sql(statement)
        with unchanging(database) as connection:
            (found,) = problems(connection, lambda fraction, message: None)
    broken = tampered_with.audit.verify()
    assert broken is not None
    assert broken.sequence is None
    assert broken.reason == found
    assert fault in found


def test_two_rows_that_have_changed_places_are_found(tampered_with: Store, database_url: str) -> None:
    """The newest counts: the role that was taken stands as given again."""
    with closing(open_store(database_url)) as database, database.engine.connect() as connection:
        unguarded(database, connection)
        for old, new in ((1, 9), (2, 1), (9, 2)):
            connection.exec_driver_sql(f"UPDATE role_change SET change_no={new} WHERE change_no={old}")
        connection.commit()
    broken = tampered_with.audit.verify()
    assert broken is not None
    assert broken.reason.endswith("its row in role_change is gone, or has been changed or moved")
