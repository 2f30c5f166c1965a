"""Setups that no order saves (rule 5): the first operation of a family on a group of machines follows another family
there."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from scheduler_core.bounds.job_steps import OpenPlant, Step


@dataclass(frozen=True)
class FamilySteps:
    """The open steps of one family that may run on a group of machines, none of which has seen the family before.

    At least one of them pays for the change to the family: a machine of the group is set up for another one when the first
    of them comes.
    """

    family: str | None
    steps: tuple[tuple[int, Step], ...]
    """Index of the job, and the step."""


def families_to_set_up(plant: OpenPlant, machines: Collection[int]) -> Iterator[FamilySteps]:
    """Every family that has to be set up at least once on the group (machine indices), and whose least setups say less.

    Left out are families that a machine of the group is set up for already, that a fixed operation brings there, or of
    which an operation holds several machines at once (its setup may be due to another machine).
    """
    group = frozenset(machines)
    seen = _families_seen(plant, group)
    found: dict[str | None, list[tuple[int, Step]]] = {}
    must: set[str | None] = set()
    visits = {id(step): (j, step) for machine in machines for j, step in plant.visits.get(machine, ())}
    for j, step in visits.values():
        family = plant.jobs[j].job.family
        if step.operation.requires_all:
            seen.add(family)
        elif family not in seen:
            found.setdefault(family, []).append((j, step))
            if all(mode.machines[0] in group for mode in step.modes):
                must.add(family)
    for family, steps in found.items():
        if family in must and family not in seen:
            yield FamilySteps(family, tuple(steps))


def _families_seen(plant: OpenPlant, group: Collection[int]) -> set[str | None]:
    seen: set[str | None] = {
        family for i in group if (family := plant.plant.machines[i].initial_family) is not None
    }  # fmt: skip
    for machine in group:
        seen |= plant.fixed_families.get(machine, frozenset())
    return seen
