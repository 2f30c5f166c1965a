"""How the shop floor did against its plans: everything that pages tell of it, read from the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

from scheduler_core.actuals.expected_starts import Starts, starts_by_day
from scheduler_core.actuals.late_reasons import ReleasedPlan, WhyLate, why_late
from scheduler_core.actuals.operation_actual import OperationActual
from scheduler_core.actuals.order_outcomes import OrderOutcome, order_outcomes
from scheduler_core.actuals.weeks import WEEK, InForce, WeekFigures, by_week, in_force
from scheduler_core.actuals.working_ranges import WorkingRanges
from scheduler_core.analysis.work_week import monday_of
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import Release, SnapshotInfo, Source
from scheduler_core.plant import Plant

WEEKS = 8
"""Whole weeks at most that are looked back on, beside the one that runs."""
MOST_PULLS, MOST_RELEASES = 10_000, 1_000


@dataclass(frozen=True)
class InForceSpan:
    """A release that was in force in [begin, end), naive plant time, within one week."""

    release: Release
    begin: datetime
    end: datetime


Asked = Callable[[Store, InForceSpan], InForce]
"""What a released plan asked for in a span, which reads the whole plan."""


@dataclass(frozen=True)
class Performance:
    """The floor's figures from the first pull ``since`` to the newest one ``now`` (naive plant time) of those that have been
    compared. ``weeks``: those of which something is known; there may be none."""

    since: datetime
    now: datetime
    plant: Plant
    actuals: tuple[OperationActual, ...]
    outcomes: tuple[OrderOutcome, ...]
    weeks: tuple[WeekFigures, ...]
    starts_by_day: Mapping[date, Starts]

    @cached_property
    def usual_week(self) -> WeekFigures | None:
        """The newest week that is over, else the newest; None where there is none."""
        over = [week for week in self.weeks if week.sunday < self.now.date()] or list(self.weeks)
        return over[-1] if over else None

    def before(self, week: WeekFigures) -> WeekFigures | None:
        """The week before; None where pulls do not reach over all of it."""
        return next((one for one in self.weeks if one.monday == week.monday - WEEK and one.whole), None)

    def of_week(self, week: WeekFigures) -> tuple[OrderOutcome, ...]:
        """The orders that were due in a week."""
        return tuple(one for one in self.outcomes if week.monday <= one.day <= week.sunday)


def asked(store: Store, span: InForceSpan) -> InForce:
    """What a released plan asked for in a span."""
    plan = _plan(store, span.release, span.begin)
    return in_force(plan.plant, plan.schedule, span.begin, span.end)


def performance(store: Store, plant: str, asked: Asked = asked) -> Performance | None:
    """The floor's figures of the last weeks; None before two of a plant's pulls have been compared.

    ``asked``: may remember what it has read, as spans that are over do not change.
    """
    first, last = store.actuals.first(plant), store.actuals.last(plant)
    if first is None or last is None or first.plan_start >= last.snapshot.plan_start:
        return None
    now = last.snapshot.plan_start
    # Planners' additions to the newest pull count: a due date may be among them.
    pulled = next((one for one in reversed(pulls_of(store, plant)) if one.plan_start == now), last.snapshot)
    since = max(first.plan_start, datetime.combine(monday_of(now.date()) - WEEKS * WEEK, datetime.min.time()))
    newest = store.snapshots.plant(pulled.id)
    actuals = store.actuals.of_plant(plant, since)
    outcomes = order_outcomes(actuals, newest, since)
    ranges = WorkingRanges(newest, since)
    spans = [span for span in spans_in_force(store, plant, now) if span.end > since]
    weeks = by_week(actuals, outcomes, [asked(store, span) for span in spans], ranges, since, now)
    return Performance(since, now, newest, actuals, outcomes, weeks, starts_by_day(actuals, ranges, now.date()))


def pulls_of(store: Store, plant: str) -> tuple[SnapshotInfo, ...]:
    """The pulls of a plant from an ERP, oldest first."""
    found = store.snapshots.newest(MOST_PULLS)
    return tuple(one for one in reversed(found) if one.plant == plant and one.source is not Source.FILE)


def spans_in_force(store: Store, plant: str, now: datetime) -> tuple[InForceSpan, ...]:
    """When each release of a plant was in force until ``now``, cut at the ends of weeks, oldest first."""
    found = []
    for (begin, release), (end, _) in pairwise([*_begins(store, plant), (now, None)]):
        if release is not None:
            found += [InForceSpan(release, *cut) for cut in _cut(begin, min(end, now))]
    return tuple(found)


def week_reasons(store: Store, plant: str, found: Performance, week: WeekFigures) -> WhyLate:
    """Why a week's late orders were late; reads the plan with which it began and those released in it."""
    begins = datetime.combine(week.monday, datetime.min.time())
    releases = _begins(store, plant)
    first = [one for one in releases if one[0] <= begins][-1:]
    inside = [one for one in releases if begins < one[0] < begins + WEEK]
    return why_late(found.of_week(week), [_plan(store, release, begin) for begin, release in (*first, *inside)])


def _begins(store: Store, plant: str) -> list[tuple[datetime, Release]]:
    """The releases of a plant, oldest first, and when each came into force, naive plant time: with its approval, or with its
    plan's beginning where the plant's clock stands still. None comes into force before the one that it replaces."""
    known = {one.id: one for one in store.snapshots.newest(MOST_PULLS)}
    found: list[tuple[datetime, Release]] = []
    for release in reversed(store.releases.newest(plant, MOST_RELEASES)):
        snapshot = known.get(release.snapshot_id) or store.snapshots.get(release.snapshot_id)
        begin = snapshot.plan_start
        if snapshot.source is Source.ERP:
            begin = release.approved_at.astimezone(ZoneInfo(snapshot.timezone)).replace(tzinfo=None)
        found.append((max(begin, found[-1][0]) if found else begin, release))
    return found


def _plan(store: Store, release: Release, begin: datetime) -> ReleasedPlan:
    return ReleasedPlan(begin, store.snapshots.plant(release.snapshot_id), store.schedules.load(release.schedule_id))


def _cut(begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    while begin < end:
        week_ends = datetime.combine(monday_of(begin.date()) + WEEK, datetime.min.time())
        yield begin, min(end, week_ends)
        begin = week_ends
