"""A lower bound for an objective, with what binds: the numbers that a planner sees."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from scheduler_core.bounds.capacity_groups import Group
from scheduler_core.bounds.job_alone import JobBound, completion
from scheduler_core.bounds.job_steps import OpenPlant
from scheduler_core.bounds.makespan import makespan_bound
from scheduler_core.bounds.tardiness import Lateness, PricedBound, late_jobs, priced_bound, weighted_days
from scheduler_core.errors import InvalidValue
from scheduler_core.objectives import UNITS, Objective
from scheduler_core.plant import MINUTES_PER_DAY, Plant

TIME_LIMIT = 2.0
"""Wall seconds that a bound may take unless told otherwise."""
LEAST_SHARE = 0.05
"""Groups with a smaller share in the waiting are not named."""
TOLERANCE = 1e-3
"""Rounding errors of the sums, in minutes or jobs, are far below this."""

Tick = Callable[[float], None]
"""Told now and then which share of the work is done, 0 to 1; may raise to stop it."""


@dataclass(frozen=True)
class BindingGroup:
    """Machines (ids) whose capacity makes the bound what it is.

    share: of the waiting that no plan avoids, the part for these machines, 0 to 1 (makespan: 1).
    operations, work: makespan only; the operations bound to them, and their machine minutes.
    """

    machines: tuple[int, ...]
    share: float
    operations: int = 0
    work: int = 0


@dataclass(frozen=True)
class Bound:
    """``value``: what no plan is below, in the objective's unit (days, a share of jobs, or hours).

    alone: what follows from each job by itself, were it alone in the plant. jobs: those that make ``alone`` what it is,
    the worst first. groups: where jobs must wait for each other, the worst first.
    """

    objective: Objective
    value: float
    alone: float
    jobs: tuple[JobBound, ...]
    groups: tuple[BindingGroup, ...]

    def gap(self, value: float) -> float | None:
        """How far a plan's value may be above the best plan's, as a share of the value; None for a value of 0 or less."""
        return max(0.0, (value - self.value) / value) if value > 0 else None


def lower_bound(
    plant: Plant, objective: Objective, time_limit: float | None = TIME_LIMIT, tick: Tick = lambda _: None
) -> Bound:
    """The best lower bound that is found within ``time_limit`` wall seconds; with None the same one every time.

    It holds for every schedule that obeys the hard constraints. Raises Unschedulable for an operation that can never run,
    InvalidValue for a mix of aims, and whatever ``tick`` raises.
    """
    began = time.perf_counter()
    opened = OpenPlant(plant)
    left = None if time_limit is None else max(0.0, time_limit - (time.perf_counter() - began))
    if objective == Objective.MAKESPAN:
        return _of_makespan(opened, left, tick)
    if objective == Objective.ON_TIME:
        return _of_late_share(opened, left, tick)
    if objective == Objective.TARDINESS:
        return _of_tardiness(opened, left, tick)
    raise InvalidValue("objective", objective.value, "is a mix: a bound tells what binds for a single aim")


def lower_value(
    plant: Plant, objective: Objective, time_limit: float | None = TIME_LIMIT, tick: Tick = lambda _: None
) -> float:
    """A value that no plan is below, also for a mix: what each priced aim costs at least, added up. Setups, overtime and
    uneven load count as nothing. Raises as ``lower_bound``."""
    if objective in UNITS:
        return lower_bound(plant, objective, time_limit, tick).value
    prices = {
        Objective.TARDINESS: objective.tardiness,
        Objective.ON_TIME: objective.on_time * 100.0,  # the price is of a percentage point, the bound of the whole share
        Objective.MAKESPAN: objective.makespan,
    }
    priced = {aim: price for aim, price in prices.items() if price}
    each = None if time_limit is None else time_limit / max(1, len(priced))
    return sum((price * lower_bound(plant, aim, each, tick).value for aim, price in priced.items()), 0.0)


def _of_tardiness(plant: OpenPlant, time_limit: float | None, tick: Tick) -> Bound:
    found = priced_bound(plant, weighted_days(plant), time_limit, tick)
    late = sorted(_never_on_time(plant), key=lambda j: -j.weighted_days_late)
    return Bound(
        Objective.TARDINESS,
        # Weights are whole numbers, and times whole minutes: so is every plan's weighted tardiness in minutes.
        _up(found.cost * MINUTES_PER_DAY) / MINUTES_PER_DAY,
        found.alone,
        tuple(late),
        _waiting(plant, found),
    )


def _of_late_share(plant: OpenPlant, time_limit: float | None, tick: Tick) -> Bound:
    lateness: Lateness = late_jobs(plant)
    due = max(1, int(lateness.late.sum()))
    found = priced_bound(plant, lateness, time_limit, tick)
    late = sorted(_never_on_time(plant), key=lambda j: -j.minutes_late)
    return Bound(Objective.ON_TIME, _up(found.cost) / due, found.alone / due, tuple(late), _waiting(plant, found))


def _of_makespan(plant: OpenPlant, time_limit: float | None, tick: Tick) -> Bound:
    found = makespan_bound(plant, time_limit, tick)
    bounds = [JobBound(job.job, completion(plant, job)) for job in plant.jobs]
    longest = max(bounds, key=lambda j: j.completion, default=None)
    alone = 0.0 if longest is None else longest.completion / 60
    groups = () if found.group is None else (BindingGroup(_ids(plant, found.group), 1.0, found.operations, found.work),)
    return Bound(Objective.MAKESPAN, found.minute / 60, alone, () if longest is None else (longest,), groups)


def _up(value: float) -> int:
    return math.ceil(value - TOLERANCE)


def _never_on_time(plant: OpenPlant) -> list[JobBound]:
    bounds = (JobBound(job.job, completion(plant, job)) for job in plant.jobs)
    return [bound for bound in bounds if not bound.can_be_on_time]


def _waiting(plant: OpenPlant, found: PricedBound) -> tuple[BindingGroup, ...]:
    total = sum(found.rent)
    shares = ((_ids(plant, group), rent / total) for group, rent in zip(found.groups, found.rent, strict=True) if total > 0)
    return tuple(
        BindingGroup(machines, share) for machines, share in sorted(shares, key=lambda s: -s[1]) if share >= LEAST_SHARE
    )


def _ids(plant: OpenPlant, group: Group) -> tuple[int, ...]:
    return tuple(plant.plant.machines[i].id for i in group.machines)
