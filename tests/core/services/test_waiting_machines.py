"""Orders that wait for a machine out of service in the ERP: when is it back? With an answer they are planned."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from scheduler_core.data.store import Store
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.registry import ENGINES
from scheduler_core.errors import InvalidValue
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Downtime
from scheduler_core.scenarios.floor_changes import MachineReturns
from scheduler_core.services import facts, pulling
from scheduler_core.services.facts import Question, Stated
from tests.support.erp_rows import CONFIG, START, Erp
from tests.support.sample_plans import fresh

BACK = START + timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    yield opened
    opened.close()


def workshop() -> Erp:
    """JOST0001 on CM01; JOST0002 and JOST0003 need DD01, the only machine of its type; JOST0003 has a fault too."""
    erp = Erp()
    erp.add("tbl_machine", MachineId_i=30, MachineName_v="DD01", MachinetypeId_i=12, Status_i=0)
    erp.job(1)
    erp.step(1)
    for number in (2, 3):
        erp.job(number)
        erp.step(number, 1)
        erp.step(number, 2, Machine_v="30")
    erp.tables["tbl_jo_txn"][2]["JoQty_d"] = -1
    return erp


@pytest.fixture
def erp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("scheduler_core.data.erp.reading._now", lambda timezone: START)
    return workshop().write(f"sqlite:///{tmp_path / 'erp.sqlite3'}")


def pull(store: Store, url: str) -> str:
    return pulling.pull(store, url, request_id=fresh(), config=CONFIG)


def answer(store: Store, machine: int, back: datetime, snapshot: str) -> facts.Recorded:
    plant = store.snapshots.plant(snapshot)
    stated = Stated(MachineReturns(machine, plant.minute_of(back)), plant.plan_start, "bearing ordered")
    return facts.record(store, stated, now=START, actor="Ana", request_id=fresh())


def test_it_is_asked_and_with_an_answer_the_orders_are_planned_from_then(store: Store, erp: str) -> None:
    first = pull(store, erp)
    assert [j.id for j in store.snapshots.plant(first).jobs] == ["JOST0001"]
    assert facts.unanswered(store, first) == (Question(30, "DD01", ("JOST0002",)),), "JOST0003 has a fault of its own"
    with pytest.raises(InvalidValue, match="is no machine of the latest pull, and none that orders wait for"):
        answer(store, 31, BACK, first)
    recorded = answer(store, 30, BACK, first)
    assert facts.unanswered(store, first) == ()
    again = pull(store, erp)
    shop = store.snapshots.plant(again)
    assert [j.id for j in shop.jobs] == ["JOST0001", "JOST0002"]
    assert shop.machine_by_id[30].downtime == (Downtime(0, 1440, "out of service in the ERP"),)
    assert store.snapshots.get(again).counts.jobs_quarantined == 1
    assert [f.kind for f in facts.acting(store, again).machines[30]] == ["machine-returns"]
    found = ENGINES["greedy"](shop, EngineConfig(rule="EDD")).schedule
    assert found is not None
    assert violations(shop, found) == ()
    assert found.by_operation["JOST0002", 2].start >= 1440
    later = answer(store, 30, BACK + timedelta(hours=2), again).snapshot_id
    assert store.snapshots.plant(later).machine_by_id[30].downtime == (Downtime(0, 1560, "out of service in the ERP"),)
    made = facts.undo(store, recorded.fact_id, now=START, actor="Ana", request_id=fresh())
    newest = facts.known(store, shop, START)[0]
    made = facts.undo(store, newest.id, now=START, actor="Ana", request_id=fresh())
    assert store.snapshots.plant(made) == shop, "the machine has been read: it stays down until the next pull"
    assert [j.id for j in store.snapshots.plant(pull(store, erp)).jobs] == ["JOST0001"]


def test_an_answer_whose_moment_has_passed_is_asked_again(store: Store, erp: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = pull(store, erp)
    answer(store, 30, BACK, first)
    monkeypatch.setattr("scheduler_core.data.erp.reading._now", lambda timezone: BACK + timedelta(hours=1))
    late = pull(store, erp)
    assert [j.id for j in store.snapshots.plant(late).jobs] == ["JOST0001"]
    assert facts.unanswered(store, late) == (Question(30, "DD01", ("JOST0002",), BACK),)


def test_a_machine_that_the_erp_has_in_service_again_is_not_down(
    store: Store, erp: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(store, 30, BACK, pull(store, erp))
    back = workshop()
    next(row for row in back.tables["tbl_machine"] if row["MachineId_i"] == 30)["Status_i"] = 1
    shop = store.snapshots.plant(pull(store, back.write(f"sqlite:///{tmp_path / 'back.sqlite3'}")))
    assert shop.machine_by_id[30].downtime == ()
    assert [j.id for j in shop.jobs] == ["JOST0001", "JOST0002"]
    newest = store.snapshots.latest()
    assert newest is not None
    assert [one.idle for one in facts.acting(store, newest.id).idle] == ["machine 30 is in service in the ERP"]


def test_a_plan_made_before_has_work_on_a_machine_that_is_expected_back_later(
    store: Store, erp: str, tmp_path: Path
) -> None:
    first = pull(store, erp)
    answer(store, 30, BACK, first)
    (fact,) = facts.known(store, store.snapshots.plant(first), START)
    assert fact.machine_name == "DD01", "the plant does not have it, but planners know it by its name"
    (before,) = facts.awaited(store, first, START)
    (after,) = facts.awaited(store, pull(store, erp), START)
    assert before == after
    assert (before.machine, before.machine_name, before.end, before.recorded_by) == (30, "DD01", BACK, "Ana")
    assert facts.awaited(store, first, BACK) == ()
    back = workshop()
    next(row for row in back.tables["tbl_machine"] if row["MachineId_i"] == 30)["Status_i"] = 1
    assert facts.awaited(store, pull(store, back.write(f"sqlite:///{tmp_path / 'back.sqlite3'}")), START) == ()
