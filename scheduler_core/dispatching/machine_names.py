"""A machine by what a person calls it."""

from __future__ import annotations

from difflib import get_close_matches

from scheduler_core.errors import InvalidValue
from scheduler_core.plant import Machine, Plant

NEAR = 5
"""Names that are offered for one that is unknown."""


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
    names = {m.name.casefold(): m.name for m in plant.machines}
    near = [names[name] for name in get_close_matches(wanted.casefold(), names, NEAR)]
    offered = f"names like it: {', '.join(near)}" if near else f"the first are: {', '.join(list(names.values())[:NEAR])}"
    raise InvalidValue("machine", called, f"is no machine of {plant.name}; {offered}")
