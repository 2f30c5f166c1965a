from __future__ import annotations

import gc
import re
import sqlite3
import sys
import threading
from pathlib import Path

import pymysql
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, OperationalError

from scheduler_core.data import database
from scheduler_core.data.database import DatabaseUnavailable, open_erp, open_store, server_kind
from scheduler_core.data.erp import read
from scheduler_core.errors import InvalidValue
from tests.support.erp_rows import CONFIG, START, with_one_job
from tests.support.mariadb_server import MariaDb

COUNTER = "CREATE TABLE counter(id INTEGER PRIMARY KEY, n INTEGER)"


def test_sqlite_settings_hold_on_every_connection(tmp_path: Path) -> None:
    opened = open_store(f"sqlite:///{tmp_path / 'a.sqlite3'}")
    with opened.engine.connect() as first, opened.engine.connect().execution_options(shopwright_reading=True) as second:
        for connection in (second, first):
            found = [
                connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("foreign_keys", "recursive_triggers")
            ]
            assert found == [1, 1]
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    opened.close()


@pytest.mark.mariadb
def test_mariadb_is_strict_and_byte_exact(mariadb_url: str) -> None:
    opened = open_store(mariadb_url)
    with opened.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t(n TINYINT, s VARCHAR(20) CHARACTER SET utf8mb4)")
    with pytest.raises(DBAPIError, match="Out of range"), opened.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO t VALUES (999, '')")
    with opened.engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO t VALUES (1, :s)"), {"s": "部品 😀"})
        assert connection.exec_driver_sql("SELECT s FROM t").scalar() == "部品 😀"
        assert connection.exec_driver_sql("SELECT 'Job-1' = 'JOB-1', 'a' = 'a '").one() == (0, 0)
        assert connection.exec_driver_sql("SELECT @@tx_isolation").scalar() == "READ-COMMITTED"
    opened.close()


def test_a_setting_that_does_not_hold_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_SQLITE_WRITER", {"foreign_keys": ("OFF", 1)})
    with pytest.raises(DatabaseUnavailable, match="foreign_keys is 0, but must be 1"):
        open_store(f"sqlite:///{tmp_path / 'a.sqlite3'}")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgresql://u:secret@h/d", "neither sqlite nor mysql"),
        ("no url", "is not an SQLAlchemy URL"),
        ("sqlite://", "names no file"),
        ("sqlite:////nowhere/at/all.sqlite3", "not an existing folder"),
        ("mysql+pymysql://u:secret@127.0.0.1", "names no database"),
    ],
)
def test_unusable_urls_are_named_without_passwords(url: str, reason: str) -> None:
    with pytest.raises(InvalidValue, match=reason) as caught:
        open_store(url)
    assert "secret" not in str(caught.value)


def test_a_server_that_is_not_there_is_named_without_password() -> None:
    with pytest.raises(DatabaseUnavailable, match="Connection refused") as caught:
        open_store("mysql+pymysql://u:secret@127.0.0.1:1/d")
    assert "secret" not in str(caught.value)


def test_the_erp_cannot_be_written(database_url: str) -> None:
    writer = open_store(database_url)
    with writer.engine.begin() as connection:
        connection.exec_driver_sql(COUNTER)
    writer.close()
    erp = open_erp(database_url)
    with pytest.raises(DBAPIError, match=r"readonly|read-only|READ ONLY"), erp.reading() as connection:
        connection.exec_driver_sql("INSERT INTO counter VALUES (1, 1)")
    erp.close()


def test_a_missing_erp_file_is_not_created(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match="does not exist"):
        open_erp(f"sqlite:///{tmp_path / 'erp.sqlite3'}")
    assert list(tmp_path.iterdir()) == []


def test_a_new_file_that_another_writes_at_the_moment_is_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "store.sqlite3"
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    end = threading.Timer(0.2, lambda: other.execute("ROLLBACK"))
    end.start()
    open_store(f"sqlite:///{file}").close()
    end.join()
    other.close()


def test_concurrent_updates_are_not_lost(database_url: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    opened = open_store(database_url)
    with opened.engine.begin() as connection:
        connection.exec_driver_sql(COUNTER)
        connection.exec_driver_sql("INSERT INTO counter VALUES (1, 0)")

    def add_one(_: int) -> None:
        def work(connection: Connection) -> None:
            n = connection.exec_driver_sql(f"SELECT n FROM counter WHERE id = 1{lock}").scalar_one()
            connection.execute(sa.text("UPDATE counter SET n = :n WHERE id = 1"), {"n": n + 1})

        opened.writing(work)

    lock = "" if opened.dialect == "sqlite" else " FOR UPDATE"
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add_one, range(60)))
    with opened.reading() as connection:
        assert connection.exec_driver_sql("SELECT n FROM counter").scalar() == 60
    opened.close()


