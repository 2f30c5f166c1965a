"""How busy the work centres are in a span of time. What holds a plan up is another question: causes/bottlenecks.py."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler_core.plant import MachineType, Plant
from scheduler_core.schedule import Schedule
from scheduler_core.simulator.open_hours import OpenHours


@dataclass(frozen=True)
class WorkCentreLoad:
    """Machine minutes of one machine type in a span: open in all, of these on processing and on setup."""

    machine_type: MachineType
    machines: int
    open: int
    processing: int
    setup: int

    @property
    def utilization(self) -> float:
        """Share (0 to 1) of the open minutes that are used; 0 where nothing is open."""
        return (self.processing + self.setup) / self.open if self.open else 0.0


def work_centre_loads(
    plant: Plant, schedule: Schedule, hours: OpenHours, start: int, end: int
) -> tuple[WorkCentreLoad, ...]:
    """Load of every machine type in [start, end), in minutes from plan_start; the busiest first."""
    open_minutes = {t.id: 0 for t in plant.machine_types}
    processing, setup = dict(open_minutes), dict(open_minutes)
    for machine in plant.machines:
        open_minutes[machine.type] += hours.working((machine.id,), start, end)
        for a in schedule.by_machine.get(machine.id, ()):
            if a.start >= end or a.end <= start:
                continue
            set_up_at = min(a.end, hours.after_working(a.machines, a.start, a.setup_minutes))
            setup[machine.type] += hours.working(a.machines, max(a.start, start), min(set_up_at, end))
            processing[machine.type] += hours.working(a.machines, max(set_up_at, start), min(a.end, end))
    loads = (
        WorkCentreLoad(t, len(plant.machines_by_type[t.id]), open_minutes[t.id], processing[t.id], setup[t.id])
        for t in plant.machine_types
    )
    return tuple(sorted(loads, key=lambda x: (-x.utilization, x.machine_type.name)))
