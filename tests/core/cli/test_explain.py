"""``shopwright explain``: the causes of a schedule file, in words and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command_line import Shopwright


@pytest.fixture
def plan(shopwright: Shopwright, snapshot: Path, tmp_path: Path) -> Path:
    """A valid schedule of the snapshot in which B, which is due first, comes last on its machine."""
    path = tmp_path / "plan.json"
    assert shopwright("schedule", snapshot, "--rule", "LPT", "--out", path).status == 0
    return path


def test_a_late_job_is_explained_in_words(shopwright: Shopwright, snapshot: Path, plan: Path) -> None:
    ran = shopwright("explain", snapshot, plan, "B")
    assert (ran.status, ran.err) == (0, "")
    first, cause, possible, *_ = ran.out.splitlines()
    assert first.startswith("B: done Mon 21 Jul ")
    assert first.endswith("late")
    assert "M1" in cause
    assert possible == "It could be on time: the earliest possible end in any plan is Mon 21 Jul 09:30."
    assert "Where its time goes" in ran.out
    assert "is busy with C until then" in ran.out
    assert "1. On M1 put operation 1 before job C" in ran.out
    assert "(on time); late jobs" in ran.out


def test_the_parts_of_the_json_add_up_and_the_chain_ends_at_the_root(
    shopwright: Shopwright, snapshot: Path, plan: Path
) -> None:
    said = json.loads(shopwright("explain", snapshot, plan, "B", "--json").out)
    minutes = said["minutes"]
    assert sum(v for k, v in minutes.items() if k != "total") == minutes["total"] == said["end"] - said["start"]
    assert [link["reason"] for link in said["chain"]] == ["machine busy", "plan start"]
    assert said["chain"][0]["start"] == said["chain"][0]["since"]
    assert said["can_be_on_time"] is True
    assert said["fixes"][0]["after"]["minutes_late"] <= 0
    assert json.loads(shopwright("explain", snapshot, plan, "B", "--json", "--no-fixes").out)["fixes"] is None


def test_an_operation_may_be_named(shopwright: Shopwright, snapshot: Path, plan: Path) -> None:
    ran = shopwright("explain", snapshot, plan, "A", "--operation", "1", "--no-fixes")
    assert ran.status == 0
    assert "Why operation 1 starts when it does" in ran.out
    assert "What would fix it" not in ran.out


def test_wrong_questions_are_refused(shopwright: Shopwright, snapshot: Path, plan: Path, tmp_path: Path) -> None:
    ran = shopwright("explain", snapshot, plan, "nobody")
    assert ran.status == 2
    assert "'nobody' is not a job of tiny" in ran.err
    ran = shopwright("explain", snapshot, plan, "A", "--operation", "7")
    assert ran.status == 2
    assert "which has 1, 2" in ran.err
    assert shopwright("explain", snapshot, tmp_path / "none.json", "A").status == 2


def test_a_schedule_that_breaks_a_constraint_is_not_explained(shopwright: Shopwright, snapshot: Path, plan: Path) -> None:
    content = json.loads(plan.read_text())
    content["assignments"].pop()
    plan.write_text(json.dumps(content))
    ran = shopwright("explain", snapshot, plan, "A")
    assert ran.status == 1
    assert "rule 1 (completeness):" in ran.out
