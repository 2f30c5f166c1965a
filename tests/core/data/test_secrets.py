"""A password that stands in a database's URL is in no message, no representation and no command line."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from scheduler_core.cli import main
from scheduler_core.data import demo
from scheduler_core.data.database import open_erp, open_store
from scheduler_core.data.database_url import parsed_url, shown
from scheduler_core.data.store import Store
from scheduler_core.errors import InvalidValue, ShopwrightError
from scheduler_core.logs.redaction import masked_text
from scheduler_core.monitoring import health
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


LOST = "Kx7-lost"
"""A piece of a password that a wrongly typed URL has in another place than the password's."""


@pytest.mark.parametrize(
    "url",
    [
        f"mysql+pymysql://reader:se@{LOST}@127.0.0.1:1/erp",
        f"mysql+pymysql://reader:se@{LOST}/x@127.0.0.1:1/erp",
        f"mysql+pymysql://reader:se@to?{LOST}@127.0.0.1:1/erp",
        f"mysql+pymysql://reader@site:{LOST}@127.0.0.1:1/erp",
        f"mysql+pymysql://reader/{LOST}:x@127.0.0.1:1/erp",
        f"mysql+pymysql://reader:{LOST}/erp",
        f"mysql+pymysql://reader:x@127.0.0.1:{LOST}/erp",
        f"mysql+pymysql://reader:x@127.0.0.1:1/erp?password=a&{LOST}=b",
        f"mysql+pymysql://reader:x@127.0.0.1:1/erp?password={LOST}",
        f"mysql+pymysql://127.0.0.1:1/erp?user=reader&passwd={LOST}&password=b",
        f"mysql+pymysql://reader:{LOST}@127.0.0.1:70000/erp",
        f"mysql+pymysql://reader:{LOST}@127.0.0.1:0/erp",
        f"mysql+pymysql://reader:{LOST}@a..b/erp",
        f"mysql+pymysql://reader:{LOST}@[::1/erp",
        f"postgresql://reader:se@{LOST}@127.0.0.1:1/erp",
        f"postgresql://reader:x@127.0.0.1:1/erp?sslpassword={LOST}",
        f"reader:{LOST}@127.0.0.1/erp",
        f"//reader:{LOST}@127.0.0.1/erp",
    ],
)
def test_a_url_that_is_wrong_is_not_repeated(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for open_ in (open_store, open_erp, demo.write_demo):
        with pytest.raises(ShopwrightError) as caught:
            open_(url)
        assert LOST not in str(caught.value)
        assert "database" in str(caught.value)
    monkeypatch.setenv(environment.DATABASE_URL, url)
    monkeypatch.setenv(environment.ERP_URL, url)
    for command in (["db", "status"], ["schedule", "--erp"]):
        assert main(command) in (2, 4), command
    said = capsys.readouterr()
    assert LOST not in said.out + said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("mysql+pymysql://r:a@b@h/d", "has an @ too many: write an @ of a user name or password as %40"),
        ("mysql+pymysql://r:a/d", "has a port that is not a number: write an @ .* as %40, a : as %3A and a / as %2F"),
        ("mysql+pymysql://r:a@h:99999/d", "has a port that is not between 1 and 65535"),
        ("mysql+pymysql://h/d?password=a&passwd=b", "names more than one password"),
        ("mysql+pymysql://r:a@127.0.0.1:1/d?pasword=b", "an option that the driver cannot use"),
        ("h/d", "is not an SQLAlchemy URL such as"),
    ],
)
def test_it_is_told_what_is_wrong_with_a_url(url: str, reason: str) -> None:
    with pytest.raises(InvalidValue, match=reason) as caught:
        open_store(url)
    assert caught.value.where == "database URL"
    with pytest.raises(InvalidValue, match=f"^ERP database URL: .*{reason}"):
        open_erp(url)


@pytest.mark.parametrize(
    "url",
    [
        "mysql+pymysql://shop:p%40ss%2Fw@h:3307/store?charset=utf8mb4",
        "mysql+pymysql://shop@h:3307/store?password=p%40ss%2Fw&charset=utf8mb4",
        "mariadb://shop@h:3307/store?charset=utf8mb4&passwd=p%40ss%2Fw",
    ],
)
def test_a_password_behind_the_question_mark_is_one_like_any_other(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read = parsed_url(url)
    assert (read.password, read.host, read.port, dict(read.query)) == ("p@ss/w", "h", 3307, {"charset": "utf8mb4"})
    assert shown(read) == "mysql+pymysql://shop:***@h:3307/store"
    assert "p@ss" not in repr(read)
    assert parsed_url(read.render_as_string(hide_password=False)) == read
    monkeypatch.setenv(environment.ERP_URL, url)
    assert masked_text("no p@ss/w and no p%40ss%2Fw") == "no *** and no ***"


def test_pieces_of_a_password_with_an_at_are_masked_in_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(environment.EXPORT_URL, f"https://u:se@{LOST}@erp.example/in?token=tok3n-7")
    assert masked_text(f"cannot reach {LOST}@erp.example, tok3n-7") == "cannot reach ***@erp.example, ***"


def test_what_health_says_repeats_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"mysql+pymysql://r:x@{LOST}@127.0.0.1:1/d"
    monkeypatch.setenv(environment.DATABASE_URL, url)
    monkeypatch.setenv(environment.ERP_URL, url)
    told = {check.name: check.said for check in health.checks()}
    assert "has an @ too many" in told["database"]
    assert "has an @ too many" in told["ERP"]
    assert all(LOST not in said for said in told.values())
