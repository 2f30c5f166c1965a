"""A machine by what a person calls it."""

from __future__ import annotations

from difflib import get_close_matches

from scheduler_core.errors import InvalidValue
from scheduler_core.plant import Machine, Plant

NEAR = 5
"""Names that are offered for one that is unknown."""


def machine_of_link(plant: Plant, called: str) -> Machine:
    """As ``machine_named`` for what an address names: pages write ids there, so an id counts before a name like it."""
    by_id = next((m for m in plant.machines if called == str(m.id)), None)
    return by_id or machine_named(plant, called)


def machine_named(plant: Plant, called: str) -> Machine:
    """The machine of a name (capitals do not matter) or an id. Raises InvalidValue, with names that are near, for an unknown
    one and for a name that several machines have."""
    wanted = called.strip()
    found = [m for m in plant.machines if wanted == m.name] or [m for m in plant.machines if wanted == str(m.id)]
    found = found or [m for m in plant.machines if wanted.casefold() == m.name.casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(str(m.id) for m in found)
        raise InvalidValue("machine", called, f"is the name of several machines: give one of the ids {ids}")
    near = names_near(plant, wanted)
    offered = f"names like it: {', '.join(near)}" if near else f"the first are: {', '.join(_first(plant))}"
    raise InvalidValue("machine", called, f"is no machine of {plant.name}; {offered}")


def names_near(plant: Plant, called: str) -> list[str]:
    """Names of machines that look like what was typed, the nearest first; at most NEAR."""
    names = {m.name.casefold(): m.name for m in plant.machines}
    return [names[name] for name in get_close_matches(called.strip().casefold(), names, NEAR, cutoff=0.5)]


def _first(plant: Plant) -> list[str]:
    return [m.name for m in plant.machines[:NEAR]]
