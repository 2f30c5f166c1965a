"""The arguments of ``shopwright facts add`` as changes."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from scheduler_core.errors import InvalidValue

if TYPE_CHECKING:
    from scheduler_core.plant import Plant
    from scheduler_core.scenarios.changes import Change
    from scheduler_core.scenarios.days import Days
    from scheduler_core.scenarios.hour_changes import Group

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LAST_MINUTE = time(23, 59)
_MOMENT = 'YYYY-MM-DD or "YYYY-MM-DD HH:MM", plant time'


def add_kinds(parser: argparse.ArgumentParser) -> None:
    """Declares one kind of fact after the other."""
    kinds = parser.add_subparsers(metavar="KIND", required=True, dest="kind")

    def kind(name: str, summary: str, *, needs_reason: bool = True) -> argparse.ArgumentParser:
        made = kinds.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
        made.add_argument("--reason", required=needs_reason, help="the reason, or the source of the fact")
        made.add_argument("--since", metavar="MOMENT", help=f"start of the fact: {_MOMENT} (default: now)")
        made.add_argument("--end", metavar="MOMENT", help="end of the fact (default: until undone)")
        return made

    down = kind("down", "a machine is down")
    down.add_argument("--machine", required=True, metavar="NAME", help="name or id of the machine")
    down.add_argument("--from", dest="first", metavar="MOMENT", help=f"{_MOMENT} (default: now)")
    down.add_argument("--until", dest="last", metavar="MOMENT", help="end of the downtime (default: unknown)")
    back = kind("back", "a machine that is out of service in the ERP returns at a moment; orders wait for it")
    back.add_argument("--machine", required=True, metavar="NAME", help="name or id of the machine")
    back.add_argument("--at", required=True, metavar="MOMENT", help=_MOMENT)
    for name, summary in (
        ("hours", "machines have additional hours on a date, on several dates, or every week"),
        ("closed", "machines do not work on a date, on several dates, or every week"),
    ):
        hours = kind(name, summary)
        hours.add_argument(
            "--machine", action="append", default=[], metavar="NAME", help="name or id of a machine (repeatable)"
        )
        hours.add_argument(
            "--work-centre", action="append", default=[], metavar="NAME", help="name of a work centre (repeatable)"
        )
        _days(hours)
        hours.add_argument("--start", required=name == "hours", metavar="HH:MM", help="start of the hours")
        hours.add_argument("--stop", required=name == "hours", metavar="HH:MM", help="end of the hours")
        if name == "hours":
            hours.add_argument("--regular", action="store_true", help="regular hours (default: overtime)")
    limited = kind("limited", "a machine works only part of the day")
    limited.add_argument("--machine", required=True, metavar="NAME", help="name or id of the machine")
    _days(limited)
    limited.add_argument("--start", required=True, metavar="HH:MM", help="start of the machine's working time")
    limited.add_argument("--stop", required=True, metavar="HH:MM", help="end of the machine's working time")
    for name, summary in (("important", "an order is important"), ("ordinary", "an order is not important")):
        kind(name, summary).add_argument("--order", required=True, metavar="JOB", help="number of the order")
    due = kind("due", "an order has another due date")
    due.add_argument("--order", required=True, metavar="JOB", help="number of the order")
    due.add_argument(
        "--at", metavar="MOMENT", help=f"{_MOMENT}; a date alone ends at 23:59, as in the ERP (default: no due date)"
    )
    hold = kind("hold", "an order is on hold")
    hold.add_argument("--order", required=True, metavar="JOB", help="number of the order")
    hold.add_argument("--until", dest="last", metavar="MOMENT", help=f"{_MOMENT} (default: until undone)")
    material = kind("material", "the material of an order comes late")
    material.add_argument("--order", required=True, metavar="JOB", help="number of the order")
    material.add_argument("--at", required=True, metavar="MOMENT", help=f"when it is there: {_MOMENT}")
    started = kind("started", "an operation has started on a machine", needs_reason=False)
    _operation(started)
    started.add_argument("--machine", required=True, metavar="NAME", help="name or id of the machine")
    finished = kind("finished", "an operation is finished", needs_reason=False)
    _operation(finished)
    finished.add_argument("--good", type=float, metavar="PIECES", help="good pieces (default: as many as were to be made)")
    scrapped = kind("scrapped", "pieces of an order were scrapped at an operation", needs_reason=False)
    _operation(scrapped)
    scrapped.add_argument("--pieces", required=True, type=float, metavar="PIECES", help="scrapped pieces")
    note = kind("note", "a note on a machine or an order", needs_reason=False)
    on = note.add_mutually_exclusive_group(required=True)
    on.add_argument("--machine", metavar="NAME", help="name or id of the machine")
    on.add_argument("--order", metavar="JOB", help="number of the order")
    note.add_argument("--text", required=True, help="the note")
    file = kind("file", "every change of a file (JSON, changes/1)")
    file.add_argument("file", metavar="FILE", type=Path, help="the changes file")


def _operation(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--order", required=True, metavar="JOB", help="number of the order")
    parser.add_argument("--operation", required=True, type=int, metavar="N", help="number of the operation")
    parser.add_argument("--at", metavar="MOMENT", help=f"when it was: {_MOMENT} (default: now)")


def _days(parser: argparse.ArgumentParser) -> None:
    when = parser.add_mutually_exclusive_group(required=True)
    when.add_argument("--date", metavar="DATE", help="one date, YYYY-MM-DD")
    when.add_argument("--from", dest="first", metavar="DATE", help="the first date, YYYY-MM-DD")
    parser.add_argument("--until", dest="last", metavar="DATE", help="with --from: the last date (default: no end)")
    parser.add_argument(
        "--weekday", action="append", default=[], choices=WEEKDAYS, help="with --from: only this weekday (repeatable)"
    )


def change_of(args: argparse.Namespace, plant: Plant, now: datetime, out_of_service: Mapping[str, int]) -> Change:
    """The change that the arguments ask for, its minutes counted from the plant's plan_start. ``out_of_service``: machines
    that are not in the plant, by name. Raises InvalidValue naming the argument."""
    from scheduler_core.plant import end_after
    from scheduler_core.scenarios.breakdown import Breakdown
    from scheduler_core.scenarios.changes import DueChanged, ImportanceChanged, MaterialLate
    from scheduler_core.scenarios.floor_changes import MachineReturns, Noted
    from scheduler_core.scenarios.hour_changes import MAX_HOURS_NAME, HoursAdded, HoursClosed, MachineLimited
    from scheduler_core.scenarios.order_changes import OrderHeld

    match args.kind:
        case "down":
            start = plant.minute_of(moment("from", args.first) or now)
            end = moment("until", args.last)
            minutes = None if end is None else plant.minute_of(end) - start
            if minutes is not None and minutes <= 0:
                _refuse("until", args.last, f"is not after {plant.time_of(start):%Y-%m-%d %H:%M}, from when it is down")
            return Breakdown(_machine(plant, args.machine), start, minutes)
        case "back":
            at = moment("at", args.at)
            assert at is not None  # the argument is required
            return MachineReturns(_machine(plant, args.machine, out_of_service), plant.minute_of(at))
        case "hours":
            start = _clock("start", args.start)
            hours = (start, end_after(start, _clock("stop", args.stop)))
            return HoursAdded(_when(args), *hours, _group(plant, args), "regular" if args.regular else "overtime")
        case "closed":
            return HoursClosed(_when(args), *_part_of_day(args), _group(plant, args), args.reason[:MAX_HOURS_NAME])
        case "limited":
            return MachineLimited(_machine(plant, args.machine), _when(args), *_part_of_day(args))
        case "important" | "ordinary":
            return ImportanceChanged(args.order, args.kind == "important")
        case "due":
            wanted = _end_of_day(args.at) or moment("at", args.at)
            return DueChanged(args.order, None if wanted is None else plant.minute_of(wanted))
        case "hold":
            until = moment("until", args.last)
            return OrderHeld(args.order, None if until is None else plant.minute_of(until))
        case "material":
            there = moment("at", args.at)
            assert there is not None  # the argument is required
            return MaterialLate(args.order, plant.minute_of(there))
        case "started" | "finished" | "scrapped":
            return _report(args, plant, now)
        case _:
            machine = None if args.machine is None else _machine(plant, args.machine)
            return Noted(args.text, machine, args.order)


def _report(args: argparse.Namespace, plant: Plant, now: datetime) -> Change:
    from scheduler_core.scenarios.floor_reports import OperationFinished, OperationStarted, PiecesScrapped

    at = plant.minute_of(moment("at", args.at) or now)
    if args.kind == "started":
        return OperationStarted(args.order, args.operation, _machine(plant, args.machine), at)
    if args.kind == "finished":
        return OperationFinished(args.order, args.operation, at, args.good)
    return PiecesScrapped(args.order, args.operation, at, args.pieces)


def moment(name: str, text: str | None) -> datetime | None:
    """A date or a moment in plant time; None for none. Raises InvalidValue."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text.replace("T", " "))
    except ValueError:
        _refuse(name, text, f"is not {_MOMENT}")
    if found.tzinfo is not None or found.second or found.microsecond:
        _refuse(name, text, f"is not {_MOMENT}")
    return found


