"""What SQL servers and drivers do to the unwary, one test a line; the settings themselves are in ``test_database``."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pymysql
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from scheduler_core.data import server_patience
from scheduler_core.data.database import DatabaseUnavailable, open_erp, open_store
from scheduler_core.data.store import Store
from scheduler_core.data.store.tables import METADATA
from scheduler_core.errors import InvalidValue
from tests.support.mariadb_server import REMOTE, MariaDb


def test_threads_never_share_a_connection(database_url: str) -> None:
    opened = open_store(database_url)

    def ask(number: int) -> bool:
        with opened.reading() as connection:
            return all(connection.execute(sa.text("SELECT :n"), {"n": number}).scalar() == number for _ in range(20))

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(ask, range(40)))
    opened.close()


@pytest.mark.mariadb
def test_a_connection_lost_in_a_transaction_leaves_no_half(mariadb: MariaDb, mariadb_url: str) -> None:
    opened, attempts = open_store(mariadb_url), list[int]()
    with opened.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t(n INT)")

    def work(connection: Connection) -> None:
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
        attempts.append(1)
        if len(attempts) == 1:
            mariadb.execute(f"KILL {connection.exec_driver_sql('SELECT CONNECTION_ID()').scalar()}")
        connection.exec_driver_sql("INSERT INTO t VALUES (2)")

    opened.writing(work)
    with opened.reading() as connection:
        assert connection.exec_driver_sql("SELECT n FROM t ORDER BY n").scalars().all() == [1, 2]
    assert len(attempts) == 2
    opened.close()


@pytest.mark.mariadb
def test_a_lock_that_is_waited_for_too_long_rolls_the_whole_back(mariadb_url: str) -> None:
    opened, attempts = open_store(mariadb_url), list[int]()
    with opened.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t(n INT PRIMARY KEY) ENGINE=InnoDB")
        connection.exec_driver_sql("INSERT INTO t VALUES (0)")
    other = opened.engine.connect()
    other.exec_driver_sql("SELECT n FROM t WHERE n = 0 FOR UPDATE")

    def work(connection: Connection) -> None:
        attempts.append(1)
        connection.exec_driver_sql("SET SESSION innodb_lock_wait_timeout = 1")
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
        if len(attempts) == 2:
            other.rollback()
        connection.exec_driver_sql("UPDATE t SET n = 2 WHERE n = 0")

    opened.writing(work)
    other.close()
    with opened.reading() as connection:
        assert connection.exec_driver_sql("SELECT n FROM t ORDER BY n").scalars().all() == [1, 2]
    assert len(attempts) == 2
    opened.close()


@pytest.mark.mariadb
def test_every_wait_for_the_server_has_an_end(mariadb_url: str) -> None:
    for opened, answer in ((open_store(mariadb_url), 30), (open_erp(mariadb_url), 150)):
        with opened.engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert isinstance(raw, pymysql.Connection)
            assert (raw.connect_timeout, raw._read_timeout, raw._write_timeout) == (5, answer, 30)
        opened.close()


@pytest.mark.mariadb
def test_a_server_that_hangs_holds_nobody_for_long_and_nothing_is_tried_in_vain(
    mariadb: MariaDb, mariadb_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_patience, "ANSWER_SECONDS", 0.5)
    opened = open_store(mariadb_url)
    attempts: list[int] = []

    def work(connection: Connection) -> int:
        attempts.append(1)
        return int(connection.exec_driver_sql("SELECT 1").scalar_one())

    assert opened.writing(work) == 1
    server = int((Path(mariadb.socket).parent / "pid").read_text())
    os.kill(server, signal.SIGSTOP)
    try:
        while Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()[0] != "T":
            time.sleep(0.01)
        for act in (lambda: opened.writing(work), lambda: opened.reading().__enter__(), lambda: open_erp(mariadb_url)):
            began = time.monotonic()
            with pytest.raises((DBAPIError, DatabaseUnavailable), match="timed out"):
                act()
            assert time.monotonic() - began < 5, "at most one sign of life and one connection are waited for"
    finally:
        os.kill(server, signal.SIGCONT)
    assert opened.writing(work) == 1, "and it goes on as before"
    assert len(attempts) == 2
    opened.close()


@pytest.mark.mariadb
def test_text_that_a_column_cannot_hold_is_refused_not_turned_into_question_marks(mariadb_url: str) -> None:
    opened = open_store(mariadb_url)
    with opened.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t(s VARCHAR(20) CHARACTER SET latin1)")
    with pytest.raises(DBAPIError, match="Incorrect string value"), opened.engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO t VALUES (:s)"), {"s": "部品"})
    opened.close()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), np.float64("nan")])
def test_numbers_that_are_none_reach_no_database(database_url: str, value: float) -> None:
    opened = open_store(database_url)
    with opened.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t(x DOUBLE PRECISION)")
        for rows in ({"x": value}, [{"x": 1.0}, {"x": value}]):
            with pytest.raises(InvalidValue, match="is not a finite number"):
                connection.execute(sa.text("INSERT INTO t VALUES (:x)"), rows)
        connection.execute(sa.text("INSERT INTO t VALUES (:x)"), {"x": 0.1})
        assert connection.exec_driver_sql("SELECT x FROM t").scalars().all() == [0.1]
    opened.close()


def test_every_table_is_strict_and_byte_exact(store: Store, database_url: str) -> None:
    opened = open_store(database_url)
    with opened.reading() as connection:
        if opened.dialect == "sqlite":
            strict = {row.name for row in connection.exec_driver_sql("PRAGMA table_list") if row.strict}
            assert strict >= set(METADATA.tables)
        else:
            rows = connection.exec_driver_sql(
                "SELECT table_name, column_name, collation_name FROM information_schema.columns "
                "WHERE table_schema = DATABASE() AND collation_name IS NOT NULL AND table_name <> 'schema_version'"
            ).all()
            assert len(rows) > 60
            assert [row for row in rows if row[2] not in ("utf8mb4_nopad_bin", "ascii_nopad_bin")] == []
            engines = connection.exec_driver_sql(
                "SELECT DISTINCT engine FROM information_schema.tables WHERE table_schema = DATABASE()"
            )
            assert engines.scalars().all() == ["InnoDB"]
    opened.close()


def test_a_numpy_integer_is_never_kept_as_bytes(tmp_path: Path) -> None:
    Store.open(f"sqlite:///{tmp_path / 'a.sqlite3'}").close()
    opened = open_store(f"sqlite:///{tmp_path / 'a.sqlite3'}")
    with pytest.raises(DBAPIError, match="cannot store BLOB value in INTEGER column"), opened.engine.begin() as connection:
        connection.execute(
            sa.text("INSERT INTO finding VALUES ('s', :n, 'note', 't', 'r', 'f', 'c', 'why', NULL)"), {"n": np.int64(1)}
        )
    opened.close()


@pytest.mark.mariadb
def test_a_remote_server_is_asked_for_tls_and_must_prove_itself(mariadb: MariaDb, mariadb_url: str) -> None:
    name = mariadb_url.rsplit("/", 1)[1]
    remote = mariadb.url(name, host=REMOTE)
    with pytest.raises(DatabaseUnavailable, match="certificate verify failed"):
        open_store(remote)
    opened = open_store(f"{remote}?ssl_ca={mariadb.ca}")
    with opened.reading() as connection:
        assert connection.exec_driver_sql("SHOW STATUS LIKE 'Ssl_cipher'").one()[1] != ""
    opened.close()
    clear = open_store(f"{remote}?ssl_disabled=true")
    with clear.reading() as connection:
        assert connection.exec_driver_sql("SHOW STATUS LIKE 'Ssl_cipher'").one()[1] == ""
    clear.close()
    with pytest.raises(DatabaseUnavailable, match="certificate verify failed"):
        open_store(f"{remote}?ssl_disabled=false")
    with pytest.raises(InvalidValue, match="names ssl_cert but no ssl_ca"):
        open_store(f"{remote}?ssl_cert={mariadb.ca}&ssl_key={mariadb.ca}")


def test_a_remote_server_without_tls_never_gets_the_password() -> None:
    greeting = (
        b"\x0a5.5.5-10.11.0-MariaDB\0\1\0\0\0" + b"a" * 8 + b"\0" + (0xF7FF & ~0x0800).to_bytes(2, "little") + b"\x2d\2\0"
        + b"\x0f\x00\x15" + b"\0" * 10 + b"b" * 12 + b"\0mysql_native_password\0"
    )  # fmt: skip
    heard = list[bytes]()
    with socket.socket() as listening:
        listening.bind((REMOTE, 0))
        listening.listen()

        def serve() -> None:
            caller, _ = listening.accept()
            with caller:
                caller.sendall(len(greeting).to_bytes(3, "little") + b"\0" + greeting)
                heard.append(caller.recv(1000))

        server = threading.Thread(target=serve)
        server.start()
        with pytest.raises(DatabaseUnavailable, match="SSL"):
            open_store(f"mysql+pymysql://ann:secret@{REMOTE}:{listening.getsockname()[1]}/d")
        server.join()
    assert heard == [b""]
