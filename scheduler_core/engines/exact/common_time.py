"""Time counted in *common minutes*: the minutes from plan_start in which some set of machines in use works.

A pause that all machines share, such as the night, has no length in common time, so a machine that works whenever any
does never pauses there. What remains as holes are a machine's own downtimes and the shifts that only others work.

Two facts make the change of clock exact. An operation starts in a working minute and ends right after one, so for a
start S and any wall-clock minute E: S >= E if and only if common(S) >= common(E); and for an end E and any minute S:
E <= S if and only if common(E) <= common(S).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import numpy.typing as npt

from scheduler_core.engines.exact.problem import Problem
from scheduler_core.errors import Unschedulable
from scheduler_core.plant import MINUTES_PER_DAY, MINUTES_PER_WEEK, Calendar, Machine, Plant

MAX_WEEKS = 1_000
"""Longest plan that is modelled."""

_Mask = npt.NDArray[np.bool_]
_Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Pieces:
    """The working time of one set of machines, in common minutes: n pieces [start, end) without overlap, ascending.

    before: the set's own working minutes before each piece, and in place n their total.
    """

    start: tuple[int, ...]
    end: tuple[int, ...]
    before: tuple[int, ...]

    @property
    def is_whole(self) -> bool:
        """Whether the set works in every common minute."""
        return len(self.start) == 1 and self.before[1] == self.end[0] and self.start[0] == 0

    def place(self, ready: int, minutes: int) -> tuple[int, int]:
        """Start and end of work of that many minutes, starting in the first working minute from ``ready`` on.

        Raises ValueError beyond the horizon.
        """
        k = bisect_right(self.end, ready)
        if k == len(self.start):
            raise ValueError(f"minute {ready} lies beyond the horizon")
        start = max(ready, self.start[k])
        done = self.before[k] + start - self.start[k] + minutes
        if done > self.before[-1]:
            raise ValueError(f"{minutes} minutes from {ready} on end beyond the horizon")
        last = bisect_right(self.before, done - 1) - 1
        return start, self.start[last] + done - self.before[last]


class CommonTime:
    """The common clock of a problem, with a horizon that some optimal schedule of every objective keeps.

    ``weeks`` are modelled from plan_start on; ``horizon`` is their length in common minutes.
    """

    def __init__(self, problem: Problem, weeks: int) -> None:
        minutes = weeks * MINUTES_PER_WEEK
        plant, sets = problem.plant, problem.machine_sets
        alone = {m: _machine_mask(plant, plant.machine_by_id[m], minutes) for m in {m for s in sets for m in s}}
        masks = {s: np.logical_and.reduce([alone[m] for m in s]) for s in sets}
        base: _Mask = np.logical_or.reduce(list(masks.values()))
        self._common: _Ints = np.concatenate([[0], np.cumsum(base)])
        self._wall: _Ints = np.flatnonzero(base)
        self.horizon = len(self._wall)
        shared: dict[bytes, Pieces] = {}
        self.pieces: dict[tuple[int, ...], Pieces] = {}
        for machines, mask in masks.items():
            key = np.packbits(mask).tobytes()
            if key not in shared:
                shared[key] = _pieces(mask[base])
            self.pieces[machines] = shared[key]

    def common(self, minute: int) -> int:
        """Common minutes in [plan_start, minute); 0 before plan_start, the horizon beyond it."""
        return int(self._common[min(max(0, minute), len(self._common) - 1)])

    def wall_start(self, common: int) -> int:
        """The minute from plan_start of a common minute."""
        return int(self._wall[common])

    def wall_end(self, common: int) -> int:
        """The minute from plan_start right after the common minute before ``common``; 0 for 0."""
        return int(self._wall[common - 1]) + 1 if common > 0 else 0

    @cached_property
    def pauses(self) -> tuple[tuple[int, int], ...]:
        """(common minute, length in minutes) of each pause of the common clock, ascending."""
        gaps = np.diff(self._wall) - 1
        return tuple((int(i) + 1, int(gaps[i])) for i in np.flatnonzero(gaps))


def weeks_needed(problem: Problem) -> int:
    """Weeks from plan_start that some optimal schedule of every objective keeps.

    Where every operation starts as early as the order on its machines allows, the last end is bound by a chain of
    operations that starts at a release, a fixed operation or an exception of a calendar, each operation following the one
    before as soon as its machine works. So the longest stretch that each operation can take in an ordinary week, one
    after the other, from the last exception on, is enough. Raises Unschedulable for an operation that can never run.
    """
    settled = _settled(problem.plant)
    while True:
        weeks = _weeks_from(problem, settled)
        change = next((m for m in problem.plant.clock.minutes if settled < m < weeks * MINUTES_PER_WEEK), None)
        if change is None:
            return weeks
        settled = change


def _weeks_from(problem: Problem, settled: int) -> int:
    """``weeks_needed`` if the minute ``settled`` is the last exception."""
    plant = problem.plant
    ordinary = (settled // MINUTES_PER_WEEK + 1) * MINUTES_PER_WEEK
    weekly: dict[int, _Mask] = {}
    for machine in {m for s in problem.machine_sets for m in s}:
        mask = _machine_mask(plant, plant.machine_by_id[machine], ordinary + MINUTES_PER_WEEK)
        weekly[machine] = mask[-MINUTES_PER_WEEK:]
    sets = {s: np.flatnonzero(np.logical_and.reduce([weekly[m] for m in s])) for s in problem.machine_sets}
    total = 0
    impossible: list[str] = []
    for task in problem.free:
        spans = [
            _longest_span(sets[mode.machines], problem.longest_minutes(mode, task))
            for mode in task.modes
            if len(sets[mode.machines])
        ]
        if spans:
            total += max(spans)
        else:
            impossible.append(f"job {task.job.id} operation {task.operation.sequence}")
    if impossible:
        more = f" and {len(impossible) - 10} more" if len(impossible) > 10 else ""
        raise Unschedulable(f"no machine that may run it ever works: {', '.join(impossible[:10])}{more}")
    return (ordinary + total) // MINUTES_PER_WEEK + 1


def _longest_span(working: _Ints, minutes: int) -> int:
    """Longest wall-clock time from any minute to the end of that much work, if it begins as soon as possible.

    working: the working minutes of one week, ascending, in a pattern that repeats for ever.
    """
    n = len(working)
    index = np.arange(n) + minutes - 1
    ends = working[index % n] + MINUTES_PER_WEEK * (index // n) + 1
    previous = np.concatenate([[working[-1] - MINUTES_PER_WEEK], working[:-1]])
    return int((ends - previous).max())


def _settled(plant: Plant) -> int:
    """A minute from which on nothing but ordinary weeks, clock changes and running work is left."""
    times = [0]
    for calendar in plant.calendars:
        times += [plant.midnight(h.date + timedelta(days=1)) for h in calendar.holidays]
        times += [plant.hours(e.date, e.start, e.end)[1] for e in calendar.extra]
    for machine in plant.machines:
        times += [machine.available_from or 0, *(d.end for d in machine.downtime)]
    for job in plant.jobs:
        times += [job.release, *(op.fixed.end for op in job.operations if op.fixed is not None)]
    return max(times)


def _machine_mask(plant: Plant, machine: Machine, minutes: int) -> _Mask:
    """bool [minutes]: rule 3 for each minute from plan_start on."""
    calendar = plant.calendar_by_id[machine.calendar]
    spans = list(plant.clock.spans(0, minutes))
    midnight = plant.plan_start.hour * 60 + plant.plan_start.minute
    days = -(-(midnight + max(end for _, end in spans)) // MINUTES_PER_DAY)
    wall = _by_day(calendar, plant.plan_start.date(), days).ravel()
    mask: _Mask = np.concatenate([wall[midnight + start : midnight + end] for start, end in spans])
    mask[: max(0, machine.available_from or 0)] = False
    for down in machine.downtime:
        mask[max(0, down.start) : max(0, down.end)] = False
    return mask


def _by_day(calendar: Calendar, first: date, days: int) -> _Mask:
    """bool [days, 1440]: the minutes of each date from ``first`` on in which the calendar works."""
    # Row 0 is the date before the first one: its night shifts end on the first.
    works = np.zeros((days + 1, MINUTES_PER_DAY), np.bool_)
    pauses = np.zeros_like(works)
    yesterday = first - timedelta(days=1)
    weekday = (np.arange(days + 1) + yesterday.weekday()) % 7 + 1
    for window in calendar.week:
        _cover(works, weekday == window.day, window.start, window.end)
    for holiday in calendar.holidays:
        day = (holiday.date - yesterday).days
        if 0 <= day <= days:
            works[day, holiday.start : holiday.end] = False
    for extra in calendar.extra:
        _cover(works, np.arange(days + 1) == (extra.date - yesterday).days, extra.start, extra.end)
    for pause in calendar.breaks:
        _cover(pauses, np.full(days + 1, True) if pause.day is None else weekday == pause.day, pause.start, pause.end)
    result: _Mask = (works & ~pauses)[1:]
    return result


def _cover(by_day: _Mask, rows: _Mask, start: int, end: int) -> None:
    """Mark minutes after midnight of these rows' dates; those beyond 1440 are minutes of the next row."""
    by_day[rows, start : min(end, MINUTES_PER_DAY)] = True
    if end > MINUTES_PER_DAY:
        by_day[np.append(False, rows[:-1]), : end - MINUTES_PER_DAY] = True


def _pieces(mask: _Mask) -> Pieces:
    edges = np.flatnonzero(np.diff(mask.astype(np.int8), prepend=0, append=0))
    starts, ends = edges[::2], edges[1::2]
    before = np.concatenate([[0], np.cumsum(ends - starts)])
    return Pieces(_tuple(starts), _tuple(ends), _tuple(before))


def _tuple(values: Iterable[np.int64]) -> tuple[int, ...]:
    return tuple(int(v) for v in values)
