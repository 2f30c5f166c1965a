"""The shipped SQL files on a real server: what each account can do, and that everything else is refused."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pymysql
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from scheduler_core.data import accounts, database, migrations
from scheduler_core.data.database import MissingRight, RefusedAccount, open_erp, open_store
from scheduler_core.data.maintenance.backup import back_up
from scheduler_core.data.maintenance.restore import restore
from scheduler_core.data.store import Store
from scheduler_core.data.store.tables import METADATA
from tests.support.lived_in_store import digests, live
from tests.support.mariadb_server import REMOTE, MariaDb

pytestmark = pytest.mark.mariadb
NAMES = {"erp_reader": "shopwright_reader", "store_migrator": "shopwright_migrator", "store_app": "shopwright_app"}


@dataclass
class Accounts:
    """A database of its own and the three accounts on it."""

    server: MariaDb
    name: str

    def run(self, account: str) -> None:
        """Run a shipped file with the names of this test put in, as its heading tells."""
        lines = [line for line in accounts.sql(account).splitlines() if not line.startswith("--")]
        text = "\n".join(lines).replace("change-me", self.server.password)
        text = text.replace("`shopwright`", f"`{self.name}`").replace("`erp`", f"`{self.name}`")
        self.server.execute(*(statement for statement in text.split(";") if statement.strip()))

    def url(self, account: str) -> str:
        return self.server.url(self.name, NAMES[account], REMOTE) + f"?ssl_ca={self.server.ca}"

    def denied(self, account: str, statement: str) -> bool:
        """True if the right is missing; the session's own settings play no part."""
        connection = pymysql.connect(
            host=REMOTE, port=self.server.port, user=NAMES[account], password=self.server.password, database=self.name,
            ssl_ca=str(self.server.ca), autocommit=True,
        )  # fmt: skip
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
        except pymysql.err.Error as refusal:
            if refusal.args[0] not in (1044, 1045, 1142, 1143, 1227, 1370):
                raise
            return True
        finally:
            connection.close()
        return False


@pytest.fixture
def made(mariadb: MariaDb) -> Iterator[Accounts]:
    found = Accounts(mariadb, f"t_{uuid.uuid4().hex}")
    found.run("store_migrator")
    migrator = open_store(found.url("store_migrator"))
    migrations.upgrade(migrator)
    migrator.close()
    found.run("store_app")
    found.run("erp_reader")
    yield found
    mariadb.execute(f"DROP DATABASE {found.name}", *(f"DROP USER '{user}'@'%'" for user in NAMES.values()))


def test_the_app_works_and_every_forbidden_act_is_refused(made: Accounts, tmp_path: Path) -> None:
    store = Store.open(made.url("store_app"))
    live(store)
    assert store.audit.first_broken() is None
    store.close()
    app = open_store(made.url("store_app"))
    back_up(app, tmp_path / "a.backup", lambda fraction, message: None)
    app.close()
    changing = changing_tables(made)
    tables = [*METADATA.tables, "schema_version"]
    column = {name: next(iter(METADATA.tables[name].c)).name if name in METADATA.tables else "version" for name in tables}
    forbidden = [
        text
        for name in tables
        for text in (
            f"TRUNCATE TABLE {name}", f"DROP TABLE {name}", f"DELETE FROM {name}", f"ALTER TABLE {name} ADD COLUMN x INT",
            f"CREATE INDEX x ON {name}({column[name]})", f"RENAME TABLE {name} TO x",
            *([] if name in changing else [f"UPDATE {name} SET {column[name]} = {column[name]}"]),
        )
    ]  # fmt: skip
    forbidden += [
        "DROP TRIGGER audit_no_update", "DROP TRIGGER approval_no_delete", "CREATE TABLE x(n INT)",
        f"DROP DATABASE {made.name}", "SET GLOBAL check_constraint_checks = 0", "CREATE USER 'x'@'%'",
        "GRANT ALL ON *.* TO 'shopwright_app'@'%'",
        "CREATE TRIGGER x BEFORE INSERT ON audit FOR EACH ROW SET NEW.actor = 'x'",
    ]  # fmt: skip
    assert [text for text in forbidden if not made.denied("store_app", text)] == []


def changing_tables(made: Accounts) -> set[str]:
    """The tables on which the app has UPDATE, by the server's own word."""
    connection = pymysql.connect(unix_socket=made.server.socket, user="root")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.table_privileges WHERE table_schema = %s "
            "AND privilege_type = 'UPDATE' AND grantee LIKE '%%shopwright_app%%'",
            (made.name,),
        )
        found = {str(row[0]) for row in cursor.fetchall()}
        cursor.execute("SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = %s", (made.name,))
        kept = {str(row[0]) for row in cursor.fetchall()}
    connection.close()
    append_only = {name for name in METADATA.tables if f"{name}_no_update" in kept}
    assert found == set(METADATA.tables) - append_only - {"queue_lock"}, "say in store_app.sql which tables change"
    return found


