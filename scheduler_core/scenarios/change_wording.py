"""A change in a planner's words: the same on the board, on the command line and in the list of facts."""

from __future__ import annotations

from datetime import timedelta

from scheduler_core.i18n.local_formats import day_text, number_text, weekday_text
from scheduler_core.i18n.time_wording import day, hours_minutes, machine_names, stamp
from scheduler_core.i18n.translate import t
from scheduler_core.plant import MINUTES_PER_DAY, Plant, time_of_day
from scheduler_core.scenarios.breakdown import Breakdown
from scheduler_core.scenarios.changes import (
    Change,
    DueChanged,
    ImportanceChanged,
    JobDropped,
    MachineAdded,
    MaterialLate,
    OvertimeOff,
    OvertimeOn,
    QuantityChanged,
    RushOrder,
    ShiftAdded,
)
from scheduler_core.scenarios.days import Days
from scheduler_core.scenarios.floor_changes import MachineReturns, Noted
from scheduler_core.scenarios.floor_reports import FloorReport, OperationFinished, OperationStarted, PiecesScrapped
from scheduler_core.scenarios.hour_changes import Group, HoursAdded, HoursClosed, MachineLimited
from scheduler_core.scenarios.order_changes import OrderHeld, OrderSplit
from scheduler_core.scenarios.single_changes import Expedited, HoursOpened, Pinned


def change_words(plant: Plant, change: Change, machine_name: str = "") -> str:
    """A change in a planner's words; ``plant`` is the one that it is counted from. ``machine_name``: of a machine out of
    service that the plant does not have."""
    match change:
        case Breakdown():
            name = _machine_name(plant, change.machine)
            long = t("no end known") if change.minutes is None else _hours(change.minutes)
            return t(
                "{name} is down from {moment}, {long}",
                name=name,
                moment=stamp(plant.time_of(change.start)),
                long=long,
            )
        case RushOrder():
            return t("rush order {id}", id=change.job.id)
        case MaterialLate():
            return t("material of {job} comes {moment}", job=change.job, moment=stamp(plant.time_of(change.release)))
        case JobDropped():
            return t("{job} is dropped", job=change.job)
        case ImportanceChanged():
            if change.important:
                return t("{job} is important", job=change.job)
            return t("{job} is ordinary", job=change.job)
        case DueChanged():
            when = t("no date") if change.due is None else stamp(plant.time_of(change.due))
            return t("{job} is due by {when}", job=change.job, when=when)
        case QuantityChanged():
            return t("quantity of {job} is {quantity}", job=change.job, quantity=f"{change.quantity:g}")
        case OvertimeOff():
            return t("no overtime in {calendar}", calendar=change.calendar)
        case OvertimeOn():
            return t("more overtime in {calendar}", calendar=change.calendar)
        case ShiftAdded():
            return t("one more shift in {calendar}", calendar=change.calendar)
        case MachineAdded():
            return t("one more machine: {name}", name=change.name)
        case Pinned():
            name = machine_names(plant, change.machines)
            why = f" ({change.reason})" if change.reason else ""
            stays = t(
                "{job} operation {sequence} stays on {machine}, {start}", job=change.job, sequence=change.sequence,
                machine=name, start=stamp(plant.time_of(change.start)),
            )  # fmt: skip
            return f"{stays}{why}"
        case Expedited():
            end = stamp(plant.time_of(change.end))
            return t("{job} is expedited: delivered {moment}", job=change.job, moment=end)
        case OrderHeld():
            if change.until is None:
                return t("{job} is held until it is released", job=change.job)
            return t("{job} is held until {moment}", job=change.job, moment=stamp(plant.time_of(change.until)))
        case OrderSplit():
            return t(
                "{job} is split: {quantity} pieces first, the rest as {rest}", job=change.job, rest=change.rest,
                quantity=number_text(change.quantity, 0 if change.quantity == int(change.quantity) else 2),
            )  # fmt: skip
        case HoursOpened():
            when = day(plant.plan_start + timedelta(days=change.day))
            hours = hours_words(change.start, change.end)
            name = machine_names(plant, change.machines)
            if len(change.machines) == 1:
                return t("{machine} also works {day} {hours}", machine=name, day=when, hours=hours)
            return t("{machine} also work {day} {hours}", machine=name, day=when, hours=hours)
        case HoursAdded():
            name, when = _group_name(plant, change.group), days_words(change.days)
            return t("{name} also works {when}, {hours}", name=name, when=when, hours=hours_words(change.start, change.end))
        case HoursClosed():
            name, when = _group_name(plant, change.group), days_words(change.days)
            if change.start > 0 or change.end < MINUTES_PER_DAY:
                when = t("{when}, {hours}", when=when, hours=hours_words(change.start, change.end))
            why = f" ({change.name})" if change.name else ""
            return t("{name} is closed {when}", name=name, when=when) + why
        case MachineLimited():
            return t(
                "{name} works {hours} at most, {when}", name=_machine_name(plant, change.machine),
                hours=hours_words(change.start, change.end), when=days_words(change.days),
            )  # fmt: skip
        case MachineReturns():
            known = change.machine in plant.machine_by_id or not machine_name
            name = _machine_name(plant, change.machine) if known else machine_name
            return t("{name} is back {moment}", name=name, moment=stamp(plant.time_of(change.at)))
        case Noted():
            return f"{change.job if change.machine is None else _machine_name(plant, change.machine)}: {change.text}"
        case OperationStarted() | OperationFinished() | PiecesScrapped():
            return _report_words(plant, change)


