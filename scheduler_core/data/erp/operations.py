"""One row of tbl_jo_process into an operation: its time, its machines, and whether it has begun."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from scheduler_core.clock import Clock
from scheduler_core.data.erp.cells import BadCell, canonical, key, number, text, whole
from scheduler_core.data.erp.config import ErpConfig
from scheduler_core.data.erp.machines import MachinePark
from scheduler_core.data.erp.rows import Row
from scheduler_core.limits import MAX_LONG_TEXT
from scheduler_core.plant import MAX_DURATION, Operation
from scheduler_core.rounding import whole_minutes

RoutingKey = tuple[str, ...]
_FINISHED = "FF"


@dataclass(frozen=True)
class Output:
    """What has been reported of one operation: pieces so far, and when the latest were (None: not known)."""

    quantity: Decimal
    latest: datetime | None


@dataclass(frozen=True)
class OperationDraft:
    """An open operation. ``running``: it has output, and stands on ``machines``. ``remark``: what a planner should know."""

    operation: Operation
    running: bool
    machines: tuple[int, ...]
    latest_output: datetime | None
    remark: str | None


@dataclass(frozen=True)
class Reading:
    """What the reading of an operation needs beside its row: machine types by routing key, park, settings and clock."""

    config: ErpConfig
    park: MachinePark
    routing: Mapping[RoutingKey, frozenset[int]]
    any_case: bool
    """Whether the routing is joined without regard to letter case."""
    clock: Clock
    """From plan_start on."""


def is_finished(row: Row) -> bool:
    """True if the operation's status says that it is done."""
    return canonical(row["QtyStatus_c"]).strip().upper() == _FINISHED


def is_milestone(row: Row) -> bool:
    """True if the ERP says outright that the operation takes no time: no setup, no pieces per minute, a lead time of 0."""
    timed = (number(field, row[field]) for field in ("SetupTime_d", "CapMin_d", "CapQty_d"))
    return number("LeadTime_d", row["LeadTime_d"]) == 0 and not any(timed)


def routing_key(row: Row, columns: tuple[str, ...], any_case: bool) -> RoutingKey:
    """The cells by which operations and routing lines are joined, as the ERP's database compares them."""
    return tuple(key(row[c], any_case) for c in columns)


def read_operation(row: Row, job_quantity: Decimal, output: Output | None, reading: Reading) -> OperationDraft:
    """``output``: less than the job's quantity. Raises BadCell naming the cell that makes the row unusable."""
    sequence = whole("RowId_i", row["RowId_i"])
    if not 0 <= sequence < 2**31:
        raise BadCell("RowId_i", sequence, "is not a row number")
    process = text("Task_v", row["Task_v"], MAX_LONG_TEXT)
    produced = Decimal(0) if output is None else output.quantity
    minutes = _processing_minutes(row, job_quantity - produced, job_quantity)
    setup = _setup_minutes(row, reading.config.missing_setup_minutes)
    running = produced > 0
    ids = _machine_ids(row)
    latest = None if output is None else output.latest
    if not ids:
        if running:
            raise BadCell("Machine_v", None, "is empty, but the operation is running: nobody knows where")
        types, remark = _routed_types(row, reading)
        return OperationDraft(Operation(sequence, process, minutes, setup, machine_types=types), False, (), latest, remark)
    for machine in ids:
        if machine not in reading.park.type_of:
            raise BadCell("Machine_v", row["Machine_v"], f"names machine {machine}, which the machine park does not have")
    idle = [m for m in ids if m not in reading.park.machines]
    if len(ids) > 1:
        if idle:
            raise BadCell("Machine_v", row["Machine_v"], f"needs {reading.park.idle(idle[0], ' too')}")
        operation = Operation(sequence, process, minutes, setup, machines=tuple(sorted(ids)), requires_all=True)
        return OperationDraft(operation, running, tuple(sorted(ids)), latest, None)
    return _on_one_machine(row, Operation(sequence, process, minutes, setup, machines=ids), running, latest, reading)


