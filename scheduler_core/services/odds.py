"""Odds of plans: the noise that a plant's odds assume, the odds of a plan under it."""

from __future__ import annotations

from datetime import datetime

from scheduler_core.data.store import Store
from scheduler_core.floor.order_odds import STATED, AssumedNoise, PlanOdds
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule

RUNS = 300
SEED = 0
"""Every plan meets the same floors, so that two plans' runs can be compared one by one."""


def assumed_noise(store: Store, plant: str, before: datetime | None = None) -> AssumedNoise:
    """The noise that odds of the plant of this name assume: the stated one.

    ``before`` (aware): what was known then; None: now.
    """
    del store, plant, before
    return STATED


def odds_of_plan(
    plant: Plant, plan: Schedule, assumed: AssumedNoise = STATED, runs: int = RUNS, seed: int = SEED
) -> PlanOdds:
    """The odds of a complete plan of ``plant``, computed here and now: about half a CPU second for 500 orders.

    Raises InvalidValue as ``floor.odds.odds_of``.
    """
    from scheduler_core.floor.odds import odds_of  # compiled code, which a page that only reads does without

    return PlanOdds(odds_of(plant, plan, assumed.noise, runs, seed), assumed)
