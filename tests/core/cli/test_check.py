"""``shopwright check``: the verdict and its exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command_line import Shopwright


@pytest.fixture
def plan(shopwright: Shopwright, snapshot: Path, tmp_path: Path) -> Path:
    """A valid schedule of the snapshot."""
    path = tmp_path / "plan.json"
    assert shopwright("schedule", snapshot, "--rule", "EDD", "--out", path).status == 0
    return path


def test_a_valid_schedule_passes_without_a_note(shopwright: Shopwright, snapshot: Path, plan: Path) -> None:
    ran = shopwright("check", snapshot, plan)
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith("valid: all 4 operations")


def test_every_violation_is_named_by_its_rule(shopwright: Shopwright, snapshot: Path, plan: Path) -> None:
    content = json.loads(plan.read_text())
    content["assignments"].pop()
    content["assignments"][0]["setup_minutes"] += 1
    plan.write_text(json.dumps(content))
    ran = shopwright("check", snapshot, plan)
    assert ran.status == 1
    assert "rule 1 (completeness):" in ran.out
    assert "rule 5 (setup):" in ran.out
    assert ran.out.rstrip().endswith("2 violations of rules 1, 5")
    said = json.loads(shopwright("check", snapshot, plan, "--json").out)
    assert said["valid"] is False
    assert [(v["rule"], v["number"]) for v in said["violations"]] == [("completeness", 1), ("setup", 5)]


def test_wrong_statements_of_the_file_are_remarked_upon_but_no_violation(
    shopwright: Shopwright, snapshot: Path, plan: Path
) -> None:
    content = json.loads(plan.read_text())
    content["kpis"]["makespan_hours"] += 1
    del content["kpis"]["setup_hours"]
    plan.write_text(json.dumps(content))
    snapshot.write_text(snapshot.read_text() + " ")
    ran = shopwright("check", snapshot, plan)
    assert ran.status == 0
    assert [line.split()[1] for line in ran.err.splitlines()] == ["the", "makespan_hours", "setup_hours"]


def test_a_schedule_of_a_benchmark_is_checked_against_the_benchmark(
    shopwright: Shopwright, benchmark: Path, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"
    shopwright("schedule", benchmark, "--out", plan)
    ran = shopwright("check", benchmark, plan)
    assert (ran.status, ran.err) == (0, "")


def test_an_unreadable_schedule_is_wrong_usage(shopwright: Shopwright, snapshot: Path, tmp_path: Path) -> None:
    assert shopwright("check", snapshot, tmp_path / "missing.json").status == 2
    assert shopwright("check", snapshot, snapshot).status == 2
