"""The study of silent engines in short: what it sees of a run, how it goes on, and what its table counts."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
import silent_engines as study

from tests.support import failing_engines as failing
from tests.support.random_plants import schedulable


def test_a_run_answers_reports_and_leaves_nothing_and_a_failing_one_falls_back(monkeypatch: pytest.MonkeyPatch) -> None:
    (plant,) = schedulable(1)
    for number in (0, 3):  # half a second, and as many samples as every part of the search needs
        seen = study.run_here(number, plant, 120.0)
        assert (seen.outcome, seen.reason, seen.orphans) == (study.PLAN, "", 0)
        assert seen.first is not None
        assert 0 < seen.first <= seen.seconds
        assert 0 < seen.longest <= seen.seconds
    monkeypatch.setattr(study, "ENGINES", {study.ENGINE: failing.segfaults})
    crashed = study.run_here(0, plant, 120.0)
    assert (crashed.outcome, crashed.reason, crashed.orphans) == (study.FALLBACK, "its process was ended by SIGSEGV", 0)
    assert "in segfaults" in crashed.trace


@pytest.mark.slow
def test_a_run_through_a_worker_is_seen_the_same_way(tmp_path: Path) -> None:
    (plant,) = schedulable(1)
    seen = study.run_through_worker(0, plant, 120.0, tmp_path)
    assert (seen.outcome, seen.orphans) == (study.PLAN, 0)
    assert seen.first is not None


def test_the_record_goes_on_after_a_line_that_was_cut_off_and_the_table_counts_it(tmp_path: Path) -> None:
    runs = [study.Seen(n, study.PLAN, "", n / 10, n / 5, n / 10, 0) for n in range(1, 10)]
    runs.append(study.Seen(10, study.FALLBACK, "did not end by its deadline", None, 60.0, 59.0, 1, "last report"))
    record = tmp_path / "record"
    record.write_text("".join(json.dumps(asdict(seen)) + "\n" for seen in runs) + json.dumps(asdict(runs[0]))[:20])
    assert study.recorded(record) == runs
    assert study.recorded(tmp_path / "none yet") == []
    table = study.table(runs)
    assert "| runner | answer | 9 | 0 | 0 | 1.00 | 1.80 | 1.80 | 1.80 |" in table
    assert "| worker and store | answer | 0 | 1 | 0 | 60.00 | 60.00 | 60.00 | 60.00 |" in table
    assert "10 runs; 1 processes left over; 1 runs without any report." in table
    assert "- 1 x did not end by its deadline" in table
