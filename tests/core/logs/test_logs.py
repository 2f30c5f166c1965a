"""Logs: JSON lines with the run's id, from several processes into one file of bounded size, and never a secret."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scheduler_core import logs
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import RunRequest, RunState
from scheduler_core.engines.config import EngineConfig
from scheduler_core.errors import InvalidValue
from scheduler_core.logs.redaction import masked, masked_text
from scheduler_core.logs.shared_file import SharedLogFile
from scheduler_core.runs.request import submit
from scheduler_core.runs.worker import start_worker
from scheduler_core.settings import environment
from tests.support.sample_plans import fresh, snapshot


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A log file of this test's own."""
    monkeypatch.setenv(environment.LOG_FOLDER, str(tmp_path / "log"))
    logs.set_up("test", tmp_path)
    yield tmp_path / "log" / logs.FILE
    for logger in (logging.getLogger(), *map(logging.getLogger, logging.root.manager.loggerDict)):
        for handler in [h for h in logger.handlers if isinstance(h, SharedLogFile)]:
            logger.removeHandler(handler)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_line_says_when_who_and_what(log: Path) -> None:
    with logs.about_run("r1"):
        logging.getLogger("scheduler_core.some").info("made %d", 3, extra={"jobs": 5})
    logging.getLogger("scheduler_core.some").debug("not at this level")
    logging.getLogger("foreign").info("nor others below WARNING")
    try:
        raise RuntimeError("broken")
    except RuntimeError:
        logging.getLogger("foreign").exception("with its trace")
    first, second = lines(log)
    assert {k: first[k] for k in ("level", "role", "logger", "run", "message", "jobs")} == {
        "level": "INFO", "role": "test", "logger": "scheduler_core.some", "run": "r1", "message": "made 3", "jobs": 5,
    }  # fmt: skip
    assert "run" not in second
    assert "RuntimeError: broken" in second["trace"]


def test_errors_on_pages_are_logged_although_streamlit_passes_nothing_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: Path
) -> None:
    from streamlit import error_util

    monkeypatch.setenv(environment.LOG_FOLDER, str(tmp_path / "pages"))
    logs.set_up("dashboard", tmp_path)
    try:
        raise RuntimeError("page broke")
    except RuntimeError as error:
        error_util.handle_uncaught_app_exception(error)
    traces = [str(one.get("trace")) for one in lines(tmp_path / "pages" / logs.FILE)]
    assert sum("RuntimeError: page broke" in trace for trace in traces) == 1


def test_a_logger_that_comes_later_and_passes_nothing_on_is_reached_by_the_next_call(log: Path, tmp_path: Path) -> None:
    """The server's entry sets the log up before the first page brings more of Streamlit's loggers."""
    late = logging.getLogger("streamlit.made_after_the_log")
    late.propagate = False
    late.warning("nobody hears it")
    for _ in range(2):
        logs.set_up("dashboard", tmp_path)
    late.warning("heard once")
    assert [one["message"] for one in lines(log)] == ["heard once"]


def test_the_level_comes_from_the_environment(log: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(environment.LOG_LEVEL, "error")
    monkeypatch.setenv(environment.LOG_FOLDER, str(tmp_path / "other"))
    logs.set_up("test", tmp_path)
    logging.getLogger("scheduler_core.some").warning("too low")
    logging.getLogger("scheduler_core.some").error("told")
    assert [one["message"] for one in lines(tmp_path / "other" / logs.FILE)] == ["told"]
    assert not log.exists()
    monkeypatch.setenv(environment.LOG_LEVEL, "loud")
    with pytest.raises(InvalidValue, match=r"SHOPWRIGHT_LOG_LEVEL: 'LOUD' must be one of DEBUG, INFO"):
        logs.set_up("test", tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "cannot reach mysql+pymysql://reader:hunter22@erp/erp",
        "https://ann:hunter22@host/x and mysql://u:hunter22/with@sign@h/d",
        "password=hunter22 is wrong",
        "{'password': 'hunter22', 'user': 'ann'}",
        "PWD: hunter22",
        'api_key="hunter22"',
    ],
)
def test_secrets_are_masked_in_texts(text: str) -> None:
    assert "hunter22" in text
    assert "hunter22" not in masked_text(text)
    assert "***" in masked_text(text)


