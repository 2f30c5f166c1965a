"""What becomes of a plan when durations vary."""

from __future__ import annotations

from scheduler_core.errors import InvalidValue
from scheduler_core.floor.noise import USUAL_VARIATION, DurationNoise
from scheduler_core.floor.odds import USUAL_RUNS, Odds, odds_of
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule


def odds(
    plant: Plant, schedule: Schedule, variation: float = USUAL_VARIATION, runs: int = USUAL_RUNS, seed: int = 0
) -> Odds:
    """How likely each order is on time, and when it ends, over ``runs`` runs of the plan in its order with drawn durations.

    variation: standard deviation of durations over their mean. Equal arguments give equal odds, and the runs of one
    seed draw the same numbers for every plan of a plant, so that two plans meet the same luck.

    Raises InvalidValue for a setting, and for a plan that breaks a constraint.
    """
    if faults := violations(plant, schedule):
        raise InvalidValue("schedule", len(faults), f"violations: such a plan has no odds; the first: {faults[0].message}")
    return odds_of(plant, schedule, DurationNoise(variation), runs, seed)
