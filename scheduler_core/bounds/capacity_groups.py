"""Groups of machines that bounds look at together: what is bought from one pool of capacity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scheduler_core.bounds.job_steps import OpenPlant

MAX_SETS = 400
"""Most sets of machines that the makespan bound looks at."""


@dataclass(frozen=True)
class Group:
    """Machines by their index in the plant, ascending."""

    machines: tuple[int, ...]


def interchangeable(plant: OpenPlant) -> tuple[Group, ...]:
    """All machines in groups whose members may run exactly the same operations.

    Operations that hold several machines at once do not split a group.
    """
    visits: list[list[int]] = [[] for _ in plant.plant.machines]
    for number, machines in enumerate(eligible_sets(plant)):
        for m in machines:
            visits[m].append(number)
    return _grouped([tuple(v) for v in visits])


def by_type(plant: OpenPlant) -> tuple[Group, ...]:
    """All machines in groups by their type."""
    return _grouped([m.type for m in plant.plant.machines])


def eligible_sets(plant: OpenPlant) -> tuple[tuple[int, ...], ...]:
    """The distinct sets of machines of which an open operation may choose one."""
    return tuple(
        dict.fromkeys(
            tuple(mode.machines[0] for mode in step.modes) for _, step in plant.steps if not step.operation.requires_all
        )
    )


def closed_sets(plant: OpenPlant) -> tuple[Group, ...]:
    """Sets of machines that whole sets of operations are bound to: eligible sets and unions of overlapping ones.

    Unions are built smallest first until ``MAX_SETS``; the union of all that hang together is always among them.
    """
    sets = [frozenset(s) for s in eligible_sets(plant)]
    singles = {frozenset(mode.machines) for _, step in plant.steps for mode in step.modes if len(step.modes) == 1}
    found = dict.fromkeys([*sets, *_connected(sets), *sorted(singles - set(sets), key=sorted)])
    frontier = sorted(sets, key=len)
    while frontier and len(found) < MAX_SETS:
        one = frontier.pop(0)
        for other in sets:
            union = one | other
            if union not in found and not one.isdisjoint(other) and len(found) < MAX_SETS:
                found[union] = None
                frontier.append(union)
    return tuple(Group(tuple(sorted(s))) for s in found)


def _grouped(keys: Sequence[object]) -> tuple[Group, ...]:
    found: dict[object, list[int]] = {}
    for machine, key in enumerate(keys):
        found.setdefault(key, []).append(machine)
    return tuple(Group(tuple(members)) for members in found.values())


def _connected(sets: Sequence[frozenset[int]]) -> list[frozenset[int]]:
    parts: list[frozenset[int]] = []
    for one in sets:
        touching = [p for p in parts if not p.isdisjoint(one)]
        parts = [p for p in parts if p.isdisjoint(one)] + [one.union(*touching)]
    return parts
