"""Training end to end on plants so small that it takes seconds: its files, its checkpoint, and resuming."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from scheduler_core.environments.plants import PlantShape
from scheduler_core.errors import InvalidValue
from scheduler_core.policy import checkpoint
from scheduler_core.training import evaluate, vec_env
from scheduler_core.training import train as training
from tests.core.training.test_config import SMALL

UPDATE = 4 * 16
"""Steps of an update: 4 environments, 16 steps."""


@pytest.fixture(autouse=True)
def _small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(training, "RUNS", tmp_path / "runs")
    monkeypatch.setattr(training, "VALIDATION", {"40x100": 2})
    monkeypatch.setattr(training, "VALIDATION_SAMPLES", {"40x100": 2})
    monkeypatch.setitem(evaluate.SIZES, "40x100", PlantShape(8, 3, tightness=0.9, load=4.0))
    monkeypatch.setattr(vec_env, "POOL", 3)
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


def configured(folder: Path, **more: Any) -> Path:
    settings = {
        **SMALL, "environments": 4, "steps_per_update": 16, "batch_size": 32, "hidden": 8, "validate_every": 2,
        "total_steps": 4 * UPDATE, **more,
    }  # fmt: skip
    path = folder / "small.yaml"
    path.write_text(yaml.safe_dump(settings))
    return path


def curve(folder: Path) -> list[dict[str, str]]:
    with (folder / "curve.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def steps_of(folder: Path) -> list[int]:
    return [int(row["steps"]) for row in curve(folder)]


def test_a_run_leaves_its_curve_and_a_checkpoint_that_loads(tmp_path: Path) -> None:
    said: list[str] = []
    place = training.train(configured(tmp_path), report=said.append, models=tmp_path / "models")
    run = tmp_path / "runs" / "small"
    assert place == tmp_path / "models" / "small"
    assert steps_of(run) == [2 * UPDATE, 4 * UPDATE]
    rows = curve(run)
    assert [row["stage"] for row in rows] == ["1", "2"]
    assert all(float(row["score"]) > 0 for row in rows)
    assert (place / "curve.csv").read_text() == (run / "curve.csv").read_text()
    assert said[0].startswith("start: greedy 40x100")
    assert "100%" in said[-1]

    found = checkpoint.load("small", tmp_path / "models")
    best = torch.load(run / "best.pt", weights_only=True)
    assert found.card["steps"] == best["steps"]
    assert found.card["configuration"]["total_steps"] == 4 * UPDATE
    assert found.card["validation"]["score"] == min(float(row["score"]) for row in rows)
    assert torch.equal(found.network.job.first.weight, best["network"]["job.first.weight"])
    last = torch.load(run / "last.pt", weights_only=True)
    assert (last["steps"], last["updates"]) == (4 * UPDATE, 4)
    assert not torch.equal(last["policy"]["mlp_extractor.network.job.last.weight"], torch.zeros(1, 8))


def test_a_resumed_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    training.train(configured(tmp_path), report=lambda _: None, models=tmp_path / "models")
    run = tmp_path / "runs" / "small"
    before = curve(run)
    last = torch.load(run / "last.pt", weights_only=True)
    said: list[str] = []
    longer = configured(tmp_path, total_steps=8 * UPDATE)
    training.train(longer, resume=True, report=said.append, models=tmp_path / "models")
    assert said[0] == f"resumed at {4 * UPDATE} steps"
    assert curve(run)[: len(before)] == before
    assert steps_of(run) == [2 * UPDATE, 4 * UPDATE, 6 * UPDATE, 8 * UPDATE]
    after = torch.load(run / "last.pt", weights_only=True)
    assert (after["steps"], after["updates"]) == (8 * UPDATE, 8)
    assert after["best"] <= last["best"]
    assert after["hours"] > last["hours"]
    steps_done = {int(s["step"]) for s in after["optimizer"]["state"].values()}
    assert min(steps_done) > max(int(s["step"]) for s in last["optimizer"]["state"].values())


def test_resuming_restores_weights_average_and_optimiser(tmp_path: Path) -> None:
    config = configured(tmp_path)
    training.train(config, report=lambda _: None, models=tmp_path / "models")
    run = tmp_path / "runs" / "small"
    last = torch.load(run / "last.pt", weights_only=True)
    settings = training.read_config(config)
    model = training._build(settings, run)
    watch = training._Watch(settings, run, lambda _: None)
    watch.restore(model)
    restored = model.policy.state_dict()
    assert all(torch.equal(restored[k], v) for k, v in last["policy"].items())
    assert watch.average is not None
    assert all(torch.equal(watch.average.state_dict()[k], v) for k, v in last["average"].items())
    assert model.num_timesteps == 4 * UPDATE


def test_resuming_a_finished_run_only_publishes_it(tmp_path: Path) -> None:
    config = configured(tmp_path)
    training.train(config, report=lambda _: None, models=tmp_path / "models")
    run = tmp_path / "runs" / "small"
    before = (run / "curve.csv").read_text(), (run / "last.pt").read_bytes()
    place = training.train(config, resume=True, report=lambda _: None, models=tmp_path / "elsewhere")
    assert (place / checkpoint.WEIGHTS).read_bytes() == (tmp_path / "models" / "small" / checkpoint.WEIGHTS).read_bytes()
    assert ((run / "curve.csv").read_text(), (run / "last.pt").read_bytes()) == before


def test_a_new_run_of_an_old_name_starts_its_curve_anew(tmp_path: Path) -> None:
    for _ in range(2):
        training.train(configured(tmp_path), report=lambda _: None, models=tmp_path / "models")
        assert steps_of(tmp_path / "runs" / "small") == [2 * UPDATE, 4 * UPDATE]


def test_every_update_s_row_stays_in_the_curve(tmp_path: Path) -> None:
    training.train(configured(tmp_path, validate_every=1), report=lambda _: None, models=tmp_path / "models")
    assert steps_of(tmp_path / "runs" / "small") == [n * UPDATE for n in (1, 2, 3, 4)]


def test_equal_seeds_train_equal_networks(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        training.train(configured(tmp_path), report=lambda _: None, models=tmp_path / folder)
    first, second = (checkpoint.load("small", tmp_path / f).network.state_dict() for f in ("a", "b"))
    assert all(torch.equal(first[k], second[k]) for k in first)


def test_resuming_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="there is no run to resume"):
        training.train(configured(tmp_path), resume=True, report=lambda _: None, models=tmp_path / "models")
