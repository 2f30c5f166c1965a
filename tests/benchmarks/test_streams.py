"""The study of streams in small: played, judged, kept, and not played again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

SETTINGS = {
    "jobs": 20, "machines": 8, "snapshots": 3, "hours": 24.0, "variation": 0.1, "outages_a_day": 1.0, "arrivals": 1.0,
    "still": False, "first_seconds": 0.2, "seconds": 0.2,
}  # fmt: skip


def test_a_stopped_study_goes_on_where_it_stopped(tmp_path: Path) -> None:
    import streams as study

    results = tmp_path / "results.jsonl"
    study.play_all([0], ["keep"], SETTINGS, tmp_path)
    kept = study.kept_rows(results, SETTINGS)
    assert set(kept) == {(0, "keep")}
    assert [replan["beyond_shift"]["moved_72h"] for replan in kept[0, "keep"]["replans"]] == [0, 0, 0]
    study.play_all([0], ["keep", "calm10", "nothing10"], SETTINGS, tmp_path)
    rows = study.kept_rows(results, SETTINGS)
    assert rows[0, "keep"] == kept[0, "keep"]
    assert len(results.read_text("utf-8").splitlines()) == 3
    assert len(list(tmp_path.glob("first-*.json"))) == 1
    assert len({row["orders"] for row in rows.values()}) == 1
    assert all(row["replans"][0]["cpu_seconds"] >= 0 for row in rows.values())
    study.play_all([0], ["keep", "calm10"], SETTINGS, tmp_path, again=["keep"])
    assert len(results.read_text("utf-8").splitlines()) == 4
    assert study.kept_rows(results, SETTINGS)[0, "keep"]["tardiness"] == rows[0, "keep"]["tardiness"]

    # Other settings are another study; a plant that a policy has not played is in no table.
    assert study.kept_rows(results, {**SETTINGS, "hours": 12.0}) == {}
    lines = study.table(rows, [0], ["keep", "calm10"])
    assert "| keep | 1 |" in lines
    assert "| calm10 | 1 |" in lines
    assert study.table(rows, [1], ["keep"]) == "No plant has been played by all of these policies yet."


def test_a_plan_that_breaks_a_rule_ends_the_study() -> None:
    import streams as study

    from scheduler_core.schedule import Schedule

    stream = study.stream_of(0, SETTINGS)
    lazy = study.judged("lazy", lambda plant, carried, seconds, seed: Schedule(()))
    with pytest.raises(SystemExit, match="lazy breaks"):
        lazy(stream.plant, None, 0.0, 0)


def test_a_still_study_has_no_events(tmp_path: Path) -> None:
    import streams as study

    still = {**SETTINGS, "still": True, "snapshots": 2}
    study.play_all([1], ["keep"], still, tmp_path)
    row = json.loads((tmp_path / "results.jsonl").read_text("utf-8"))["played"]
    assert [replan["minute"] for replan in row["replans"]] == [0, 0]
    assert [replan["raw"]["moved_72h"] for replan in row["replans"]] == [0, 0]
    assert row["tardiness"] == pytest.approx(row["replans"][-1]["tardiness"])
