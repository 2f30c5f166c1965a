"""Training: MaskablePPO over a curriculum of random plants, with validation, checkpoints and a learning curve."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from scheduler_core.engines.config import Progress, no_progress
from scheduler_core.errors import Cancelled, InvalidValue
from scheduler_core.policy import checkpoint
from scheduler_core.policy.network import Network
from scheduler_core.training import run_folder, training_state
from scheduler_core.training.card_text import trained_on
from scheduler_core.training.config import TrainingConfig, read_config
from scheduler_core.training.ppo_model import build, environments_of, shape_of, start_from
from scheduler_core.training.run_status import DONE, FAILED, STOPPED
from scheduler_core.training.run_status import RUNS as RUNS
from scheduler_core.training.training_callback import BEST, LAST, Judged, Report, TrainingCallback, nobody
from scheduler_core.training.validation import Validation


def train(
    config_path: Path,
    resume: bool = False,
    report: Report = print,
    models: Path | None = None,
    start: str | None = None,
    progress: Progress = no_progress,
) -> Path:
    """Trains as the configuration says and enters the best checkpoint in ``models``; returns its folder.

    ``start``: a checkpoint in ``models`` whose weights the run begins with. The run's own files lie under ``runs/NAME``:
    ``last.pt`` (to resume from), ``stage-N.pt`` (the same at the end of each stage), ``best.pt``, ``curve.csv``,
    ``status.json``, TensorBoard logs. Raises InvalidValue for a wrong configuration or start, or if there is nothing to
    resume; Cancelled on request.
    """
    config = read_config(config_path)
    folder = RUNS / config.name
    if resume and start:
        raise InvalidValue("--from", start, "does not go with --resume: a resumed run has its weights")
    run(config, folder, resume, report, models, start, progress)
    return publish(config, folder, models)


def run(
    config: TrainingConfig,
    folder: Path,
    resume: bool = False,
    report: Report = print,
    models: Path | None = None,
    start: str | None = None,
    progress: Progress = no_progress,
    judged: Judged = nobody,
    validation: Validation | None = None,
) -> None:
    """Trains and leaves all files in ``folder``; ``validation``: the configuration's, where it was made before.

    Interrupted (KeyboardInterrupt) or cancelled, it keeps the state after the last update first, so that a resumed run ends
    with the same weights as one that was never stopped. What an earlier run of that name has left is set aside, so that
    nobody resumes it by mistake. Raises InvalidValue where another process trains in ``folder``.
    """
    kept = training_state.read(folder / LAST) if resume else None
    folder.mkdir(parents=True, exist_ok=True)
    with run_folder.held(folder):
        if kept is None and (earlier := run_folder.set_aside(folder)) is not None:
            report(f"begins anew; what the run of that name had kept lies in {earlier}")
        _learn(config, folder, kept, report, models, start, progress, judged, validation)


def _learn(
    config: TrainingConfig,
    folder: Path,
    kept: dict[str, Any] | None,
    report: Report,
    models: Path | None,
    start: str | None,
    progress: Progress,
    judged: Judged,
    validation: Validation | None,
) -> None:
    torch.set_num_threads(config.threads)
    model = build(config, folder)
    watch = TrainingCallback(config, folder, validation or Validation(config.validation, progress), report, progress, judged)
    watch.model = model
    if start:
        start_from(model, config, start, models)
        watch.started_from = start
    if kept is not None:
        training_state.restore(model, kept, progress)
        watch.restore(kept)
    else:
        environments_of(model).refill(progress)
    remaining = config.total_steps - model.num_timesteps
    if remaining <= 0:
        return
    try:
        model.learn(remaining, callback=watch, reset_num_timesteps=kept is None, tb_log_name="ppo")
        watch.status.end(DONE)
    except (KeyboardInterrupt, Cancelled):
        watch.keep()
        watch.status.end(STOPPED)
        if watch.boundary is not None:
            report(f"stopped; {watch.kept_steps:,} steps are kept, --resume goes on from there")
        raise
    except Exception as failure:
        watch.status.end(FAILED, str(failure) or type(failure).__name__)
        raise


def publish(config: TrainingConfig, folder: Path, models: Path | None = None) -> Path:
    """Enters the run's best checkpoint in the models folder with its card and learning curve."""
    best = torch.load(folder / BEST, weights_only=True)
    network = Network(shape_of(config))
    network.load_state_dict(best["network"])
    card = {
        "description": config.description,
        "method": "MaskablePPO, job head then machine head, exponential moving average of the weights",
        "objective": "weighted tardiness",
        "trained_on": trained_on(config),
        "steps": int(best["steps"]),
        "hours": round(float(best["hours"]), 2),
        **({"started_from": best["started_from"]} if best["started_from"] else {}),
        "validation": best["measured"],
        "configuration": config.model_dump(mode="json"),
        "curve": "curve.csv",
    }
    return checkpoint.save(config.name, network, card, models, (folder / "curve.csv").read_text(encoding="utf-8"))