@pytest.mark.parametrize(
    ("code", "retried"), [(1213, True), (1205, True), (1020, True), (2006, True), (2013, True), (4025, False), (1644, False)]
)
def test_only_passing_failures_are_tried_again_and_as_a_whole(tmp_path: Path, code: int, retried: bool) -> None:
    opened = open_store(f"sqlite:///{tmp_path / 'a.sqlite3'}")
    attempts = []

    def work(connection: Connection) -> str:
        connection.exec_driver_sql(COUNTER)
        attempts.append(1)
        if len(attempts) < 3:
            raise OperationalError("statement", {}, pymysql.err.OperationalError(code, "text"))
        return "done"

    if retried:
        assert opened.writing(work) == "done"
        assert len(attempts) == 3
    else:
        with pytest.raises(OperationalError):
            opened.writing(work)
        assert len(attempts) == 1
    opened.close()


def test_a_busy_sqlite_is_tried_again_and_a_failed_check_is_not() -> None:
    busy, constraint = sqlite3.OperationalError("locked"), sqlite3.IntegrityError("CHECK")
    busy.sqlite_errorcode, constraint.sqlite_errorcode = sqlite3.SQLITE_BUSY_SNAPSHOT, sqlite3.SQLITE_CONSTRAINT_CHECK
    assert database.may_retry(OperationalError("s", {}, busy))
    assert not database.may_retry(OperationalError("s", {}, constraint))


@pytest.mark.parametrize(
    ("version", "kind"),
    [
        ("10.6.0-MariaDB", "MariaDB"), ("10.11.19-MariaDB-0+deb12u1", "MariaDB"),
        ("11.8.9-MariaDB-0+deb13u1 from Debian", "MariaDB"), ("8.0.17", "MySQL"), ("8.0.36-0ubuntu0.22.04.1", "MySQL"),
        ("8.4.3-azure", "MySQL"), ("9.7.4-2", "MySQL"),
    ],
)  # fmt: skip
def test_an_erp_may_lie_on_mariadb_or_on_mysql(version: str, kind: str) -> None:
    assert server_kind(version, ("MariaDB", "MySQL")) == kind


@pytest.mark.parametrize(
    ("version", "kinds", "reason"),
    [
        (
            "10.5.29-MariaDB",
            ("MariaDB", "MySQL"),
            "is MariaDB 10.5.29-MariaDB, but MariaDB 10.6 or later or MySQL 8.0.17 or",
        ),
        ("5.7.44-log", ("MariaDB", "MySQL"), "is MySQL 5.7.44-log, but"),
        ("8.0.16", ("MariaDB", "MySQL"), "is MySQL 8.0.16, but MariaDB 10.6 or later or MySQL 8.0.17 or later is needed"),
        ("8.0.11-TiDB-v8.5.1", ("MariaDB", "MySQL"), "is TiDB 8.0.11-TiDB-v8.5.1, but"),
        ("8.4.3", ("MariaDB",), "is MySQL 8.4.3, but MariaDB 10.6 or later is needed"),
        ("none", ("MariaDB", "MySQL"), "is MySQL none, but"),
    ],
)
def test_a_server_of_another_kind_or_too_old_is_refused_with_the_reason(
    version: str, kinds: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(DatabaseUnavailable, match=re.escape(reason)):
        server_kind(version, kinds)


@pytest.mark.mariadb
def test_a_connection_that_is_lost_while_rows_are_read_is_one_line(
    mariadb: MariaDb, mariadb_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    erp = with_one_job()
    erp.write(mariadb_url)
    mariadb.execute(
        f"USE {mariadb_url.rpartition('/')[2]}",
        "INSERT INTO tbl_jo_process SELECT 1, seq + 1, REPEAT('x', 500), '6', 20, 1, 2, 0, '' FROM seq_1_to_20000",
    )
    killed: list[int] = []
    traces: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", traces.append)

    class Killer:
        """Ends the reader's connection on the server while operations are read."""

        def rows(self, read: int, expected: int) -> None:
            if read > 3000 and not killed:
                connection = pymysql.connect(unix_socket=mariadb.socket, user="root", autocommit=True)
                with connection, connection.cursor() as cursor:
                    cursor.execute("SELECT id FROM information_schema.processlist WHERE user = %s", (mariadb.account,))
                    killed.extend(int(row[0]) for row in cursor.fetchall())
                    for number in killed:
                        cursor.execute(f"KILL {number}")

        def keeps(self) -> None:
            pass

    reader = open_erp(mariadb_url)
    with pytest.raises(DatabaseUnavailable, match=r"^ERP database: \(2013, 'Lost connection"):
        read(reader, CONFIG, START, listener=Killer())
    reader.close()
    gc.collect()
    assert killed
    assert traces == []
