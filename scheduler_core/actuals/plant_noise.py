"""How wide durations spread in this plant: fitted to its own actuals where there are enough, else the stated default."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scheduler_core.actuals.durations import ended, with_known_duration
from scheduler_core.actuals.operation_actual import OperationActual
from scheduler_core.floor.noise import DurationNoise
from scheduler_core.floor.noise_fit import ENOUGH, Actual, fitted
from scheduler_core.plant import MINUTES_PER_DAY


@dataclass(frozen=True)
class PlantNoise:
    """Noise with where it comes from.

    used: operations whose duration is known well enough; ended: all that have ended. is_fitted: from them, not the default;
    it takes at least ``ENOUGH`` of them.
    """

    noise: DurationNoise
    used: int
    ended: int
    is_fitted: bool


def noise_of(actuals: Sequence[OperationActual]) -> PlantNoise:
    """The plant's own noise, or the default where fewer than ``ENOUGH`` durations are known."""
    known = with_known_duration(actuals)
    if len(known) < ENOUGH:
        return PlantNoise(DurationNoise(), len(known), ended(actuals), False)
    return PlantNoise(fitted([_fit(actual, real) for actual, real in known]), len(known), ended(actuals), True)


def _fit(actual: OperationActual, real: float) -> Actual:
    assert actual.minutes is not None
    start = actual.began.until.toordinal() * MINUTES_PER_DAY + actual.began.until.hour * 60 + actual.began.until.minute
    return Actual(actual.process, actual.machines[0], start, actual.minutes, max(1, round(real)))
