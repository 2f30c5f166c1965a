from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from scheduler_core.data import migrations
from scheduler_core.data.database import open_store
from scheduler_core.data.store import Store, release_contents
from scheduler_core.settings import environment
from tests.support.command_line import Shopwright
from tests.support.sample_plans import approval, planned


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store with one release, which the commands use."""
    address = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    monkeypatch.setenv(environment.DATABASE_URL, address)
    store = Store.open(address)
    store.releases.approve(approval(planned(store)), None)
    store.close()
    return address


def test_a_whole_trail_is_verified_and_shown(shopwright: Shopwright, url: str) -> None:
    ran = shopwright("audit", "verify")
    assert (ran.status, "is whole: 4 lines" in ran.out) == (0, True)
    assert "approve" in shopwright("audit", "show").out
    shown = json.loads(shopwright("audit", "show", "--act", "approve", "--json").out)
    assert [(e["sequence"], e["actor"], e["detail"]["release_no"]) for e in shown] == [(4, "Ann", 1)]


def test_a_broken_trail_ends_with_1_and_names_the_line(shopwright: Shopwright, url: str) -> None:
    with closing(open_store(url)) as database, database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_no_update")
        connection.exec_driver_sql("UPDATE audit SET actor='Eve' WHERE audit_seq=2")
    ran = shopwright("audit", "verify")
    assert (ran.status, "Line 2" in ran.out) == (1, True)
    assert json.loads(shopwright("audit", "verify", "--json").out)["broken"]["sequence"] == 2


def test_what_older_versions_wrote_less_of_is_counted_and_no_fault(
    shopwright: Shopwright, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store.open(url)
    monkeypatch.setattr(release_contents, "covered", lambda detail: False)
    found = store.audit.examine()
    store.close()
    assert (found.broken, dict(found.uncovered)) == (None, {"approve": 1})
    ran = shopwright("audit", "verify")
    assert (ran.status, "Not covered: 1 approve." in ran.out) == (0, True)
    assert json.loads(shopwright("audit", "verify", "--json").out)["not_covered"] == {"approve": 1}


@pytest.mark.parametrize("what", ["verify", "show"])
def test_a_look_at_the_trail_of_older_tables_changes_nothing(shopwright: Shopwright, tmp_path: Path, what: str) -> None:
    address = f"sqlite:///{tmp_path / 'older.sqlite3'}"
    with closing(open_store(address)) as database:
        migrations.upgrade(database, up_to=10)
        with pytest.MonkeyPatch.context() as changed:
            changed.setenv(environment.DATABASE_URL, address)
            ran = shopwright("audit", what)
        assert (ran.status, "version 10" in ran.err, "shopwright db upgrade" in ran.err) == (4, True, True)
        assert migrations.status(database).version == 10
