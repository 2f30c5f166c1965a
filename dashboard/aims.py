"""What a planner can aim at, in words: the named objectives, and prices of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from scheduler_core.objectives import Objective

AIMS: Final[Mapping[str, str]] = {
    "tardiness": "Least weighted tardiness",
    "on-time": "Most jobs on time",
    "makespan": "Earliest end of all jobs",
    "few-setups": "On time, few setups",
    "little-overtime": "On time, little overtime",
    "even-load": "On time, even load",
}
"""By the objectives' names."""
OWN: Final = "own"
OWN_WORDS: Final = "My own prices"
VALUES: Final[Mapping[str, str]] = {
    "tardiness": "weighted days late",
    "on-time": "share of jobs late",
    "makespan": "hours until the last job ends",
}
"""What the objective's value counts; any other objective's value is a sum of prices."""


@dataclass(frozen=True)
class Price:
    """One field of an objective as a planner sees it: ``first`` is what its input begins with."""

    field: str
    label: str
    help: str
    step: float
    first: float = 0.0


PRICES: Final = (
    Price("tardiness", "A day late", "For every job and day; three times as much for an important job.", 0.1, 1.0),
    Price("on_time", "1 % of jobs late", "For every percent of the jobs that end after their due date.", 0.1),
    Price("makespan", "An hour to the end", "For every hour until the last job ends.", 0.1),
    Price("setups", "A setup hour", "For every hour that a machine is being set up.", 0.1),
    Price("overtime", "An overtime hour", "For every hour that a machine works in overtime.", 0.1),
    Price("balance", "1 % of uneven load", "For every percent by which the machines' loads spread around their mean.", 1.0),
)


def aim_words(objective: Objective) -> str:
    """The objective's name for a planner, prices of one's own written out."""
    return AIMS.get(objective.value, f"{OWN_WORDS}: {objective.prices}")


def value_words(objective: Objective) -> str:
    """What the objective's value counts."""
    return VALUES.get(objective.value, "points (the sum of the prices)")
