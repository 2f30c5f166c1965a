"""Why a row of the ERP cannot be used, in a planner's words, and what to do about it. Pure.

The pull's reasons are exact and name machines by their numbers; these words say the same about "operation 20" and "DD01".
Every reason that the pull can give has words here, which a test proves over its source; a reason of another version is said
as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from scheduler_core.data.store.records import QuarantinedRow
from scheduler_core.i18n.translate import mark, t
from scheduler_core.services.planner_additions import TABLE as SPREADSHEET


@dataclass(frozen=True)
class QuarantineWords:
    """What is wrong and what to do; both sentences for a planner."""

    what: str
    to_do: str


@dataclass(frozen=True)
class _Rule:
    """``reason``: pattern of a whole reason, whose named groups fill the texts."""

    reason: str
    what: str
    to_do: str


FIELDS: Mapping[str, str] = {
    "DocRef_v": mark("order number"),
    "TxnId_i": mark("order's number in the ERP"),
    "JoQty_d": mark("quantity"),
    "TargetDate_dd": mark("due date"),
    "MaterialDate_dd": mark("material date"),
    "IsImportant": mark("importance"),
    "Void_c": mark("switch for void"),
    "Status_i": mark("status"),
    "DocStatus_c": mark("status"),
    "QtyStatus_c": mark("status"),
    "RowId_i": mark("operation number"),
    "Task_v": mark("name of the operation"),
    "Machine_v": mark("machine"),
    "CapQty_d": mark("pieces per minute"),
    "CapMin_d": mark("switch for pieces per minute"),
    "LeadTime_d": mark("lead time"),
    "SetupTime_d": mark("setup time"),
    "Qty_d": mark("reported quantity"),
    "CreateDate_dt": mark("date of the report"),
    "ProcessrowId_i": mark("reported operation"),
    "MachinetypeId_i": mark("machine type"),
    "MachineId_i": mark("machine number"),
    "MachineName_v": mark("machine name"),
    "arrange_day": mark("weekday"),
    "is_working": mark("switch for a working day"),
    "start_time": mark("start"),
    "end_time": mark("end"),
    "is_active": mark("switch for in use"),
    "duration_minutes": mark("length"),
    "day_of_week": mark("weekday"),
    "name": mark("name"),
    "holiday_date": mark("date"),
    "is_full_day": mark("switch for a whole day"),
    "due": mark("due date"),
    "release": mark("material date"),
    "quantity": mark("quantity"),
    "minutes": mark("processing time"),
    "setup_minutes": mark("setup time"),
}
"""The planner's name of a column of the ERP, or of a value of a job made of it."""

_ORDER = mark("order number")
_JOB, _DUE, _MATERIAL, _PIECES = mark("order's number in the ERP"), mark("due date"), mark("material date"), mark("quantity")
_ROW, _PROCESS, _MACHINE_FIELD, _TIME_FIELD = (
    mark("operation number"), mark("name of the operation"), mark("machine"), mark("processing time"),
)  # fmt: skip
_START, _END = mark("start"), mark("end")
FIELDS_OF: Mapping[str, Mapping[str, str]] = {
    "tabWork Order": {
        "name": _ORDER, "qty": _PIECES, "expected_delivery_date": _DUE, "planned_start_date": _MATERIAL,
        "production_item": mark("product"), "status": mark("status"),
    },
    "tabWork Order Operation": {
        "idx": _ROW, "operation": _PROCESS, "workstation": _MACHINE_FIELD, "workstation_type": mark("machine type"),
        "time_in_mins": _TIME_FIELD,
    },
    "tabJob Card": {"operation_id": mark("reported operation"), "total_completed_qty": mark("reported quantity")},
    "tabWorkstation": {
        "name": mark("machine number"), "workstation_name": mark("machine name"), "workstation_type": mark("machine type"),
        "production_capacity": mark("number of places"), "status": mark("status"),
    },
    "tabHoliday": {"holiday_date": mark("date")},
    "tabDowntime Entry": {"workstation": _MACHINE_FIELD, "from_time": _START, "to_time": _END},
    "mrp_production": {
        "id": _JOB, "name": _ORDER, "product_qty": _PIECES, "date_deadline": _DUE, "date_start": _MATERIAL,
        "priority": mark("importance"), "state": mark("status"), "product": mark("product"),
    },
    "mrp_workorder": {
        "place": _ROW, "name": _PROCESS, "workcenter_id": _MACHINE_FIELD, "alternative_workcenter_id": _MACHINE_FIELD,
        "duration_expected": _TIME_FIELD, "time_start": mark("setup time"), "id": mark("reported operation"),
        "qty_produced": mark("reported quantity"), "date_end": mark("date of the report"),
    },
    "mrp_workcenter": {"id": mark("machine number"), "name": mark("machine name"), "working_state": mark("status")},
    "resource_calendar_attendance": {
        "dayofweek": mark("weekday"), "hour_from": _START, "hour_to": _END, "tz": mark("time zone"),
        "week_type": mark("week"),
    },
    "resource_calendar_leaves": {"date_from": _START, "date_to": _END, "id": _MACHINE_FIELD},
}  # fmt: skip
"""The same for the columns of single tables, of ERPs whose columns mean different things in each."""

