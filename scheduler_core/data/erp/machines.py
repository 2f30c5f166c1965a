"""The machine park: active machines and their types, and what else is known about a machine that an operation names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from scheduler_core.data.erp.calendar import CALENDAR_ID
from scheduler_core.data.erp.cells import BadCell, canonical, flag, number, shown, text
from scheduler_core.data.erp.keys import id_of, look_up, number_of
from scheduler_core.data.erp.mapping import Mapping as ErpMapping
from scheduler_core.data.erp.meanings import NAME
from scheduler_core.data.erp.row_accounting import RowAccounting, row_name
from scheduler_core.data.erp.rows import Row
from scheduler_core.data.erp.source import ErpTables
from scheduler_core.errors import InvalidValue
from scheduler_core.limits import MAX_TEXT
from scheduler_core.plant import Machine, MachineType

LARGEST_TYPE = 2**31
"""A machine type's number is at most as large, and at least as small below 0."""
MAX_PLACES = 100
"""Orders that one row of the ERP's machines can work on at once: a guard against typing errors."""


@dataclass(frozen=True)
class MachinePark:
    """Active machines by id, the type and the name of every usable machine row (active or not), and the types' names.

    ``by_key``: the ids of what operations name, several where a row of the ERP stands for several places.
    """

    machines: Mapping[int, Machine]
    type_of: Mapping[int, int]
    types: Mapping[int, MachineType]
    names: Mapping[int, str]
    by_key: Mapping[str, tuple[int, ...]]
    rows: Mapping[int, str]
    """How the ERP's row of a machine is named."""
    calendar_keys: Mapping[int, str]
    """The key of each machine's calendar, where the ERP has several."""
    type_names: Mapping[int, str]
    """What the ERP calls each machine type, active or not, where it has names for them."""
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


@dataclass(frozen=True)
class _Found:
    """A row of the park: its places as machines, and whether they are active (None: the status is not known)."""

    row: Row
    machines: tuple[Machine, ...]
    type_name: str
    active: bool | None


def read_park(
    tables: ErpTables, type_names: Mapping[int, str], accounting: RowAccounting, unusable: frozenset[str] = frozenset()
) -> MachinePark:
    """The park; it may have no active machine. A machine whose status is not known, or whose calendar is one of the
    ``unusable`` ones, is not active, and named."""
    any_case = tables.ignores_case("machines", "machine")
    unit = tables.mapping.unit("machines", "machine")
    found: dict[int, _Found] = {}
    taken: dict[int, int] = {}
    twice: set[int] = set()
    for row in tables.rows("machines"):
        accounting.read("machines", row)
        try:
            one = _found(row, tables.mapping, accounting)
            first = one.machines[0]
            if any(m.id in taken for m in one.machines):
                twice |= {taken[m.id] for m in one.machines if m.id in taken}
                raise BadCell("machine", row["machine"], "stands in two rows: neither is used")
            if one.active and canonical(row["calendar"]).strip() in unusable:
                message = "has no working hours that can be used: it is not planned"
                accounting.note("machines", row_name(row, "machine"), message)
                one = replace(one, active=False)
            found[first.id] = one
            taken.update({m.id: first.id for m in one.machines})
        except InvalidValue as invalid:
            accounting.refuse_row(
                "machines", row_name(row, "machine"), BadCell(invalid.where, invalid.value, invalid.reason)
            )
        except BadCell as bad:
            accounting.refuse_row("machines", row_name(row, "machine"), bad)
    for machine_id in twice:
        row = found.pop(machine_id).row
        double = BadCell("machine", row["machine"], "stands in two rows: neither is used")
        accounting.refuse_row("machines", row_name(row, "machine"), double)
    for one in found.values():
        if one.active is None:
            unknown = BadCell("status", one.row["status"], _unknown_status(tables.mapping))
            accounting.refuse_row("machines", row_name(one.row, "machine"), unknown)
    return _park(tuple(found.values()), type_names, lambda row: look_up(row["machine"], any_case) if unit == NAME else None)


def _park(found: tuple[_Found, ...], type_names: Mapping[int, str], key: Callable[[Row], str | None]) -> MachinePark:
    machines = {m.id: m for one in found if one.active for m in one.machines}
    everything = [m for one in found for m in one.machines]
    own_names = {m.type: one.type_name for one in found for m in one.machines if one.type_name}
    names: dict[int, list[str]] = {}
    for machine in machines.values():
        names.setdefault(machine.type, []).append(machine.name)
    types = {t: MachineType(t, type_names.get(t) or own_names.get(t) or _common_name(t, names[t])) for t in sorted(names)}
    return MachinePark(
        dict(sorted(machines.items())), {m.id: m.type for m in everything}, types, {m.id: m.name for m in everything},
        {key(one.row) or str(one.machines[0].id): tuple(m.id for m in one.machines) for one in found},
        {m.id: row_name(one.row, "machine") for one in found for m in one.machines},
        {m.id: canonical(one.row["calendar"]).strip() for one in found if one.row.has("calendar") for m in one.machines},
        own_names,
        frozenset(m.id for one in found if one.active is None for m in one.machines),
    )  # fmt: skip


