"""The one rule from what evidence shows to what a rollout does, for a single rollout or for many at once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]


class Outcome(StrEnum):
    """What a rollout does today. Only PAUSE and ROLL_BACK happen by themselves; a promotion takes two people."""

    ROLL_BACK = "roll_back"
    PAUSE = "pause"
    PROMOTE = "promote_possible"
    WAIT = "wait"


OUTCOMES = tuple(Outcome)
"""In the order of their codes."""


@dataclass(frozen=True)
class Findings:
    """What the evidence shows today; each field has one element per rollout, all of the same shape.

    violation: a plan of the challenger broke a constraint. fallbacks_over: its share of fallbacks is shown to be over the
    limit. worse: a key figure is shown to be worse, over the rollout or over the stage. missing: a value is missing today,
    or too many are. stale: the newest pull is too old. enough_days, enough_plans: what a promotion takes at least. better:
    the primary figure is shown to be better. others_within: every other figure is shown to be within the tolerance.
    agreeing: neither the stage's own mean nor the sums over all pairs contradict. too_long: the stage has reached its
    longest time. final: nothing is left to promote to.
    """

    violation: Bools
    fallbacks_over: Bools
    worse: Bools
    missing: Bools
    stale: Bools
    enough_days: Bools
    enough_plans: Bools
    better: Bools
    others_within: Bools
    agreeing: Bools
    too_long: Bools
    final: Bools


def outcome_codes(found: Findings) -> npt.NDArray[np.int64]:
    """The position in OUTCOMES of what each rollout does. A fault outranks missing data, and both outrank a promotion."""
    back = found.violation | found.fallbacks_over | found.worse
    unknown = found.missing | found.stale
    shown = found.enough_days & found.enough_plans & found.better & found.others_within & found.agreeing
    codes = np.select([back, unknown, shown & ~found.final, found.too_long & ~found.final], [0, 1, 2, 1], 3)
    return np.asarray(codes, dtype=np.int64)
