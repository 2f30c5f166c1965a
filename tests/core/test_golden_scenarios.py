"""The cases of tests/golden/scenarios: a plant, an engine, and what has to come out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.registry import ENGINES
from scheduler_core.interchange import read_snapshot
from scheduler_core.judge.kpis import job_lateness
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Plant
from scheduler_core.schedule import Assignment
from tests.support.paths import ROOT

CASES = sorted(path.parent for path in (ROOT / "tests" / "golden" / "scenarios").glob("*/expected.json"))
KEYS = {"shows", "engine", "rule", "operations", "late_jobs"}


def facts(plant: Plant, placed: Assignment) -> dict[str, Any]:
    return {
        "machines": [plant.machine_by_id[m].name for m in placed.machines],
        "start": plant.time_of(placed.start).isoformat(timespec="minutes"),
        "end": plant.time_of(placed.end).isoformat(timespec="minutes"),
        "setup_minutes": placed.setup_minutes,
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_scenario(case: Path) -> None:
    expected = json.loads((case / "expected.json").read_text("utf-8"))
    assert expected.keys() <= KEYS, "an unknown key would be checked by nobody"
    plant = read_snapshot(case / "plant.json")
    schedule = ENGINES[expected["engine"]](plant, EngineConfig(rule=expected.get("rule", "best"))).schedule
    assert schedule is not None
    assert violations(plant, schedule) == ()
    for name, wanted in expected["operations"].items():
        job, _, sequence = name.rpartition("/")
        found = facts(plant, schedule.by_operation[job, int(sequence)])
        assert {key: found[key] for key in wanted} == wanted, f"{name}: {expected['shows']}"
    if "late_jobs" in expected:
        late = [job for job, minutes in job_lateness(plant, schedule).items() if minutes is not None and minutes > 0]
        assert sorted(late) == sorted(expected["late_jobs"]), expected["shows"]


def test_there_are_cases() -> None:
    assert len(CASES) >= 3
