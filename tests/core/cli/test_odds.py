"""``shopwright odds``: as a table and as JSON, and refusals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scheduler_core.engines import greedy
from scheduler_core.engines.config import EngineConfig
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.interchange import schedule_to_json, snapshot_sha256, snapshot_to_json
from scheduler_core.judge.kpis import measure
from tests.support.command_line import Shopwright


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    p = random_plant(6, PlantShape(8, 4, tightness=0.8, load=2.0))
    plan = greedy.schedule(p, EngineConfig(rule="EDD")).schedule
    assert plan is not None
    plant_file, plan_file = tmp_path / "plant.json", tmp_path / "plan.json"
    plant_file.write_text(snapshot_to_json(p), encoding="utf-8")
    text = schedule_to_json(p, plan, "greedy", measure(p, plan), snapshot_sha256(p))
    plan_file.write_text(text, encoding="utf-8")
    return plant_file, plan_file


def test_odds_are_told_the_least_likely_order_first(files: tuple[Path, Path], shopwright: Shopwright) -> None:
    ran = shopwright("odds", *files, "--runs", "40", "--variation", "30%")
    assert ran.status == 0
    assert "40 runs of the plan, durations with a coefficient of variation of 30%" in ran.out
    chances = [int(line.split(" of 100")[0].split()[-1]) for line in ran.out.splitlines() if " of 100" in line]
    assert len(chances) == 8
    assert chances == sorted(chances)


def test_odds_as_json_are_the_same_for_the_same_seed(files: tuple[Path, Path], shopwright: Shopwright) -> None:
    told = [json.loads(shopwright("odds", *files, "--runs", "25", "--seed", seed, "--json").out) for seed in "770"]
    assert told[0] == told[1] != told[2]
    assert told[0]["runs"] == 25
    assert len(told[0]["orders"]) == 8
    assert all(one["ends"]["p50"] <= one["ends"]["p80"] <= one["ends"]["p95"] for one in told[0]["orders"])


@pytest.mark.parametrize(("option", "value"), [("--runs", "0"), ("--runs", "20000"), ("--variation", "-3")])
def test_settings_that_cannot_be_are_refused(
    files: tuple[Path, Path], shopwright: Shopwright, option: str, value: str
) -> None:
    ran = shopwright("odds", *files, f"{option}={value}")
    assert ran.status == 2
    assert option.strip("-") in ran.err


def test_a_plan_that_breaks_a_constraint_has_no_odds(files: tuple[Path, Path], shopwright: Shopwright) -> None:
    plan = json.loads(files[1].read_text("utf-8"))
    plan["assignments"].pop()
    files[1].write_text(json.dumps(plan), encoding="utf-8")
    ran = shopwright("odds", *files)
    assert ran.status == 1
    assert "is not scheduled" in ran.out
