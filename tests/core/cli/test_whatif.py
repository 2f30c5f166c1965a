"""``shopwright whatif``: three repairs of a file's plan, and what is written passes ``check``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command_line import Shopwright

BREAKDOWN = '{"change": "breakdown", "machine": 2, "start": "2025-07-21T09:00", "minutes": 240}'
DOWN = f'{{"format": "changes/1", "changes": [{BREAKDOWN}]}}'


@pytest.fixture
def files(tmp_path: Path, shopwright: Shopwright, snapshot: Path) -> tuple[Path, Path, Path]:
    plan, changes = tmp_path / "plan.json", tmp_path / "changes.json"
    assert shopwright("schedule", snapshot, "--out", plan).status == 0
    changes.write_text(DOWN, encoding="utf-8")
    return snapshot, plan, changes


def test_three_repairs_stand_in_one_table(shopwright: Shopwright, files: tuple[Path, Path, Path]) -> None:
    ran = shopwright("whatif", *files, "--time-limit", 0.2, "--json")
    assert ran.status == 0
    rows = json.loads(ran.out)["repairs"]
    assert [r["repair"] for r in rows] == ["keep", "calm", "best"]
    assert rows[1]["weighted_tardiness_days"] <= rows[0]["weighted_tardiness_days"] + 1e-9
    assert all(row["neighbours_swapped"] is not None and row["mean_shift_minutes"] >= 0 for row in rows)
    assert rows[0]["moves"] == 0
    assert "moved_24h" in shopwright("whatif", *files, "--engine", "keep").out


def test_calm_keeps_to_the_number_of_moves(shopwright: Shopwright, files: tuple[Path, Path, Path]) -> None:
    for most in (0, 2):
        ran = shopwright("whatif", *files, "--engine", "calm", "--most-moves", most, "--time-limit", 0.2, "--json")
        assert ran.status == 0
        assert json.loads(ran.out)["repairs"][0]["moves"] <= most


def test_what_is_written_passes_the_check(shopwright: Shopwright, files: tuple[Path, Path, Path], tmp_path: Path) -> None:
    out, changed = tmp_path / "repaired.json", tmp_path / "changed.json"
    ran = shopwright("whatif", *files, "--engine", "calm", "--time-limit", 0.1, "--out", out, "--changed", changed)
    assert ran.status == 0
    assert shopwright("check", changed, out).status == 0
    assert json.loads(changed.read_text())["machines"][1]["downtime"]


def test_what_is_wrong_is_named(shopwright: Shopwright, files: tuple[Path, Path, Path], tmp_path: Path) -> None:
    assert "needs --engine" in shopwright("whatif", *files, "--out", tmp_path / "x.json").err
    files[2].write_text(DOWN.replace('"machine": 2', '"machine": 77'), encoding="utf-8")
    ran = shopwright("whatif", *files)
    assert ran.status == 2
    assert "changes[0].machine: 77 is not a known machine" in ran.err
