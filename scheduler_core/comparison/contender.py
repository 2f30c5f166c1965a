"""What can be compared: an engine with its settings (``spec.py``), or a function of the user's own."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from scheduler_core.engines.config import Progress, no_progress
from scheduler_core.judge.kpis import measure
from scheduler_core.objectives import Objective, objective_value
from scheduler_core.plant import Plant
from scheduler_core.schedule import Result, Schedule, Status
from scheduler_core.simulator.simulator import Simulator


class Contender(Protocol):
    """A way to plan."""

    @property
    def text(self) -> str:
        """What reports call it."""

    def plan(self, plant: Plant, objective: Objective, progress: Progress = no_progress) -> Result:
        """Plans for the objective."""

    def warm_up(self, plant: Plant) -> None:
        """Loads what the first plan would have to load, by planning a tiny plant."""

    def with_seed(self, seed: int) -> Contender:
        """The same, with its chances drawn by another seed."""


@dataclass(frozen=True)
class OwnPlanner:
    """A function from a plant to a schedule. It knows neither objective nor seed, so its trials differ in the plant only."""

    text: str
    function: Callable[[Plant], Schedule]

    def plan(self, plant: Plant, objective: Objective, progress: Progress = no_progress) -> Result:
        """The function's schedule. Raises what the function raises; ``progress`` is called once."""
        progress(0.0, self.text)
        began = time.perf_counter()
        schedule = self.function(plant)
        seconds = time.perf_counter() - began
        value = objective_value(objective, measure(plant, schedule))
        return Result("own", Status.FEASIBLE, schedule, value, seconds=seconds)

    def warm_up(self, plant: Plant) -> None:
        """Steps through the plant, as a dispatching rule of one's own does. The function itself is not called: it may know
        the compared plants only."""
        simulator = Simulator(plant)
        while not simulator.done:
            job = simulator.candidates()[0]
            simulator.dispatch(job, simulator.machines(job)[0])

    def with_seed(self, seed: int) -> OwnPlanner:
        """The same: a function of the plant alone has no chances."""
        return self
