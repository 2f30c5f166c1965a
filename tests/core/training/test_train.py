"""Training end to end on plants so small that it takes seconds: its files, its checkpoint, and resuming."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from scheduler_core.errors import InvalidValue
from scheduler_core.policy import checkpoint
from scheduler_core.training import train as training
from tests.support.small_training import UPDATE, configured, curve, silent, steps_of

pytestmark = pytest.mark.usefixtures("small_runs")


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
    assert said[0].startswith("start: greedy tiny")
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
    training.train(configured(tmp_path), report=silent, models=tmp_path / "models")
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


def test_resuming_a_finished_run_only_publishes_it(tmp_path: Path) -> None:
    config = configured(tmp_path)
    training.train(config, report=silent, models=tmp_path / "models")
    run = tmp_path / "runs" / "small"
    before = (run / "curve.csv").read_text(), (run / "last.pt").read_bytes()
    place = training.train(config, resume=True, report=silent, models=tmp_path / "elsewhere")
    assert (place / checkpoint.WEIGHTS).read_bytes() == (tmp_path / "models" / "small" / checkpoint.WEIGHTS).read_bytes()
    assert ((run / "curve.csv").read_text(), (run / "last.pt").read_bytes()) == before


def test_a_new_run_of_an_old_name_starts_its_curve_anew(tmp_path: Path) -> None:
    for _ in range(2):
        training.train(configured(tmp_path), report=silent, models=tmp_path / "models")
        assert steps_of(tmp_path / "runs" / "small") == [2 * UPDATE, 4 * UPDATE]


def test_every_update_s_row_stays_in_the_curve(tmp_path: Path) -> None:
    training.train(configured(tmp_path, validate_every=1), report=silent, models=tmp_path / "models")
    assert steps_of(tmp_path / "runs" / "small") == [n * UPDATE for n in (1, 2, 3, 4)]


def test_equal_seeds_train_equal_networks(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        training.train(configured(tmp_path), report=silent, models=tmp_path / folder)
    first, second = (checkpoint.load("small", tmp_path / f).network.state_dict() for f in ("a", "b"))
    assert all(torch.equal(first[k], second[k]) for k in first)


def test_the_curve_and_the_report_compare_with_known_rules(tmp_path: Path) -> None:
    said: list[str] = []
    training.train(configured(tmp_path), report=said.append, models=tmp_path / "models")
    for row in curve(tmp_path / "runs" / "small"):
        ratios = [float(row[f"over_{name}"]) for name in ("random", "first_fit", "priority", "best_rule")]
        assert all(0 < r < 10 for r in ratios)
        assert float(row["over_best_rule"]) >= float(row["greedy_tiny"]) - 1e-9
    assert "over random" in said[-1]
    assert "over best rule" in said[-1]


def test_tensorboard_has_the_validation_s_numbers(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    training.train(configured(tmp_path), report=silent, models=tmp_path / "models")
    run = tmp_path / "runs" / "small"
    logs = EventAccumulator(str(next(run.glob("ppo_*"))))
    logs.Reload()
    scores = [(e.step, round(e.value, 4)) for e in logs.Scalars("validation/score")]
    assert scores == [(int(row["steps"]), pytest.approx(float(row["score"]))) for row in curve(run)]
    assert {"validation/over_best_rule", "curriculum/stage", "train/approx_kl"} <= set(logs.Tags()["scalars"])


def test_progress_tells_steps_stage_and_time_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[float, str]] = []
    ticks = iter(range(10**9))
    monkeypatch.setattr("scheduler_core.training.training_callback.time.perf_counter", lambda: float(next(ticks)))
    place = training.train(
        configured(tmp_path), report=silent, models=tmp_path / "models", progress=lambda f, m: told.append((f, m))
    )
    assert place.is_dir()
    shares = [share for share, message in told if "steps" in message]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert any(message == "drawing plant 3 of 3" for _, message in told)
    assert any("stage 2" in message and "min left" in message for _, message in told)
    assert any(message == "validating, plant 2 of 2" for _, message in told)


def test_the_network_may_start_from_a_checkpoint(tmp_path: Path) -> None:
    models = tmp_path / "models"
    training.train(configured(tmp_path), report=silent, models=models)
    said: list[str] = []
    training.train(
        configured(tmp_path, name="second", learning_rate=1e-12, final_learning_rate=1e-12), report=said.append,
        models=models, start="small",
    )  # fmt: skip
    first, second = (checkpoint.load(name, models) for name in ("small", "second"))
    assert second.card["started_from"] == "small"
    assert "started_from" not in first.card
    for name, weights in first.network.state_dict().items():
        assert torch.allclose(weights, second.network.state_dict()[name], atol=1e-6), name


@pytest.mark.parametrize("start", ["small", "nobody"])
def test_a_start_of_another_shape_or_name_is_refused(tmp_path: Path, start: str) -> None:
    models = tmp_path / "models"
    training.train(configured(tmp_path), report=silent, models=models)
    wider = configured(tmp_path, name="second", hidden=9)
    reason = "hidden 8, not 9 as the configuration asks" if start == "small" else "is not listed"
    with pytest.raises(InvalidValue, match=reason):
        training.train(wider, report=silent, models=models, start=start)


def test_a_start_does_not_go_with_resuming(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="does not go with --resume"):
        training.train(configured(tmp_path), resume=True, report=silent, models=tmp_path / "models", start="small")


def test_both_rewards_train(tmp_path: Path) -> None:
    for reward in ("potential", "original"):
        training.train(configured(tmp_path, reward=reward), report=silent, models=tmp_path / reward)
    first, second = (checkpoint.load("small", tmp_path / r).network.job.first.weight for r in ("potential", "original"))
    assert not torch.equal(first, second)


def test_unknown_validation_sizes_are_refused(tmp_path: Path) -> None:
    for sizes, reason in ((["huge"], "must be one of"), (["tiny", "tiny"], "comes twice")):
        config = configured(tmp_path, validation=[{"size": size, "plants": 1} for size in sizes])
        with pytest.raises(InvalidValue, match=reason):
            training.train(config, report=silent, models=tmp_path / "models")
