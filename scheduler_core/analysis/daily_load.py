"""Load against available time per work centre and day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from scheduler_core.analysis.load import WorkCentreLoad, work_centre_loads
from scheduler_core.errors import InvalidValue
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule
from scheduler_core.simulator.open_hours import OpenHours


@dataclass(frozen=True)
class DayLoad:
    """One day of the plan, plant time: the load of every work centre, in the plant's order of machine types.

    The first day begins at plan_start; every other one at midnight.
    """

    day: date
    loads: tuple[WorkCentreLoad, ...]


def daily_loads(plant: Plant, schedule: Schedule, hours: OpenHours, days: int) -> tuple[DayLoad, ...]:
    """The plan's first ``days`` (1 or more) calendar days. Raises InvalidValue for fewer."""
    if days < 1:
        raise InvalidValue("days", days, "is less than one day")
    place = {t.id: i for i, t in enumerate(plant.machine_types)}
    found = []
    for number in range(days):
        day = plant.plan_start.date() + timedelta(days=number)
        start, end = plant.midnight(day), plant.midnight(day + timedelta(days=1))
        loads = work_centre_loads(plant, schedule, hours, max(0, start), end)
        found.append(DayLoad(day, tuple(sorted(loads, key=lambda x: place[x.machine_type.id]))))
    return tuple(found)
