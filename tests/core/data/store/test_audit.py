from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from scheduler_core.data.database import open_store
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import RunRequest
from scheduler_core.engines.config import EngineConfig
from tests.support.sample_plans import approval, fresh, planned, snapshot


def test_every_act_is_recorded_in_order(store: Store) -> None:
    made = planned(store)
    store.releases.approve(approval(made), None)
    entries = store.audit.newest()
    assert [e.action for e in entries] == ["approve", "run-ok", "run", "snapshot"]
    assert [e.sequence for e in entries] == [4, 3, 2, 1]
    assert [e.subject for e in entries[1:]] == [made.run, made.run, made.snapshot]
    assert store.audit.first_broken() is None


def test_many_writers_make_one_unbroken_trail(store: Store) -> None:
    snapshot_id = snapshot(store)

    def submit(_: int) -> str:
        return store.runs.submit(RunRequest(fresh(), snapshot_id, "greedy", EngineConfig(), "Ann", 60))

    with ThreadPoolExecutor(6) as pool:
        runs = set(pool.map(submit, range(24)))
    assert len(runs) == 24
    assert [e.sequence for e in store.audit.newest()] == list(range(25, 0, -1))
    assert store.audit.first_broken() is None


def test_a_changed_line_is_found(store: Store, database_url: str) -> None:
    planned(store)
    database = open_store(database_url)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_no_update")
        connection.exec_driver_sql("UPDATE audit SET actor = 'Eve' WHERE audit_seq = 2")
    database.close()
    assert store.audit.first_broken() == 2