_BACK = mark("Put the machine back into service in the ERP, or assign another machine to the operation; then pull.")
_OTHER = mark("Assign a machine to the operation in the ERP; then pull.")
_CLOSE = mark("Finish the operation in the ERP, or raise the quantity; then pull.")
_CORRECT = mark("Correct the {field} in the ERP; then pull.")
_ENTER = mark("Enter the {field} in the ERP; then pull.")
_STATUS = mark("Correct the status of the machine in the ERP; then pull.")
_DELETE = mark("Delete or correct one of the two in the ERP; then pull.")
_TIME = mark("Enter pieces per minute or a lead time in the ERP; then pull.")

_UNUSED = mark("{place}: needs {machine}, which is not in service")
_NOT_KNOWN = mark("{place}: needs {machine}; whether it is in service is not known")
MACHINE = r"machine (?P<id>-?\d+)(?: \((?P<name>.*)\))?"
"""How a pull's messages name a machine: its number and, where the ERP has one, its name."""

RULES: tuple[_Rule, ...] = (
    _Rule(
        rf"names {MACHINE}, of whose type no machine is active",
        mark("{place}: needs {machine}; no such machine is in service"),
        _BACK,
    ),
    _Rule(rf"names {MACHINE}, which is not active", _UNUSED, _BACK),
    _Rule(rf"needs {MACHINE} too, which is not active", _UNUSED, _BACK),
    _Rule(rf"names {MACHINE}, whose status in the ERP is not known", _NOT_KNOWN, _STATUS),
    _Rule(rf"needs {MACHINE} too, whose status in the ERP is not known", _NOT_KNOWN, _STATUS),
    _Rule(
        r"is neither 1 \(in service\) nor 0 \(out of service\): the machine is not planned",
        mark("{place}: the status “{value}” is neither 1 (in service) nor 0 (out of service); the machine is not planned"),
        _STATUS,
    ),
    _Rule(rf"names {MACHINE}, which the machine park does not have", mark("{place}: {machine} does not exist"), _OTHER),
    _Rule(
        "is empty, but the operation is running: nobody knows where",
        mark("{place}: it has begun, but the ERP does not say on which machine"),
        _OTHER,
    ),
    _Rule(
        "is empty, and no routing line says which machine type it needs",
        mark("{place}: neither the order nor the routing names a machine"),
        _OTHER,
    ),
    _Rule(
        r"is empty, and the routing names several machine types for it: (?P<types>.*)",
        mark("{place}: no machine, and the routing names several types ({types})"),
        _OTHER,
    ),
    _Rule(
        r"is empty, and machine type (?P<type>-?\d+(?: and -?\d+)*) of its routing has no active machine",
        mark("{place}: needs a machine of type {type}; no such machine is in service"),
        _BACK,
    ),
    _Rule("is not a list of machine ids", mark("{place}: “{value}” is not a machine"), _OTHER),
    _Rule("names a machine twice", mark("{place}: one machine is named twice"), _OTHER),
    _Rule(
        r"is open, but all pieces are reported \(.*\)",
        mark("{place}: all pieces are reported, but it is not finished"),
        _CLOSE,
    ),
    _Rule(
        "is open, but every operation is finished: close the job",
        mark("Every operation is finished, but the order is open"),
        mark("Close the order in the ERP; then pull."),
    ),
    _Rule(
        "has no open operation that takes time",
        mark("No remaining operation of the order takes time"),
        mark("Close the order in the ERP, or enter the times of its operations; then pull."),
    ),
    _Rule(
        "has no operation at all",
        mark("The order has no operation"),
        mark("Give the order a routing in the ERP; then pull."),
    ),
    _Rule(
        r"is no capacity, and \S+ gives no time either",
        mark("{place}: how long it takes is not known: no pieces per minute, no lead time"),
        _TIME,
    ),
    _Rule(
        r"is no time, and \S+ says that the capacity does not count",
        mark("{place}: how long it takes is not known: no lead time, and pieces per minute are switched off"),
        _TIME,
    ),
    _Rule(
        r"makes (?P<minutes>\d+) minutes of processing, which cannot be meant",
        mark("{place}: it would take {minutes} minutes, which is not plausible"),
        _CORRECT,
    ),
    _Rule("cannot be meant in minutes", mark("{place}: the {field} of {value} minutes is not plausible"), _CORRECT),
    _Rule(
        "is output of an operation that the job does not have",
        mark("Pieces are reported on operation {value}, which the order does not have"),
        mark("Correct the report or the routing in the ERP; then pull."),
    ),
    _Rule(
        "is negative output over all reports",
        mark("{place}: the sum of the reported pieces is negative ({value})"),
        mark("Correct the reports of output in the ERP; then pull."),
    ),
    _Rule(
        "is empty in a report of output",
        mark("{place}: a report of output has no quantity"),
        mark("Correct the reports of output in the ERP; then pull."),
    ),
    _Rule("stands twice in this job", mark("{place}: two operations of the order have this number"), _DELETE),
    _Rule("stands in two open jobs: neither is used", mark("Two open orders have the same {field}: {value}"), _DELETE),
    _Rule("stands in two rows: neither is used", mark("Two machines have the same number: {value}"), _DELETE),
    _Rule(
        r"is before the material's date (?P<date>.*)",
        mark("The due date {value} is before the material arrives ({date})"),
        mark("Correct the due date or the material date in the ERP; then pull."),
    ),
    _Rule(
        r"does not agree with the time from (?P<start>\S+) to (?P<end>\S+)",
        mark("{place}: {value} minutes do not agree with {start} to {end}"),
        _CORRECT,
    ),
    _Rule(
        "is not a whole day off: a plan knows whole days only",
        mark("{place}: it is a part of a day; only whole days off can be planned, so it counts as a working day"),
        mark("Make it a whole day off in the ERP and pull, or leave it: the plan then works on that day."),
    ),
    _Rule(
        r"is not after the start at (?P<start>\S+)",
        mark("{place}: the end {value} is not after the start {start}"),
        _CORRECT,
    ),
    _Rule(
        "names neither a machine nor a work centre",
        mark("Working hours without a machine or a work centre"),
        mark("Enter the machine or the work centre of these hours in the ERP; then pull."),
    ),
    _Rule(
        "is not a machine of the ERP",
        mark("{place}: there is no machine {value}"),
        mark("Correct the machine in the ERP; then pull."),
    ),
    _Rule(
        "is not a work centre of the ERP",
        mark("{place}: there is no work centre {value}"),
        mark("Correct the work centre in the ERP; then pull."),
    ),
    _Rule(
        "is a machine type of which no machine is active",
        mark("{place}: no machine of type {value} is in service"),
        mark(
            "Put a machine of the type back into service in the ERP, or assign another machine to the operation; then pull."
        ),
    ),
    _Rule(
        "is empty, and nothing says which machine type it needs",
        mark("{place}: names neither a machine nor a machine type"),
        _OTHER,
    ),
    _Rule(
        r"is neither one of .* \(in service\) nor one of .* \(out of service\): the machine is not planned",
        mark("{place}: it is not known whether the status “{value}” means in service; the machine is not planned"),
        mark("Correct the status of the machine in the ERP, or name the status in the mapping; then pull."),
    ),
    _Rule(
        r"is not a number of places from 1 to (?P<most>\d+)",
        mark("{place}: the {field} {value} must be a whole number from 1 to {most}"),
        _CORRECT,
    ),
    _Rule(
        r"is another time zone than the plant's, (?P<zone>.*)",
        mark("{place}: the time zone is {value}, but the plant's is {zone}"),
        _CORRECT,
    ),
    _Rule("is not one of two alternating weeks, 0 or 1", mark("{place}: the {field} “{value}” must be 0 or 1"), _CORRECT),
    _Rule(
        "is not after the beginning of the time off", mark("{place}: the end {value} is not after the beginning"), _CORRECT
    ),
    _Rule("is no time", mark("{place}: the {field} gives no time"), _ENTER),
    _Rule("is empty", mark("{place}: the {field} is missing"), _ENTER),
    _Rule("is not a quantity to make", mark("{place}: “{value}” is not a quantity to make"), _CORRECT),
    _Rule("is neither 0 nor 1", mark("{place}: the {field} “{value}” is neither yes (1) nor no (0)"), _CORRECT),
    _Rule("is negative", mark("{place}: the {field} is negative ({value})"), _CORRECT),
    _Rule(
        r"is longer than (?P<limit>\d+) characters", mark("{place}: the {field} is longer than {limit} characters"), _CORRECT
    ),
    _Rule("is not valid UTF-8 text", mark("{place}: the {field} contains unreadable characters ({value})"), _CORRECT),
    _Rule(
        "is not a row number|is not a whole number", mark("{place}: the {field} “{value}” is not a whole number"), _CORRECT
    ),
    _Rule("is not a number|is not a finite number", mark("{place}: the {field} “{value}” is not a number"), _CORRECT),
    _Rule(
        "is too large to be meant|is too small to be meant", mark("{place}: the {field} {value} is not plausible"), _CORRECT
    ),
    _Rule(
        "is a zero date, which no calendar has|is not a date", mark("{place}: the {field} “{value}” is not a date"), _CORRECT
    ),
    _Rule(
        r"is not a time of day(?: in whole minutes)?", mark("{place}: the {field} “{value}” is not a time of day"), _CORRECT
    ),
    _Rule(
        r"is not a day from 1 \(Monday\) to 7",
        mark("{place}: the {field} “{value}” is not a day from 1 (Monday) to 7"),
        _CORRECT,
    ),
    _Rule(
        r"is not a day from 0 \(Monday\) to 6",
        mark("{place}: the {field} “{value}” is not a day from 0 (Monday) to 6"),
        _CORRECT,
    ),
    _Rule(
        r"is not between (?P<low>-?\d+) and (?P<high>-?\d+)",
        mark("{place}: the {field} is not plausible: it is too far away"),
        _CORRECT,
    ),
    _Rule(
        "is more than 19 years from the plan's start",
        mark("{place}: the {field} {value} is more than 19 years away"),
        _CORRECT,
    ),
)
"""The first rule whose pattern is the whole reason gives the words."""

