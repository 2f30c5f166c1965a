"""The training configuration: a YAML file under ``configs/train/``. Unknown keys are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from scheduler_core.environments.random_plants import Breaks, PlantSeed, PlantShape
from scheduler_core.environments.rewards import Reward
from scheduler_core.settings.load import load_settings

TRAINING_SEEDS = (1_000_000, 2_000_000_000)
"""Seeds of training plants; validation and evaluation use small ones, so that they never meet."""
VALIDATION_SEED, EVALUATION_SEED = 500_000, 900_000


class Strict(BaseModel):
    """A part of a configuration: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PlantRange(Strict):
    """A family of random plants: sizes and due dates are drawn uniformly from the ranges; ``chance`` weighs families."""

    chance: float = Field(gt=0)
    machines: tuple[int, int]
    jobs_per_machine: tuple[float, float]
    tightness: tuple[float, float] = (0.4, 1.0)
    spread: tuple[float, float] = (0.3, 0.9)
    load: tuple[float, float] = (7.0, 16.0)

    @model_validator(mode="after")
    def _ranges_ascend(self) -> PlantRange:
        for name, least in (("machines", 1), ("jobs_per_machine", 0), ("tightness", 0), ("spread", 0), ("load", 0)):
            low, high = getattr(self, name)
            if not least <= low <= high:
                raise ValueError(f"{name} is not a range of two ascending numbers from {least} on")
        return self


class Stage(Strict):
    """A stage of the curriculum: it lasts until this share of all steps, on plants whose calendar has these breaks."""

    until: float = Field(gt=0, le=1)
    breaks: Breaks = Breaks.FULL
    plants: tuple[PlantRange, ...] = Field(min_length=1)


class ValidationPlants(Strict):
    """Plants on which training is judged: a size that evaluate.py knows, and of how many schedules the best counts."""

    size: str
    plants: int = Field(default=30, gt=0)
    samples: int = Field(default=8, gt=0)


class TrainingConfig(Strict):
    """Everything that a training run depends on."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    description: str
    seed: int = 0
    total_steps: int = Field(gt=0)
    environments: int = Field(default=64, gt=0)
    steps_per_update: int = Field(default=800, gt=0)
    hidden: int = Field(default=64, ge=1, le=1024)
    learning_rate: float = Field(default=4e-4, gt=0)
    final_learning_rate: float = Field(default=4e-5, gt=0)
    epochs: int = Field(default=2, gt=0)
    batch_size: int = Field(default=4096, gt=0)
    clip: float = Field(default=0.2, gt=0)
    target_kl: float = Field(default=0.01, gt=0)
    entropy: float = Field(default=0.0, ge=0)
    discount_days: float = Field(default=15.0, gt=0)
    trace_days: float = Field(default=3.0, gt=0)
    average: float = Field(default=0.9, ge=0, lt=1)
    validate_every: int = Field(default=4, gt=0)
    keep_every: int = Field(default=50_000, gt=0)
    threads: int = Field(default=1, gt=0)
    reward: Reward = Reward.POTENTIAL
    explore_job: float = Field(default=0.0, ge=0, le=1)
    explore_machine: float = Field(default=0.0, ge=0, le=1)
    explore_until: float = Field(default=0.5, gt=0, le=1)
    validation: tuple[ValidationPlants, ...] = Field(
        default=(ValidationPlants(size="40x100"), ValidationPlants(size="152x500", samples=4)), min_length=1
    )
    stages: tuple[Stage, ...] = Field(min_length=1)

    @field_validator("stages")
    @classmethod
    def _stages_follow(cls, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
        shares = [s.until for s in stages]
        if shares != sorted(set(shares)):
            raise ValueError("every stage must last until a greater share than the one before")
        return stages

    def stage_at(self, share: float) -> Stage:
        """The stage in force after this share of the steps."""
        return next((s for s in self.stages if share < s.until), self.stages[-1])


def read_config(path: Path) -> TrainingConfig:
    """The configuration in the file. Raises InvalidValue naming the file, the key, the value and the reason."""
    return load_settings(path, TrainingConfig)


def draw_plant(rng: np.random.Generator, stage: Stage) -> PlantSeed:
    """A random training plant of the stage."""
    chances = np.array([p.chance for p in stage.plants])
    return draw_from(rng, stage.plants[int(rng.choice(len(chances), p=chances / chances.sum()))], stage.breaks)


def draw_from(rng: np.random.Generator, family: PlantRange, breaks: Breaks = Breaks.FULL) -> PlantSeed:
    """A random training plant of the family."""
    machines = int(rng.integers(family.machines[0], family.machines[1] + 1))
    shape = PlantShape(
        jobs=max(2, int(machines * rng.uniform(*family.jobs_per_machine))),
        machines=machines,
        tightness=float(rng.uniform(*family.tightness)),
        spread=float(rng.uniform(*family.spread)),
        load=float(rng.uniform(*family.load)),
        breaks=breaks,
    )
    return PlantSeed(int(rng.integers(*TRAINING_SEEDS)), shape)
