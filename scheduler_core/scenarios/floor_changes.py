"""What a planner knows of the floor beside hours and orders: a note, and when a machine out of service is back."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler_core.errors import InvalidValue
from scheduler_core.plant import Plant
from scheduler_core.scenarios.breakdown import Breakdown, lifted

MAX_NOTE = 500
OUT_OF_SERVICE = "out of service in the ERP"
"""The reason of the downtime of a machine that the ERP has out of service and that is expected back."""


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
        """The plant in which it is down until then. Raises InvalidValue for a machine that is not in the plant, or that the
        ERP has in service."""
        row = plant.machine_by_id.get(self.machine)
        if row is None:
            raise InvalidValue("machine", self.machine, "is not in the plant before the next pull")
        down = next((d for d in row.downtime if d.reason == OUT_OF_SERVICE), None)
        if down is None:
            raise InvalidValue("machine", self.machine, "is in service in the ERP")
        if down.end == self.at:
            return plant
        back = lifted(plant, self.machine, down)
        return out_until(back, self.machine, self.at) if self.at > 0 else back


def out_until(plant: Plant, machine: int, minute: int) -> Plant:
    """The plant with a machine (id), out of service in the ERP, that works from ``minute`` on; what runs on it pauses."""
    return Breakdown(machine, 0, minute, reason=OUT_OF_SERVICE).apply(plant, 1)
