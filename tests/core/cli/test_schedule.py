"""``shopwright schedule``: plans, files, exit statuses."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from scheduler_core.engines import registry
from scheduler_core.engines.config import EngineConfig, Progress, no_progress
from scheduler_core.interchange import read_schedule, read_snapshot, snapshot_sha256
from scheduler_core.interchange.benchmark_files import read_benchmark
from scheduler_core.judge.kpis import measure
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Plant
from scheduler_core.schedule import Result, Schedule, Status
from tests.support.command_line import Shopwright


@pytest.mark.parametrize("engine", ["greedy", "exact"])
def test_the_written_file_is_valid_and_states_the_files_hash_and_the_right_figures(
    shopwright: Shopwright, snapshot: Path, tmp_path: Path, engine: str
) -> None:
    out = tmp_path / "plan.json"
    ran = shopwright("schedule", snapshot, "--engine", engine, "--time-limit", 2, "--out", out)
    assert (ran.status, ran.err) == (0, "")
    assert f"written to {out}" in ran.out
    plant = read_snapshot(snapshot)
    file = read_schedule(out, plant)
    assert not violations(plant, file.schedule)
    assert file.snapshot_sha256 == hashlib.sha256(snapshot.read_bytes()).hexdigest()
    assert file.snapshot_sha256 != snapshot_sha256(plant)
    assert file.engine == engine
    assert file.kpis == pytest.approx(measure(plant, file.schedule).as_dict())


def test_a_benchmark_minimises_the_makespan_and_states_the_canonical_snapshots_hash(
    shopwright: Shopwright, benchmark: Path, tmp_path: Path
) -> None:
    out = tmp_path / "plan.json"
    assert shopwright("schedule", benchmark, "--engine", "exact", "--time-limit", 2, "--out", out).status == 0
    plant = read_benchmark(benchmark)
    file = read_schedule(out, plant)
    assert file.schedule.end == 11
    assert file.snapshot_sha256 == snapshot_sha256(plant)


def test_json_is_for_programs(shopwright: Shopwright, snapshot: Path) -> None:
    ran = shopwright("schedule", snapshot, "--rule", "EDD", "--objective", "makespan", "--json")
    said = json.loads(ran.out)
    assert ran.err == ""
    assert (said["engine"], said["status"], said["objective"], said["out"]) == ("greedy", "feasible", "makespan", None)
    assert said["detail"]["rule"] == "EDD"
    assert said["value"] == said["kpis"]["makespan_hours"]


def test_a_dash_writes_the_schedule_to_standard_output(shopwright: Shopwright, snapshot: Path) -> None:
    ran = shopwright("schedule", snapshot, "--out", "-")
    assert json.loads(ran.out)["format"] == "schedule/1"
    assert shopwright("schedule", snapshot, "--out", "-", "--json").status == 2


def test_the_settings_reach_the_engine(shopwright: Shopwright, snapshot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[EngineConfig] = []

    def engine(plant: Plant, config: EngineConfig, progress: Progress = no_progress) -> Result:
        asked.append(config)
        return Result("learned", Status.NO_SOLUTION, None)

    monkeypatch.setattr("scheduler_core.cli.engine_runs.ALL_ENGINES", {"learned": engine, "exact": engine})
    rollout = ["--engine", "learned", "--samples", 1, "--time-limit", 0]
    assert shopwright("schedule", snapshot, *rollout, "--seed", 7, "--model", "standard").status == 3
    assert (asked[0].samples, asked[0].time_limit, asked[0].seed, asked[0].model) == (1, 0.0, 7, "standard")
    shopwright("schedule", snapshot, "--engine", "learned")
    assert (asked[1].samples, asked[1].time_limit) == (64, None)
    shopwright("schedule", snapshot, "--engine", "learned", "--time-limit", 5)
    assert asked[2].samples == 1
    assert asked[2].time_limit is not None
    assert 4 < asked[2].time_limit < 5  # reading the file counts
    assert [config.variation for config in asked] == [0.0] * 3
    shopwright("schedule", snapshot, "--engine", "exact")
    assert asked[3].time_limit == pytest.approx(60, abs=1)
    shopwright("schedule", snapshot, "--engine", "learned", "--time-limit", 5, "--variation", "20%")
    assert asked[4].variation == 0.2
    refused = shopwright("schedule", snapshot, "--engine", "learned", "--variation", "-3")
    assert (refused.status, "not a percentage from 0 to 200" in refused.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--engine", "greedy", "--time-limit", 5], "--variation is what learned plans for, not greedy"),
        (["--engine", "exact", "--time-limit", 5], "--variation is what learned plans for, not exact"),
        (["--time-limit", 5], "--variation is what learned plans for, not greedy"),
        (["--engine", "learned"], "--variation needs --time-limit"),
    ],
)
def test_a_variation_that_would_not_count_is_refused(
    shopwright: Shopwright, snapshot: Path, arguments: list[object], said: str
) -> None:
    refused = shopwright("schedule", snapshot, *arguments, "--variation", 20)
    assert (refused.status, said in refused.err) == (2, True)


def test_a_schedule_that_breaks_a_rule_is_never_written(
    shopwright: Shopwright, snapshot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def careless(plant: Plant, config: EngineConfig, progress: Progress = no_progress) -> Result:
        good = registry.ENGINES["greedy"](plant, config).schedule
        assert good is not None
        return Result("greedy", Status.FEASIBLE, Schedule(good.assignments[1:]), objective=0.0)

    monkeypatch.setattr("scheduler_core.cli.engine_runs.ALL_ENGINES", {"greedy": careless})
    out = tmp_path / "plan.json"
    ran = shopwright("schedule", snapshot, "--out", out)
    assert ran.status == 1
    assert "rule 1 (completeness)" in ran.err
    assert not out.exists()
    assert ran.out == ""
    assert json.loads(shopwright("schedule", snapshot, "--json", "--out", out).out)["out"] is None
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ([], 2, "one of the arguments FILE --erp is required"),
        (["missing.json"], 2, "cannot read missing.json: No such file or directory"),
        (["{snapshot}", "--erp"], 2, "not allowed with"),
        (["{snapshot}", "--rule", "none"], 2, "'none' must be one of"),
        (["{snapshot}", "--time-limit", "-1"], 2, "-1 is not a number of seconds"),
        (["{snapshot}", "--samples", "0"], 2, "0 is less than 1"),
        (["{snapshot}", "--engine", "oracle"], 2, "invalid choice"),
        (["{broken}"], 2, "broken.fjs: line 1, position 1"),
        (["{snapshot}", "--out", "{nowhere}"], 4, "cannot write"),
    ],
)
def test_mistakes_are_told_on_standard_error(
    shopwright: Shopwright, snapshot: Path, tmp_path: Path, arguments: list[str], status: int, message: str
) -> None:
    (tmp_path / "broken.fjs").write_text("two machines")
    places = {"snapshot": snapshot, "broken": tmp_path / "broken.fjs", "nowhere": tmp_path / "no" / "plan.json"}
    ran = shopwright("schedule", *(a.format(**places) for a in arguments))
    assert ran.status == status
    assert message in ran.err
    assert ran.out == ""


def test_a_plant_beyond_the_engine_has_no_schedule(
    shopwright: Shopwright, benchmark: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scheduler_core.engines.exact.problem.MAX_MODES", 1)
    ran = shopwright("schedule", benchmark, "--engine", "exact", "--json")
    assert ran.status == 3
    assert "exceed the limit of 1" in ran.err
    assert json.loads(ran.out)["status"] == "too-large"


def test_an_existing_file_is_replaced_whole(shopwright: Shopwright, snapshot: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan.json"
    out.write_text("old")
    assert shopwright("schedule", snapshot, "--out", out).status == 0
    assert json.loads(out.read_text())["format"] == "schedule/1"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["plan.json", "small.json"]
