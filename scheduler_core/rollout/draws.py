"""Draws what simulated rollouts see: values of both plans for every pull, and the days of violations."""

from __future__ import annotations

import numpy as np

from scheduler_core.rollout.capital import Float64
from scheduler_core.rollout.evidence import Better
from scheduler_core.rollout.simulation import Drawn, Ints
from scheduler_core.settings.rollout_gates import RolloutGates


def drawn_from_values(champion: Float64, challenger: Float64, violation_day: Ints, settings: RolloutGates) -> Drawn:
    """Daily differences of values [rollouts, days, pulls, key figures] of 0 or more, in the order of the settings.

    The same arithmetic as `evidence.daily_differences`, for many rollouts at once.
    """
    signs = np.array([1.0 if Better(better) == Better.LOWER else -1.0 for better in settings.kpis.values()])
    differences = np.clip(_relative(champion, challenger) * signs, -settings.cap, settings.cap)
    primary = list(settings.kpis).index(settings.primary)
    sums = [np.cumsum(values[..., primary].sum(2), axis=1) for values in (champion, challenger)]
    return Drawn(differences.mean(2), _relative(*sums) * signs[primary], champion.shape[2], violation_day)


def stated_values(
    rng: np.random.Generator, shape: tuple[int, int, int], change: float, spread: float, settings: RolloutGates
) -> tuple[Float64, Float64]:
    """Values [rollouts, days, pulls, key figures] of a champion and of a challenger with a stated effect.

    The logarithm of each pull's ratio is normal with the standard deviation ``spread``, independent between key figures, and
    every key figure is worse by ``change`` (-0.1: 10 % better; above -1). shape: rollouts, days, pulls.
    """
    champion = np.ones((*shape, len(settings.kpis)))
    ratio = np.exp(rng.normal(0.0, spread, champion.shape)) * (1.0 + change)
    higher = np.array([Better(better) == Better.HIGHER for better in settings.kpis.values()])
    return champion, np.where(higher, champion / ratio, champion * ratio)


def violation_days(rng: np.random.Generator, rollouts: int, days: int, plans_per_day: int, rate: float) -> Ints:
    """The day (from 0) of the first plan with a violation, if each plan has one with probability ``rate``; else ``days``."""
    if rate <= 0:
        return np.full(rollouts, days, dtype=np.int64)
    return np.minimum((rng.geometric(rate, rollouts) - 1) // plans_per_day, days)


def _relative(champion: Float64, challenger: Float64) -> Float64:
    larger = np.maximum(champion, challenger)
    worse: Float64 = (challenger - champion) / np.where(larger == 0, 1.0, larger)
    return worse
