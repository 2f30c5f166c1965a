"""Machines in lists: in the order of their names, each with its work centre's. Pure."""

from __future__ import annotations

from scheduler_core.plant import Plant


def by_name(plant: Plant) -> list[int]:
    """Machines (ids) in the order of their names."""
    return [m.id for m in sorted(plant.machines, key=lambda m: m.name)]


def machine_label(plant: Plant, machine_id: int) -> str:
    """A machine's name with its work centre's."""
    row = plant.machine_by_id[machine_id]
    return f"{row.name} · {plant.machine_type_by_id[row.type].name}"
