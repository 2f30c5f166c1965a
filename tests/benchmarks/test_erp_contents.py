"""The study of generated ERP contents in short: it goes on where it stopped, and prints what broke."""

from __future__ import annotations

from pathlib import Path

import erp_contents as study
import pytest
import records

from tests.support import study_runs


def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], log: Path, count: int, *more: str
) -> tuple[int, str]:
    monkeypatch.setattr(study, "CHUNK", 20)
    arguments = ["erp_contents.py", "--sqlite", str(count), "--mariadb", "0", "--log", str(log), *more]
    return study_runs.run(study, arguments, monkeypatch, capsys)


@pytest.mark.slow
def test_it_goes_on_where_it_stopped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    log = tmp_path / "log.jsonl"
    status, out = run(monkeypatch, capsys, log, 50)
    assert status == 0
    assert "| SQLite | 50 |" in out
    assert [(s.seed, s.contents, s.uncaught, s.broken) for s in records.read_as(study.Seen, log)] == [
        (1, 20, [], []), (2, 20, [], []), (3, 10, [], []),
    ]  # fmt: skip
    lines = log.read_text().splitlines()

    log.write_text("\n".join(lines)[:-20])
    assert "| SQLite | 40 |" in run(monkeypatch, capsys, log, 50, "--print")[1]
    run(monkeypatch, capsys, log, 50)
    after = log.read_text().splitlines()
    assert after[:2] == lines[:2]
    again, before = (records.read_as(study.Seen, path)[2] for path in (log, _file(tmp_path, lines)))
    again.seconds = before.seconds
    assert again == before, "the same seed gives the same contents"


def test_what_broke_is_printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    seen = study.Seen("SQLite", 1, 5, "abc", contents=5, uncaught=["KeyError: x", "KeyError: x"], broken=["lost"])
    records.append(log, seen)
    status, out = run(monkeypatch, capsys, log, 5, "--print")
    assert status == 1
    assert "- SQLite, uncaught, 2 times: KeyError: x" in out
    assert "- SQLite, broken, 1 times: lost" in out


def _file(folder: Path, lines: list[str]) -> Path:
    path = folder / "before.jsonl"
    path.write_text("\n".join(lines) + "\n")
    return path
