"""Training: MaskablePPO over a curriculum of random plants, with validation, checkpoints and a learning curve."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sb3_contrib import MaskablePPO
from stable_baselines3.common.callbacks import BaseCallback

from scheduler_core.errors import InvalidValue
from scheduler_core.policy import checkpoint
from scheduler_core.policy.network import Network, NetworkShape
from scheduler_core.training.card import trained_on
from scheduler_core.training.config import VALIDATION_SEED, TrainingConfig, read_config, sample_plant
from scheduler_core.training.evaluate import few_variants, plants_of, policy_costs, rule_costs
from scheduler_core.training.ppo import HierarchicalPolicy, WorkingTimeBuffer
from scheduler_core.training.vec_env import PlantVecEnv

RUNS = Path("runs")
VALIDATION = {"40x100": 30, "152x500": 30}
VALIDATION_SAMPLES = {"40x100": 8, "152x500": 4}
CURVE = ("steps", "hours", "stage", "episode_relative", "greedy_40x100", "sampled_40x100", "greedy_152x500",
         "sampled_152x500", "score", "approx_kl", "explained_variance", "entropy", "steps_per_second")  # fmt: skip

Report = Callable[[str], None]


def train(config_path: Path, resume: bool = False, report: Report = print, models: Path | None = None) -> Path:
    """Trains as the configuration says and enters the best checkpoint in ``models``; returns its folder.

    The run's own files lie under ``runs/NAME``: ``last.pt`` (to resume from), ``best.pt``, ``curve.csv``, TensorBoard logs.
    Raises InvalidValue for a wrong configuration, or if there is nothing to resume.
    """
    config = read_config(config_path)
    folder = RUNS / config.name
    folder.mkdir(parents=True, exist_ok=True)
    if resume and not (folder / "last.pt").is_file():
        raise InvalidValue("--resume", str(folder / "last.pt"), "does not exist: there is no run to resume")
    torch.set_num_threads(config.threads)
    model = _build(config, folder)
    watch = _Watch(config, folder, report)
    if resume:
        watch.restore(model)
    remaining = config.total_steps - model.num_timesteps
    if remaining > 0:
        model.learn(remaining, callback=watch, reset_num_timesteps=not resume, tb_log_name="ppo")
    return publish(config, folder, models)


def publish(config: TrainingConfig, folder: Path, models: Path | None = None) -> Path:
    """Enters the run's best checkpoint in the models folder with its card and learning curve."""
    best = torch.load(folder / "best.pt", weights_only=True)
    network = Network(_shape(config))
    network.load_state_dict(best["network"])
    card = {
        "description": config.description,
        "method": "MaskablePPO, job head then machine head, exponential moving average of the weights",
        "objective": "weighted tardiness",
        "trained_on": trained_on(config),
        "steps": int(best["steps"]),
        "hours": round(float(best["hours"]), 2),
        "validation": best["measured"],
        "configuration": config.model_dump(mode="json"),
        "curve": "curve.csv",
    }
    return checkpoint.save(config.name, network, card, models, (folder / "curve.csv").read_text(encoding="utf-8"))


def _shape(config: TrainingConfig) -> NetworkShape:
    return NetworkShape(hidden=config.hidden)


def _build(config: TrainingConfig, folder: Path) -> MaskablePPO:
    stage = config.stages[0]
    env = PlantVecEnv(config.environments, lambda rng: sample_plant(rng, stage), config.seed)
    low, high = config.final_learning_rate, config.learning_rate
    return MaskablePPO(
        HierarchicalPolicy,
        env,
        learning_rate=lambda left: low + (high - low) * left,
        n_steps=config.steps_per_update,
        batch_size=config.batch_size,
        n_epochs=config.epochs,
        clip_range=config.clip,
        target_kl=config.target_kl,
        ent_coef=config.entropy,
        rollout_buffer_class=WorkingTimeBuffer,
        rollout_buffer_kwargs={"discount_days": config.discount_days, "trace_days": config.trace_days},
        policy_kwargs={"hidden": config.hidden, "optimizer_kwargs": {"eps": 1e-5}},
        tensorboard_log=str(folder),
        seed=config.seed,
        device="cpu",
    )


