"""Tests by betting for the mean of bounded values that hold however often one looks.

To test "the mean is at most m", a bettor begins with 1 and stakes a fixed fraction f of the capital on every value x from
0 to 1 being above m: the capital is multiplied by 1 + f (x / m - 1). If the mean of each value, given the values before it,
is at most m, no bettor can expect a gain, and by Ville's inequality the capital ever reaches 1 / alpha with probability
alpha at most, whatever the distribution and the number of looks. The mean over eleven bettors with different fractions is
such a capital, too, so that no spread has to be known or estimated.

Sources: J. Ville 1939, Etude critique de la notion de collectif; I. Waudby-Smith and A. Ramdas 2024, Estimating means of
bounded random variables by betting, Journal of the Royal Statistical Society B 86 (the mixture of fixed fractions is there
called diversified Kelly betting).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
FRACTIONS: Final = np.array([0.98, 0.75, 0.5, 0.35, 0.25, 0.17, 0.12, 0.08, 0.05, 0.03, 0.015])
"""Shares of the capital that the bettors stake."""
_SMALLEST_MEAN: Final = 1e-9
_HALVINGS: Final = 40


def log_growth(values: Float64, mean: float) -> Float64:
    """Logarithm of each bettor's factor: values [..., n] from 0 to 1, tested mean in (0, 1) -> [..., n, 11]."""
    return np.log1p(FRACTIONS * (values[..., None] / mean - 1.0))


def log_capital(growth: Float64) -> Float64:
    """Logarithm of the bettors' mean capital: sums of their growth [..., 11] -> [...]."""
    most = growth.max(-1, keepdims=True)
    capital: Float64 = most[..., 0] + np.log(np.exp(growth - most).mean(-1))
    return capital


def shows_above(values: Float64, mean: float, alpha: float) -> bool:
    """Whether values [n] from 0 to 1 show that their mean is above ``mean``: wrong with probability alpha at most."""
    return bool(log_capital(log_growth(values, mean).sum(-2)) >= -np.log(alpha))


def shows_below(values: Float64, mean: float, alpha: float) -> bool:
    """Whether values [n] from 0 to 1 show that their mean is below ``mean``: wrong with probability alpha at most."""
    return shows_above(1.0 - values, 1.0 - mean, alpha)


def lower_bound(values: Float64, alpha: float) -> float:
    """The largest mean that values [n] from 0 to 1 show to be exceeded; 0 if none is. The capital falls as the tested mean
    rises and is 1 at most at the values' own mean, so that halving finds it."""
    high = float(values.mean()) if len(values) else 0.0
    if high <= _SMALLEST_MEAN or not shows_above(values, _SMALLEST_MEAN, alpha):
        return 0.0
    low = _SMALLEST_MEAN
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if shows_above(values, middle, alpha):
            low = middle
        else:
            high = middle
    return low


def upper_bound(values: Float64, alpha: float) -> float:
    """The smallest mean that values [n] from 0 to 1 show not to be reached; 1 if none is."""
    return 1.0 - lower_bound(1.0 - values, alpha)