def test_the_app_on_older_tables_is_told_who_may_change_them(made: Accounts) -> None:
    """After an update of the program, before the upgrade: more rights for the daily account would be the wrong way."""
    newest = len(migrations.MIGRATIONS)
    made.server.execute(f"DELETE FROM {made.name}.schema_version WHERE version={newest}")
    with pytest.raises(MissingRight, match=rf"of version {newest - 1}, this program wants {newest}.*store_migrator"):
        Store.open(made.url("store_app"))
    made.server.execute(f"DROP DATABASE {made.name}", f"CREATE DATABASE {made.name}")
    with pytest.raises(MissingRight, match=r"has no tables.*store_migrator"):
        Store.open(made.url("store_app"))


def test_the_migrator_restores_and_the_app_goes_on(made: Accounts, tmp_path: Path) -> None:
    source = Store.open(f"sqlite:///{tmp_path / 'a.sqlite3'}")
    live(source)
    source.close()
    lived = open_store(f"sqlite:///{tmp_path / 'a.sqlite3'}")
    back_up(lived, tmp_path / "a.backup", lambda fraction, message: None)
    migrator = open_store(made.url("store_migrator"))
    restore(migrator, tmp_path / "a.backup", lambda fraction, message: None)
    assert digests(migrator) == digests(lived)
    assert made.denied("store_migrator", "CREATE USER 'x'@'%'")
    assert made.denied("store_migrator", "DELETE FROM audit")
    migrator.close()
    lived.close()
    Store.open(made.url("store_app")).close()


def test_the_app_that_restores_is_told_whose_act_it_is_and_the_store_is_whole(made: Accounts, tmp_path: Path) -> None:
    app = open_store(made.url("store_app"))
    back_up(app, tmp_path / "a.backup", lambda fraction, message: None)
    before = digests(app)
    with pytest.raises(MissingRight, match=r"restore was refused.*--url with the address of store_migrator"):
        restore(app, tmp_path / "a.backup", lambda fraction, message: None, replace=True)
    assert digests(app) == before
    app.close()


def test_the_reader_looks_and_nothing_else(made: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    erp = open_erp(made.url("erp_reader"))
    with erp.reading() as connection:
        assert connection.exec_driver_sql("SELECT COUNT(*) FROM audit").scalar() == 0
        assert connection.exec_driver_sql("SELECT @@tx_read_only, @@max_statement_time").one() == (1, 120.0)
        assert connection.exec_driver_sql("SHOW STATUS LIKE 'Ssl_cipher'").one()[1] != ""
    erp.close()
    acts = (
        "INSERT INTO queue_lock VALUES ('x')", "UPDATE queue_lock SET name = 'x'", "DELETE FROM queue_lock",
        "TRUNCATE TABLE audit", "DROP TABLE audit", "CREATE TABLE x(n INT)", "LOCK TABLES audit WRITE",
        "SELECT * FROM mysql.global_priv",
    )  # fmt: skip
    assert [text for text in acts if not made.denied("erp_reader", text)] == []
    monkeypatch.setattr(database, "_MARIADB_READER", {**database._MARIADB_READER, "max_statement_time": ("0.2", 0.2)})
    slow = open_erp(made.url("erp_reader"))
    with pytest.raises(DBAPIError, match="max_statement_time exceeded"), slow.reading() as connection:
        connection.execute(sa.text("SELECT SUM(a.seq * b.seq) FROM seq_1_to_100000 a, seq_1_to_100000 b"))
    slow.close()


@pytest.mark.parametrize("account", NAMES)
def test_no_account_speaks_in_the_clear(made: Accounts, account: str) -> None:
    with pytest.raises(pymysql.err.OperationalError, match="Access denied"):
        pymysql.connect(
            host=REMOTE, port=made.server.port, user=NAMES[account], password=made.server.password, ssl_disabled=True
        )


def test_an_account_with_tls_is_told_what_this_machines_own_server_may_lack(made: Accounts) -> None:
    """A server without TLS answers no more than that access is denied, whatever the cause."""
    here = made.server.url(made.name, NAMES["store_app"])
    with pytest.raises(RefusedAccount, match=r"Access denied.*REQUIRE SSL is turned away.*no TLS") as told:
        open_store(f"{here}?ssl_disabled=true")
    assert made.server.password not in str(told.value)
    open_store(here).close()
    with pytest.raises(RefusedAccount, match="Access denied") as elsewhere:
        open_store(made.server.url(made.name, "nobody", REMOTE) + f"?ssl_ca={made.server.ca}")
    assert "REQUIRE SSL" not in str(elsewhere.value), "with TLS that is not the cause"