TABLES: Mapping[str, str] = {
    "tbl_jo_txn": mark("The order"), "tbl_jo_process": mark("Operation {number}"),
    "tbl_daily_item": mark("Output of operation {number}"), "tbl_routing_process": mark("Routing {number}"),
    "tbl_machine": mark("Machine {number}"), "ai_arrangable_hour": mark("Working hours of weekday {number}"),
    "ai_breaktimes": mark("Break {number}"), "ai_holidays": mark("Day off {number}"),
    "tabWork Order": mark("The order"), "tabWork Order Operation": mark("Operation {number}"),
    "tabJob Card": mark("Output of operation {number}"), "tabWorkstation": mark("Machine {number}"),
    "tabWorkstation Working Hour": mark("Working hours from {number}"), "tabHoliday": mark("Day off {number}"),
    "tabDowntime Entry": mark("Downtime from {number}"),
    "mrp_production": mark("The order"), "mrp_workorder": mark("Operation {number}"),
    "mrp_workcenter": mark("Machine {number}"), "resource_calendar_attendance": mark("Working hours from {number}"),
    "resource_calendar_leaves": mark("Time off {number}"),
}  # fmt: skip
"""What a row of a table is for a planner: of the ERPs whose mappings are shipped."""


def rule_of(reason: str) -> tuple[_Rule, Mapping[str, str]] | None:
    """The rule of a reason and what its pattern found; None for a reason that has no words of its own."""
    for rule in RULES:
        if found := re.fullmatch(rule.reason, reason, re.DOTALL):
            return rule, {name: text or "" for name, text in found.groupdict().items()}
    return None


