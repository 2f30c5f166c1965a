"""How the odds of released plans came true: a reliability table, the Brier score, and promised dates that were met.

An order counts once, with the odds of the first release that planned it before the moment in question. Which orders count is
decided by that moment (their due date, or a promised date), never by their end: orders that are still open past it count as
late. Pulls tell ends as ranges; where the moment lies inside the range nobody knows, and the order is left out and counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from scheduler_core.actuals.operation_actual import Between, OperationActual

BINS: Final = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Where the classes of chances begin, after the first; a chance of 10 of 100 belongs to the second class."""
QUANTILES: Final = ("p50", "p80", "p95")


@dataclass(frozen=True)
class Promise:
    """What a release's odds said of one order; all moments are naive plant time.

    on_time: chance to end by ``due``, None without a due date. planned_end: by its plan. dates: by each name of QUANTILES.
    """

    job: str
    due: datetime | None
    planned_end: datetime
    on_time: float | None
    dates: Mapping[str, datetime]


@dataclass(frozen=True)
class Told:
    """The promises of one release, and the moment of its approval (naive plant time)."""

    released: datetime
    promises: Sequence[Promise]


@dataclass(frozen=True)
class Ends:
    """What became of orders: when they ended, and which are still open at the last pull."""

    ended: Mapping[str, Between]
    still_open: frozenset[str]


@dataclass(frozen=True)
class Class:
    """Orders with a chance from ``low`` up to ``high``: how many, their mean chance, and the share that was on time."""

    low: float
    high: float
    orders: int
    told: float | None
    came_true: float | None


@dataclass(frozen=True)
class Dates:
    """Promised dates that have passed: how many, and how many of these were met."""

    orders: int
    met: int


@dataclass(frozen=True)
class Reliability:
    """orders: those whose due date passed and whose outcome is known; unknown: those of which pulls do not tell it.

    brier: mean squared difference of chance and outcome (0: perfect), brier_of_plan: the same if the plan is taken at its
    word. None without orders. dates: by the names of QUANTILES, the end of the plan as ``plan``.
    """

    orders: int
    unknown: int
    classes: tuple[Class, ...]
    brier: float | None
    brier_of_plan: float | None
    dates: Mapping[str, Dates]


def ends_of(actuals: Iterable[OperationActual], still_open: Iterable[str]) -> Ends:
    """The ends of orders whose last operation has surely ended."""
    ended = {a.job: a.ended for a in actuals if a.last and a.ended is not None and a.certain}
    return Ends(ended, frozenset(still_open))


def reliability(told: Iterable[Told], ends: Ends, since: datetime, until: datetime) -> Reliability:
    """Of the moments in [since, until]; ``until`` is the last pull's. Releases may come in any order."""
    releases = sorted(told, key=lambda one: one.released)
    by_due: list[tuple[Promise, bool | None]] = []
    dates: dict[str, list[bool]] = {name: [] for name in ("plan", *QUANTILES)}
    seen: set[tuple[str, str]] = set()

    def first(name: str, job: str, moment: datetime | None, released: datetime) -> bool:
        if moment is None or (name, job) in seen or not released < moment:
            return False
        seen.add((name, job))
        return since <= moment <= until

    for release in releases:
        for one in release.promises:
            if one.due is not None and first("due", one.job, one.due, release.released):
                by_due.append((one, met(ends, one.job, one.due)))
            for name, moment in (("plan", one.planned_end), *one.dates.items()):
                if first(name, one.job, moment, release.released):
                    outcome = met(ends, one.job, moment)
                    if outcome is not None:
                        dates[name].append(outcome)
    known = [(one, outcome) for one, outcome in by_due if outcome is not None]
    return Reliability(
        orders=len(known),
        unknown=len(by_due) - len(known),
        classes=_classes([(one.on_time or 0.0, outcome) for one, outcome in known]),
        brier=_brier([(one.on_time or 0.0, outcome) for one, outcome in known]),
        brier_of_plan=_brier([(float(_plan_has_it(one)), outcome) for one, outcome in known]),
        dates={name: Dates(len(found), sum(found)) for name, found in dates.items()},
    )


def met(ends: Ends, job: str, moment: datetime) -> bool | None:
    """Whether an order ended by a moment that has passed; None where pulls do not tell it."""
    end = ends.ended.get(job)
    if end is None:
        return False if job in ends.still_open else None
    if end.until <= moment:
        return True
    return False if end.after is not None and end.after >= moment else None


def _plan_has_it(one: Promise) -> bool:
    return one.due is not None and one.planned_end <= one.due


def _classes(pairs: Sequence[tuple[float, bool]]) -> tuple[Class, ...]:
    found = []
    for low, high in zip((0.0, *BINS), (*BINS, 1.0), strict=True):
        inside = [(p, hit) for p, hit in pairs if low <= p < high or (high == 1.0 and p == 1.0)]
        told = sum(p for p, _ in inside) / len(inside) if inside else None
        true = sum(hit for _, hit in inside) / len(inside) if inside else None
        found.append(Class(low, high, len(inside), told, true))
    return tuple(found)


def _brier(pairs: Sequence[tuple[float, bool]]) -> float | None:
    return sum((p - hit) ** 2 for p, hit in pairs) / len(pairs) if pairs else None
