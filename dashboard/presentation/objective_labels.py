"""What a planner can aim at, in words: the named objectives, and prices of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from scheduler_core.i18n.translate import mark, t
from scheduler_core.objectives import NAMED, Objective

NAMED_OBJECTIVES: Final[Mapping[str, str]] = {
    "tardiness": mark("Least weighted tardiness"),
    "on-time": mark("Most jobs on time"),
    "makespan": mark("Earliest end of all jobs"),
    "few-setups": mark("On time, few setups"),
    "little-overtime": mark("On time, little overtime"),
    "even-load": mark("On time, even load"),
}
"""By the objectives' names."""
OWN_PRICES: Final = "own"
OWN_PRICES_LABEL: Final = mark("My own weights")
VALUES: Final[Mapping[str, str]] = {
    "tardiness": mark("weighted days late"),
    "on-time": mark("% of the jobs late"),
    "makespan": mark("hours until the last job ends"),
}
"""What the objective's value counts; any other objective's value is a sum of prices."""
ON_TIME: Final = "on-time"
POINTS: Final = mark("points (the weighted sum)")


@dataclass(frozen=True)
class Price:
    """One field of an objective as a planner sees it: ``first`` is what its input begins with."""

    field: str
    label: str
    help: str
    step: float
    first: float = 0.0


PRICE_INPUTS: Final = (
    Price(
        "tardiness", mark("A day late"), mark("For every job and day; three times as much for an important job."), 0.1, 1.0
    ),
    Price("on_time", mark("1 % of jobs late"), mark("For every percent of the jobs that end after their due date."), 0.1),
    Price("makespan", mark("An hour to the end"), mark("For every hour until the last job ends."), 0.1),
    Price("setups", mark("A setup hour"), mark("For every hour that a machine is being set up."), 0.1),
    Price("overtime", mark("An overtime hour"), mark("For every hour that a machine works in overtime."), 0.1),
    Price(
        "balance",
        mark("1 % of uneven load"),
        mark("For every percent by which the machines' loads spread around their mean."),
        1.0,
    ),
)


def objective_words(objective: Objective) -> str:
    """The objective's name for a planner, prices of one's own written out."""
    known = NAMED_OBJECTIVES.get(objective.value)
    return t("My own weights: {prices}", prices=objective.prices) if known is None else t(known)


def value_words(objective: Objective) -> str:
    """What the objective's value counts."""
    return t(VALUES.get(objective.value, POINTS))


def value_scale(objective: Objective) -> float:
    """What the objective's value is multiplied by, so that it counts what ``value_words`` says."""
    return 100.0 if objective == NAMED[ON_TIME] else 1.0
