"""What happens around the updates of a training run: curriculum, averaged weights, validation, and keeping all of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sb3_contrib import MaskablePPO
from stable_baselines3.common.callbacks import BaseCallback

from scheduler_core.engines.config import Progress, no_progress
from scheduler_core.policy.network import Network
from scheduler_core.training import training_state
from scheduler_core.training.config import TrainingConfig
from scheduler_core.training.exploration import Exploration
from scheduler_core.training.learning_curve import Curve
from scheduler_core.training.ppo_model import enter_stage, environments_of, network_of, policy_of
from scheduler_core.training.run_status import RUNNING, RunStatus, StatusFile
from scheduler_core.training.validation import Validation

LAST, BEST = "last.pt", "best.pt"
COUNTED = ("updates", "best", "hours", "stage", "relative", "average", "started_from")
"""What of the watch is kept beside the model."""

Report = Callable[[str], None]
Judged = Callable[[int, dict[str, float]], None]


def nobody(steps: int, measured: dict[str, float]) -> None:
    """A Judged that does nothing."""


class TrainingCallback(BaseCallback):
    """Moves through the curriculum, averages the weights, validates, keeps the best and what a resumed run needs.

    All of it happens between two updates. ``judged`` hears of every validation; what it raises ends the training.
    """

    def __init__(
        self,
        config: TrainingConfig,
        folder: Path,
        validation: Validation,
        report: Report,
        progress: Progress = no_progress,
        judged: Judged = nobody,
    ) -> None:
        super().__init__()
        self.config, self.folder, self.report, self.progress, self.judged = config, folder, report, progress, judged
        self.validation = validation
        self.curve = Curve(folder / "curve.csv", self.validation.columns)
        self.status = StatusFile(folder)
        self.measured: dict[str, float] = {}
        self.exploration = Exploration(config.explore_job, config.explore_machine)
        self.updates = self.averaged = 0
        self.best = float("inf")
        self.stage = 0
        self.started_from = ""
        self.relative: list[float] = []
        self.average: Network | None = None
        self.boundary: dict[str, Any] | None = None
        self.kept_steps = self.steps_before = 0
        self.hours_before = 0.0
        self.began = self.told = time.perf_counter()

    # ------------------------------------------------------------ what stable-baselines3 calls
    def _on_training_start(self) -> None:
        if self.average is None:
            self.curve.begin()
            self.average = deepcopy(network_of(self.model))
            self.report(f"start: {_words(self._measured())}")
        self._tell("training")

    def _on_step(self) -> bool:
        self.relative += [float(info["relative"]) for info in self.locals["infos"] if "relative" in info]
        now = time.perf_counter()
        if now - self.told >= 1.0:
            self.told = now
            self._tell(f"{self.num_timesteps:,} steps, stage {self.stage + 1}, {self._time_left()}")
        return True

    def _on_rollout_start(self) -> None:
        # The update before this rollout has changed the weights (not so where a resumed run begins).
        if self.updates > self.averaged:
            self._after_update()
        self._enter_stage()
        policy_of(self.model).exploration = self.exploration.at(self._share(), self.config.explore_until)
        self.boundary = self._state()
        if self.num_timesteps // self.config.keep_every > self.kept_steps // self.config.keep_every:
            self.keep()

    def _on_rollout_end(self) -> None:
        self.updates += 1

    def _on_training_end(self) -> None:
        self._after_update(last=True)
        self.boundary = self._state()
        self.keep()
        self._keep_stage()
        self._tell("finished")

    # ------------------------------------------------------------ keeping
    def keep(self) -> None:
        """Writes the state at the last update's end, if there was one yet: what ``--resume`` goes on from."""
        if self.boundary is not None:
            self.kept_steps = int(self.boundary["steps"])
            training_state.write(self.boundary, self.folder / LAST)

    def restore(self, kept: dict[str, Any]) -> None:
        """Puts a kept state's part of the watch back; the model's own is kept_run's."""
        self.updates = self.averaged = int(kept["updates"])
        self.best, self.hours_before = float(kept["best"]), float(kept["hours"])
        self.relative, self.started_from = list(kept["relative"]), str(kept["started_from"])
        # A copy, because a new network would draw from the generators that were just restored.
        self.average = deepcopy(network_of(self.model))
        self.average.load_state_dict(kept["average"])
        self.kept_steps = self.steps_before = int(kept["steps"])
        self.stage = min(int(kept["stage"]), len(self.config.stages) - 1)
        enter_stage(environments_of(self.model), self.config.stages[self.stage])
        self.curve.begin(upto=self.kept_steps)
        self.report(f"resumed at {self.kept_steps:,} steps")

    def _state(self) -> dict[str, Any]:
        assert self.average is not None
        more = {name: getattr(self, name) for name in COUNTED}
        assert isinstance(self.model, MaskablePPO)
        return training_state.capture(self.model, {**more, "hours": self.hours, "average": self.average.state_dict()})

    def _keep_stage(self) -> None:
        assert self.boundary is not None
        training_state.write(self.boundary, self.folder / f"stage-{self.stage + 1}.pt")

    # ------------------------------------------------------------ curriculum
    def _enter_stage(self) -> None:
        """A stage ends with its checkpoint: the state from which the next one starts."""
        stages = self.config.stages
        due = stages.index(self.config.stage_at(self._share()))
        if due == self.stage:
            return
        self.boundary = self._state()
        self._keep_stage()
        self.report(f"stage {due + 1} of {len(stages)} begins at {self.num_timesteps:,} steps")
        self.stage = due
        env = environments_of(self.model)
        enter_stage(env, stages[due])
        env.refill(lambda _, message: self._tell(message))

    # ------------------------------------------------------------ after an update
    def _after_update(self, last: bool = False) -> None:
        assert self.average is not None
        self.averaged = self.updates
        keep = min(self.config.average, self.updates / (self.updates + 5.0))
        with torch.no_grad():
            for slow, fast in zip(self.average.parameters(), network_of(self.model).parameters(), strict=True):
                slow.mul_(keep).add_(fast, alpha=1 - keep)
        if last or self.updates % self.config.validate_every == 0:
            measured = self._measured()
            self._log(measured)
            if measured["score"] < self.best:
                self.best = measured["score"]
                self._keep_best(measured)
            self.judged(self.num_timesteps, measured)

    def _measured(self) -> dict[str, float]:
        assert self.average is not None
        self.measured = self.validation.measure(self.average.weights(), lambda _, message: self._tell(message))
        return self.measured

    def _keep_best(self, measured: dict[str, float]) -> None:
        assert self.average is not None
        state = {
            "network": self.average.state_dict(), "steps": self.num_timesteps, "hours": self.hours, "measured": measured,
            "started_from": self.started_from,
        }  # fmt: skip
        training_state.write(state, self.folder / BEST)

    def _log(self, measured: dict[str, float]) -> None:
        logged = self.model.logger.name_to_value
        row = {
            "steps": self.num_timesteps,
            "hours": round(self.hours, 4),
            "stage": self.stage + 1,
            "episode_relative": round(float(np.mean(self.relative)), 4) if self.relative else "",
            **measured,
            "approx_kl": round(float(logged.get("train/approx_kl", float("nan"))), 5),
            "explained_variance": round(float(logged.get("train/explained_variance", float("nan"))), 4),
            "entropy": round(-float(logged.get("train/entropy_loss", float("nan"))), 4),
            "steps_per_second": round((self.num_timesteps - self.steps_before) / self._elapsed()),
        }
        self.relative.clear()
        self.curve.add(row)
        for name, value in measured.items():
            self.model.logger.record(f"validation/{name}", value)
        self.model.logger.record("curriculum/stage", self.stage + 1)
        self.model.logger.dump(self.num_timesteps)
        self.report(f"{self.num_timesteps:,} steps ({self._share():.0%}, {self._time_left()}): {_words(measured)}")

    # ------------------------------------------------------------ telling
    def _tell(self, doing: str) -> None:
        """Progress for whoever waits here, and the status for whoever asks from elsewhere."""
        self.progress(self._share(), doing)
        self.status.write(self._status(doing))

    def _status(self, doing: str) -> RunStatus:
        return RunStatus(
            name=self.config.name,
            state=RUNNING,
            steps=self.num_timesteps,
            total_steps=self.config.total_steps,
            stage=self.stage + 1,
            stages=len(self.config.stages),
            hours=round(self.hours, 4),
            doing=doing,
            score=self.measured.get("score"),
            best=self.best if self.best < float("inf") else None,
            over_random=self.measured.get("over_random"),
            steps_per_second=round((self.num_timesteps - self.steps_before) / self._elapsed(), 1),
            written=0.0,
        )

    # ------------------------------------------------------------ time
    @property
    def hours(self) -> float:
        """Wall hours of training, those before a resumed run included."""
        return self.hours_before + self._elapsed() / 3600

    def _elapsed(self) -> float:
        return max(1e-9, time.perf_counter() - self.began)

    def _share(self) -> float:
        return min(1.0, self.num_timesteps / self.config.total_steps)

    def _time_left(self) -> str:
        done = self.num_timesteps - self.steps_before
        if done == 0:
            return "time left unknown"
        left = max(0, self.config.total_steps - self.num_timesteps) * self._elapsed() / done
        return f"{left / 60:.0f} min left"


def _words(measured: dict[str, float]) -> str:
    return ", ".join(f"{k.replace('_', ' ')} {v:.3f}" for k, v in measured.items())
