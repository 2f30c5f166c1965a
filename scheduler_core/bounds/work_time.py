"""Working time for bounds: that of every machine, less what fixed operations hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from scheduler_core.plant import Plant
from scheduler_core.simulator.open_hours import Patterns
from scheduler_core.simulator.working_time import Mask, calendar_mask, horizon_of, machine_mask


class WorkTimes(Patterns):
    """The working time of every machine of a plant (by its index), and of machines that work only together.

    The time that fixed operations hold a machine counts as not working: no other operation can run in it. That an operation
    cannot pause over a fixed one either is left out, which can only make a bound smaller.
    """

    def __init__(self, plant: Plant) -> None:
        super().__init__()
        self.horizon = horizon_of(plant)
        calendars = {c.id: calendar_mask(c, plant.clock, self.horizon) for c in plant.calendars}
        held = _held_by_fixed(plant)
        for index, machine in enumerate(plant.machines):
            self.add(index, _without(machine_mask(machine, calendars[machine.calendar]), held.get(machine.id, ())))


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
