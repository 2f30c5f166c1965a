"""What became of simulated rollouts: how many reached each stage, ended where, and after how many days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from scheduler_core.rollout.decision import OUTCOMES, Outcome
from scheduler_core.rollout.simulation import NEVER, Courses, Ints
from scheduler_core.rollout.stages import RUNNING, Position, named


@dataclass(frozen=True)
class Event:
    """Something that happened in ``share`` of the rollouts (0 to 1); days: median and 90 % quantile where it happened."""

    name: str
    share: float
    median: float | None
    most: float | None


def events(courses: Courses) -> tuple[Event, ...]:
    """The claim "better", each stage reached, each stage rolled back or paused at, and the rollouts that still run."""
    return tuple(_events(courses))


def _events(courses: Courses) -> Iterator[Event]:
    yield _event('"better" claimed', courses.claimed_better)
    for number, stage in enumerate(RUNNING[1:], 1):
        yield _event(f"{named(Position(stage))} reached", courses.reached[:, number])
    for outcome, word in ((Outcome.ROLL_BACK, "rolled back"), (Outcome.PAUSE, "paused")):
        stopped = courses.outcome == OUTCOMES.index(outcome)
        yield _event(word, np.where(stopped, courses.ended, NEVER))
        for number, stage in enumerate(RUNNING):
            found = _event(
                f"{word} at {named(Position(stage))}", np.where(stopped & (courses.stage == number), courses.ended, NEVER)
            )
            if found.share:
                yield found
    running = courses.ended == NEVER
    yield Event("still running", float(running.mean()), None, None)


def _event(name: str, days: Ints) -> Event:
    happened = days[days != NEVER]
    if not len(happened):
        return Event(name, 0.0, None, None)
    median, most = np.quantile(happened, [0.5, 0.9], method="inverted_cdf")
    return Event(name, len(happened) / len(days), float(median), float(most))
