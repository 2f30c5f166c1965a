"""How much of its machine time each setup family spends on being set up for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule
from scheduler_core.simulator.open_hours import OpenHours


@dataclass(frozen=True)
class FamilySetup:
    """One family (None: jobs without one). Minutes count once per operation, however many machines it holds."""

    family: str | None
    operations: int
    setups: int
    setup: int
    processing: int

    @property
    def share(self) -> float:
        """Setup (0 to 1) in the family's worked minutes."""
        return self.setup / (self.setup + self.processing) if self.setup + self.processing else 0.0


def setup_shares(plant: Plant, schedule: Schedule, hours: OpenHours) -> tuple[FamilySetup, ...]:
    """Every family that the plan runs, the one with most setup minutes first."""
    rows: Mapping[str | None, list[int]] = {j.family: [0, 0, 0, 0] for j in plant.jobs}
    for a in schedule.assignments:
        row = rows[plant.job_by_id[a.job].family]
        worked = hours.working(a.machines, a.start, a.end)
        setup = min(a.setup_minutes, worked)
        for k, amount in enumerate((1, int(a.setup_minutes > 0), setup, worked - setup)):
            row[k] += amount
    found = (FamilySetup(family, *row) for family, row in rows.items() if row[0])
    return tuple(sorted(found, key=lambda f: (-f.setup, f.family or "")))
