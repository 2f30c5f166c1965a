"""Short versions of benchmarks/exporting.py and benchmarks/clicks.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduler_core.data import locations

ROOT = Path(__file__).parents[2]


def test_each_release_takes_effect_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import exporting

    for outcome in (exporting.through_webhook(tmp_path, 8, 3), exporting.through_table(tmp_path, 8, 4)):
        assert (outcome.effects, outcome.wrong) == (8, 0)
        assert outcome.calls > 8


def test_one_intention_is_at_most_one_approval(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    monkeypatch.setenv(locations.DATABASE_URL, "")
    import clicks

    twice = clicks.study("double click", [clicks.clicked_twice], 3)
    closed = clicks.study("closed tab", [clicks.closed_before, clicks.closed_after], 4)
    assert (twice.approvals, twice.most, twice.halves) == (3, 1, 0)
    assert (closed.approvals, closed.most, closed.halves) == (4, 1, 0)
