"""Lower bounds on the makespan: the longest job alone, and the work that sets of machines cannot do in less time.

A makespan D gives every operation a window: it cannot begin before its job alone would have come so far, and must end early
enough for the rest of the job to be complete by D. The operations that are bound to a set of machines must fit into their
windows there; whether they do with preemption, each on as many machines of the set as it likes, is decided by the
earliest-deadline rule on the set's working time. On one machine this is the bound of Jackson's preemptive schedule
(Carlier and Pinson 1989, "An algorithm for solving the job-shop problem", Management Science 35).
"""

from __future__ import annotations

import heapq
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from scheduler_core.bounds.capacity_groups import Group, closed_sets
from scheduler_core.bounds.family_setups import families_to_set_up
from scheduler_core.bounds.job_alone import completion, latest_ends, ready_times
from scheduler_core.bounds.job_steps import OpenPlant
from scheduler_core.simulator.open_hours import WorkTime


@dataclass(frozen=True)
class MakespanBound:
    """No plan ends before ``minute``. It is job ``job`` alone that needs so long, or the work of a group of machines.

    ``operations`` and ``work`` (machine minutes): what has to be done on the group.
    """

    minute: int
    job: int | None
    group: Group | None = None
    operations: int = 0
    work: int = 0


def makespan_bound(
    plant: OpenPlant, time_limit: float | None, tick: Callable[[float], None] = lambda _: None
) -> MakespanBound:
    """The best bound found within ``time_limit`` wall seconds, or over all sets of machines (None).

    ``tick`` is told the share of the work that is done, and may raise to stop it. A plant without jobs ends at 0.
    """
    until = math.inf if time_limit is None else time.perf_counter() + time_limit
    ends = [completion(plant, job) for job in plant.jobs]
    if not ends:
        return MakespanBound(0, None)
    longest = max(range(len(ends)), key=ends.__getitem__)
    best = MakespanBound(ends[longest], longest)
    windows = _Windows(plant)
    sets = closed_sets(plant)
    for number, group in enumerate(sets, start=1):
        demand = _demand(plant, group)
        if demand.work:
            found = _earliest_end(plant, demand, windows, best.minute, until)
            if found > best.minute:
                best = MakespanBound(found, None, group, demand.operations, demand.work)
        tick(number / len(sets))
        if time.perf_counter() > until:
            break
    return best


@dataclass(frozen=True)
class _Demand:
    """Work bound to a group: per item the steps that it may belong to (one, or those of a family) and machine minutes."""

    group: Group
    items: tuple[tuple[tuple[int, ...], int], ...]
    """Places in ``OpenPlant.steps``, and machine minutes."""
    operations: int

    @property
    def work(self) -> int:
        return sum(minutes for _, minutes in self.items)


def _demand(plant: OpenPlant, group: Group) -> _Demand:
    inside = frozenset(group.machines)
    place = plant.places
    items: list[tuple[tuple[int, ...], int]] = []
    visits = {id(step): step for m in group.machines for _, step in plant.visits.get(m, ())}
    for step in visits.values():
        if step.operation.requires_all:
            items.append(((place[id(step)],), step.modes[0].least * len(inside.intersection(step.modes[0].machines))))
        elif all(mode.machines[0] in inside for mode in step.modes):
            items.append(((place[id(step)],), min(mode.least for mode in step.modes)))
    operations = len(items)
    for family in families_to_set_up(plant, group.machines):
        extra = min(
            mode.first_of_family - mode.least
            for _, step in family.steps
            for mode in step.modes
            if mode.machines[0] in inside
        )  # fmt: skip
        if extra > 0:
            items.append((tuple(place[id(step)] for _, step in family.steps), extra))
    return _Demand(group, tuple(items), operations)


class _Windows:
    """Of every step the earliest start, and the latest end for a makespan."""

    def __init__(self, plant: OpenPlant) -> None:
        self._plant = plant
        self.ready = [t for job in plant.jobs for t in ready_times(plant, job)[:-1]]
        self._latest: dict[int, Sequence[int] | None] = {}

    def latest(self, end: int) -> Sequence[int] | None:
        """By step, the latest end if everything is to end by ``end``; None if some job cannot."""
        if end not in self._latest:
            self._latest[end] = self._of_all_jobs(end)
        return self._latest[end]

    def _of_all_jobs(self, end: int) -> Sequence[int] | None:
        found: list[int] = []
        for job in self._plant.jobs:
            times = latest_ends(self._plant, job, end)
            if times is None:
                return None
            found.extend(times)
        return found


def _earliest_end(plant: OpenPlant, demand: _Demand, windows: _Windows, low: int, until: float) -> int:
    """The least makespan from ``low`` on for which the demand fits; what is proven so far if time runs out."""
    if _fits(plant, demand, windows, low):
        return low
    step = 64
    high = low + step
    while not _fits(plant, demand, windows, high):
        low, step = high, 2 * step
        high = low + step
        if time.perf_counter() > until:
            return low + 1
    while high - low > 1 and time.perf_counter() < until:
        middle = (low + high) // 2
        if _fits(plant, demand, windows, middle):
            high = middle
        else:
            low = middle
    return low + 1


def _fits(plant: OpenPlant, demand: _Demand, windows: _Windows, end: int) -> bool:
    """Whether the demand fits into its windows for a makespan, counted in the group's working machine minutes."""
    latest = windows.latest(end)
    if latest is None:
        return False
    tables = [plant.tables[plant.times.table((m,))] for m in demand.group.machines]
    clock = _Clock(tables)
    jobs = sorted(
        (clock.at(min(windows.ready[s] for s in steps)), clock.at(max(latest[s] for s in steps)), minutes)
        for steps, minutes in demand.items
    )
    return _earliest_deadline_first(jobs)


class _Clock:
    """Machine minutes that a group works before a moment."""

    def __init__(self, tables: Sequence[WorkTime]) -> None:
        counts: dict[int, int] = {}
        by_id: Mapping[int, WorkTime] = {id(t): t for t in tables}
        for table in tables:
            counts[id(table)] = counts.get(id(table), 0) + 1
        self._tables = [(by_id[key], count) for key, count in counts.items()]

    def at(self, moment: int) -> int:
        return sum(table.before(moment) * count for table, count in self._tables)


def _earliest_deadline_first(items: Sequence[tuple[int, int, int]]) -> bool:
    """Whether preemptive work (release, deadline, minutes), sorted, fits on one machine."""
    waiting: list[list[int]] = []
    now = 0
    for number, (release, deadline, minutes) in enumerate(items):
        heapq.heappush(waiting, [deadline, minutes])
        now = max(now, release)
        following = items[number + 1][0] if number + 1 < len(items) else None
        while waiting and (following is None or now < following):
            due, left = waiting[0]
            done = left if following is None else min(left, following - now)
            now += done
            if now > due:
                return False
            if done == left:
                heapq.heappop(waiting)
            else:
                waiting[0][1] = left - done
    return True
