"""One way to plan on one plant: what came out, what it cost, and what the validator says of it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from scheduler_core.comparison.contender import Contender
from scheduler_core.engines.config import Progress, no_progress
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.judge.kpis import Kpis, measure
from scheduler_core.judge.validator import violations
from scheduler_core.objectives import Objective, objective_value
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule
from scheduler_core.statistics import Float64


@dataclass(frozen=True)
class Trial:
    """A judged run. Without a schedule ``value`` and ``kpis`` are None, completion is 0 and ``reason`` says why.

    value: the objective, lower is better. cpu_seconds: of all threads of this process. violations: found by the validator.
    completion: share of the operations that are scheduled.
    """

    plant: str
    value: float | None
    kpis: Kpis | None
    violations: int
    completion: float
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    reason: str = ""


def run_trial(contender: Contender, plant: Plant, objective: Objective, progress: Progress = no_progress) -> Trial:
    """Plans and judges. Raises what the engine raises: Unschedulable, InvalidValue (a setting), Cancelled."""
    cpu, wall = time.process_time(), time.perf_counter()
    result = contender.plan(plant, objective, progress)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    if result.schedule is None:
        reason = result.reason or result.status.value
        return Trial(plant.name, None, None, 0, 0.0, cpu, wall, reason)
    return replace(judged(plant, result.schedule, objective), cpu_seconds=cpu, wall_seconds=wall)


def judged(plant: Plant, schedule: Schedule, objective: Objective) -> Trial:
    """A schedule that exists already, as a trial that cost nothing."""
    kpis = measure(plant, schedule)
    value = objective_value(objective, kpis)
    return Trial(plant.name, value, kpis, len(violations(plant, schedule)), kpis.completion_rate)


def warm_up(contenders: Iterable[Contender]) -> None:
    """Loads compiled code and libraries by planning a tiny plant, so that nobody's first trial pays for them."""
    plant = random_plant(0, PlantShape(jobs=3, machines=2, load=2.0))
    for contender in contenders:
        contender.warm_up(plant)


def values_of(trials: Iterable[Trial]) -> Float64:
    """[trials] objective values, not a number where there is no schedule."""
    return np.array([np.nan if t.value is None else t.value for t in trials], dtype=np.float64)


def part_of(progress: Progress, done: int, total: int, label: str) -> Progress:
    """The progress of step ``done`` of ``total`` as a share of the whole."""

    def report(fraction: float, message: str) -> None:
        progress((done + min(1.0, max(0.0, fraction))) / total, f"{label}: {message}")

    return report
