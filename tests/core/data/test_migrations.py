from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data import migrations
from scheduler_core.data.database import DatabaseUnavailable, open_store
from scheduler_core.data.maintenance.backup import unchanging
from scheduler_core.data.maintenance.verification import problems
from scheduler_core.data.migrations import MIGRATIONS, upgrade
from scheduler_core.data.store import Store
from scheduler_core.data.store.tables import METADATA
from tests.support.lived_in_store import aged, digests, live
from tests.support.mariadb_server import MariaDb
from tests.support.sample_plans import planned


def test_the_columns_are_those_that_the_program_uses(store: Store, database_url: str) -> None:
    engine = open_store(database_url).engine
    inspector = sa.inspect(engine)
    assert set(inspector.get_table_names()) == {*METADATA.tables, "schema_version"}
    for name, table in METADATA.tables.items():
        assert {c["name"] for c in inspector.get_columns(name)} == {c.name for c in table.columns}, name
    engine.dispose()


def test_an_upgrade_that_was_cut_short_is_resumed(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database = open_store(database_url)
    statements = MIGRATIONS[0](database.dialect)
    steps = sum(len(migration(database.dialect)) for migration in MIGRATIONS)

    class PowerCut(Exception):
        pass

    apply = migrations._apply
    for survivors in (1, 4, len(statements) - 2):

        def cut(connection: Connection, version: int, step: int, statement: str, at: int = survivors) -> None:
            apply(connection, version, step, statement)
            if step >= at:
                raise PowerCut

        monkeypatch.setattr(migrations, "_apply", cut)
        with pytest.raises(PowerCut):
            upgrade(database)
        monkeypatch.setattr(migrations, "_apply", apply)
    assert upgrade(database) == len(MIGRATIONS)
    with database.reading() as connection:
        count = connection.exec_driver_sql("SELECT COUNT(*) FROM schema_version").scalar()
    assert count == steps
    database.close()
    planned(Store.open(database_url))


class Died(Exception):
    """The process is gone."""


@pytest.mark.slow
@pytest.mark.parametrize("recorded", [True, False])
@pytest.mark.parametrize("start", [0, 1])
def test_an_upgrade_may_be_interrupted_after_each_statement(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: int, recorded: bool
) -> None:
    """Death comes after every statement in turn; ``recorded``: when it has been noted that the statement was run."""
    lived = Store.open(f"sqlite:///{tmp_path / 'lived.sqlite3'}")
    live(lived)
    source, database = open_store(lived.url), open_store(database_url)
    if start:
        aged(source, database, start)
    before, apply = digests(database), migrations._apply
    left, alive = migrations.status(database).missing, 0

    def dies_in_turn(connection: Connection, version: int, step: int, statement: str) -> None:
        nonlocal alive
        if alive or recorded:
            apply(connection, version, step, statement)
        else:
            connection.exec_driver_sql(statement)
        if alive == 0:
            raise Died
        alive -= 1

    monkeypatch.setattr(migrations, "_apply", dies_in_turn)
    for number in range(left):
        # SQLite begins anew each time. MariaDB has kept what went before, save a last note: that statement runs twice.
        alive = number if database.dialect == "sqlite" else min(number, 0 if recorded else 1)
        with pytest.raises(Died):
            upgrade(database)
        now = digests(database)
        assert {name: now[name][0] for name in before} == {name: rows for name, (rows, _) in before.items()}
    monkeypatch.setattr(migrations, "_apply", apply)
    assert upgrade(database) == len(MIGRATIONS)
    with unchanging(database) as connection:
        assert problems(connection, lambda fraction, message: None) == ()
    planned(Store(database))
    for opened in (lived, source, database):
        opened.close()


@pytest.mark.slow
@pytest.mark.parametrize("version", range(1, len(MIGRATIONS)))
def test_every_earlier_version_is_upgraded_with_its_rows(database_url: str, tmp_path: Path, version: int) -> None:
    lived = Store.open(f"sqlite:///{tmp_path / 'lived.sqlite3'}")
    live(lived)
    source, database = open_store(lived.url), open_store(database_url)
    aged(source, database, version)
    before = migrations.status(database)
    assert (before.version, before.begun, before.missing > 0) == (version, False, True)
    rows = {name: number for name, (number, _) in digests(database).items()}
    assert sum(rows.values()) > 50
    upgrade(database)
    after = digests(database)
    assert {name: number for name, (number, _) in after.items() if name in rows} == rows
    with unchanging(database) as connection:
        assert problems(connection, lambda fraction, message: None) == ()
    store = Store(database)
    assert [r.number for r in store.releases.newest("tiny")] == [4, 3, 2, 1]
    planned(store)
    for opened in (lived, source, database):
        opened.close()


def test_a_store_of_the_first_version_keeps_its_runs(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database = open_store(database_url)
    monkeypatch.setattr(migrations, "MIGRATIONS", MIGRATIONS[:1])
    assert upgrade(database) == 1
    with database.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO snapshot(snapshot_id,request_id,plant,source,taken_us,plan_start,timezone,operation_count,"
            "jobs_read,jobs_accepted,jobs_quarantined,rows_read,rows_accepted,rows_quarantined,beyond_horizon,document,sha256,"
            f"fingerprint) VALUES ('s','s','p','file',1,'2025-07-21T06:30:00','UTC',0,0,0,0,0,0,0,0,'{{}}','{'0' * 64}','')"
        )
        connection.exec_driver_sql(
            "INSERT INTO run(run_id,request_id,snapshot_id,engine,config,actor,state,progress,message,cancel_requested,"
            """created_us,deadline_us) VALUES ('r','r','s','learned','{"objective":"tardiness"}','A','queued',0,'',0,1,2)"""
        )
    monkeypatch.setattr(migrations, "MIGRATIONS", MIGRATIONS)
    assert upgrade(database) == len(MIGRATIONS)
    database.close()
    store = Store.open(database_url)
    run = store.runs.get("r")
    assert (run.id, run.keep_requested) == ("r", False)
    store.runs.claim("r", "w1")
    store.runs.request_keep("r")
    assert store.runs.get("r").keep_requested
    store.close()


@pytest.mark.mariadb
def test_mariadb_may_add_the_column_twice(mariadb_url: str) -> None:
    Store.open(mariadb_url).close()
    database = open_store(mariadb_url)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM schema_version WHERE version = 2")
    assert upgrade(database) == len(MIGRATIONS)
    database.close()


def test_a_statement_without_its_bookkeeping_is_harmless(database_url: str) -> None:
    database = open_store(database_url)
    upgrade(database)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM schema_version WHERE step > 3")
    assert upgrade(database) == len(MIGRATIONS)
    database.close()


def test_many_may_start_at_once(database_url: str) -> None:
    def start(_: int) -> int:
        database = open_store(database_url)
        try:
            return upgrade(database)
        finally:
            database.close()

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(start, range(4))) == {len(MIGRATIONS)}


def test_tables_of_a_newer_or_different_program_are_refused(database_url: str) -> None:
    Store.open(database_url).close()
    database = open_store(database_url)
    with database.engine.begin() as connection:
        connection.exec_driver_sql(f"INSERT INTO schema_version VALUES ({len(MIGRATIONS) + 1}, 1, '{'0' * 64}', 1)")
    with pytest.raises(DatabaseUnavailable, match="update the program"):
        Store.open(database_url)
    with database.engine.begin() as connection:
        connection.exec_driver_sql(f"DELETE FROM schema_version WHERE version > {len(MIGRATIONS)}")
        connection.exec_driver_sql(f"UPDATE schema_version SET statement_sha256 = '{'0' * 64}' WHERE step = 2")
    with pytest.raises(DatabaseUnavailable, match="step 2 of version 1 was made by a different statement"):
        Store.open(database_url)
    database.close()


@pytest.mark.mariadb
def test_the_daily_account_needs_no_right_to_drop_or_truncate(mariadb: MariaDb, mariadb_url: str) -> None:
    Store.open(mariadb_url).close()
    name = mariadb_url.rsplit("/", 1)[1]
    mariadb.execute(
        f"CREATE OR REPLACE USER 'daily'@'127.0.0.1' IDENTIFIED BY '{mariadb.password}'",
        f"GRANT SELECT, INSERT, UPDATE ON {name}.* TO 'daily'@'127.0.0.1'",
    )
    url = mariadb.url(name, "daily")
    store = Store.open(url)
    planned(store)
    store.close()
    database = open_store(url)
    for statement in ("TRUNCATE TABLE approval", "DROP TABLE audit", "DROP TRIGGER audit_no_update", "DELETE FROM outbox"):
        with pytest.raises(sa.exc.DBAPIError, match="denied"), database.engine.begin() as connection:
            connection.exec_driver_sql(statement)
    database.close()
