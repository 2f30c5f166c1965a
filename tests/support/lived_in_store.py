"""A store in which everything has happened once, and the same store as an earlier version would have kept it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from scheduler_core.data import migrations
from scheduler_core.data.database import Database
from scheduler_core.data.maintenance import backup
from scheduler_core.data.store import Store, serialization
from scheduler_core.data.store.records import (
    AppliedFact,
    AutomationAct,
    AutomationKind,
    DowntimeChange,
    IncidentChanges,
    KeptAnswer,
    NewDowntime,
    NewFact,
    NewIncident,
    NewScenario,
    NewToken,
    ProposalRequest,
    PullNote,
    QuarantinedRow,
    RollbackRequest,
    RunState,
    Source,
)
from scheduler_core.data.store.tables import METADATA
from scheduler_core.floor.noise import DurationNoise
from scheduler_core.floor.order_odds import AssumedNoise, Odds, OrderOdds, PlanOdds, Spread
from scheduler_core.objectives import Objective
from scheduler_core.roles import Role
from scheduler_core.scenarios.changes import DueChanged, apply_all
from scheduler_core.scenarios.changes_file import changes_to_json
from scheduler_core.schedule import Schedule
from scheduler_core.services import floor_actuals
from tests.support.sample_plans import (
    FINGERPRINT,
    approval,
    fresh,
    good_schedule,
    overlapping_schedule,
    planned,
    running,
    small_plant,
)


def live(store: Store) -> None:
    """Rows in every table: pulls with findings, runs in most states, four releases, one of them with an order that
    left the plan, scenarios, a withdrawal, a role, a frozen zone, an assumption that came true, a machine that is down, a
    fact, what a pull told of operations, tokens, odds of the releases, a lower bound, an epoch of releases, an
    exporter's sign of life, an alert that was acknowledged and told, its sender and a host, and what automation did."""
    pulled = store.snapshots.save(
        small_plant(), request_id=fresh(), source=Source.ERP, fingerprint=FINGERPRINT,
        quarantine=(QuarantinedRow("tbl_jo_process", "TxnId_i=7", "CapMin_d", "部品 😀", "is no number", "Jób-7"),),
        notes=(PullNote("tbl_machine", "MachineId_i=3", "is out of service"),),
    )  # fmt: skip
    first, second = planned(store, snapshot_id=pulled), planned(store, good_schedule(5))
    planned(store, overlapping_schedule())
    store.runs.finish(running(store, pulled), "worker-1", RunState.FAILED, "the engine gave up")
    running(store, pulled)
    store.releases.approve(approval(first, override_reason="it is only a report", comment="für Montag"), "e" * 64)
    store.releases.approve(approval(second, on_top_of=1), None)
    store.releases.roll_back(RollbackRequest(fresh(), "tiny", 1, "Ann", "it was better", 2, "it is only a report"), "e" * 64)
    fewer = replace(small_plant(), jobs=small_plant().jobs[:1])
    pulled_again = store.snapshots.save(fewer, request_id=fresh(), source=Source.FILE)
    third = planned(store, Schedule(good_schedule().assignments[:2]), pulled_again)
    store.releases.propose(ProposalRequest(fresh(), third.schedule, third.content, "Ann", on_top_of=3))
    lost = replace(approval(third, on_top_of=3, approver="Bob"), acknowledged=("job-1",))
    store.releases.approve(lost, None, four_eyes=True)
    claimed = store.deliveries.claim("exporter", 60, 5)
    assert claimed is not None
    store.deliveries.fail(claimed[0], "exporter", "no answer", attempts=5, wait_seconds=1)
    store.roles.grant("Ann", "approver", "Bob")
    changes = (DueChanged("JOB-1", 700),)
    plant, text = apply_all(small_plant(), changes), changes_to_json(small_plant(), changes)
    lower = store.scenarios.save(NewScenario(fresh(), first.schedule, plant, text, 5, 90))
    upper = store.scenarios.save(NewScenario(fresh(), first.schedule, plant, text, 5, 90, parent_id=lower))
    store.scenarios.give_name(upper, "rush")
    store.scenarios.promote(planned(store, snapshot_id=store.scenarios.get(upper).snapshot_id).schedule)
    store.withdrawals.change_scenario(lower, withdraw=True)
    store.frozen_zones.set_zone("tiny", 8, {1: 24.0}, "Ann")
    store.scenarios.answer(upper, 0, came_true=True, actor="Ann", told={"change": "DueChanged"})
    start = datetime(2025, 7, 21, 6)
    down = store.downtimes.record(NewDowntime(fresh(), "tiny", 2, "Säge 😀", start, None, "部品: spindle", "Ann"))
    store.downtimes.change(DowntimeChange(fresh(), down, start + timedelta(hours=9), False, "Bob"))
    note = '{"change":"note","machine":2,"text":"Öl 😀"}'
    fact = store.facts.record(NewFact(fresh(), "tiny", "note", note, start, start + timedelta(days=9), "部品", "Ann", upper))
    store.facts.undo(fact, request_id=fresh(), actor="Bob")
    store.snapshots.save(
        fewer, request_id=fresh(), source=Source.ERP, fingerprint=FINGERPRINT, before=small_plant(),
        facts=(AppliedFact(fact, "is gone 😀"),),
    )  # fmt: skip
    floor_actuals.bring_up_to_date(store, "tiny")
    later = serialization.from_us(serialization.now_us()) + timedelta(days=9)
    for n, digest in enumerate(("a" * 64, "b" * 64)):
        made = NewToken(fresh(), f"{n:012x}", "MES 😀", "Ann", frozenset({Role.APPROVER}), later, digest, "Ann")
        store.tokens.make(made)
    store.tokens.used(made.id, later)
    store.tokens.revoke(made.id, "Bob")
    released = store.releases.newest("tiny", 1)[0]
    store.odds.keep_for_release(released.id, released.schedule_id, some_odds(), 0)
    store.bounds.save(pulled, Objective(tardiness=1.0, setups=0.3), 1.1)
    store.releases.begin_epoch(1, 0, "restore")
    store.deliveries.beat("exporter", 60)
    now = datetime(2025, 7, 22, 6, tzinfo=UTC)
    store.alerts.change(IncidentChanges(begun=(NewIncident("late_order", "Jób-7", {"order": "部品 😀"}, ("ann",)),)), now)
    (alert,) = store.alerts.opened()
    store.alerts.acknowledge(alert.id, "Ann")
    message = store.alerts.write("ann", "a title", "a body 😀", [alert.order], now)
    assert message is not None
    store.alerts.tried(message.id, arrived=True, reason="", now=now)
    store.alerts.take_turn("a work", now, timedelta(minutes=3))
    store.alerts.beat("a work", now, None)
    store.automation.record(AutomationAct(0, "plant", AutomationKind.PULL, "at 05:45", datetime.now(UTC), pulled))
    assert store.automation.take("host-1", None)
    store.answers.keep(KeptAnswer(fresh(), "Ann", "0" * 64, 202, '{"id":"部品 😀"}', {"Location": "/v1/runs/1"}))


