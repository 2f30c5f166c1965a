"""Ratios of means over paired trials, with intervals by Efron 1979, Bootstrap methods: another look at the jackknife."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
RESAMPLES = 2000


@dataclass(frozen=True)
class Ratio:
    """A ratio of means and its 95 % interval.

    ``value`` is None if the denominator's mean is 0, ``low`` and ``high`` also if a resample's is.
    """

    value: float | None
    low: float | None
    high: float | None

    def __str__(self) -> str:
        if self.value is None:
            return "–"
        if self.low is None or self.high is None:
            return f"{self.value:.3f}"
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


def ratio_of_means(over: Float64, under: Float64) -> Ratio:
    """mean(over) / mean(under) of paired values from 0 on ([trials] each), with its 95 % percentile interval over resampled
    trials (2,000 resamples, the same ones for equal numbers of trials). Raises ValueError for unequal or no trials.
    """
    if over.shape != under.shape or over.ndim != 1 or not len(over):
        raise ValueError(f"{over.shape} and {under.shape} are not values of the same one or more trials")
    mean = float(under.mean())
    if mean == 0.0:
        return Ratio(None, None, None)
    value = float(over.mean()) / mean
    picks = np.random.default_rng(0).integers(0, len(under), size=(RESAMPLES, len(under)))
    denominators = under[picks].mean(1)
    if not denominators.all():
        return Ratio(value, None, None)
    low, high = np.quantile(over[picks].mean(1) / denominators, [0.025, 0.975])
    return Ratio(value, float(low), float(high))
