from __future__ import annotations

from pathlib import Path

import pytest

from scheduler_core.data.store import Store
from scheduler_core.settings import environment
from tests.support.command_line import Shopwright
from tests.support.receivers import http_receiver
from tests.support.sample_plans import approval, planned


@pytest.fixture
def released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store with one release, which the commands use; the release's id."""
    url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    monkeypatch.setenv(environment.DATABASE_URL, url)
    store = Store.open(url)
    release = store.releases.approve(approval(planned(store)), None)
    store.close()
    return release.id


def settings(folder: Path, text: str) -> Path:
    file = folder / "export.yaml"
    file.write_text(text)
    return file


def test_a_release_is_delivered_and_listed(
    shopwright: Shopwright, released: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = settings(tmp_path, "receiver: webhook\nattempts: 1")
    with http_receiver("500") as (url, _):
        monkeypatch.setenv("SHOPWRIGHT_EXPORT_URL", url)
        ran = shopwright("export", "--config", config)
    assert ran.status == 1
    assert "tiny version 1: dead (the receiver answered 500" in ran.err
    assert "dead" in shopwright("export", "--list").out
    with http_receiver() as (url, seen):
        monkeypatch.setenv("SHOPWRIGHT_EXPORT_URL", url)
        assert shopwright("export", "--config", config).status == 1
        ran = shopwright("export", "--config", config, "--retry", released, "--actor", "Ann")
    assert ran.status == 0
    assert list(seen.effects) == [released]
    assert "confirmed" in shopwright("export", "--list").out


def test_the_receiving_tables_are_printed(shopwright: Shopwright) -> None:
    assert "ENGINE=InnoDB" in shopwright("export", "--receiving-sql", "mariadb").out
    assert "STRICT" in shopwright("export", "--receiving-sql", "sqlite").out


def test_nobody_to_export_to_is_said(shopwright: Shopwright, released: str, tmp_path: Path) -> None:
    ran = shopwright("export", "--config", settings(tmp_path, "receiver: none"))
    assert (ran.status, "names nobody" in ran.err) == (2, True)