def some_odds() -> PlanOdds:
    """Odds of two orders over eight runs, one of them late in three."""
    spread = Spread(10.5, 8.0, 10.0, 12.0, 13.0, 14.0)
    orders = (OrderOdds("Jób-1", 12, 10, 0.625, spread, 0b10010010), OrderOdds("部品 😀", None, 9, None, spread))
    return PlanOdds(Odds(8, orders, spread, spread, spread), AssumedNoise(DurationNoise(0.3, {"Säge": 0.25}), 40))


def digests(database: Database) -> dict[str, tuple[int, int]]:
    """Rows and their digest of every table that the database has."""
    with backup.unchanging(database) as connection:
        there = set(sa.inspect(connection).get_table_names())
        columns = {
            name: sorted(str(c["name"]) for c in sa.inspect(connection).get_columns(name))
            for name in METADATA.tables
            if name in there
        }
        return {
            name: (
                backup.count(connection, name),
                sum(backup.digest_of(block) for block in backup.rows_of(connection, name, names)),
            )
            for name, names in columns.items()
        }


def aged(source: Database, target: Database, version: int) -> None:
    """Fill an empty database of an earlier version with what that version would have kept of the source's rows."""
    migrations.upgrade(target, version)
    with target.engine.connect() as connection, source.reading() as old:
        if target.dialect == "sqlite":
            connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
        else:
            connection.exec_driver_sql("SET SESSION foreign_key_checks=0")
        inspector = sa.inspect(connection)
        there = [name for name in METADATA.tables if name != "queue_lock" and inspector.has_table(name)]
        with migrations.without_triggers(connection, target.dialect, version):
            for name in there:
                columns = [str(c["name"]) for c in inspector.get_columns(name)]
                for block in backup.rows_of(old, name, columns):
                    insert = sa.insert(sa.table(name, *(sa.column(c) for c in columns)))
                    connection.execute(insert, [dict(zip(columns, row, strict=True)) for row in block])
        connection.commit()
        connection.invalidate()
