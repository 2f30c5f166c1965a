"""``shopwright expedite``: the curve of one order of a file's plan, and what is written passes ``check``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scheduler_core.interchange import schedule_to_json, snapshot_sha256, snapshot_to_json
from scheduler_core.judge.kpis import measure
from scheduler_core.scenarios.changes import RushOrder
from scheduler_core.scenarios.changes_file import changes_to_json
from scheduler_core.schedule import Assignment, Schedule
from tests.support.command_line import Shopwright
from tests.support.plants import job, machine, operation, plant

SHOP = plant(
    job("A", operation(60, 1), due=60), job("B", operation(60, 1), due=60), job("C", operation(60, 1)),
    machines=(machine(1),),
)  # fmt: skip
PLAN = Schedule(tuple(Assignment(name, 1, (1,), 60 * i, 60 * i + 60) for i, name in enumerate("ABC")))


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    shop, plan = tmp_path / "plant.json", tmp_path / "plan.json"
    shop.write_text(snapshot_to_json(SHOP))
    plan.write_text(schedule_to_json(SHOP, PLAN, "greedy", measure(SHOP, PLAN), snapshot_sha256(SHOP)))
    return shop, plan


def test_the_curve_says_who_pays(shopwright: Shopwright, files: tuple[Path, Path]) -> None:
    ran = shopwright("expedite", *files, "B", "--json")
    assert (ran.status, ran.err) == (0, "")
    told = json.loads(ran.out)
    first, last = told["points"]
    assert first["end"] == told["bound"]
    assert (first["newly_late"], [p["job"] for p in first["later"]], first["later"][0]["extra_minutes"]) == (1, ["A"], 60)
    assert (last["end"], last["weighted_days"], last["later"]) == (told["in_plan"], 0, [])
    printed = shopwright("expedite", *files, "B").out
    assert "earliest that harms nobody" in printed
    assert "point 1: A newly late by 1 h" in printed


def test_a_point_is_written_and_passes_check(shopwright: Shopwright, files: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "sooner.json"
    assert shopwright("expedite", *files, "B", "--point", 1, "--out", out).status == 0
    assert shopwright("check", files[0], out).status == 0
    ran = shopwright("expedite", *files, "B", "--point", 3)
    assert ran.status == 2
    assert "--point: 3 is not between 1 and 2" in ran.err


def test_a_rush_order_comes_with_the_changes(shopwright: Shopwright, files: tuple[Path, Path], tmp_path: Path) -> None:
    changes, changed, out = (tmp_path / name for name in ("changes.json", "changed.json", "with-rush.json"))
    changes.write_text(changes_to_json(SHOP, (RushOrder(job("R", operation(30, 1), due=60)),)))
    ran = shopwright("expedite", *files, "R", "--changes", changes, "--changed", changed, "--out", out)
    assert (ran.status, ran.err) == (0, "")
    assert "in the first gaps of the plan" in ran.out
    assert shopwright("check", changed, out).status == 0
    unknown = shopwright("expedite", *files, "R")
    assert unknown.status == 2
    assert "JOB: 'R' is not a job of" in unknown.err


@pytest.mark.parametrize("hours", ["nan", "inf", "-1", "x"])
@pytest.mark.parametrize("argument", ["--tolerance-hours", "--frozen-hours"])
def test_hours_that_are_none_are_refused(
    shopwright: Shopwright, files: tuple[Path, Path], argument: str, hours: str
) -> None:  # fmt: skip
    ran = shopwright("expedite", *files, "B", f"{argument}={hours}")
    assert ran.status == 2
    assert f"'{hours}' is not a number of hours from 0 on" in ran.err


def test_a_plan_of_another_plant_is_named(shopwright: Shopwright, files: tuple[Path, Path], tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    plan = Schedule((Assignment("X", 1, (1,), 0, 60),))
    other.write_text(schedule_to_json(SHOP, plan, "greedy", measure(SHOP, PLAN), snapshot_sha256(SHOP)))
    changes = tmp_path / "changes.json"
    changes.write_text(changes_to_json(SHOP, ()))
    for arguments in (
        ("expedite", files[0], other, "B"), ("whatif", files[0], other, changes, "--engine", "keep"),
        ("schedule", files[0], "--start-from", other, "--engine", "keep"), ("check", *files, "--against", other),
    ):  # fmt: skip
        ran = shopwright(*arguments)
        assert f"note: {other} has no operation of {SHOP.name}" in ran.err, arguments
        assert ran.status == 0
    assert "note" not in shopwright("check", *files, "--against", files[1]).err
