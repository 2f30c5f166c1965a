"""What an experiment claims: the relative change of a mean outcome, with an interval, from two groups or from pairs.

An effect of -0.2 says that the outcome under the challenger is 20 % lower than under the champion. Both intervals linearise
the ratio of two means (delta method) and take the values as independent of each other, as an analyst of an experiment
would. The study measures whether they are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scheduler_core.statistics import RESAMPLES

Float64 = npt.NDArray[np.float64]
Z_95, Z_POWER = 1.959964, 0.841621
"""Normal quantiles: of a two-sided test at 5 %, and of a power of 80 %."""
FEWEST_PAIRS = 3
"""With fewer pairs an interval says nothing."""


@dataclass(frozen=True)
class Claim:
    """A relative change and its 95 % interval."""

    effect: float
    low: float
    high: float

    @property
    def is_difference(self) -> bool:
        """Whether the interval excludes 0."""
        return self.low > 0 or self.high < 0


def of_groups(challenger: Float64, champion: Float64) -> Claim | None:
    """The claim of two independent groups of outcomes; None for a group of fewer than two or a champion's mean of 0."""
    if min(len(challenger), len(champion)) < 2 or not champion.mean():
        return None
    base = float(champion.mean())
    ratio = float(challenger.mean()) / base
    variance = challenger.var(ddof=1) / len(challenger) + ratio**2 * champion.var(ddof=1) / len(champion)
    return _claim(ratio, Z_95 * math.sqrt(variance) / base)


def of_pairs(challenger: Float64, champion: Float64) -> Claim | None:
    """The claim of paired outcomes; None for fewer than FEWEST_PAIRS pairs or a champion's mean of 0. Raises ValueError for
    unequal numbers."""
    if challenger.shape != champion.shape:
        raise ValueError(f"{challenger.shape} and {champion.shape} are not values of the same pairs")
    pairs = len(champion)
    if pairs < FEWEST_PAIRS or not champion.mean():
        return None
    base = float(champion.mean())
    ratio = float(challenger.mean()) / base
    spread = float((challenger - ratio * champion).std(ddof=1))
    return _claim(ratio, t_95(pairs - 1) * spread / math.sqrt(pairs) / base)


def t_95(degrees: int) -> float:
    """The 97.5 % quantile of Student's t (Abramowitz & Stegun 26.7.5): 3 % too small at 2 degrees of freedom, within 1 %
    from 3 on. Raises ValueError for fewer than 2."""
    if degrees < 2:
        raise ValueError(f"{degrees} degrees of freedom: must be at least 2")
    z, n = Z_95, degrees
    return z + (z**3 + z) / (4 * n) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2) + (
        3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z
    ) / (384 * n**3)  # fmt: skip


def smallest_effect(null_effects: Sequence[float]) -> float:
    """The relative change that a two-sided test at 5 % finds in 80 of 100 experiments, from the effects that experiments of
    identical ways show. Their standard deviation is taken from the central 95 %, which no single wild experiment changes.
    Raises ValueError without any."""
    if not null_effects:
        raise ValueError("no effects of identical ways")
    low, high = np.quantile(null_effects, [0.025, 0.975])
    return float((Z_95 + Z_POWER) * (high - low) / (2 * Z_95))


@dataclass(frozen=True)
class Interval:
    """A value with its 95 % percentile interval over resampled plants."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Comparison:
    """Claims over plants beside the true effects: the mean claim, and the claim less the truth."""

    claim: Interval
    bias: Interval


def compared(over: Float64, under: Float64, truth: Float64) -> Comparison:
    """Claims against true effects, over plants ([plants] each): ``over`` and ``under`` are the outcomes that an experiment
    sees under challenger and champion, in units of the plant's mean under the champion; ``truth`` is the true relative
    change. Plants weigh alike. Raises ValueError for unequal or no plants."""
    if not len(over) or not over.shape == under.shape == truth.shape:
        raise ValueError(f"{over.shape}, {under.shape} and {truth.shape} are not values of the same one or more plants")
    picks = np.random.default_rng(0).integers(0, len(over), size=(RESAMPLES, len(over)))
    claims = over[picks].mean(1) / under[picks].mean(1) - 1.0
    truths = truth[picks].mean(1)
    claim, true = float(over.mean() / under.mean() - 1.0), float(truth.mean())
    return Comparison(_interval(claim, claims), _interval(claim - true, claims - truths))


def share_seen(claims: Float64, null_claims: Float64, truth: Float64) -> Interval | None:
    """Share of the true effect that an experiment sees, over plants ([plants] each), without the luck of its draw.

    ``claims`` and ``null_claims``: mean logarithms of challenger's over champion's outcome, the latter from the same draws
    with identical ways; the ways cause the difference. None where the interval of the mean ``truth`` includes 0.
    """
    picks = np.random.default_rng(0).integers(0, len(truth), size=(RESAMPLES, len(truth)))
    truths, caused = truth[picks].mean(1), claims - null_claims
    low, high = np.quantile(truths, [0.025, 0.975])
    if low <= 0 <= high:
        return None
    return _interval(float(np.expm1(caused.mean()) / truth.mean()), np.expm1(caused[picks].mean(1)) / truths)


def _interval(value: float, resampled: Float64) -> Interval:
    low, high = np.quantile(resampled, [0.025, 0.975])
    return Interval(value, float(low), float(high))


def _claim(ratio: float, half: float) -> Claim:
    return Claim(ratio - 1.0, ratio - 1.0 - half, ratio - 1.0 + half)
