"""The study of broken schedules in short: it finds nothing wrong, goes on where it stopped, and would notice a miss."""

from __future__ import annotations

from pathlib import Path

import corruption as study
import pytest
import records

from tests.support import study_runs


def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], log: Path, schedules: int, *more: str
) -> tuple[int, str]:
    arguments = ["corruption.py", "--schedules", str(schedules), "--ways", "greedy", "right_shift", "--log", str(log), *more]
    return study_runs.run(study, arguments, monkeypatch, capsys)


@pytest.mark.slow
def test_it_goes_on_where_it_stopped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    log = tmp_path / "log.jsonl"
    status, out = run(monkeypatch, capsys, log, 12)
    assert status == 0
    assert "0 false alarms on 12 valid schedules (12 wanted): 6 by greedy, 6 by right_shift" in out
    assert "| no |" not in out
    lines = log.read_text().splitlines()

    log.write_text("\n".join(lines)[:-20])
    _, out = run(monkeypatch, capsys, log, 14, "--print")
    assert "0 false alarms on 11 valid schedules (14 wanted)" in out
    run(monkeypatch, capsys, log, 14)
    after = log.read_text().splitlines()
    assert after[: len(lines)] == lines
    assert sum(r.planned for r in records.read_as(study.Judged, log)) == 14


def test_what_was_missed_and_what_was_blamed_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    log = tmp_path / "log.jsonl"
    first = study.FIRST_SEED + 1
    records.append(log, study.Judged(first, "greedy", True, "", {"left_out": False, "given_twice": True}))
    records.append(log, study.Judged(first + 1, "right_shift", True, "overlaps"))
    status, out = run(monkeypatch, capsys, log, 2, "--print")
    assert status == 1
    assert "1 false alarms on 2 valid schedules" in out
    assert f"- right_shift, seed {first + 1}: overlaps" in out
    assert f"- missed: left out, seed {first} by greedy" in out
    assert "1 of 2 corruptions caught" in out
