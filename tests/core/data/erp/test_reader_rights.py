"""An ERP account with rights on the tables of the mapping alone: enough to plan, and what is missing is named."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from scheduler_core.cli import main
from scheduler_core.data.database import MissingRight, open_erp
from scheduler_core.data.erp import fingerprint, missing_indexes, read, sample
from scheduler_core.data.erp.reading import time_now
from scheduler_core.data.store import Store
from scheduler_core.settings import environment
from tests.support.erp_rows import CONFIG, START, checked, with_one_job
from tests.support.mariadb_server import MariaDb

TABLES = sorted({subject.table for subject in CONFIG.tables.subjects.values()})


class Reader:
    """An account with SELECT on each table of the mapping, in a database that has the demo's table as well."""

    def __init__(self, server: MariaDb, url: str) -> None:
        self.server, self.owner = server, url
        self.database = url.rpartition("/")[2]
        self.name = f"r{uuid.uuid4().hex[:12]}"
        self.url = server.url(self.database, self.name)
        server.execute(f"CREATE USER '{self.name}'@'%' IDENTIFIED BY '{server.password}'")
        for table in TABLES:
            self.change("GRANT", table)

    def change(self, act: str, table: str) -> None:
        """GRANT or REVOKE the right to read a table."""
        to = "TO" if act == "GRANT" else "FROM"
        self.server.execute(f"{act} SELECT ON {self.database}.{table} {to} '{self.name}'@'%'")


@pytest.fixture
def reader(mariadb: MariaDb, mariadb_url: str) -> Iterator[Reader]:
    erp = with_one_job()
    erp.add("shopwright_demo", setting="clock", content="2025-07-21 06:30:00")
    erp.add("shopwright_demo", setting="banner", content="a demo")
    erp.write(mariadb_url)
    made = Reader(mariadb, mariadb_url)
    yield made
    mariadb.execute(f"DROP USER '{made.name}'@'%'")


@pytest.mark.mariadb
def test_rights_on_the_tables_of_the_mapping_are_enough(reader: Reader) -> None:
    erp, owner = open_erp(reader.url), open_erp(reader.owner)
    try:
        pull, whole = checked(read(erp, CONFIG, START)), read(owner, CONFIG, START)
        assert (pull.plant, pull.fingerprint, pull.banner, whole.banner) == (whole.plant, whole.fingerprint, None, "a demo")
        assert fingerprint(erp, CONFIG, START) == pull.fingerprint
        assert time_now(erp, CONFIG) > START == time_now(owner, CONFIG)
        assert missing_indexes(erp) == missing_indexes(owner) != ()
        assert sample(erp, CONFIG.tables, CONFIG.timezone).fits
    finally:
        erp.close()
        owner.close()


@pytest.mark.mariadb
def test_rights_on_other_tables_than_the_usual_ones_are_enough_too(reader: Reader) -> None:
    """The tables for which indexes are recommended may be another program's."""
    reader.change("REVOKE", "tbl_daily_item")
    erp = open_erp(reader.url)
    try:
        assert {index.table for index in missing_indexes(erp)} == {"tbl_jo_txn", "tbl_jo_process"}
    finally:
        erp.close()


@pytest.mark.mariadb
@pytest.mark.parametrize("table", ["tbl_machine", "tbl_jo_txn", "ai_holidays"])
def test_a_right_that_is_missing_is_named_with_its_table(
    reader: Reader, table: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reader.change("REVOKE", table)
    erp = open_erp(reader.url)
    try:
        for look in (lambda: read(erp, CONFIG, START), lambda: fingerprint(erp, CONFIG, START)):
            with pytest.raises(MissingRight, match=rf"^ERP table {table} \(.*\) cannot be read: .*right to SELECT"):
                look()
        wrong = [s for s in sample(erp, CONFIG.tables, CONFIG.timezone).subjects if s.problems]
        assert wrong[0].table == table  # operations are read together with their orders
        assert "the account lacks a right" in wrong[0].problems[0]
    finally:
        erp.close()
    monkeypatch.setenv(environment.ERP_URL, reader.url)
    monkeypatch.setenv(environment.ERP_CONFIG, "configs/demo_erp.yaml")
    assert main(["schedule", "--erp"]) == 4
    assert f"shopwright: ERP table {table} (" in capsys.readouterr().err


@pytest.mark.mariadb
def test_a_store_account_without_select_is_told_and_ends_with_4(
    reader: Reader, store_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    database = store_url.rpartition("/")[2]
    reader.server.execute(f"GRANT INSERT ON {database}.* TO '{reader.name}'@'%'")
    monkeypatch.setenv(environment.DATABASE_URL, reader.server.url(database, reader.name))
    for command in (["audit", "verify"], ["roles", "list"], ["db", "status"], ["db", "verify"], ["facts", "list"]):
        assert main(command) == 4, command
        said = capsys.readouterr().err
        assert "lacks a right" in said, command
        assert "schema_version" in said
        assert "shopwright db accounts store_app" in said
        assert "Traceback" not in said


@pytest.fixture
def store_url(mariadb: MariaDb) -> Iterator[str]:
    name = f"s_{uuid.uuid4().hex}"
    mariadb.execute(f"CREATE DATABASE {name}")
    Store.open(mariadb.url(name)).close()
    yield mariadb.url(name)
    mariadb.execute(f"DROP DATABASE {name}")
