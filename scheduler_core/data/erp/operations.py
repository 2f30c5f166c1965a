"""One row of an order's operations into an operation: its time, its machines, and whether it has begun."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from scheduler_core.clock import Clock
from scheduler_core.data.erp.cells import BadCell, canonical, key, shown, text, whole
from scheduler_core.data.erp.config import ErpConfig
from scheduler_core.data.erp.durations import processing_minutes, setup_minutes
from scheduler_core.data.erp.keys import id_of, look_up
from scheduler_core.data.erp.machines import MachinePark
from scheduler_core.data.erp.mapping import Mapping as ErpMapping
from scheduler_core.data.erp.meanings import NAME
from scheduler_core.data.erp.rows import Row
from scheduler_core.limits import MAX_LONG_TEXT
from scheduler_core.plant import Operation

RoutingKey = tuple[str, ...]


@dataclass(frozen=True)
class Output:
    """What has been reported of one operation: pieces so far, and when the latest were (None: not known)."""

    quantity: Decimal
    latest: datetime | None


@dataclass(frozen=True)
class OperationDraft:
    """An open operation. ``running``: it has begun, and stands on ``machines``. ``remark``: what a planner should know.

    ``either``: places of one machine of the ERP, on one of which it stands; nobody knows which.
    """

    operation: Operation
    running: bool
    machines: tuple[int, ...]
    latest_output: datetime | None
    remark: str | None
    either: tuple[int, ...] = ()


@dataclass(frozen=True)
class Reading:
    """What the reading of an operation needs beside its row: machine types by routing key, park, settings and clock."""

    config: ErpConfig
    mapping: ErpMapping
    park: MachinePark
    routing: Mapping[RoutingKey, frozenset[int]]
    clock: Clock
    """From plan_start on."""
    any_case: bool
    """Whether the routing is joined without regard to letter case."""
    any_case_machines: bool = False
    """Whether names of machines are."""
    finished: frozenset[str] = field(default_factory=frozenset)
    at_work: frozenset[str] = field(default_factory=frozenset)


def status_of(row: Row) -> str:
    """The operation's status, as codes are compared."""
    return canonical(row["status"]).strip().upper()


def routing_key(row: Row, columns: tuple[str, ...], any_case: bool) -> RoutingKey:
    """The cells by which operations and routing lines are joined, as the ERP's database compares them."""
    return tuple(key(row.cell_of(c), any_case) for c in columns)


def read_operation(
    row: Row, job_quantity: Decimal, output: Output | None, alternatives: Mapping[int, int], reading: Reading
) -> OperationDraft:
    """``output``: less than the job's quantity. ``alternatives``: other machines, with the minutes of what is left there.
    Raises BadCell naming the cell that makes the row unusable."""
    sequence = whole("row", row["row"])
    if not 0 <= sequence < 2**31:
        raise BadCell("row", sequence, "is not a row number")
    process = text("process", row["process"], MAX_LONG_TEXT)
    produced = Decimal(0) if output is None else output.quantity
    minutes = processing_minutes(row, job_quantity - produced, job_quantity, reading.mapping)
    setup = setup_minutes(row, reading.config.missing_setup_minutes, reading.mapping)
    running = produced > 0 or status_of(row) in reading.at_work
    named = _named_machines(row, reading)
    latest = None if output is None else output.latest
    if not named:
        if running:
            raise BadCell("machine", None, "is empty, but the operation is running: nobody knows where")
        types, remark = _needed_types(row, reading)
        return OperationDraft(Operation(sequence, process, minutes, setup, machine_types=types), False, (), latest, remark)
    if len(named) > 1:
        ids = [places[0] for places in named]
        if idle := [m for m in ids if m not in reading.park.machines]:
            raise BadCell("machine", row["machine"], f"needs {reading.park.idle(idle[0], ' too')}")
        operation = Operation(sequence, process, minutes, setup, machines=tuple(sorted(ids)), requires_all=True)
        return OperationDraft(operation, running, tuple(sorted(ids)), latest, None)
    binding = Operation(sequence, process, minutes, setup, machines=named[0])
    return _on_one_machine(row, binding, running, latest, alternatives, reading)


