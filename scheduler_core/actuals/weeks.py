"""The shop floor's figures week by week: orders on time, lateness, adherence, and what the plans in force asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from scheduler_core.actuals.expected_starts import Starts, starts
from scheduler_core.actuals.operation_actual import OperationActual
from scheduler_core.actuals.order_outcomes import OrderOutcome, Otif, mean_days_late, otif
from scheduler_core.actuals.working_ranges import WorkingRanges
from scheduler_core.analysis.work_week import monday_of
from scheduler_core.judge.kpis import measure
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class InForce:
    """What a plan asked for while it was in force, [begin, end) in naive plant time: machine minutes of work in overtime."""

    begin: datetime
    end: datetime
    overtime_minutes: int


@dataclass(frozen=True)
class WeekFigures:
    """One week from its Monday on.

    days_late: mean of the late orders, None where none was late. setup_hours: as planned, of the operations that began in
    the week; None where none of them was in a plan. overtime_hours: what the plans in force asked for, None where none was.
    whole: pulls reach over all of it; the others are of a part of the week.
    """

    monday: date
    orders: Otif
    days_late: float | None
    starts: Starts
    setup_hours: float | None
    overtime_hours: float | None
    whole: bool

    @property
    def sunday(self) -> date:
        """Its last day."""
        return self.monday + WEEK - timedelta(days=1)


def in_force(plant: Plant, schedule: Schedule, begin: datetime, end: datetime) -> InForce:
    """What ``schedule`` asked for in [begin, end)."""
    low, high = plant.minute_of(begin), plant.minute_of(end)
    inside = [a for a in schedule.assignments if a.end > low and a.start < high]
    cut = Schedule(tuple(replace(a, start=max(a.start, low), end=min(a.end, high)) for a in inside))
    return InForce(begin, end, round(60 * measure(plant, cut).overtime_hours))


def by_week(
    actuals: Iterable[OperationActual], outcomes: Iterable[OrderOutcome], plans: Iterable[InForce],
    ranges: WorkingRanges, since: datetime, now: datetime,
) -> tuple[WeekFigures, ...]:  # fmt: skip
    """The weeks from that of ``since`` (the first pull) to that of ``now`` (the newest), ascending; one of which nothing is
    known yet, or that has begun today, is left out. Orders count in the week in which they were due, starts in that of their
    planned start, setups in that in which they were seen to begin, a plan in that in which it came into force."""
    known, due, asked = tuple(actuals), tuple(outcomes), tuple(plans)
    found, monday = [], monday_of(since.date())
    while monday <= now.date():
        found.append(_week(monday, known, due, asked, ranges, since, now))
        monday += WEEK
    told = [one for one in found if one.orders.total or one.starts.hour.count]
    just_begun = len(told) > 1 and told[-1].monday == now.date()
    return tuple(told[:-1] if just_begun else told)


def _week(
    monday: date, actuals: Sequence[OperationActual], outcomes: Sequence[OrderOutcome], plans: Sequence[InForce],
    ranges: WorkingRanges, since: datetime, now: datetime,
) -> WeekFigures:  # fmt: skip
    def holds(day: date) -> bool:
        return monday <= day < monday + WEEK

    due = [one for one in outcomes if holds(one.day)]
    asked = [one for one in plans if holds(one.begin.date())]
    setups = [a.planned.setup_minutes for a in actuals if a.planned and a.certain and holds(a.began.until.date())]
    return WeekFigures(
        monday=monday,
        orders=otif(due),
        days_late=mean_days_late(due),
        starts=starts((a for a in actuals if a.planned is not None and holds(a.planned.start.date())), ranges),
        setup_hours=sum(setups) / 60 if setups else None,
        overtime_hours=sum(one.overtime_minutes for one in asked) / 60 if asked else None,
        whole=since.date() <= monday and now.date() >= monday + WEEK,
    )
