"""How much of an operation's time is left that has been at work since a moment, also one before plan_start."""

from __future__ import annotations

from dataclasses import dataclass, replace

from scheduler_core.errors import InvalidValue
from scheduler_core.plant import MINUTES_PER_WEEK, Downtime, Machine, Plant
from scheduler_core.simulator.arrays import NEVER
from scheduler_core.simulator.open_hours import WorkTime
from scheduler_core.simulator.working_time import calendar_mask, horizon_of, intersection, machine_mask


@dataclass(frozen=True)
class Left:
    """``minutes`` of work that are left at plan_start, or at the start where that is later (0 or less: none), and the minute
    ``end`` at which the work is done, which may lie before plan_start."""

    minutes: int
    end: int


class RunningTime:
    """Working time of ``machines`` (ids, all at once) from minute ``at`` on, outages left out, as their calendars have it.

    When a machine is available for new work does not matter to what is already on it.
    """

    def __init__(self, plant: Plant, machines: tuple[int, ...], at: int) -> None:
        self._at, self._first = at, min(0, at)
        weeks = -(-(horizon_of(plant) - self._first) // MINUTES_PER_WEEK)
        rows = [plant.machine_by_id[m] for m in machines]
        masks = {
            m.calendar: calendar_mask(
                plant.calendar_by_id[m.calendar], plant.clock, weeks * MINUTES_PER_WEEK, self._first
            )
            for m in rows
        }  # fmt: skip
        self._time = WorkTime(intersection(machine_mask(self._shifted(m), masks[m.calendar]) for m in rows))
        self._machines = machines

    def left(self, minutes: int) -> Left:
        """Of so many (1 or more) working minutes that began at the start. Raises InvalidValue where they never end."""
        end = self._time.end(self._at - self._first, minutes)
        if end == NEVER:
            raise InvalidValue("machine", self._machines[0], f"never works the {minutes} minutes that the operation takes")
        done = self._time.before(max(0, self._at) - self._first) - self._time.before(self._at - self._first)
        return Left(minutes - done, end + self._first)

    def _shifted(self, machine: Machine) -> Machine:
        return replace(
            machine, available_from=None,
            downtime=tuple(Downtime(d.start - self._first, d.end - self._first, d.reason) for d in machine.downtime),
        )  # fmt: skip
