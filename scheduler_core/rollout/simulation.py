"""Plays many rollouts by the gates' own rule, day by day, each day promoting what may be promoted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import partial

import numpy as np
import numpy.typing as npt

from scheduler_core.rollout.capital import Float64, log_capital, log_growth
from scheduler_core.rollout.decision import OUTCOMES, Findings, Outcome, outcome_codes
from scheduler_core.rollout.evidence import scaled
from scheduler_core.rollout.stages import RUNNING
from scheduler_core.settings.rollout_gates import RolloutGates

Ints = npt.NDArray[np.int64]
NEVER = -1


@dataclass(frozen=True)
class Drawn:
    """What happens in the rollouts.

    differences [rollouts, days, key figures]: each day's mean relative difference, capped, positive where worse, in the
    order of the settings. totals [rollouts, days]: relative difference of the primary figure's sums up to each day.
    violation_day [rollouts]: the day of the first plan with a violation, or the number of days if none comes.
    """

    differences: Float64
    totals: Float64
    plans_per_day: int
    violation_day: Ints


@dataclass(frozen=True)
class Courses:
    """How the rollouts went; days count from 1, NEVER where something did not happen.

    reached [rollouts, 5]: the day on which each running stage began (shadow: 1). ended [rollouts]: the day of a pause or a
    roll-back. outcome [rollouts]: position in OUTCOMES of what ended it (WAIT: it still runs). stage [rollouts]: position in
    RUNNING at the end. claimed_better [rollouts]: the day on which the primary figure was first shown to be better.
    """

    reached: Ints
    ended: Ints
    outcome: Ints
    stage: Ints
    claimed_better: Ints


def played(drawn: Drawn, settings: RolloutGates) -> Courses:
    """Plays every rollout to its end or to the last day drawn. No value is missing, and no run falls back."""
    rollouts, days, count = drawn.differences.shape
    values = scaled(drawn.differences, settings.cap)
    primary = list(settings.kpis).index(settings.primary)
    above = np.cumsum(log_growth(values, 0.5), axis=1)
    enough, stage_enough = (-np.log(error / count / 2) for error in (settings.error, settings.stage_error))
    better = log_capital(np.cumsum(log_growth(1.0 - values[..., primary], 0.5), axis=1)) >= enough
    limit = 1.0 - float(scaled(np.array(settings.tolerance), settings.cap))
    within = log_capital(np.cumsum(log_growth(1.0 - values, limit), axis=1)) >= enough
    others = np.delete(within, primary, axis=2).all(2)
    worse = (log_capital(above) >= enough).any(2)
    sums = np.cumsum(drawn.differences[..., primary], axis=1)
    least = np.array([settings.stages[s.value].least_days for s in RUNNING])
    longest = np.array([settings.stages[s.value].longest_days for s in RUNNING])

    every = np.arange(rollouts)
    stage = np.zeros(rollouts, dtype=np.int64)
    began = np.zeros(rollouts, dtype=np.int64)
    ended = np.full(rollouts, NEVER, dtype=np.int64)
    outcome = np.full(rollouts, OUTCOMES.index(Outcome.WAIT), dtype=np.int64)
    reached = np.full((rollouts, len(RUNNING)), NEVER, dtype=np.int64)
    reached[:, 0] = 1
    no = np.zeros(rollouts, dtype=np.bool_)
    for day in range(days):
        since = partial(_since, every=every, began=began, day=day)
        stage_worse = (log_capital(since(above)) >= stage_enough).any(1)
        passed = day + 1 - began
        codes = outcome_codes(Findings(
            violation=drawn.violation_day <= day,
            fallbacks_over=no,
            worse=worse[:, day] | stage_worse,
            missing=no,
            stale=no,
            enough_days=passed >= least[stage],
            enough_plans=np.full(rollouts, drawn.plans_per_day * (day + 1) >= settings.least_plans),
            better=better[:, day],
            others_within=others[:, day],
            agreeing=(since(sums) <= 0) & (drawn.totals[:, day] <= 0),
            too_long=passed >= longest[stage],
            final=stage == len(RUNNING) - 1,
        ))  # fmt: skip
        running = ended == NEVER
        stops = running & (codes <= OUTCOMES.index(Outcome.PAUSE))
        ended[stops], outcome[stops] = day + 1, codes[stops]
        up = running & (codes == OUTCOMES.index(Outcome.PROMOTE))
        stage[up] += 1
        began[up] = day + 1
        reached[every[up], stage[up]] = day + 2
    claimed = np.where(better.any(1), better.argmax(1) + 1, NEVER)
    claimed = np.where((ended != NEVER) & (claimed > ended), NEVER, claimed)
    return Courses(reached, ended, outcome, stage, claimed)


def joined(parts: Sequence[Courses]) -> Courses:
    """The rollouts of all parts, which is at least one."""
    return Courses(**{field.name: np.concatenate([getattr(p, field.name) for p in parts]) for field in fields(Courses)})


def _since(sums: Float64, *, every: Ints, began: Ints, day: int) -> Float64:
    """What cumulative sums [rollouts, days, ...] have gained from each rollout's own day on."""
    before = sums[every, np.maximum(began - 1, 0)]
    first = began.reshape(-1, *([1] * (sums.ndim - 2))) == 0
    gained: Float64 = sums[:, day] - np.where(first, 0.0, before)
    return gained
