"""What pairs of plans show about a challenger: relative differences by day, with intervals that hold under daily looking.

A pair is one key figure of the champion's and the challenger's plan for the same pull. Its difference is positive where the
challenger is worse. The unit of evidence is the day: consecutive pulls see nearly the same jobs, so the mean over a day's
pairs is one value. The intervals assume nothing about the distribution and no independence of days. They assume that the
expected difference of a day, given the days before it, stays the same (docs/rollout.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import isfinite, sqrt

import numpy as np

from scheduler_core.errors import InvalidValue
from scheduler_core.rollout.capital import Float64, lower_bound, shows_above, upper_bound


class Better(StrEnum):
    """The direction in which a key figure is better."""

    LOWER = "lower"
    HIGHER = "higher"


@dataclass(frozen=True)
class Pair:
    """One key figure of both plans for one pull, 0 or more; None or NaN: missing."""

    day: date
    champion: float | None
    challenger: float | None


@dataclass(frozen=True)
class DailyDifferences:
    """Relative differences by day, capped, positive where the challenger is worse.

    ``favourable`` and ``unfavourable`` [days] count a pair with a missing value as the cap for and against the challenger;
    they are equal where nothing is missing. ``known`` [days with a complete pair] leaves such pairs out. ``at_cap``: pairs
    whose difference was the cap or more, for or against. ``total``: the relative difference of the sums over all complete
    pairs, uncapped.
    """

    days: tuple[date, ...]
    favourable: Float64
    unfavourable: Float64
    known: Float64
    pairs: int
    missing: int
    at_cap: int
    total: float
    cap: float


@dataclass(frozen=True)
class Interval:
    """The mean relative difference (None: no complete pair) and the bounds that hold under any number of looks."""

    mean: float | None
    low: float
    high: float
    days: int


@dataclass(frozen=True)
class RateInterval:
    """A share of runs, 0 to 1 (None: no runs), with bounds that hold under any number of looks."""

    rate: float | None
    low: float
    high: float
    days: int


def relative_difference(champion: float, challenger: float, better: Better = Better.LOWER) -> float:
    """How much worse the challenger is, as a share of the larger value: from -1 to 1, and 0 where both are 0.

    Exchanging the two changes the sign alone, so that two identical ways to plan differ by 0 on average; the mean of ratios
    would be above 1 for them. Raises InvalidValue for a negative or non-finite number.
    """
    for name, value in (("champion", champion), ("challenger", challenger)):
        if not (isfinite(value) and value >= 0):
            raise InvalidValue(name, value, "must be a number of 0 or more")
    larger = max(champion, challenger)
    if larger == 0:
        return 0.0
    # Divided first: the difference of the largest and the smallest numbers keeps its sign and its size.
    worse = challenger / larger - champion / larger
    return worse if better == Better.LOWER else -worse


def daily_differences(pairs: Sequence[Pair], better: Better, cap: float) -> DailyDifferences:
    """The pairs' differences by day. Raises InvalidValue for a negative or infinite value, with its pair's position."""
    by_day: dict[date, list[float | None]] = {}
    sums = [0.0, 0.0]
    at_cap = 0
    for number, pair in enumerate(pairs):
        champion, challenger = _known(pair.champion), _known(pair.challenger)
        found = None
        if champion is not None and challenger is not None:
            try:
                found = relative_difference(champion, challenger, better)
            except InvalidValue as error:
                raise error.under(f"pairs[{number}]") from None
            at_cap += abs(found) >= cap
            found = min(max(found, -cap), cap)
            sums[0] += champion
            sums[1] += challenger
        by_day.setdefault(pair.day, []).append(found)
    days = tuple(sorted(by_day))
    missing = sum(value is None for values in by_day.values() for value in values)

    def means(stand_in: float) -> Float64:
        return np.array([np.mean([stand_in if v is None else v for v in by_day[day]]) for day in days], dtype=np.float64)

    complete = [[v for v in by_day[day] if v is not None] for day in days]
    return DailyDifferences(
        days=days,
        favourable=means(-cap),
        unfavourable=means(cap),
        known=np.array([np.mean(values) for values in complete if values], dtype=np.float64),
        pairs=len(pairs),
        missing=missing,
        at_cap=at_cap,
        total=relative_difference(sums[0], sums[1], better),
        cap=cap,
    )


def interval(differences: DailyDifferences, error: float) -> Interval:
    """The two-sided interval of the mean: it ever misses the true mean, at any look, with probability ``error`` at most."""
    cap = differences.cap
    return Interval(
        mean=float(differences.known.mean()) if len(differences.known) else None,
        low=_unscaled(lower_bound(scaled(differences.favourable, cap), error / 2), cap),
        high=_unscaled(upper_bound(scaled(differences.unfavourable, cap), error / 2), cap),
        days=len(differences.days),
    )


def rate_interval(daily_shares: Sequence[float], error: float) -> RateInterval:
    """The same for a share of runs, such as of fallbacks, from each day's share (0 to 1)."""
    shares = np.array(daily_shares, dtype=np.float64)
    if not np.all((shares >= 0) & (shares <= 1)):
        raise InvalidValue("daily_shares", list(daily_shares), "must be numbers from 0 to 1")
    rate = float(shares.mean()) if len(shares) else None
    return RateInterval(rate, lower_bound(shares, error / 2), upper_bound(shares, error / 2), len(shares))


def violation_bound(plans: int, error: float = 0.05) -> float:
    """The rate of plans with a violation that 0 violations in ``plans`` plans leave possible: 1 - error ** (1 / plans).

    Below 3 / plans for the usual 5 %. It holds under daily looking, as a rollout ends with its first violation: the bound is
    wrong only if none came before the number of plans at which the true rate would have shown with probability 1 - error.
    """
    if plans < 0:
        raise InvalidValue("plans", plans, "must be 0 or more")
    return 1.0 if plans == 0 else float(-np.expm1(np.log(error) / plans))


def smallest_effect(days: int, spread: float, cap: float, error: float, power: float = 0.8) -> float | None:
    """The smallest true relative difference that this many days show with the probability ``power`` (0.5, 0.8 or 0.9).

    spread: standard deviation of the days' differences. Computed for a sample with exactly this spread whose mean falls
    short of the true one as far as a sample's mean does with probability 1 - power. None: not even the cap can be shown.
    """
    shortfall = {0.5: 0.0, 0.8: 0.8416, 0.9: 1.2816}.get(power)
    if shortfall is None:
        raise InvalidValue("power", power, "must be 0.5, 0.8 or 0.9")
    if days < 1:
        return None
    lost = shortfall * spread / sqrt(days)
    signs = np.where(np.arange(days) % 2 == 0, 1.0, -1.0) if days > 1 else np.zeros(1)

    def shown(effect: float) -> bool:
        values = np.clip(effect - lost + spread * signs, -cap, cap)
        return shows_above(scaled(values, cap), 0.5, error / 2)

    if not shown(cap):
        return None
    low, high = 0.0, cap
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (low, middle) if shown(middle) else (middle, high)
    return high


def scaled(differences: Float64, cap: float) -> Float64:
    """Differences from -cap to cap as values from 0 to 1, with 0.5 for no difference."""
    return (differences / cap + 1.0) / 2.0


def _unscaled(value: float, cap: float) -> float:
    return (2.0 * value - 1.0) * cap


def _known(value: float | None) -> float | None:
    return None if value is None or value != value else value