def _on_one_machine(
    row: Row, binding: Operation, running: bool, latest: datetime | None, reading: Reading
) -> OperationDraft:
    (machine,) = binding.machines
    active = machine in reading.park.machines
    if reading.config.assigned_machine == "binding":
        if not active:
            raise BadCell("Machine_v", row["Machine_v"], f"names {reading.park.idle(machine)}")
        return OperationDraft(binding, running, (machine,), latest, None)
    machine_type = reading.park.type_of[machine]
    if not reading.park.has(machine_type):
        reason = f"names {reading.park.said(machine)}, of whose type no machine is active"
        raise BadCell("Machine_v", row["Machine_v"], reason)
    operation = Operation(
        binding.sequence, binding.process, binding.minutes, binding.setup_minutes, machine_types=(machine_type,),
        preferred_machine=machine if active else None,
    )  # fmt: skip
    if active:
        return OperationDraft(operation, running, (machine,), latest, None)
    if running:
        remark = f"was at work on {reading.park.idle(machine)}: any other of its type makes what is left"
    else:
        remark = f"is assigned to {reading.park.idle(machine)}: any other of its type will do"
    return OperationDraft(operation, False, (), latest, remark)


def _machine_ids(row: Row) -> tuple[int, ...]:
    listed = canonical(row["Machine_v"]).strip()
    if not listed:
        return ()
    parts = [part.strip() for part in listed.split(",")]
    if not all(re.fullmatch(r"[0-9]{1,9}", part) for part in parts):
        raise BadCell("Machine_v", row["Machine_v"], "is not a list of machine ids")
    ids = tuple(int(part) for part in parts)
    if len(set(ids)) != len(ids):
        raise BadCell("Machine_v", row["Machine_v"], "names a machine twice")
    return ids


def _routed_types(row: Row, reading: Reading) -> tuple[tuple[int, ...], str | None]:
    """The types that the routing names and that have an active machine, and a remark where it names several."""
    joined = routing_key(row, tuple(process for process, _ in reading.config.routing_join), reading.any_case)
    types = reading.routing.get(joined, frozenset())
    if not types:
        raise BadCell("Machine_v", None, "is empty, and no routing line says which machine type it needs")
    able = tuple(t for t in sorted(types) if reading.park.has(t))
    if not able:
        named = " and ".join(str(t) for t in sorted(types))
        raise BadCell("Machine_v", None, f"is empty, and machine type {named} of its routing has no active machine")
    if len(types) == 1:
        return able, None
    named, left = ", ".join(str(t) for t in sorted(types)), ", ".join(reading.park.types[t].name for t in able)
    remark = f"has no machine, and its routing names the machine types {named}: it may run on {left}"
    return able, remark


def _processing_minutes(row: Row, remaining: Decimal, whole_lot: Decimal) -> int:
    """Remaining quantity over pieces per minute, else its share of the lead days of eight hours; in whole minutes."""
    by_piece = number("CapMin_d", row["CapMin_d"]) == 1
    rate, lead_days = number("CapQty_d", row["CapQty_d"]), number("LeadTime_d", row["LeadTime_d"])
    for field, value in (("CapQty_d", rate), ("LeadTime_d", lead_days)):
        if value is not None and value < 0:
            raise BadCell(field, row[field], "is negative")
    if by_piece and rate is not None and rate > 0:
        field, minutes = "CapQty_d", whole_minutes(remaining / rate)
    elif lead_days is not None and lead_days > 0:
        field, minutes = "LeadTime_d", whole_minutes(lead_days * 8 * 60 * remaining / whole_lot)
    elif by_piece:
        raise BadCell("CapQty_d", row["CapQty_d"], "is no capacity, and LeadTime_d gives no time either")
    else:
        raise BadCell("LeadTime_d", row["LeadTime_d"], "is no time, and CapMin_d says that the capacity does not count")
    if minutes > MAX_DURATION:
        raise BadCell(field, row[field], f"makes {minutes} minutes of processing, which cannot be meant")
    return minutes


def _setup_minutes(row: Row, missing: int | None) -> int:
    setup = number("SetupTime_d", row["SetupTime_d"])
    if setup is None:
        if missing is None:
            raise BadCell("SetupTime_d", None, "is empty")
        return missing
    if setup < 0:
        raise BadCell("SetupTime_d", row["SetupTime_d"], "is negative")
    if setup > MAX_DURATION:
        raise BadCell("SetupTime_d", row["SetupTime_d"], "cannot be meant in minutes")
    return whole_minutes(setup)