def test_secrets_of_the_environment_are_masked_wherever_they_stand(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPWRIGHT_ERP_URL", "mysql+pymysql://reader:p%40ss%2Fword@erp/erp")
    monkeypatch.setenv("SOME_SECRET", 'quite"secret')
    try:
        raise RuntimeError("refused: p@ss/word or p%40ss%2Fword")
    except RuntimeError:
        logging.getLogger("scheduler_core").exception('no: quite"secret', extra={"deep": {"a": ["p@ss/word"], "token": 12}})
    text = log.read_text()
    (line,) = lines(log)
    assert line["deep"] == {"a": ["***"], "token": "***"}
    assert all(secret not in text for secret in ("p@ss/word", "p%40ss", "quite"))
    assert masked(["no secret", 3, None, 1.5]) == ["no secret", 3, None, 1.5]


WRITER = """
import logging, sys
from pathlib import Path
from scheduler_core.logs.shared_file import SharedLogFile
handler = SharedLogFile(Path(sys.argv[1]), max_bytes=20_000, kept=50)
logger = logging.getLogger("x"); logger.addHandler(handler); logger.setLevel("INFO")
for n in range(1000): logger.info("%s %04d %s", sys.argv[2], n, "x" * 50)
"""


def test_two_processes_lose_no_line_while_they_rotate(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), name]) for name in ("a", "b")]
    assert [w.wait(60) for w in writers] == [0, 0]
    files = [f for f in tmp_path.iterdir() if not f.name.endswith(".lock")]
    found = [line for file in files for line in file.read_text().splitlines()]
    assert sorted(found) == [f"{name} {n:04d} {'x' * 50}" for name in ("a", "b") for n in range(1000)]
    # The other process may have had its line in hand when the file was found full.
    assert all(file.stat().st_size <= 20_000 + len(found[0]) + 1 for file in files)


@pytest.mark.skipif(sys.platform == "win32", reason="has no such lock")
def test_a_process_that_stops_while_it_moves_the_log_holds_nobody_up(tmp_path: Path) -> None:
    import fcntl

    handler = SharedLogFile(tmp_path / "log", max_bytes=10, patience=0.1)
    with (tmp_path / "log.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        for n in range(2):
            handler.emit(logging.makeLogRecord({"msg": f"line {n}"}))
    assert (tmp_path / "log").read_text().splitlines() == ["line 0", "line 1"]
    handler.emit(logging.makeLogRecord({"msg": "line 2"}))
    assert ((tmp_path / "log.1").read_text(), (tmp_path / "log").read_text()) == ("line 0\nline 1\n", "line 2\n")


def test_only_so_many_files_are_kept(tmp_path: Path) -> None:
    handler = SharedLogFile(tmp_path / "log", max_bytes=100, kept=2)
    for n in range(30):
        handler.emit(logging.makeLogRecord({"msg": f"{n:02d} {'x' * 40}"}))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["log", "log.1", "log.2", "log.lock"]
    assert (tmp_path / "log").read_text().splitlines()[-1].startswith("29")


def test_a_log_that_cannot_be_written_stops_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "log").mkdir()
    handler = SharedLogFile(tmp_path / "log")
    for _ in range(3):
        handler.emit(logging.makeLogRecord({"msg": "x"}))
    assert capsys.readouterr().err.count("the log cannot be written") == 1


@pytest.mark.slow
def test_one_run_can_be_followed_from_the_button_to_the_store(log: Path, tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    # With a time limit, as a short greedy run begins its fallback after seconds only.
    run_id = submit(store, RunRequest(fresh(), snapshot(store), "greedy", EngineConfig(time_limit=1.0), actor="Ann"))
    assert start_worker(store, run_id).wait(120) == 0
    assert store.runs.get(run_id).state is RunState.OK
    mine = [(one["role"], one["message"]) for one in lines(log) if one.get("run") == run_id]
    store.close()
    assert [m for m in mine if m[0] == "test"] == [("test", "run asked for"), ("test", "worker started")]
    assert [m for m in mine if m[0] == "worker"] == [
        ("worker", "run begun"), ("worker", "run ended"), ("worker", "bound found")
    ]  # fmt: skip
    assert [m for m in mine if m[0] == "engine"] == [("engine", "begins"), ("engine", "has an answer")]
    assert ("fallback", "begins") in mine
    assert all("run" in one for one in lines(log)), "only one run was at work"
