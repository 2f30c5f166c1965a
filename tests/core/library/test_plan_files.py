"""Plans to files and back, as rows, under varying durations; random plants."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from scheduler_core import odds, random_plants, read_plan, read_plant, rows, solve, violations, write_plan
from scheduler_core.cli import main
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.errors import InvalidValue
from scheduler_core.schedule import Schedule
from tests.support.paths import ROOT

PLANT = random_plant(0, PlantShape(jobs=24, machines=6, load=6.0, tightness=0.9, simultaneous_share=0.3))
PLAN = solve(PLANT, "greedy")


def test_a_plan_is_written_and_read_back(tmp_path: Path) -> None:
    write_plan(tmp_path / "plan.json", PLANT, PLAN, "mine")
    assert read_plan(str(tmp_path / "plan.json"), PLANT) == PLAN
    assert json.loads((tmp_path / "plan.json").read_text("utf-8"))["engine"] == "mine"


def test_the_commands_read_a_written_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, plan = ROOT / "tests/golden/benchmarks/mk01.fjs", tmp_path / "plan.json"
    plant = read_plant(file)
    write_plan(plan, plant, solve(plant, "greedy"))
    assert main(["check", str(file), str(plan)]) == 0
    assert "SHA-256" not in capsys.readouterr().out
    assert main(["schedule", str(file), "--out", str(plan)]) == 0
    assert violations(plant, read_plan(plan, plant)) == ()


def test_a_row_for_each_operation_on_each_machine() -> None:
    frame = pd.DataFrame(rows(PLANT, PLAN))
    assert len(frame) == sum(len(a.machines) for a in PLAN.assignments) > len(PLAN.assignments)
    assert list(frame.start_minute) == sorted(frame.start_minute)
    assert frame.end_minute.max() == PLAN.end
    assert (frame.end >= frame.start).all()
    first = rows(PLANT, PLAN)[0]
    job = PLANT.job_by_id[first["job"]]
    operation = next(o for o in job.operations if o.sequence == first["sequence"])
    assert first["process"] == operation.process
    assert first["machine_name"] == PLANT.machine_by_id[first["machine"]].name
    assert first["start"] == PLANT.time_of(first["start_minute"])
    assert first["due"] == (None if job.due is None else PLANT.time_of(job.due))


def test_odds_of_a_plan_in_python() -> None:
    sure = odds(PLANT, PLAN, variation=0.0, runs=3)
    assert [one.on_time for one in sure.orders] == [
        float(one.planned_end <= one.due) if one.due is not None else None for one in sure.orders
    ]
    wide = odds(PLANT, PLAN, variation=0.4, runs=50, seed=3)
    assert wide == odds(PLANT, PLAN, variation=0.4, runs=50, seed=3) != odds(PLANT, PLAN, variation=0.4, runs=50)
    assert wide.tardiness.p95 > wide.tardiness.p50


def test_what_has_no_odds_is_named() -> None:
    with pytest.raises(InvalidValue, match=r"schedule: \d+ violations: such a plan has no odds"):
        odds(PLANT, Schedule(PLAN.assignments[1:]))
    with pytest.raises(InvalidValue, match="variation: -1"):
        odds(PLANT, PLAN, variation=-1.0)


def test_random_plants_are_those_of_the_commands() -> None:
    plants = random_plants("2x10", 3)
    assert [plant.name for plant in plants] == ["random-2x10-900000", "random-2x10-900001", "random-2x10-900002"]
    assert random_plants("2x10", 1, seed=900_002) == plants[2:]
    with pytest.raises(InvalidValue, match="size: '3x3' is none of 2x10"):
        random_plants("3x3")
    with pytest.raises(InvalidValue, match="count: 0"):
        random_plants("2x10", 0)
