"""The search for better training settings, with Optuna (Akiba et al. 2019, Optuna: a next-generation hyperparameter
optimization framework).

Every trial trains from the start with settings of its own for a small number of steps. Its value is its best validation
score; it is given up as soon as that is worse than the median of the trials before it at the same number of steps. The
study lies in ``tune.db`` in the run's folder, so that the same command goes on where an interrupted one stopped.

    setting         from     to     drawn
    learning_rate   1e-4     2e-3   on a log scale; final_learning_rate keeps its proportion
    clip            0.1      0.3    evenly
    epochs          1        5      whole numbers
    batch_size      256      4096   powers of two, none larger than an update
    target_kl       0.003    0.03   on a log scale
    trace_days      0.5      10     on a log scale
    discount_days   5        60     on a log scale
    entropy         0        0.01   evenly
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import optuna
import yaml
from optuna.trial import FrozenTrial, TrialState

from scheduler_core.engines.config import Progress, no_progress
from scheduler_core.errors import Cancelled, InvalidValue
from scheduler_core.training import train as training
from scheduler_core.training.config import TrainingConfig, read_config
from scheduler_core.training.training_callback import Report
from scheduler_core.training.validation import Validation

BATCHES = (256, 512, 1024, 2048, 4096)
VALIDATIONS = 8
"""Validations in a trial: the moments at which it may be given up."""
WARM_UP = 4
"""Trials before the first one can be given up."""


class _GivenUp(Exception):
    """A trial that is worse than the median."""


def tune(
    config_path: Path,
    trials: int,
    steps: int | None = None,
    report: Report = print,
    progress: Progress = no_progress,
) -> Path:
    """Tries settings until the study has ``trials`` trials in all, and writes the configuration with the best of them to
    ``runs/NAME/tuned.yaml``; returns its path.

    ``steps``: those of a trial (the configuration's own by default). Raises InvalidValue for wrong arguments, for a study
    that was begun with another configuration or number of steps, or if no trial ended; Cancelled on request.
    """
    config = read_config(config_path)
    if trials < 1:
        raise InvalidValue("trials", trials, "is less than 1")
    if steps is not None and steps < 1:
        raise InvalidValue("steps", steps, "is less than 1")
    short = _shortened(config, steps or config.total_steps)
    folder = training.RUNS / config.name
    folder.mkdir(parents=True, exist_ok=True)
    study = _study(short, folder)
    validation = Validation(short.validation, progress)
    while (done := len(_ended(study))) < trials:

        def tell(fraction: float, message: str, done: int = done) -> None:
            progress((done + fraction) / trials, f"trial {done + 1} of {trials}: {message}")

        _try(study, short, folder, validation, report, tell)
    found = [t for t in study.trials if t.state is TrialState.COMPLETE]
    if not found:
        raise InvalidValue("trials", trials, "all were given up: more trials or steps are needed")
    report(f"best: {_words(study.best_trial)}")
    return _write(_changed(config, study.best_trial.params), config.name, folder / "tuned.yaml")


def suggest(trial: optuna.Trial, config: TrainingConfig) -> TrainingConfig:
    """The configuration with the trial's settings, drawn from the ranges above."""
    update = config.environments * config.steps_per_update
    trial.suggest_float("learning_rate", 1e-4, 2e-3, log=True)
    trial.suggest_float("clip", 0.1, 0.3)
    trial.suggest_int("epochs", 1, 5)
    trial.suggest_categorical("batch_size", [b for b in BATCHES if b <= update] or [update])
    trial.suggest_float("target_kl", 0.003, 0.03, log=True)
    trial.suggest_float("trace_days", 0.5, 10.0, log=True)
    trial.suggest_float("discount_days", 5.0, 60.0, log=True)
    trial.suggest_float("entropy", 0.0, 0.01)
    return _changed(config, trial.params)


def _changed(config: TrainingConfig, settings: dict[str, Any]) -> TrainingConfig:
    share = config.final_learning_rate / config.learning_rate
    more = {"final_learning_rate": settings["learning_rate"] * share}
    return TrainingConfig.model_validate({**config.model_dump(mode="json"), **settings, **more})


def _shortened(config: TrainingConfig, steps: int) -> TrainingConfig:
    updates = steps // (config.environments * config.steps_per_update)
    more = {"total_steps": steps, "validate_every": max(1, updates // VALIDATIONS)}
    return TrainingConfig.model_validate({**config.model_dump(mode="json"), **more})


def _study(config: TrainingConfig, folder: Path) -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        storage=f"sqlite:///{folder / 'tune.db'}",
        study_name=config.name,
        load_if_exists=True,
        pruner=optuna.pruners.MedianPruner(n_startup_trials=WARM_UP),
    )
    # A sampler's seed alone would draw the first trials again after every start.
    study.sampler = optuna.samplers.TPESampler(seed=config.seed + len(study.trials))
    asked = json.dumps(config.model_dump(mode="json", exclude={"description"}), sort_keys=True)
    begun = study.user_attrs.setdefault("configuration", asked)
    if begun != asked:
        raise InvalidValue(
            str(folder / "tune.db"), config.name, "was begun with another configuration or number of steps: remove it"
        )
    study.set_user_attr("configuration", asked)
    for trial in study.get_trials(states=(TrialState.RUNNING,)):  # of a command that was killed
        study.tell(trial.number, state=TrialState.FAIL)
    return study


def _try(
    study: optuna.Study, config: TrainingConfig, folder: Path, validation: Validation, report: Report, progress: Progress
) -> None:
    trial = study.ask()
    settings = suggest(trial, config)
    scores: list[float] = []

    def judged(steps: int, measured: dict[str, float]) -> None:
        scores.append(measured["score"])
        trial.report(min(scores), steps)
        if trial.should_prune():
            raise _GivenUp

    place = folder / "trials" / f"{trial.number + 1:04d}"
    try:
        training.run(settings, place, report=_unheard, progress=progress, judged=judged, validation=validation)
    except _GivenUp:
        ended = study.tell(trial, state=TrialState.PRUNED)
    except (KeyboardInterrupt, Cancelled):
        study.tell(trial, state=TrialState.FAIL)
        raise
    except InvalidValue:
        study.tell(trial, state=TrialState.FAIL)
        raise
    except ValueError as error:  # torch's and the network's word for weights that are no numbers any more
        report(f"trial {trial.number + 1} diverged: {error}")
        ended = study.tell(trial, state=TrialState.PRUNED)
    else:
        ended = study.tell(trial, min(scores))
    report(_words(ended))


def _unheard(message: str) -> None:
    """What a single trial would report."""


def _ended(study: optuna.Study) -> list[FrozenTrial]:
    return study.get_trials(states=(TrialState.COMPLETE, TrialState.PRUNED))


def _words(trial: FrozenTrial) -> str:
    scores = trial.intermediate_values.values()
    score = f"score {min(scores):.4f}" if scores else "no score"
    given_up = ", given up" if trial.state is TrialState.PRUNED else ""
    settings = ", ".join(f"{k} {v:.4g}" for k, v in trial.params.items())
    return f"trial {trial.number + 1}: {score}{given_up} ({settings})"


def _write(config: TrainingConfig, study: str, path: Path) -> Path:
    content = {
        **config.model_dump(mode="json"),
        "name": f"{study}-tuned",
        "description": f"{config.description} (settings found by shopwright tune)",
    }
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return path