def _found(row: Row, mapping: ErpMapping, accounting: RowAccounting) -> _Found:
    machine_id = id_of("machine", row["machine"], mapping.unit("machines", "machine"), "machine")
    unit = mapping.unit("machines", "machine_type")
    machine_type, type_name = _type(row, unit, machine_id)
    active = _active(row, mapping)
    if active and not canonical(row["name"]).strip():
        accounting.note("machines", row_name(row, "machine"), "has no name and is shown by its id")
        name = str(machine_id)
    else:
        # The name of a machine out of service stands in reasons alone: any content will do.
        name = text("name", row["name"]) if active else _any_name(row, machine_id)
    if not row.has("machine_type") or (unit == NAME and not type_name):
        # A machine that is a type by itself: the type has its name.
        type_name = name
    machine = Machine(machine_id, name, machine_type, CALENDAR_ID)
    return _Found(row, tuple(_places(machine, row, mapping.unit("machines", "machine") == NAME)), type_name, active)


def _type(row: Row, unit: str, machine_id: int) -> tuple[int, str]:
    """The number of the machine's type and its name, where the ERP has one: a machine without a type is one by itself."""
    if not row.has("machine_type"):
        return machine_id, ""
    written = canonical(row["machine_type"]).strip()
    if unit == NAME and not written:
        return number_of(str(machine_id), "machine without a type"), ""
    number = id_of("machine_type", row["machine_type"], unit, "machine type")
    if not -LARGEST_TYPE <= number <= LARGEST_TYPE:
        raise BadCell("machine_type", row["machine_type"], f"is not between {-LARGEST_TYPE} and {LARGEST_TYPE}")
    return number, written if unit == NAME else ""


def _places(machine: Machine, row: Row, named: bool) -> Iterator[Machine]:
    """One machine for each order that the row can work on at once. ``named``: its number is made from a name."""
    places = number("places", row["places"])
    if places is None or places in (0, 1):
        yield machine
        return
    if places != places.to_integral_value() or not 1 < places <= MAX_PLACES:
        raise BadCell("places", row["places"], f"is not a number of places from 1 to {MAX_PLACES}")
    for place in range(1, int(places) + 1):
        name = f"{machine.name[: MAX_TEXT - 4]} {place}"
        # Numbers that are made from names are far apart; those that the ERP gives may be one after the other.
        own = machine.id + place - 1 if named else number_of(f"{machine.id} {place}", "place")
        yield replace(machine, name=name, id=machine.id if place == 1 else own)


def _active(row: Row, mapping: ErpMapping) -> bool | None:
    """Whether the machine is in service; None: its status is not known. A status without lists of codes is a flag."""
    if not row.has("status"):
        return True
    codes = mapping.machines.codes
    if codes:
        status = canonical(row["status"]).strip().upper()
        if status in mapping.machines.codes_of("out_of_service"):
            return False
        # With one list alone every other status means the contrary.
        if "active" not in codes or status in mapping.machines.codes_of("active"):
            return True
        return None if "out_of_service" in codes else False
    try:
        return flag("status", row["status"]) if canonical(row["status"]).strip() else None
    except BadCell:
        return None


def _unknown_status(mapping: ErpMapping) -> str:
    reason = "is neither 1 (in service) nor 0 (out of service): the machine is not planned"
    if mapping.machines.codes:
        active, out = (", ".join(mapping.machines.codes.get(which, ())) for which in ("active", "out_of_service"))
        reason = f"is neither one of {active} (in service) nor one of {out} (out of service): the machine is not planned"
    return reason


def _any_name(row: Row, machine_id: int) -> str:
    if not canonical(row["name"]).strip():
        return str(machine_id)
    return shown(row["name"], MAX_TEXT).encode("utf-8", "backslashreplace").decode()[:MAX_TEXT]


def _common_name(machine_type: int, machines: list[str]) -> str:
    """What the machines' names begin with, less counters: CM01, CM02 -> CM."""
    common = machines[0]
    while not all(name.startswith(common) for name in machines):
        common = common[:-1]
    common = re.sub(r"[\W_]*\d*[\W_]*$", "", common)
    return common or f"type {machine_type}"