def _report_words(plant: Plant, report: FloorReport) -> str:
    told = {"job": report.job, "sequence": report.sequence, "moment": stamp(plant.time_of(report.at))}
    match report:
        case OperationStarted():
            name = _machine_name(plant, report.machine)
            return t("{job} operation {sequence} started on {machine} {moment}", machine=name, **told)
        case OperationFinished():
            if report.good is None:
                return t("{job} operation {sequence} finished {moment}", **told)
            return t("{job} operation {sequence} finished {moment}: {good} good pieces", good=f"{report.good:g}", **told)
        case PiecesScrapped():
            pieces = f"{report.pieces:g}"
            return t("{job} operation {sequence}: {pieces} pieces scrapped {moment}", pieces=pieces, **told)


def _hours(minutes: int) -> str:
    """A duration in hours, with minutes where there are any."""
    return t("{n} h", n=minutes // 60) if minutes % 60 == 0 else t("{time} h", time=hours_minutes(minutes))


def hours_words(start: int, end: int) -> str:
    """Hours of a day, from minutes after midnight to minutes after midnight."""
    return f"{time_of_day(start)}–{time_of_day(end)}"


def days_words(days: Days) -> str:
    """Dates and weekdays of a change of hours."""
    first = day_text(days.first)
    if days.last == days.first:
        return first
    weekly = ", ".join(weekday_text(number - 1) for number in days.week) if days.weekdays else ""
    if days.last is None:
        if weekly:
            return t("every {weekdays} from {first} on", weekdays=weekly, first=first)
        return t("from {first} on", first=first)
    if weekly:
        return t("every {weekdays} from {first} to {last}", weekdays=weekly, first=first, last=day_text(days.last))
    return t("from {first} to {last}", first=first, last=day_text(days.last))


def _group_name(plant: Plant, group: Group) -> str:
    if group.is_plant:
        return t("the whole plant")
    kinds = (plant.machine_type_by_id.get(kind) for kind in group.machine_types)
    types = (str(number) if kind is None else kind.name for number, kind in zip(group.machine_types, kinds, strict=True))
    return ", ".join((*types, *(_machine_name(plant, machine) for machine in group.machines)))


def _machine_name(plant: Plant, machine: int) -> str:
    row = plant.machine_by_id.get(machine)
    return str(machine) if row is None else row.name
