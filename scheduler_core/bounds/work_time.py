"""Working time for bounds: counts of working minutes and their inverse, for single moments and for arrays of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from scheduler_core.plant import MINUTES_PER_WEEK, Plant
from scheduler_core.simulator.working_time import Mask, calendar_mask, horizon_of, intersection, machine_mask

NEVER = 2**40
"""A minute later than any plan."""
Int64 = npt.NDArray[np.int64]


class WorkTime:
    """The minutes in which one machine (or several at once) can work on operations that are not fixed.

    mask: bool [whole weeks], from plan_start on; its last week repeats for ever.
    """

    def __init__(self, mask: Mask) -> None:
        self.mask = mask
        self._minutes: Int64 = np.flatnonzero(mask)
        self._before: Int64 = np.concatenate([[0], np.cumsum(mask, dtype=np.int64)])
        self._week = int(mask[-MINUTES_PER_WEEK:].sum())

    @property
    def works_for_ever(self) -> bool:
        """Whether the repeating week has a working minute, so that every operation ends some day."""
        return self._week > 0

    def before(self, moment: int) -> int:
        """Working minutes in [0, moment)."""
        if moment <= 0:
            return 0
        if moment <= len(self.mask):
            return int(self._before[moment])
        weeks = (moment - len(self.mask)) // MINUTES_PER_WEEK + 1
        return int(self._before[moment - weeks * MINUTES_PER_WEEK]) + weeks * self._week

    def minute(self, number: int) -> int:
        """The minute in which working minute ``number`` (from 0) lies; NEVER where there is none."""
        if number < len(self._minutes):
            return int(self._minutes[number])
        if not self._week:
            return NEVER
        weeks = (number - len(self._minutes)) // self._week + 1
        return int(self._minutes[number - weeks * self._week]) + weeks * MINUTES_PER_WEEK

    def end(self, ready: int, minutes: int) -> int:
        """The end of so many (at least 1) working minutes that begin at ``ready`` or later; NEVER if they never end."""
        last = self.minute(self.before(ready) + minutes - 1)
        return NEVER if last == NEVER else last + 1


class WorkTimes:
    """The working time of every machine of a plant, and of machines that work only together; equal ones are shared.

    The time that fixed operations hold a machine counts as not working: no other operation can run in it. That an operation
    cannot pause over a fixed one either is left out, which can only make a bound smaller.
    """

    def __init__(self, plant: Plant) -> None:
        self.horizon = horizon_of(plant)
        calendars = {c.id: calendar_mask(c, plant.plan_start, self.horizon) for c in plant.calendars}
        held = _held_by_fixed(plant)
        masks = [_without(machine_mask(m, calendars[m.calendar]), held.get(m.id, ())) for m in plant.machines]
        self.tables: list[WorkTime] = []
        self._numbers: dict[bytes, int] = {}
        self._at_once: dict[tuple[int, ...], int] = {}
        self._of_machine = [self._number(mask) for mask in masks]

    def table(self, machines: tuple[int, ...]) -> int:
        """Number in ``tables`` of the working time of one machine index, or of several at once."""
        if len(machines) == 1:
            return self._of_machine[machines[0]]
        if machines not in self._at_once:
            self._at_once[machines] = self._number(intersection(self.tables[self._of_machine[m]].mask for m in machines))
        return self._at_once[machines]

    def _number(self, mask: Mask) -> int:
        key = np.packbits(mask).tobytes()
        if key not in self._numbers:
            self._numbers[key] = len(self.tables)
            self.tables.append(WorkTime(mask))
        return self._numbers[key]


def _held_by_fixed(plant: Plant) -> Mapping[int, Sequence[tuple[int, int]]]:
    held: dict[int, list[tuple[int, int]]] = {}
    for job in plant.jobs:
        for op in job.operations:
            if op.fixed is not None:
                for machine in op.fixed.machines:
                    held.setdefault(machine, []).append((op.fixed.start, op.fixed.end))
    return held


def _without(mask: Mask, spans: Iterable[tuple[int, int]]) -> Mask:
    spans = [(max(0, start), end) for start, end in spans if end > 0]
    if not spans:
        return mask
    mask = mask.copy()
    for start, end in spans:
        mask[start:end] = False
    return mask
