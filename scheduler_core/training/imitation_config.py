"""The configuration of learning by imitation: a YAML file under ``configs/imitate/``. Unknown keys are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic import Field

from scheduler_core.environments.classic_plants import ClassicShape, classic_plant
from scheduler_core.objectives import Objective
from scheduler_core.plant import Plant
from scheduler_core.policy.objective_shares import usual_amounts
from scheduler_core.settings.load import load_settings
from scheduler_core.simulator import costs
from scheduler_core.simulator.arrays import PlantArrays, pack
from scheduler_core.training.config import TRAINING_SEEDS, PlantRange, Strict, ValidationPlants, draw_from

Float64 = npt.NDArray[np.float64]
UNIT_SHARES = (0.55, 0.05, 0.2, 0.08, 0.07, 0.05)
"""How much of a mix each price is on average: tardiness, late jobs, makespan, setups, overtime, balance."""


class FactoryFamily(PlantRange):
    """Random factories, each with a random objective: chances of a pure one; the rest are mixes of all prices."""

    tardiness_only: float = Field(default=0.6, ge=0, le=1)
    makespan_only: float = Field(default=0.12, ge=0, le=1)
    on_time_only: float = Field(default=0.1, ge=0, le=1)

    def draw(self, rng: np.random.Generator) -> tuple[Plant, Float64]:
        """A plant and prices [6] (costs.py)."""
        plant = draw_from(rng, self).plant()
        arrays = pack(plant)
        at = float(rng.random())
        for chance, objective in (
            (self.tardiness_only, Objective.TARDINESS),
            (self.makespan_only, Objective.MAKESPAN),
            (self.on_time_only, Objective.ON_TIME),
        ):
            if at < chance:
                return plant, costs.prices_of(objective, arrays)
            at -= chance
        return plant, _mixed(rng, arrays)


class ClassicFamily(Strict):
    """Random plants like the classic job shops (environments/classic_plants.py), whose objective is the makespan."""

    chance: float = Field(gt=0)
    jobs: tuple[int, int]
    machines: tuple[int, int]
    eligible: tuple[float, float] = (1.0, 1.0)
    alike: bool = True
    longest: int = Field(default=99, gt=0)

    def draw(self, rng: np.random.Generator) -> tuple[Plant, Float64]:
        """A plant and prices [6] (costs.py)."""
        shape = ClassicShape(
            jobs=int(rng.integers(self.jobs[0], self.jobs[1] + 1)),
            machines=int(rng.integers(self.machines[0], self.machines[1] + 1)),
            eligible=float(rng.uniform(*self.eligible)),
            alike=self.alike,
            longest=self.longest,
        )
        plant = classic_plant(int(rng.integers(*TRAINING_SEEDS)), shape)
        return plant, costs.prices_of(Objective.MAKESPAN, pack(plant))


class ImitationConfig(Strict):
    """Everything that a run of imitation depends on.

    ``start``: the checkpoint to begin with; ``rounds`` of ``plants`` each; ``samples``: rollouts of a plant that the best is
    chosen from, at the strengths ``pulls`` and the ``temperatures`` in turn;
    ``moves_per_operation``: how long a plant is searched; ``anchor``: how firmly weighted tardiness stays with
    the start (imitation_dataset.py).
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    description: str
    start: str
    seed: int = 0
    rounds: int = Field(default=3, gt=0)
    plants: int = Field(default=400, gt=0)
    samples: int = Field(default=32, gt=1)
    pulls: tuple[float, ...] = Field(default=(2.0, 4.0, 1.0, 3.0, 0.5, 6.0, 1.5), min_length=1)
    temperatures: tuple[float, ...] = Field(default=(0.05, 0.25, 0.5), min_length=1)
    moves_per_operation: int = Field(default=120, gt=0)
    learning_rate: float = Field(default=5e-4, gt=0)
    anchor: float = Field(default=0.0, ge=0, le=1)
    epochs: int = Field(default=4, gt=0)
    batch_size: int = Field(default=512, gt=0)
    threads: int = Field(default=1, gt=0)
    factories: tuple[FactoryFamily, ...] = Field(min_length=1)
    classics: tuple[ClassicFamily, ...] = ()
    validation: tuple[ValidationPlants, ...] = Field(
        default=(ValidationPlants(size="40x100"), ValidationPlants(size="152x500", samples=4)), min_length=1
    )
    validation_classics: int = Field(default=12, gt=0)

    def draw(self, rng: np.random.Generator) -> tuple[Plant, Float64]:
        """A random training plant and prices [6]."""
        families: list[FactoryFamily | ClassicFamily] = [*self.factories, *self.classics]
        chances = np.array([f.chance for f in families])
        return families[int(rng.choice(len(families), p=chances / chances.sum()))].draw(rng)


def read_imitation(path: Path) -> ImitationConfig:
    """The configuration in the file. Raises InvalidValue naming the file, the key, the value and the reason."""
    return load_settings(path, ImitationConfig)


def _mixed(rng: np.random.Generator, arrays: PlantArrays) -> Float64:
    """Prices of a random mix: drawn as shares of what a plan costs, then divided by each price's usual amount."""
    shares = rng.dirichlet(3.0 * np.array(UNIT_SHARES))
    prices: Float64 = shares / usual_amounts(arrays)
    smallest = costs.TIE * float(prices[prices > 0].min())
    prices[costs.TARDINESS] = max(prices[costs.TARDINESS], smallest)
    prices[costs.MAKESPAN] = max(prices[costs.MAKESPAN], smallest / 24.0)
    return prices
