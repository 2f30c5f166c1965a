"""``shopwright db``: what it prints, and its exit statuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scheduler_core.data import migrations
from scheduler_core.data.database import open_store
from scheduler_core.data.store import Store
from scheduler_core.settings import environment
from tests.support.command_line import Ran, Shopwright
from tests.support.sample_plans import approval, planned


def printed(ran: Ran) -> dict[str, Any]:
    """The answer for programs."""
    found: dict[str, Any] = json.loads(ran.out)
    return found


NEWEST = len(migrations.MIGRATIONS)


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The configured store, which does not exist yet."""
    address = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    monkeypatch.setenv(environment.DATABASE_URL, address)
    return address


def test_status_and_upgrade(url: str, tmp_path: Path, shopwright: Shopwright) -> None:
    missing = shopwright("db", "status")
    assert (missing.status, "does not exist" in missing.err) == (2, True)
    assert list(tmp_path.iterdir()) == []
    database = open_store(url)
    migrations.upgrade(database, 1)
    database.close()
    before = shopwright("db", "status")
    assert f"tables of version 1, this program's is {NEWEST}" in before.out
    assert "shopwright db upgrade" in before.out
    assert (shopwright("db", "verify").status, printed(shopwright("db", "upgrade", "--json"))["to"]) == (4, NEWEST)
    assert "up to date" in shopwright("db", "status").out
    after = printed(shopwright("db", "status", "--json"))
    assert (after["version"], after["missing"], after["begun"]) == (NEWEST, 0, False)


@pytest.mark.slow
def test_backup_restore_and_verify(url: str, tmp_path: Path, shopwright: Shopwright) -> None:
    store = Store.open(url)
    made = planned(store)
    store.releases.approve(approval(made), None)
    store.close()
    file, other = tmp_path / "a.backup", f"sqlite:///{tmp_path / 'other.sqlite3'}"
    written = printed(shopwright("db", "backup", file, "--json"))
    assert (written["version"], written["rows"]["approval"]) == (NEWEST, 1)
    assert shopwright("db", "backup", file).status == 2
    restored = shopwright("db", "restore", file, "--url", other)
    assert restored.status == 0
    assert "restored and verified" in restored.out
    assert written["sha256"] in restored.out
    again = shopwright("db", "restore", file, "--url", other)
    assert (again.status, "not empty" in again.err) == (4, True)
    assert shopwright("db", "restore", file, "--url", other, "--replace").status == 0
    assert shopwright("db", "verify", "--url", other).status == 0
    database = open_store(other)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_no_update")
        connection.exec_driver_sql("UPDATE audit SET actor = 'Bob' WHERE audit_seq = 2")
    database.close()
    broken = shopwright("db", "verify", "--url", other, "--json")
    assert (broken.status, len(printed(broken)["problems"])) == (1, 1)
    assert shopwright("db", "verify").status == 0


def test_the_accounts_are_printed(shopwright: Shopwright) -> None:
    assert "GRANT SELECT ON `erp`.*" in shopwright("db", "accounts", "erp_reader").out
    assert shopwright("db", "accounts", "root").status == 2
