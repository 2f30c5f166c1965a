"""A password that stands in a database's URL is in no message, no representation and no command line."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from scheduler_core.data.database import open_erp, open_store
from scheduler_core.data.store import Store
from scheduler_core.errors import InvalidValue, ShopwrightError
from scheduler_core.runs import worker
from scheduler_core.settings import environment
from tests.support.paths import ROOT

PASSWORD = "hunter2-s3cret"
URLS = (
    f"mysql+pymysql://shopwright:{PASSWORD}@127.0.0.1:1/shopwright",
    f"mysql+pymysql://shopwright:{PASSWORD}@127.0.0.1:1/",
    f"mysql+pymysql://shopwright:{PASSWORD}@127.0.0.1:99999/shopwright",
    f"postgresql://shopwright:{PASSWORD}@127.0.0.1:1/shopwright",
    f"mysql+pymysql:/shopwright:{PASSWORD}@127.0.0.1",
    f"sqlite:///{PASSWORD}/../:memory:?x={PASSWORD}",
)


@pytest.mark.parametrize("url", URLS[:5])
@pytest.mark.parametrize("open_", [open_store, open_erp])
def test_no_error_repeats_the_password(open_: Any, url: str, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ShopwrightError) as caught:
        open_(url)
    assert PASSWORD not in str(caught.value)
    assert PASSWORD not in caplog.text


@pytest.mark.slow
@pytest.mark.parametrize("url", URLS[:2])
def test_the_command_line_prints_no_password(url: str) -> None:
    variables = {**os.environ, environment.DATABASE_URL: url, environment.ERP_URL: url}
    for command in (["roles", "list"], ["snapshot", "--out", "-"]):
        done = subprocess.run(
            [sys.executable, "-m", "scheduler_core.cli", *command], cwd=ROOT, env=variables, capture_output=True,
            text=True, check=False,
        )  # fmt: skip
        assert done.returncode != 0
        assert PASSWORD not in done.stdout + done.stderr


def test_a_worker_gets_the_url_where_other_accounts_cannot_read_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    called: dict[str, Any] = {}

    class Started:
        pid = 1

    def start(command: list[str], **more: Any) -> Started:
        called.update(command=command, **more)
        return Started()

    monkeypatch.setattr(worker.subprocess, "Popen", start)
    monkeypatch.setattr(Store, "url", f"mysql+pymysql://u:{PASSWORD}@h/d")
    worker.start_worker(store, "run-1")
    assert PASSWORD not in " ".join(called["command"])
    assert PASSWORD in called["env"][environment.DATABASE_URL]


def test_what_is_open_does_not_show_the_password_when_it_is_printed(store: Store) -> None:
    for thing in (store, store._database):
        assert "@" not in repr(thing)
    shown = repr(store._database.engine)
    password = store._database.engine.url.password
    assert password is None or str(password) not in shown


def test_an_at_in_a_password_does_not_make_a_host_of_its_end() -> None:
    """The driver would say that it cannot connect to 'cret@host'."""
    with pytest.raises(InvalidValue, match="has an @ too many: write an @ of a user name or password as %40") as caught:
        open_erp("mysql+pymysql://reader:se@cret@127.0.0.1/erp")
    assert "cret" not in str(caught.value)
