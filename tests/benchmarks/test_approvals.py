"""A short run of benchmarks/approvals.py: it finds no fault, and a fault would be found."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import ModuleType

import pytest
import sqlalchemy as sa

from scheduler_core.data.database import open_store
from tests.support.mariadb_server import missing_program


@pytest.fixture
def approvals(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    import approvals as module

    return module


@pytest.mark.mariadb
def test_nothing_is_accepted_lost_doubled_or_half(
    approvals: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = missing_program()
    if missing is not None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{missing} is not installed")
        pytest.skip(f"{missing} is not installed")
    short = ["--rounds", "2", "--approvers", "8", "--kills", "2", "--server-kills", "1"]
    monkeypatch.setattr(sys, "argv", ["approvals.py", *short])
    assert approvals.main() == 0
    printed = capsys.readouterr().out
    assert "| SQLite | 2 | 2 | 0 | 0 |" in printed
    assert "| MariaDB | 2 | 2 | 0 | 0 |" in printed
    assert "ACCEPTED" not in printed
    assert "| two runs for one request | refused | refused |" in printed


def test_a_half_approval_would_be_seen(approvals: ModuleType, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    kills = approvals.approval_kills
    store = kills.Store.open(url)
    request = kills.request_of(kills.planned(store), None)
    database = open_store(url)
    assert kills.pieces(database, request.request_id) == kills.NOTHING
    store.releases.approve(request, None)
    assert kills.pieces(database, request.request_id) == kills.WHOLE
    with database.engine.begin() as connection:
        connection.execute(sa.text("DROP TRIGGER dispatch_no_delete"))
        connection.execute(sa.text("DELETE FROM dispatch WHERE position = 1"))
    assert kills.pieces(database, request.request_id) not in (kills.WHOLE, kills.NOTHING)
    database.close()
    store.close()
