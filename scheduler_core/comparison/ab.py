"""Two ways to plan on the same plants: is one of them better, and at what cost?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scheduler_core.comparison.contender import Contender
from scheduler_core.comparison.trial import Trial, part_of, run_trial, values_of, warm_up
from scheduler_core.engines.config import Progress, no_progress
from scheduler_core.errors import InvalidValue
from scheduler_core.objectives import Objective
from scheduler_core.plant import Plant
from scheduler_core.statistics import Float64, Ratio, ratio_of_means

EQUAL = 1e-9
"""Values that differ by less count as a tie."""


@dataclass(frozen=True)
class AbReport:
    """The trials of both sides, paired plant by plant. Means and records are over the plants that both have planned."""

    a: Contender
    b: Contender
    objective: Objective
    trials_a: tuple[Trial, ...]
    trials_b: tuple[Trial, ...]

    @property
    def values(self) -> tuple[Float64, Float64]:
        """[plants] objective values of A and of B, not a number where there is no schedule."""
        return values_of(self.trials_a), values_of(self.trials_b)

    @property
    def pairs(self) -> tuple[Float64, Float64]:
        """Objective values of A and of B on the plants where both have a schedule."""
        return planned_by_both(*self.values)

    @property
    def improvement(self) -> Ratio:
        """By how many percent B's mean is below A's, with its 95 % interval; below 0: B is worse."""
        return improvement(*self.pairs)

    @property
    def record(self) -> tuple[int, int, int]:
        """Plants on which B is better, equal, worse."""
        return record(*self.pairs)

    @property
    def violations(self) -> tuple[int, int]:
        """Violations in all schedules of A and of B: anything but 0 is a fault of the engine."""
        return sum(t.violations for t in self.trials_a), sum(t.violations for t in self.trials_b)


def compare_schedulers(
    a: Contender, b: Contender, plants: Sequence[Plant], objective: Objective, progress: Progress = no_progress
) -> AbReport:
    """Runs both on every plant, taking turns in who goes first. ``progress`` may raise Cancelled.

    Raises InvalidValue without any plant, and what the engines raise.
    """
    if not plants:
        raise InvalidValue("plants", 0, "is no number of plants to compare on")
    warm_up((a, b))
    trials: dict[str, list[Trial]] = {"A": [], "B": []}
    for i, plant in enumerate(plants):
        order = (("A", a), ("B", b)) if i % 2 == 0 else (("B", b), ("A", a))
        for k, (side, spec) in enumerate(order):
            report = part_of(progress, 2 * i + k, 2 * len(plants), f"plant {i + 1} of {len(plants)}, {side}")
            trials[side].append(run_trial(spec, plant, objective, report))
    return AbReport(a, b, objective, tuple(trials["A"]), tuple(trials["B"]))


def planned_by_both(a: Float64, b: Float64) -> tuple[Float64, Float64]:
    """The values of A and of B on the plants where neither is missing (not a number)."""
    both = ~(np.isnan(a) | np.isnan(b))
    return a[both], b[both]


def improvement(a: Float64, b: Float64) -> Ratio:
    """By how many percent B's mean is below A's, with its 95 % interval; below 0: B is worse. Without values all is None."""
    ratio = ratio_of_means(b, a) if len(a) else Ratio(None, None, None)
    return Ratio(_percent(ratio.value), _percent(ratio.high), _percent(ratio.low))


def record(a: Float64, b: Float64) -> tuple[int, int, int]:
    """On how many plants B is better, equal, worse."""
    wins, losses = int((b < a - EQUAL).sum()), int((b > a + EQUAL).sum())
    return wins, len(a) - wins - losses, losses


def _percent(ratio: float | None) -> float | None:
    return None if ratio is None else 100.0 * (1.0 - ratio)