def quarantine_words(row: QuarantinedRow) -> QuarantineWords:
    """The row's reason for a planner."""
    field = _field(row)
    if row.table == SPREADSHEET:
        what = t("{row}: the {field} “{value}” {reason}", row=row.row, field=field, value=row.value, reason=row.reason)
        return QuarantineWords(what, t("Correct it in the table and import it again."))
    place = _place(row)
    found = rule_of(row.reason)
    if found is None:
        what = t("{place}: the {field} “{value}” {reason}", place=place, field=field, value=row.value, reason=row.reason)
        return QuarantineWords(what, t(_CORRECT, field=field))
    rule, parts = found
    named = {**parts, "place": place, "field": field, "value": row.value}
    if "id" in parts:
        named["machine"] = parts["name"] or t("machine {number}", number=parts["id"])
    return QuarantineWords(t(rule.what, **named), t(rule.to_do, **named))


def _field(row: QuarantinedRow) -> str:
    named = FIELDS_OF.get(row.table, {}).get(row.field) or FIELDS.get(row.field)
    return row.field if named is None else t(named)


def _place(row: QuarantinedRow) -> str:
    """The order, "operation 20", "machine 7": the row's last number (a break's name) says which."""
    if row.table not in TABLES:
        return row.table
    return t(TABLES[row.table], number=row.row.rpartition("=")[2])
