"""Machines out of service in the ERP that are expected back, as part of the park."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from scheduler_core.data.erp.calendar import CALENDAR_ID
from scheduler_core.data.erp.machines import MachinePark
from scheduler_core.plant import Machine, MachineType


def with_returning(park: MachinePark, returning: Collection[int], type_names: Mapping[int, str]) -> MachinePark:
    """The park with these machines (ids) active; those that the ERP does not have, or has active, change nothing."""
    back = {machine.id: machine for machine in _stopped(park) if machine.id in returning}
    if not back:
        return park
    types = dict(park.types)
    for machine in back.values():
        named = type_names.get(machine.type) or park.type_names.get(machine.type) or machine.name
        types.setdefault(machine.type, MachineType(machine.type, named))
    machines = {**park.machines, **back}
    return replace(park, machines=dict(sorted(machines.items())), types=dict(sorted(types.items())))


def alone_of_their_type(park: MachinePark) -> tuple[Machine, ...]:
    """The machines that are not active and of whose type no other is."""
    return tuple(machine for machine in _stopped(park) if not park.has(machine.type))


def _stopped(park: MachinePark) -> list[Machine]:
    return [
        Machine(machine, park.names[machine], kind, CALENDAR_ID)
        for machine, kind in sorted(park.type_of.items())
        if machine not in park.machines
    ]
