"""The search for settings: within its ranges, given up where hopeless, resumed where it stopped, and usable afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState

from scheduler_core.errors import Cancelled, InvalidValue
from scheduler_core.training import train as training
from scheduler_core.training import tune as tuning
from scheduler_core.training.config import TrainingConfig, read_config
from scheduler_core.training.tune import suggest, tune
from scheduler_core.training.validation import Validation
from scheduler_core.training.vec_env import PlantVecEnv
from tests.support.small_training import SMALL, UPDATE, configured, silent

pytestmark = pytest.mark.usefixtures("small_runs")


def study_in(folder: Path) -> optuna.Study:
    return optuna.load_study(study_name="small", storage=f"sqlite:///{folder / 'runs' / 'small' / 'tune.db'}")


def scored(monkeypatch: pytest.MonkeyPatch, scores: list[float]) -> None:
    """Validations measure these scores in turn, and then the last one for ever."""

    def measure(self: Validation, *args: Any) -> dict[str, float]:
        score = scores.pop(0) if len(scores) > 1 else scores[0]
        return dict.fromkeys(self.columns, score)

    monkeypatch.setattr(Validation, "measure", measure)


@pytest.mark.slow
def test_the_best_settings_make_a_configuration_that_trains(tmp_path: Path) -> None:
    said: list[str] = []
    config = configured(tmp_path, final_learning_rate=4e-5, learning_rate=4e-4)
    path = tune(config, 3, steps=2 * UPDATE, report=said.append)
    assert path == tmp_path / "runs" / "small" / "tuned.yaml"
    assert [line.split(":")[0] for line in said] == ["trial 1", "trial 2", "trial 3", "best"]
    best, found = study_in(tmp_path).best_trial, read_config(path)
    assert best.value == min(t.value for t in study_in(tmp_path).trials if t.value is not None)
    assert all(getattr(found, name) == value for name, value in best.params.items())
    assert found.name == "small-tuned"
    assert found.total_steps == read_config(config).total_steps
    assert found.final_learning_rate == pytest.approx(found.learning_rate / 10)
    assert training.train(path, report=silent, models=tmp_path / "models").name == "small-tuned"


@pytest.mark.slow
def test_trials_are_counted_over_all_calls(tmp_path: Path) -> None:
    config = configured(tmp_path)
    tune(config, 1, steps=2 * UPDATE, report=silent)
    first = study_in(tmp_path).trials
    tune(config, 3, steps=2 * UPDATE, report=silent)
    trials = study_in(tmp_path).trials
    assert [t.number for t in trials] == [0, 1, 2]
    assert trials[0].params == first[0].params
    assert len({t.params["learning_rate"] for t in trials}) == 3
    before = (tmp_path / "runs" / "small" / "tuned.yaml").read_text()
    tune(config, 3, steps=2 * UPDATE, report=silent)
    assert len(study_in(tmp_path).trials) == 3
    assert (tmp_path / "runs" / "small" / "tuned.yaml").read_text() == before


def test_settings_are_drawn_within_their_ranges() -> None:
    config = TrainingConfig.model_validate(SMALL)
    study = optuna.create_study()
    found = [suggest(study.ask(), config) for _ in range(60)]
    limits = {
        "learning_rate": (1e-4, 2e-3), "clip": (0.1, 0.3), "epochs": (1, 5), "batch_size": (256, 4096),
        "target_kl": (0.003, 0.03), "trace_days": (0.5, 10.0), "discount_days": (5.0, 60.0), "entropy": (0.0, 0.01),
    }  # fmt: skip
    for name, (low, high) in limits.items():
        values = [getattr(c, name) for c in found]
        assert low <= min(values) < max(values) <= high, name
    assert {c.stages for c in found} == {config.stages}


@pytest.mark.slow
def test_hopeless_trials_are_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "WARM_UP", 1)
    # Trial 1 starts with a validation of the untrained network, and is then judged four times; trial 2 only once.
    scored(monkeypatch, [1.0, 0.9, 0.8, 0.7, 0.6, 1.0, 2.0, 1.0, 0.5])
    said: list[str] = []
    tune(configured(tmp_path), 3, report=said.append)
    trials = study_in(tmp_path).trials
    assert [t.state for t in trials] == [TrialState.COMPLETE, TrialState.PRUNED, TrialState.COMPLETE]
    assert [len(t.intermediate_values) for t in trials] == [4, 1, 4]
    assert "given up" in said[1]
    assert said[-1].startswith("best: trial 3: score 0.5000")


def test_an_interrupted_search_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = configured(tmp_path)
    tune(config, 1, steps=2 * UPDATE, report=silent)

    def step_wait(self: PlantVecEnv) -> Any:
        raise Cancelled

    with monkeypatch.context() as patch:
        patch.setattr(PlantVecEnv, "step_wait", step_wait)
        with pytest.raises(Cancelled):
            tune(config, 2, steps=2 * UPDATE, report=silent)
    study_in(tmp_path).ask()  # as a command that was killed leaves it
    tune(config, 2, steps=2 * UPDATE, report=silent)
    states = [t.state for t in study_in(tmp_path).trials]
    assert states == [TrialState.COMPLETE, TrialState.FAIL, TrialState.FAIL, TrialState.COMPLETE]


def test_diverged_trials_are_told_and_do_not_win(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual, calls = training.run, [0]

    def run(*args: Any, **more: Any) -> None:
        calls[0] += 1
        if calls[0] == 1:
            raise ValueError("policy weight last is not finite")
        usual(*args, **more)

    monkeypatch.setattr(training, "run", run)
    said: list[str] = []
    tune(configured(tmp_path), 2, steps=2 * UPDATE, report=said.append)
    assert said[0] == "trial 1 diverged: policy weight last is not finite"
    assert study_in(tmp_path).best_trial.number == 1


def test_wrong_arguments_and_changed_configurations_are_refused(tmp_path: Path) -> None:
    config = configured(tmp_path)
    for trials, steps in ((0, None), (1, 0)):
        with pytest.raises(InvalidValue, match="is less than 1"):
            tune(config, trials, steps=steps, report=silent)
    tune(config, 1, steps=2 * UPDATE, report=silent)
    with pytest.raises(InvalidValue, match=r"tune\.db.* was begun with another configuration"):
        tune(config, 2, steps=UPDATE, report=silent)
    with pytest.raises(InvalidValue, match="was begun with another configuration"):
        tune(configured(tmp_path, average=0.5), 2, steps=2 * UPDATE, report=silent)


def test_progress_counts_trials(tmp_path: Path) -> None:
    told: list[tuple[float, str]] = []
    tune(configured(tmp_path), 2, steps=2 * UPDATE, report=silent, progress=lambda f, m: told.append((f, m)))
    assert any(m.startswith("trial 2 of 2: validating") and 0.5 <= f <= 1.0 for f, m in told)
    with pytest.raises(Cancelled):
        tune(configured(tmp_path), 3, steps=2 * UPDATE, report=silent, progress=_cancel)


def _cancel(fraction: float, message: str) -> None:
    raise Cancelled
