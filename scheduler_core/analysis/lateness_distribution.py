"""How late the jobs are: counts between fixed edges, and the figures that a mean hides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scheduler_core.plant import MINUTES_PER_DAY

EDGES = (-7, -3, -1, 0, 1, 3, 7, 14)
"""Days late between two counts; a job that ends exactly at an edge belongs to the earlier one, so at 0 it is on time."""


@dataclass(frozen=True)
class Spread:
    """Jobs with a due date: how many, how many of them late; median, 90th percentile and worst in signed minutes late."""

    jobs: int
    late: int
    median: int
    p90: int
    worst: int


def counts(lateness: Iterable[int | None]) -> tuple[int, ...]:
    """Jobs (by signed minutes late) below, between and above EDGES; those without a due date (None) do not count."""
    found = [0] * (len(EDGES) + 1)
    for minutes in lateness:
        if minutes is not None:
            found[sum(minutes > edge * MINUTES_PER_DAY for edge in EDGES)] += 1
    return tuple(found)


def spread(lateness: Mapping[str, int | None]) -> Spread | None:
    """The figures of all jobs with a due date, None if there is none. Percentiles are nearest ranks: a real job's value."""
    known = sorted(minutes for minutes in lateness.values() if minutes is not None)
    if not known:
        return None
    return Spread(
        jobs=len(known),
        late=sum(minutes > 0 for minutes in known),
        median=known[_rank(len(known), 50)],
        p90=known[_rank(len(known), 90)],
        worst=known[-1],
    )


def _rank(count: int, percent: int) -> int:
    return max(0, -(-count * percent // 100) - 1)
