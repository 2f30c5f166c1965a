"""Withdrawn plans and scenarios in the store, on both databases: hidden, taken back, never what is released."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from scheduler_core.data.database import open_store
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import NewScenario
from scheduler_core.data.store_errors import NotFound, Refused
from scheduler_core.scenarios.changes import DueChanged, apply_all
from scheduler_core.scenarios.changes_file import changes_to_json
from tests.support.guards import lift_guards_of_additions
from tests.support.sample_plans import Planned, approval, fresh, overlapping_schedule, planned, small_plant


def scenario(store: Store, base: Planned) -> str:
    changes = (DueChanged("JOB-1", 700),)
    plant, text = apply_all(small_plant(), changes), changes_to_json(small_plant(), changes)
    return store.scenarios.save(NewScenario(fresh(), base.schedule, plant, text, 5, 90))


def test_a_plan_is_withdrawn_and_taken_back_with_its_trail(store: Store) -> None:
    plan = planned(store)
    assert store.withdrawals.change_plan(plan.schedule, withdraw=True, actor="Ann")
    assert not store.withdrawals.change_plan(plan.schedule, withdraw=True, actor="Bob"), "it is withdrawn already"
    assert store.withdrawals.plans(plan.snapshot) == {plan.schedule}
    assert store.schedules.get(plan.schedule).id == plan.schedule, "nothing is deleted"
    assert store.withdrawals.change_plan(plan.schedule, withdraw=False, actor="Bob")
    assert store.withdrawals.plans(plan.snapshot) == frozenset()
    assert [(e.actor, e.action) for e in store.audit.newest(limit=2)] == [("Bob", "return-plan"), ("Ann", "withdraw-plan")]
    assert store.audit.first_broken() is None


def test_a_released_plan_stays_and_a_withdrawn_one_is_not_released(store: Store) -> None:
    first, second = planned(store), planned(store)
    store.releases.approve(approval(first, override_reason="it is only a report"), None)
    with pytest.raises(Refused, match="released as version 1"):
        store.withdrawals.change_plan(first.schedule, withdraw=True)
    store.withdrawals.change_plan(second.schedule, withdraw=True)
    with pytest.raises(Refused, match="was withdrawn"):
        store.releases.approve(approval(second, on_top_of=1), None)
    store.withdrawals.change_plan(second.schedule, withdraw=False)
    assert store.releases.approve(approval(second, on_top_of=1), None).number == 2


def test_a_scenario_takes_its_plans_along_but_not_the_released_one(store: Store) -> None:
    base = planned(store)
    made = scenario(store, base)
    derived = store.scenarios.get(made).snapshot_id
    free, released = planned(store, snapshot_id=derived), planned(store, snapshot_id=derived)
    for plan in (free, released):
        store.scenarios.promote(plan.schedule)
    store.releases.approve(approval(released, override_reason="it is only a report"), None)
    assert store.withdrawals.change_scenario(made, withdraw=True)
    assert store.withdrawals.scenarios(base.snapshot) == {made}
    assert store.withdrawals.plans(base.snapshot) == {free.schedule}
    assert store.withdrawals.change_scenario(made, withdraw=False)
    assert store.withdrawals.scenarios(base.snapshot) == store.withdrawals.plans(base.snapshot) == frozenset()


def test_what_is_unknown_or_rejected_is_refused(store: Store) -> None:
    for change in (store.withdrawals.change_plan, store.withdrawals.change_scenario):
        with pytest.raises(NotFound):
            change("0" * 32, withdraw=True)
    with pytest.raises(Refused, match="is no plan"):
        store.withdrawals.change_plan(planned(store, overlapping_schedule()).schedule, withdraw=True)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE withdrawal SET withdrawn=0", "DELETE FROM withdrawal",
     "INSERT INTO withdrawal VALUES(9,NULL,NULL,1,'eve',0)",
     "INSERT INTO withdrawal VALUES(9,'{released}',NULL,1,'eve',0)",
     "INSERT INTO withdrawal VALUES(9,'unknown',NULL,1,'eve',0)",
     "INSERT INTO approval SELECT REPLACE(approval_id,'0','1'),'other',plant,2,1,'{withdrawn}',content_sha256,snapshot_id,"
     "violations,snapshot_fingerprint,erp_fingerprint,approver,remark,override_reason,approved_us FROM approval"],
)  # fmt: skip
def test_the_tables_refuse_what_must_not_be(store: Store, database_url: str, statement: str) -> None:
    released, withdrawn = planned(store), planned(store)
    store.releases.approve(approval(released, override_reason="it is only a report"), None)
    store.withdrawals.change_plan(withdrawn.schedule, withdraw=True)
    lift_guards_of_additions(database_url)
    engine = open_store(database_url).engine
    with pytest.raises(sa.exc.DBAPIError), engine.begin() as connection:
        connection.exec_driver_sql(statement.format(released=released.schedule, withdrawn=withdrawn.schedule))
    engine.dispose()
    assert store.withdrawals.plans(withdrawn.snapshot) == {withdrawn.schedule}


def test_scenarios_are_found_by_their_snapshots(store: Store) -> None:
    base = planned(store)
    made = store.scenarios.get(scenario(store, base))
    assert store.scenarios.of_snapshots([base.snapshot, made.snapshot_id]) == {made.snapshot_id: made}
    assert store.scenarios.of_snapshots([]) == {}
