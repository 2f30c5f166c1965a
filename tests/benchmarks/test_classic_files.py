"""The study of classic benchmark files: counts what it reads, and notices a count that is no longer true."""

from __future__ import annotations

import csv
from pathlib import Path

import classic_files as study
import pytest

from tests.support import study_runs

PAIRS = "2 2\n0 5 1 6\n1 3 0 2\n"


@pytest.fixture
def collections(tmp_path: Path) -> Path:
    """Two repositories: one shop in two layouts, and a file that is none."""
    for name, content in (
        ("one/shops/pairs.jsp", PAIRS),
        ("one/shops/no.jsp", "2 2\n0 5 0 6\n1 3 0 2\n"),
        ("two/shops/matrices", "2 2\n5 6\n3 2\n1 2\n2 1\n"),
    ):
        path = tmp_path / "owner" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    with (tmp_path / "list.csv").open("w", newline="") as file:
        csv.writer(file).writerows([
            study.COLUMNS,
            ("pairs", "owner/one", "0" * 40, "shops/*.jsp", 2, 1, 2, 4, 1),
            ("matrices", "owner/two", "1" * 40, "shops/*", 1, 1, 2, 4, 0),
        ])  # fmt: skip
    return tmp_path


def test_collections_are_counted_and_compared(
    collections: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["classic_files.py", str(collections), "--list", str(collections / "list.csv")]
    status, out = study_runs.run(study, arguments, monkeypatch, capsys)
    assert status == 0
    assert "3 files in 2 collections: 2 read, 1 refused with a reason, 0 otherwise." in out
    assert "They hold 2 instances, 1 different ones; 1 of these were found with the same operations" in out
    assert "| is a machine that job N visits twice | 1 |" in out
    (collections / "owner" / "two" / "shops" / "more").write_text(PAIRS)
    status, out = study_runs.run(study, arguments, monkeypatch, capsys)
    assert status == 1
    assert "matrices: other counts than in list.csv" in out
    assert study_runs.run(study, [*arguments, "--write"], monkeypatch, capsys)[0] == 0
    assert study_runs.run(study, arguments, monkeypatch, capsys)[0] == 0
