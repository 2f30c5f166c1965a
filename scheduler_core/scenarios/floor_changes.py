"""What a planner knows of the floor beside hours and orders: a note, and when a machine out of service is back."""

from __future__ import annotations

from dataclasses import dataclass, replace

from scheduler_core.errors import InvalidValue
from scheduler_core.plant import Downtime, Plant

MAX_NOTE = 500


@dataclass(frozen=True)
class Noted:
    """A note on a machine (id) or on a job: exactly one of both. It changes no plan."""

    text: str
    machine: int | None = None
    job: str | None = None

    def __post_init__(self) -> None:
        if (self.machine is None) == (self.job is None):
            raise InvalidValue("job", self.job, "or a machine: a note is on one of both")
        if not 1 <= len(self.text.strip()) <= MAX_NOTE:
            raise InvalidValue("text", self.text, f"is empty or longer than {MAX_NOTE} characters")

    def apply(self, plant: Plant, now: int = 0) -> Plant:
        """The plant. Raises InvalidValue for an unknown machine or job."""
        if self.machine is not None and self.machine not in plant.machine_by_id:
            raise InvalidValue("machine", self.machine, "is not a known machine")
        if self.job is not None and self.job not in plant.job_by_id:
            raise InvalidValue("job", self.job, "is not a known job")
        return plant


@dataclass(frozen=True)
class MachineReturns:
    """The machine, out of service in the ERP, works again from minute ``at`` on: a pull takes it into the plant, down until
    then, and with it the orders that wait for it."""

    machine: int
    at: int

    def apply(self, plant: Plant, now: int = 0) -> Plant:
        """The plant in which it is down until then. Raises InvalidValue for a machine that is not in the plant."""
        row = plant.machine_by_id.get(self.machine)
        if row is None:
            raise InvalidValue("machine", self.machine, "is not in the plant before the next pull")
        if self.at <= now:
            return plant
        down = Downtime(min(0, now), self.at, "out of service")
        back = replace(row, downtime=(*row.downtime, down))
        return replace(plant, machines=tuple(back if m is row else m for m in plant.machines))
