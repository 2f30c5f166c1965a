"""``shopwright ab`` and ``shopwright replay``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scheduler_core.cli import ab as ab_command
from scheduler_core.comparison import spec
from scheduler_core.data.store import Store
from scheduler_core.engines import greedy
from scheduler_core.engines.config import EngineConfig
from scheduler_core.environments.random_plants import PlantShape
from scheduler_core.interchange import read_snapshot
from scheduler_core.schedule import Result, Schedule
from scheduler_core.settings import environment
from scheduler_core.training import evaluate
from tests.support.command_line import Shopwright
from tests.support.seeding import seed_plan, seed_snapshot

AB = ("ab", "--a", "greedy rule=EDD", "--b", "greedy")


# ---------------------------------------------------------------------- ab
def test_random_plants_are_compared(shopwright: Shopwright, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(evaluate.SIZES, "10x60", PlantShape(8, 3, tightness=0.9, load=4.0))
    ran = shopwright(*AB, "--size", "10x60", "--trials", 3)
    assert ran.status == 0
    assert ran.out.startswith("A: greedy rule=EDD\nB: greedy\nobjective tardiness, days")
    assert "violations 0; completion 100.0%" in ran.out
    assert "loses 0 of 3 plants" in ran.out
    said = json.loads(shopwright(*AB, "--size", "10x60", "--trials", 3, "--json").out)
    assert [t["plant"] for t in said["a"]["trials"]] == [f"random-3x8-{900000 + i}" for i in range(3)]
    assert said["wins"] + said["ties"] + said["losses"] == 3
    assert said["improvement_percent"]["value"] >= 0


def test_snapshots_are_compared_by_another_objective(shopwright: Shopwright, snapshot: Path, benchmark: Path) -> None:
    said = json.loads(shopwright(*AB, snapshot, benchmark, "--objective", "makespan", "--json").out)
    assert (said["objective"], said["unit"]) == ("makespan", "hours")
    assert [t["plant"] for t in said["b"]["trials"]] == ["tiny", "tiny"]
    assert said["b"]["trials"][1]["value"] == pytest.approx(11 / 60)


def test_what_is_wrong_is_named(shopwright: Shopwright, snapshot: Path) -> None:
    ran = shopwright("ab", "--a", "greedy samples=8", "--b", "greedy", snapshot)
    assert (ran.status, "--a: 'samples=8' is no setting of greedy" in ran.err) == (2, True)
    assert "--b: 'oracle' must be one of" in shopwright("ab", "--a", "greedy", "--b", "oracle", snapshot).err
    assert "objective: 'speed'" in shopwright(*AB, snapshot, "--objective", "speed").err
    assert "'3x3' must be one of" in shopwright(*AB, "--size", "3x3").err
    assert shopwright(*AB, "--trials", 0).status == 2


def test_violations_decide_the_exit_status(shopwright: Shopwright, snapshot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def torn(plant: object, config: EngineConfig, *rest: object) -> Result:
        found = greedy.schedule(plant, config)  # type: ignore[arg-type]
        assert found.schedule is not None
        return Result("greedy", found.status, Schedule(found.schedule.assignments[1:]))

    monkeypatch.setattr(spec, "ENGINES", {"greedy": torn})
    ran = shopwright(*AB, snapshot)
    assert ran.status == 1
    assert "violations: A 1, B 1" in ran.err


def test_percentages_below() -> None:
    assert ab_command.below(4.0, 3.0) == "25.0 %"
    assert ab_command.below(4.0, 5.0) == "-25.0 %"
    assert [ab_command.below(0.0, 1.0), ab_command.below(None, 1.0), ab_command.number(None)] == ["–", "–", "–"]


# ---------------------------------------------------------------------- replay
def test_the_store_s_snapshots_are_planned_again(
    shopwright: Shopwright, snapshot: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    monkeypatch.setenv(environment.DATABASE_URL, url)
    empty = shopwright("replay")
    assert (empty.status, "the store holds no snapshot" in empty.err) == (2, True)
    store = Store.open(url)
    for number in range(2):
        snapshot_id = seed_snapshot(store, read_snapshot(snapshot), f"pull-{number}")
        seed_plan(store, snapshot_id, rule="LPT", request_id=f"run-{number}")
    store.close()
    ran = shopwright("replay", "--engine", "greedy", "--engine", "greedy rule=EDD")
    assert ran.status == 0
    assert "mean of 2" in ran.out
    assert "greedy, kept" in ran.out
    said = json.loads(shopwright("replay", "--engine", "greedy", "--last", 1, "--json").out)
    (row,) = said["snapshots"]
    assert row["now"][0]["value"] <= row["then"]["value"]
    assert (said["compared"], row["now"][0]["violations"]) == (1, 0)


def test_files_and_folders_are_planned_without_a_plan_of_the_time(
    shopwright: Shopwright, snapshot: Path, tmp_path: Path
) -> None:
    said = json.loads(shopwright("replay", snapshot.parent, snapshot, "--engine", "greedy", "--json").out)
    assert [s["name"] for s in said["snapshots"]] == ["small", "small"]
    assert [s["then"] for s in said["snapshots"]] == [None, None]
    assert said["ratios"] == [{"value": None, "low": None, "high": None}]
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    ran = shopwright("replay", nothing)
    assert (ran.status, "no snapshot (*.json) in" in ran.err) == (2, True)
