"""A plant from a file, and a plan for it."""

from __future__ import annotations

from pathlib import Path

from scheduler_core.comparison.spec import EXACT_SECONDS, MOST_VARIATION, SAMPLES
from scheduler_core.engines.config import EngineConfig, Progress, no_progress
from scheduler_core.engines.registry import ALL_ENGINES
from scheduler_core.errors import InvalidValue, Unschedulable
from scheduler_core.interchange import read_snapshot
from scheduler_core.interchange.benchmark_files import file_of, read_benchmark
from scheduler_core.interchange.file_kind import is_snapshot
from scheduler_core.objectives import Objective
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule


class NoPlan(Unschedulable):
    """The engine ended without a plan, for instance as its time was too short; another engine or more time may find one."""


def read_plant(path: str | Path) -> Plant:
    """The plant of a snapshot (JSON) or of a benchmark file, ``FILE#NAME`` for one of several instances in it.

    Raises InvalidValue, which names what is wrong in the file, and OSError.
    """
    path = Path(path)
    return read_snapshot(path) if is_snapshot(file_of(path)) else read_benchmark(path)


def solve(
    plant: Plant,
    engine: str = "learned",
    time_limit: float | None = None,
    *,
    objective: str | Objective | None = None,
    rule: str = "best",
    samples: int | None = None,
    model: str | None = None,
    start_from: Schedule | None = None,
    variation: float = 0.0,
    seed: int = 0,
    workers: int = 2,
    progress: Progress = no_progress,
) -> Schedule:
    """A plan by one engine.

    engine: ``greedy``, ``learned``, ``exact``; with ``start_from`` also ``right_shift`` (keep), ``repair`` (calm), ``best``.
    time_limit: wall seconds; None: until done (exact: 60 s).
    objective: what is minimised, by name or prices; None: weighted tardiness, or the makespan where no job has a due date.
    rule: greedy's dispatching rule. samples, model: learned's number of rollouts and its checkpoint.
    variation: of learned with a time limit; for which coefficient of variation of durations the plan is made, 0.2 for 20 %.
    progress: called at least once a second; raises Cancelled to end the run.

    Raises InvalidValue for a setting, Unschedulable for a plant that no plan can exist for, NoPlan, Cancelled.
    """
    if engine not in ALL_ENGINES:
        raise InvalidValue("engine", engine, f"must be one of {', '.join(ALL_ENGINES)}")
    if time_limit is not None and not 0 <= time_limit < float("inf"):
        raise InvalidValue("time_limit", time_limit, "is not a number of seconds from 0 on")
    given: object = variation
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given <= MOST_VARIATION:
        raise InvalidValue("variation", variation, f"must be a share from 0 to {MOST_VARIATION:g}: 0.2 stands for 20 %")
    if variation and engine != "learned":
        raise InvalidValue("variation", variation, f"is a setting of learned, not of {engine}")
    if variation and time_limit is None:
        raise InvalidValue("time_limit", None, "is no limit: a robust plan (variation) is searched until one")
    if samples is None:
        samples = SAMPLES if time_limit is None else 1
    if samples < 1:
        raise InvalidValue("samples", samples, "must be at least 1")
    config = EngineConfig(
        objective=aim_of(objective, plant),
        time_limit=EXACT_SECONDS if time_limit is None and engine == "exact" else time_limit,
        seed=seed,
        rule=rule,
        samples=samples,
        model=model,
        warm_start=start_from,
        variation=variation,
        workers=workers,
    )
    result = ALL_ENGINES[engine](plant, config, progress)
    if result.schedule is None:
        raise NoPlan(f"{engine} made no plan for {plant.name}: {result.reason or result.status.value}")
    return result.schedule


def aim_of(objective: str | Objective | None, *plants: Plant) -> Objective:
    """The objective of a name, prices or None, which stands for the makespan where no job of the plants has a due date."""
    if isinstance(objective, Objective):
        return objective
    if objective is not None:
        return Objective.parse(objective)
    has_dates = any(job.due is not None for plant in plants for job in plant.jobs)
    return Objective.TARDINESS if has_dates else Objective.MAKESPAN
