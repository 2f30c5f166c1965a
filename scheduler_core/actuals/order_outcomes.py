"""Orders on time and in full, as far as successive pulls tell.

An order is delivered in full when its last operation has ended. It was on time if that was no later than its due date. A
pull tells an end as a range; nothing ends while its machines are closed, so that an order seen at work at 18:30 and gone the
next morning still ended that day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from scheduler_core.actuals.operation_actual import Between, Evidence, OperationActual
from scheduler_core.actuals.working_ranges import WorkingRanges
from scheduler_core.plant import MINUTES_PER_DAY, Plant


class Verdict(StrEnum):
    """What became of an order that was due."""

    ON_TIME = "on-time"  # surely delivered in full by its due date
    LATE = "late"  # surely delivered later, or still open after its due date
    UNKNOWN = "unknown"  # the pulls leave it open, or the order may have been cancelled


@dataclass(frozen=True)
class OrderOutcome:
    """An order whose due date (naive plant time) has passed.

    ended: when its last operation ended; None while it is open, and where nobody knows whether it was finished.
    minutes_late: for a late one, past its due date: the middle of the range in which it ended, or so far while it is open.
    """

    job: str
    due: datetime
    verdict: Verdict
    ended: Between | None = None
    minutes_late: float | None = None

    @property
    def day(self) -> date:
        """The date on which it was due: one that is due at midnight belongs to the day before."""
        return (self.due - timedelta(minutes=1)).date()


@dataclass(frozen=True)
class Otif:
    """Orders on time and in full, late ones, and those of which the pulls do not tell."""

    on_time: int
    late: int
    unknown: int

    @property
    def share(self) -> float | None:
        """On time among those that are known; None where none is."""
        known = self.on_time + self.late
        return self.on_time / known if known else None

    @property
    def total(self) -> int:
        """All orders that were due."""
        return self.on_time + self.late + self.unknown


def otif(outcomes: Iterable[OrderOutcome]) -> Otif:
    """The outcomes counted."""
    found = Counter(one.verdict for one in outcomes)
    return Otif(found[Verdict.ON_TIME], found[Verdict.LATE], found[Verdict.UNKNOWN])


def mean_days_late(outcomes: Iterable[OrderOutcome]) -> float | None:
    """Mean days late of the late orders; None where none is late."""
    late = [one.minutes_late for one in outcomes if one.minutes_late is not None]
    return sum(late) / len(late) / MINUTES_PER_DAY if late else None


def order_outcomes(actuals: Sequence[OperationActual], plant: Plant, since: datetime) -> tuple[OrderOutcome, ...]:
    """What became of the orders due after ``since`` (the first pull) and up to ``plant``'s plan_start (the newest pull), by
    due date. The due date that counts is the last one that was known while the order was open."""
    now = plant.plan_start
    gone = Counter(a.job for a in actuals if a.evidence is Evidence.ORDER_GONE)
    found = [
        OrderOutcome(job.id, due, Verdict.LATE, minutes_late=_minutes(now - due))
        for job in plant.jobs
        if job.due is not None and since < (due := plant.time_of(job.due)) <= now
    ]
    ended = [
        a for a in actuals
        if a.last and a.ended is not None and a.job not in plant.job_by_id and a.due is not None and since < a.due <= now
    ]  # fmt: skip
    hours = WorkingRanges(plant, since)
    for last in ended:
        # An order that is gone with several operations left may have been cancelled.
        known = last.certain or gone[last.job] == 1
        found.append(_outcome(last, hours) if known else OrderOutcome(last.job, _due(last), Verdict.UNKNOWN))
    return tuple(sorted(found, key=lambda one: (one.due, one.job)))


def _outcome(last: OperationActual, hours: WorkingRanges) -> OrderOutcome:
    due = _due(last)
    assert last.ended is not None
    ended = hours.narrowed(last.ended, last.machines)
    if ended.until <= due:
        return OrderOutcome(last.job, due, Verdict.ON_TIME, ended)
    if ended.after is None or ended.after < due:
        return OrderOutcome(last.job, due, Verdict.UNKNOWN, ended)
    middle = _minutes(ended.after - due) + _minutes(ended.until - ended.after) / 2
    return OrderOutcome(last.job, due, Verdict.LATE, ended, middle)


def _due(last: OperationActual) -> datetime:
    assert last.due is not None
    return last.due


def _minutes(span: timedelta) -> float:
    return span.total_seconds() / 60