def _on_one_machine(
    row: Row, binding: Operation, running: bool, latest: datetime | None, alternatives: Mapping[int, int], reading: Reading
) -> OperationDraft:
    """``binding``: the operation on the named machine alone, on any of its places."""
    machine, several = binding.machines[0], binding.machines if len(binding.machines) > 1 else ()
    active = machine in reading.park.machines
    if reading.config.assigned_machine == "binding":
        if not active:
            raise BadCell("machine", row["machine"], f"names {reading.park.idle(machine)}")
        return OperationDraft(binding, running, (machine,), latest, None, several)
    others = {m: minutes for m, minutes in alternatives.items() if m in reading.park.machines and m != machine}
    machine_type = reading.park.type_of[machine]
    if not reading.park.has(machine_type) and not others:
        reason = f"names {reading.park.said(machine)}, of whose type no machine is active"
        raise BadCell("machine", row["machine"], reason)
    operation = Operation(
        binding.sequence, binding.process, binding.minutes, binding.setup_minutes,
        (machine_type,) if reading.park.has(machine_type) else (), tuple(sorted(others)), others,
        preferred_machine=machine if active and not several else None,
    )  # fmt: skip
    if active:
        return OperationDraft(operation, running, (machine,), latest, None, several)
    if running:
        remark = f"was at work on {reading.park.idle(machine)}: any other of its type makes what is left"
    else:
        remark = f"is assigned to {reading.park.idle(machine)}: any other of its type will do"
    return OperationDraft(operation, False, (), latest, remark)


def _named_machines(row: Row, reading: Reading) -> list[tuple[int, ...]]:
    """The places of each machine that the row names, all of which it needs; empty where it names none."""
    listed = canonical(row["machine"]).strip()
    if not listed:
        return []
    if reading.mapping.unit("operations", "machine") == NAME:
        parts = [look_up(listed, reading.any_case_machines)]
    else:
        parts = [part.strip() for part in listed.split(",")]
        if not all(re.fullmatch(r"[0-9]{1,9}", part) for part in parts):
            raise BadCell("machine", row["machine"], "is not a list of machine ids")
        parts = [str(int(part)) for part in parts]
        if len(set(parts)) != len(parts):
            raise BadCell("machine", row["machine"], "names a machine twice")
    for part in parts:
        if part not in reading.park.by_key:
            raise BadCell("machine", row["machine"], f"names machine {shown(part)}, which the machine park does not have")
    return [reading.park.by_key[part] for part in parts]


def _needed_types(row: Row, reading: Reading) -> tuple[tuple[int, ...], str | None]:
    """The machine types that the row, or else the routing, names and that have an active machine, and a remark."""
    if canonical(row["machine_type"]).strip():
        machine_type = id_of(
            "machine_type", row["machine_type"], reading.mapping.unit("operations", "machine_type"), "machine type"
        )
        if not reading.park.has(machine_type):
            raise BadCell("machine_type", row["machine_type"], "is a machine type of which no machine is active")
        return (machine_type,), None
    return _routed_types(row, reading)


def _routed_types(row: Row, reading: Reading) -> tuple[tuple[int, ...], str | None]:
    """The types that the routing names and that have an active machine, and a remark where it names several."""
    if reading.mapping.routing is None:
        raise BadCell("machine", None, "is empty, and nothing says which machine type it needs")
    joined = routing_key(row, reading.config.process_columns, reading.any_case)
    types = reading.routing.get(joined, frozenset())
    if not types:
        raise BadCell("machine", None, "is empty, and no routing line says which machine type it needs")
    able = tuple(t for t in sorted(types) if reading.park.has(t))
    if not able:
        named = " and ".join(str(t) for t in sorted(types))
        raise BadCell("machine", None, f"is empty, and machine type {named} of its routing has no active machine")
    if len(types) == 1:
        return able, None
    named, left = ", ".join(str(t) for t in sorted(types)), ", ".join(reading.park.types[t].name for t in able)
    remark = f"has no machine, and its routing names the machine types {named}: it may run on {left}"
    return able, remark
