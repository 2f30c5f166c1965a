"""One order sooner: the earliest end that harms nobody, and the price of every day sooner, as a curve of whole plans.

An order *pays* if it becomes late, or was late and ends more than the tolerance (0 unless stated) later than in the plan; an
order that ends later and still in time pays nothing, and so does one without a due date. The price of a plan is the extra
weighted tardiness of all that pay, in days; what others gain is not set off against it. A plan of price 0 harms nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from scheduler_core.bounds.job_alone import JobBound, job_bound
from scheduler_core.causes.order_search import Cooling
from scheduler_core.engines.config import Progress, no_progress
from scheduler_core.engines.repair.right_shift import shifted
from scheduler_core.errors import InvalidValue
from scheduler_core.judge.validator import violations
from scheduler_core.plant import MAX_DURATION, MINUTES_PER_DAY, Job, Plant
from scheduler_core.scenarios.expedite_search import Candidate, ExpediteSearch, non_dominated, thinned
from scheduler_core.schedule import NOTICEABLE_MINUTES, Schedule
from scheduler_core.simulator.arrays import pack

POINTS = 8
"""Plans of a curve at most."""
FEW_POINTS = 4
"""Up to so many, two of one day may both stay."""
FIRST_PASS, SECOND_PASS = Cooling(30_000, 0.3, 0.003), Cooling(20_000, 0.05, 0.001)
"""Annealing of every plan of the curve, and once more of those that are left. Chosen on generated plants of 152 machines and
500 jobs: strict descent asks the others for about twice as much, and three times the moves hardly lower it."""
FOR_NOTHING, SLIGHT_WEIGHT = Cooling(40_000, 0.1, 0.001), 0.05
"""Annealing towards the earliest end without harm, and the weighted days that a day sooner is then worth."""
NEAR_HOURS = 72
"""Hours from now within which a move is counted apart."""


@dataclass(frozen=True)
class Payer:
    """Another order whose completion is later: ``before`` and ``end`` are its completions in minutes from plan_start.

    ``extra``: minutes by which its tardiness grows, 0 where it still is in time (or has no due date).
    """

    job: Job
    before: int
    end: int
    extra: int

    @property
    def newly_late(self) -> bool:
        """Whether the order was on time and is late now."""
        return self.job.due is not None and self.before <= self.job.due < self.end

    @property
    def weighted_days(self) -> float:
        """What it pays: extra tardiness in days times its weight."""
        return self.job.weight * self.extra / MINUTES_PER_DAY


@dataclass(frozen=True)
class Point:
    """One plan of the curve: the order is complete at minute ``end``.

    ``payers``: every other order that ends later, the one that pays most first. ``moved``: operations of other orders on
    another machine or starting over NOTICEABLE_MINUTES earlier or later, ``moved_near``: those of them that were to start
    within NEAR_HOURS.
    """

    schedule: Schedule
    end: int
    payers: tuple[Payer, ...]
    moved: int
    moved_near: int
    tolerance: int = 0

    @property
    def paying(self) -> tuple[Payer, ...]:
        """Orders that become late, or are later by more than the tolerance though late already."""
        return tuple(p for p in self.payers if p.newly_late or p.extra > self.tolerance)

    @property
    def newly_late(self) -> int:
        """Orders that were on time and are late now."""
        return sum(p.newly_late for p in self.payers)

    @property
    def price(self) -> float:
        """Weighted days of tardiness that the paying orders have more."""
        return sum(p.weighted_days for p in self.paying)


@dataclass(frozen=True)
class ExpediteCurve:
    """The answer for one order. ``before``: its completion in the plan; None for a rush order, which the plan does not know.

    ``right_shift``: where the first gaps put a rush order without moving anything. ``points``: earliest and dearest first;
    none is both earlier and cheaper than another, and the last one harms nobody.
    """

    job: Job
    before: int | None
    right_shift: int | None
    bound: JobBound
    points: tuple[Point, ...]

    @property
    def least_harm(self) -> Point:
        """The earliest end found at which nobody pays."""
        return self.points[-1]

    @property
    def none_newly_late(self) -> Point:
        """The earliest of the points at which no order becomes late; orders that are late already may end later."""
        return next(p for p in self.points if p.newly_late == 0)


def expedite(
    plant: Plant, plan: Schedule, job: str, *, now: int = 0, tolerance: int = 0, progress: Progress = no_progress
) -> ExpediteCurve:
    """Plans in which ``job`` is done sooner than in ``plan``, or at all where the plan does not know it; each is judged.

    A plan that ``plant`` makes invalid is pushed to the right first, and others are compared with that. ``now``: minute from
    which moves are counted; ``tolerance``: minutes by which orders that are late already may end later without paying. The
    same call gives the same answer. Raises InvalidValue for an unknown job, one of which nothing can move, and a
    tolerance below 0; Unschedulable; Cancelled through ``progress``.
    """
    if job not in plant.job_by_id:
        raise InvalidValue("job", job, "is not a known job")
    if not 0 <= tolerance <= MAX_DURATION:
        raise InvalidValue("tolerance", tolerance, f"is not between 0 and {MAX_DURATION}")
    known = all((job, op.sequence) in plan.by_operation for op in plant.job_by_id[job].operations)
    base = plan if known and not violations(plant, plan) else shifted(plant, pack(plant), plan)
    search = ExpediteSearch(plant, base, job, tolerance)
    if not search.steps:
        raise InvalidValue("job", job, "has no operation left that could move: all are fixed or have begun")
    # What precedes a fixed operation in its job cannot move; what is put in front of it can change its setup, and only the
    # judge notices.
    made = [*(search.schedule(found) for found in _plans(search, progress)), base]
    points = [_point(plant, base, job, schedule, now, tolerance) for schedule in made if not violations(plant, schedule)]
    end = _ends(base)[job]
    return ExpediteCurve(
        plant.job_by_id[job],
        before=end if known else None,
        right_shift=None if known else end,
        bound=job_bound(plant, job),
        points=tuple(_chosen(plant, points)),
    )


def _plans(search: ExpediteSearch, progress: Progress) -> list[Candidate]:
    inserted = search.inserted(lambda share, what: progress(0.2 * share, f"inserting, {what}"))
    found = list(inserted)
    passes = ((FIRST_PASS, 0.2, 0.55), (SECOND_PASS, 0.55, 0.9))
    for cooling, first, last in passes:
        chosen = thinned(non_dominated(found), POINTS)
        for done, plan in enumerate(chosen):
            progress(first + (last - first) * done / len(chosen), "looking for a lower price")
            found.append(search.cheaper(plan, cooling))
    progress(0.9, "looking for an earlier end that harms nobody")
    found.append(search.sooner(non_dominated(found)[-1], SLIGHT_WEIGHT, FOR_NOTHING))
    return non_dominated(found)


def _chosen(plant: Plant, points: Sequence[Point]) -> list[Point]:
    """At most POINTS of the curve: the earliest, the one that harms nobody, and of each day between the cheapest. FEW_POINTS
    stay as they are."""
    found: list[Point] = []
    for point in sorted(points, key=lambda p: (p.end, p.price)):
        if not found or point.price < found[-1].price:
            found.append(point)
    if len(found) <= FEW_POINTS:
        return found
    by_day = [list(day)[-1] for _, day in groupby(found[1:-1], key=lambda p: plant.time_of(p.end).date())]
    return [found[0], *(thinned(by_day, POINTS - 2) if len(by_day) > POINTS - 2 else by_day), found[-1]]


def _point(plant: Plant, base: Schedule, job: str, schedule: Schedule, now: int, tolerance: int) -> Point:
    was, ends = _ends(base), _ends(schedule)
    payers = [_payer(j, was[j.id], ends[j.id]) for j in plant.jobs if j.id != job and ends[j.id] > was[j.id]]
    moved = [base.by_operation[a.key] for a in schedule.assignments
             if a.job != job and (set(a.machines) != set(base.by_operation[a.key].machines)
                                  or abs(a.start - base.by_operation[a.key].start) > NOTICEABLE_MINUTES)]  # fmt: skip
    return Point(
        schedule, ends[job], tuple(sorted(payers, key=lambda p: (-p.weighted_days, p.before - p.end, p.job.id))),
        len(moved), sum(a.start < now + NEAR_HOURS * 60 for a in moved), tolerance,
    )  # fmt: skip


def _payer(job: Job, before: int, end: int) -> Payer:
    due = end if job.due is None else job.due
    return Payer(job, before, end, max(0, end - due) - max(0, before - due))


def _ends(schedule: Schedule) -> dict[str, int]:
    ends: dict[str, int] = {}
    for a in schedule.assignments:
        ends[a.job] = max(ends.get(a.job, a.end), a.end)
    return ends