class _Watch(BaseCallback):
    """Moves through the curriculum, averages the weights, validates, keeps the best and what a resumed run needs."""

    def __init__(self, config: TrainingConfig, folder: Path, report: Report) -> None:
        super().__init__()
        self.config, self.folder, self.report = config, folder, report
        self.updates, self.averaged, self.best = 0, 0, float("inf")
        self.steps_before, self.hours_before, self.appending = 0, 0.0, False
        self.relative: list[float] = []
        self.stage = config.stages[0]
        self.average: Network | None = None
        self.began = time.perf_counter()
        self.plants = {size: plants_of(size, count, VALIDATION_SEED) for size, count in VALIDATION.items()}
        self.rules = {size: rule_costs(plants, few_variants()).mean(0).min() for size, plants in self.plants.items()}

    @property
    def hours(self) -> float:
        return self.hours_before + (time.perf_counter() - self.began) / 3600

    def _network(self) -> Network:
        return _network_of(self.model)

    def _on_training_start(self) -> None:
        if self.average is None:
            self.average = deepcopy(self._network())
            measured = self._validate()
            self.report(f"start: {_words(measured)}")

    def _on_step(self) -> bool:
        self.relative += [info["relative"] for info in self.locals["infos"] if "relative" in info]
        return True

    def _on_rollout_start(self) -> None:
        # The update before this rollout has changed the weights (not so where a resumed run begins).
        if self.updates > self.averaged:
            self._after_update()
        share = self.num_timesteps / self.config.total_steps
        stage = self.config.stage_at(share)
        env = self.training_env
        if stage is not self.stage and isinstance(env, PlantVecEnv):
            self.stage = stage
            env.sample = lambda rng: sample_plant(rng, stage)
            env.refill()

    def _on_rollout_end(self) -> None:
        self.updates += 1

    def _on_training_end(self) -> None:
        self._after_update(last=True)

    def _after_update(self, last: bool = False) -> None:
        assert self.average is not None
        self.averaged = self.updates
        keep = min(self.config.average, self.updates / (self.updates + 5.0))
        with torch.no_grad():
            for slow, fast in zip(self.average.parameters(), self._network().parameters(), strict=True):
                slow.mul_(keep).add_(fast, alpha=1 - keep)
        if last or self.updates % self.config.validate_every == 0:
            measured = self._validate()
            self._log(measured)
            if measured["score"] < self.best:
                self.best = measured["score"]
                state = {
                    "network": self.average.state_dict(), "steps": self.num_timesteps, "hours": self.hours,
                    "measured": measured,
                }  # fmt: skip
                torch.save(state, self.folder / "best.pt")
            self._keep()

    def _validate(self) -> dict[str, float]:
        """Mean weighted tardiness over the best of a few single rules', deterministic and best of a few samples."""
        assert self.average is not None
        weights = self.average.weights()
        measured: dict[str, float] = {}
        for size, plants in self.plants.items():
            costs = policy_costs(plants, weights, VALIDATION_SAMPLES[size], seed=VALIDATION_SEED)
            measured[f"greedy_{size}"] = round(float(costs[:, 0].mean() / self.rules[size]), 4)
            measured[f"sampled_{size}"] = round(float(costs[:, -1].mean() / self.rules[size]), 4)
        measured["score"] = round(float(np.mean(list(measured.values()))), 4)
        return measured

    def _log(self, measured: dict[str, float]) -> None:
        logged = self.model.logger.name_to_value
        elapsed = max(1e-9, time.perf_counter() - self.began)
        row = {
            "steps": self.num_timesteps,
            "hours": round(self.hours, 4),
            "stage": self.config.stages.index(self.stage) + 1,
            "episode_relative": round(float(np.mean(self.relative)), 4) if self.relative else "",
            **measured,
            "approx_kl": round(float(logged.get("train/approx_kl", float("nan"))), 5),
            "explained_variance": round(float(logged.get("train/explained_variance", float("nan"))), 4),
            "entropy": round(-float(logged.get("train/entropy_loss", float("nan"))), 4),
            "steps_per_second": round((self.num_timesteps - self.steps_before) / elapsed),
        }
        self.relative.clear()
        path = self.folder / "curve.csv"
        with path.open("a" if self.appending else "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, CURVE)
            if not self.appending:
                writer.writeheader()
            writer.writerow(row)
        self.appending = True
        done = self.num_timesteps / self.config.total_steps
        seconds_per_step = elapsed / max(1, self.num_timesteps - self.steps_before)
        left = max(0, self.config.total_steps - self.num_timesteps) * seconds_per_step / 60
        self.report(f"{self.num_timesteps:,} steps ({done:.0%}, {left:.0f} min left): {_words(measured)}")

    def _keep(self) -> None:
        assert self.average is not None
        part = self.folder / "last.part"
        torch.save(
            {
                "policy": self.model.policy.state_dict(),
                "optimizer": self.model.policy.optimizer.state_dict(),
                "average": self.average.state_dict(),
                "steps": self.num_timesteps,
                "updates": self.updates,
                "best": self.best,
                "hours": self.hours,
            },
            part,
        )
        part.replace(self.folder / "last.pt")

    def restore(self, model: MaskablePPO) -> None:
        """Puts the last kept state back into the model and into this watch."""
        kept = torch.load(self.folder / "last.pt", weights_only=True)
        model.policy.load_state_dict(kept["policy"])
        model.policy.optimizer.load_state_dict(kept["optimizer"])
        model.num_timesteps = int(kept["steps"])
        average = deepcopy(_network_of(model))
        average.load_state_dict(kept["average"])
        self.average = average
        self.updates = self.averaged = int(kept["updates"])
        self.best, self.hours_before = float(kept["best"]), float(kept["hours"])
        self.steps_before, self.appending = model.num_timesteps, (self.folder / "curve.csv").is_file()
        self.report(f"resumed at {model.num_timesteps:,} steps")


def _network_of(model: Any) -> Network:
    network = model.policy.mlp_extractor.network
    assert isinstance(network, Network)
    return network


def _words(measured: dict[str, float]) -> str:
    return ", ".join(f"{k.replace('_', ' ')} {v:.3f}" for k, v in measured.items())
