"""The machine park from tbl_machine: active machines and their types, and what else is known about an id."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from scheduler_core.data.erp import source
from scheduler_core.data.erp.calendar import CALENDAR_ID
from scheduler_core.data.erp.cells import BadCell, canonical, flag, shown, text, whole
from scheduler_core.data.erp.row_accounting import RowAccounting
from scheduler_core.data.erp.rows import Row
from scheduler_core.errors import InvalidValue
from scheduler_core.limits import MAX_TEXT
from scheduler_core.plant import Machine, MachineType


@dataclass(frozen=True)
class MachinePark:
    """Active machines by id, the type and the name of every usable machine row (active or not), and the types' names."""

    machines: Mapping[int, Machine]
    type_of: Mapping[int, int]
    types: Mapping[int, MachineType]
    names: Mapping[int, str]
    unknown: frozenset[int] = frozenset()
    """Machines whose status says neither that they are in service nor that they are not; they are not active."""

    def said(self, machine: int) -> str:
        """A machine for a reason: its number and, where one is known, its name."""
        name = self.names.get(machine, str(machine))
        return f"machine {machine}" if name == str(machine) else f"machine {machine} ({name})"

    def idle(self, machine: int, more: str = "") -> str:
        """A machine that is not active, ``more`` after it, and why, for a reason."""
        why = "whose status in the ERP is not known" if machine in self.unknown else "which is not active"
        return f"{self.said(machine)}{more}, {why}"

    def has(self, machine_type: int) -> bool:
        """True if the type has an active machine."""
        return machine_type in self.types


def read_park(connection: Connection, type_names: Mapping[int, str], accounting: RowAccounting) -> MachinePark:
    """The park; it may have no active machine. A machine whose status is not known is not active, and named."""
    machines: dict[int, Machine] = {}
    type_of: dict[int, int] = {}
    known: dict[int, str] = {}
    unknown: dict[int, BadCell] = {}
    twice: set[int] = set()
    for row in source.machines(connection):
        accounting.read("tbl_machine", row)
        try:
            machine, active = _machine(row, accounting)
            if machine.id in type_of:
                twice.add(machine.id)
                raise BadCell("MachineId_i", machine.id, "stands in two rows: neither is used")
        except InvalidValue as invalid:
            where = f"MachineId_i={shown(row['MachineId_i'])}"
            accounting.refuse_row("tbl_machine", where, BadCell(invalid.where, invalid.value, invalid.reason))
            continue
        except BadCell as bad:
            accounting.refuse_row("tbl_machine", f"MachineId_i={shown(row['MachineId_i'])}", bad)
            continue
        type_of[machine.id] = machine.type
        known[machine.id] = machine.name
        if active:
            machines[machine.id] = machine
        elif active is None:
            reason = "is neither 1 (in service) nor 0 (out of service): the machine is not planned"
            unknown[machine.id] = BadCell("Status_i", row["Status_i"], reason)
    for machine_id in twice:
        first = f"MachineId_i={machine_id}"
        accounting.refuse_row(
            "tbl_machine", first, BadCell("MachineId_i", machine_id, "stands in two rows: neither is used")
        )
        machines.pop(machine_id, None)
        unknown.pop(machine_id, None)
        del type_of[machine_id]
    for machine_id, status in unknown.items():
        accounting.refuse_row("tbl_machine", f"MachineId_i={machine_id}", status)
    names: dict[int, list[str]] = {}
    for machine in machines.values():
        names.setdefault(machine.type, []).append(machine.name)
    types = {t: MachineType(t, type_names.get(t) or _common_name(t, names[t])) for t in sorted(names)}
    return MachinePark(dict(sorted(machines.items())), type_of, types, known, frozenset(unknown))


def _machine(row: Row, accounting: RowAccounting) -> tuple[Machine, bool | None]:
    """The machine and whether it is active; None: its status is not known."""
    machine_id = whole("MachineId_i", row["MachineId_i"])
    machine_type = whole("MachinetypeId_i", row["MachinetypeId_i"])
    active = _active(row["Status_i"])
    if active and not canonical(row["MachineName_v"]).strip():
        accounting.note("tbl_machine", f"MachineId_i={machine_id}", "has no name and is shown by its id")
        return Machine(machine_id, str(machine_id), machine_type, CALENDAR_ID), active
    # The name of a machine out of service stands in reasons alone: any content will do.
    name = text("MachineName_v", row["MachineName_v"]) if active else _any_name(row, machine_id)
    return Machine(machine_id, name, machine_type, CALENDAR_ID), active


def _active(status: object) -> bool | None:
    try:
        return flag("Status_i", status) if canonical(status).strip() else None
    except BadCell:
        return None


def _any_name(row: Row, machine_id: int) -> str:
    if not canonical(row["MachineName_v"]).strip():
        return str(machine_id)
    return shown(row["MachineName_v"], MAX_TEXT).encode("utf-8", "backslashreplace").decode()[:MAX_TEXT]


def _common_name(machine_type: int, machines: list[str]) -> str:
    """What the machines' names begin with, less counters: CM01, CM02 -> CM."""
    common = machines[0]
    while not all(name.startswith(common) for name in machines):
        common = common[:-1]
    common = re.sub(r"[\W_]*\d*[\W_]*$", "", common)
    return common or f"type {machine_type}"
