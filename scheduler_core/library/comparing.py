"""Two ways to plan, compared on the same plants."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from scheduler_core.comparison.ab import AbReport, compare_schedulers, improvement, planned_by_both, record
from scheduler_core.comparison.contender import Contender, OwnPlanner
from scheduler_core.comparison.spec import parse_spec
from scheduler_core.engines.config import Progress, no_progress
from scheduler_core.errors import InvalidValue
from scheduler_core.library.planning import aim_of
from scheduler_core.objectives import Objective, unit_of
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule
from scheduler_core.statistics import Float64, Ratio


class PlantRow(TypedDict):
    """A plant's values of A and B, and by how many percent B's is below A's: None without both, or where A's is 0."""

    plant: str
    a: float
    b: float
    percent_below: float | None


@dataclass(frozen=True)
class Comparison:
    """What came of it. Lower values are better; not a number where a side has no plan in one of its trials.

    names: of A and B. plants: their names. values_a, values_b: [plants] means over its trials, in the objective's unit.
    trials: of each plant. violations: in all plans of A and of B; anything but 0 means that its plans cannot be executed.
    cpu_seconds: of A and of B, the mean of a plan, of all threads of this process.
    """

    names: tuple[str, str]
    objective: Objective
    plants: tuple[str, ...]
    trials: int
    values_a: Float64
    values_b: Float64
    violations: tuple[int, int]
    cpu_seconds: tuple[float, float]

    @property
    def improvement(self) -> Ratio:
        """By how many percent B's mean over plants is below A's, with the 95 % interval over resampled plants; below 0: B is
        worse. Plants without a plan of both are left out; without values ``value`` is None, over one plant the interval."""
        a, b = self._planned
        found = improvement(a, b)
        return Ratio(found.value, None, None) if len(a) == 1 else found

    @property
    def record(self) -> tuple[int, int, int]:
        """Plants on which B is better, equal, worse."""
        return record(*self._planned)

    @property
    def rows(self) -> list[PlantRow]:
        """One row for each plant: ``pandas.DataFrame(found.rows)``."""
        found = []
        for plant, a, b in zip(self.plants, self.values_a.tolist(), self.values_b.tolist(), strict=True):
            below = None if math.isnan(a) or math.isnan(b) or a == 0 else 100.0 * (1.0 - b / a)
            found.append(PlantRow(plant=plant, a=a, b=b, percent_below=below))
        return found

    @property
    def _planned(self) -> tuple[Float64, Float64]:
        return planned_by_both(self.values_a, self.values_b)

    def __str__(self) -> str:
        found, (wins, ties, losses) = self.improvement, self.record
        a, b = self._planned
        if found.value is None:
            change = "not comparable with"
        else:
            change = f"{abs(found.value):.1f} % {'below' if found.value >= 0 else 'above'}"
        interval = "" if found.low is None or found.high is None else f" (95 %: {found.low:.1f} to {found.high:.1f} % below)"
        means = "" if len(a) == 0 else f"means {a.mean():.2f} and {b.mean():.2f} {unit_of(self.objective)}; "
        return (
            f"A: {self.names[0]}; B: {self.names[1]}. {self.objective.value}: {means}B is {change} A{interval}; "
            f"better, equal, worse on {wins}, {ties}, {losses} of {len(a)} plants; "
            f"violations: {self.violations[0]} and {self.violations[1]}; "
            f"CPU seconds a plan: {self.cpu_seconds[0]:.2f} and {self.cpu_seconds[1]:.2f}"
        )


def compare(
    plants: Sequence[Plant],
    a: str | Callable[[Plant], Schedule],
    b: str | Callable[[Plant], Schedule],
    trials: int = 1,
    *,
    objective: str | Objective | None = None,
    progress: Progress = no_progress,
) -> Comparison:
    """Plans every plant by both, ``trials`` times with seeds 0, 1, 2, ..., taking turns in who goes first.

    a, b: an engine with settings (``"learned time_limit=10"``, as for ``shopwright ab``), or a function from a plant to a
    schedule, called once with each plant in every trial, and with no others. A setting ``seed`` is overruled where there are
    several trials.
    objective: as for ``solve``; None: weighted tardiness, or the makespan where no job of any plant has a due date.

    Raises InvalidValue without a plant or a trial and for what ``a`` or ``b`` is no engine of; what they raise; Cancelled.
    """
    if trials < 1:
        raise InvalidValue("trials", trials, "is less than 1")
    aim = aim_of(objective, *plants)
    one, other = _contender(a, "a"), _contender(b, "b")
    pairs = [(one, other)] if trials == 1 else [(one.with_seed(s), other.with_seed(s)) for s in range(trials)]
    reports = [compare_schedulers(*pair, plants, aim, progress) for pair in pairs]
    return Comparison(
        names=(one.text, other.text),
        objective=aim,
        plants=tuple(plant.name for plant in plants),
        trials=trials,
        values_a=_means(reports, lambda report: report.values[0]),
        values_b=_means(reports, lambda report: report.values[1]),
        violations=(sum(r.violations[0] for r in reports), sum(r.violations[1] for r in reports)),
        cpu_seconds=(
            float(np.mean([t.cpu_seconds for r in reports for t in r.trials_a])),
            float(np.mean([t.cpu_seconds for r in reports for t in r.trials_b])),
        ),
    )


def _means(reports: Sequence[AbReport], side: Callable[[AbReport], Float64]) -> Float64:
    means: Float64 = np.mean([side(report) for report in reports], axis=0)
    return means


def _contender(who: str | Callable[[Plant], Schedule], where: str) -> Contender:
    if isinstance(who, str):
        return parse_spec(who, where)
    return OwnPlanner(getattr(who, "__name__", type(who).__name__), who)