def _end_of_day(text: str | None) -> datetime | None:
    """The last minute of a date without a time of day; None for anything else."""
    try:
        return None if text is None else datetime.combine(date.fromisoformat(text), _LAST_MINUTE)
    except ValueError:
        return None


def _date(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        _refuse(name, text, "is not a date YYYY-MM-DD")


def _clock(name: str, text: str) -> int:
    found = re.fullmatch(r"([01]?\d|2[0-4]):([0-5]\d)", text)
    minute = -1 if found is None else int(found[1]) * 60 + int(found[2])
    if not 0 <= minute <= 1440:
        _refuse(name, text, "is not a time of day HH:MM")
    return minute


def _part_of_day(args: argparse.Namespace) -> tuple[int, int]:
    start = 0 if args.start is None else _clock("start", args.start)
    stop = 0 if args.stop is None else _clock("stop", args.stop)
    return start, stop or 1440


def _when(args: argparse.Namespace) -> Days:
    from scheduler_core.scenarios.days import Days, on

    if args.date is not None:
        if args.last is not None or args.weekday:
            _refuse("date", args.date, "is one date: --until and --weekday go with --from")
        return on(_date("date", args.date))
    last = None if args.last is None else _date("until", args.last)
    return Days(_date("from", args.first), last, tuple(WEEKDAYS.index(day) + 1 for day in args.weekday))


def _group(plant: Plant, args: argparse.Namespace) -> Group:
    from scheduler_core.scenarios.hour_changes import Group

    kinds = {kind.name: kind.id for kind in plant.machine_types} | {str(kind.id): kind.id for kind in plant.machine_types}
    for name in args.work_centre:
        if name not in kinds:
            _refuse("work-centre", name, "is none of the plant's")
    machines = tuple(_machine(plant, name) for name in args.machine)
    return Group(machines, tuple(kinds[name] for name in args.work_centre))


def _machine(plant: Plant, name: str, more: Mapping[str, int] | None = None) -> int:
    found = {m.id for m in plant.machines if name in (m.name, str(m.id))}
    found |= {number for called, number in (more or {}).items() if name in (called, str(number))}
    if len(found) != 1:
        _refuse("machine", name, "is no machine of the plant" if not found else "names several machines: give the id")
    return found.pop()


def _refuse(name: str, value: str, reason: str) -> NoReturn:
    raise InvalidValue(f"--{name}", value, reason)
