"""Changes as JSON and back (``changes/1``), strictly: unknown keys and wrong types are refused where they stand.

Times are plant time stamps and times of day, as in a snapshot; they count from the same plan_start as the plant's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import timedelta

from scheduler_core.errors import InvalidValue
from scheduler_core.interchange.canonical import lines, maybe_stamp, stamp
from scheduler_core.interchange.files import check_format, check_row_count, check_size
from scheduler_core.interchange.snapshot_reading import SnapshotReader, hours_of
from scheduler_core.interchange.snapshot_writing import job_json
from scheduler_core.interchange.strict_json import Node, parse
from scheduler_core.limits import MAX_CHANGES, MAX_CHANGES_BYTES
from scheduler_core.plant import Plant, time_of_day
from scheduler_core.scenarios.breakdown import REASON, Breakdown, Running
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
from scheduler_core.scenarios.floor_changes import MachineReturns, Noted
from scheduler_core.scenarios.floor_reports import OperationFinished, OperationStarted, PiecesScrapped
from scheduler_core.scenarios.floor_reports_file import (
    FINISHED,
    SCRAPPED,
    STARTED,
    read_finished,
    read_scrapped,
    read_started,
    written_report,
)
from scheduler_core.scenarios.hour_changes import HoursAdded, HoursClosed, MachineLimited
from scheduler_core.scenarios.hour_changes_file import (
    read_hours_added,
    read_hours_closed,
    read_machine_limited,
    written_hours,
)
from scheduler_core.scenarios.order_changes import OrderHeld, OrderSplit
from scheduler_core.scenarios.single_changes import Expedited, HoursOpened, Pinned

CHANGES_FORMAT = "changes/1"


def changes_to_json(plant: Plant, changes: Iterable[Change]) -> str:
    """The changes, one to a line, in their order; equal changes give equal bytes."""
    return lines({"format": CHANGES_FORMAT, "changes": [_written(plant, change) for change in changes]})


def changes_from_json(text: str | bytes, plant: Plant, where: str) -> tuple[Change, ...]:
    """The changes of a text; ``where`` is what messages call it. Only the form is checked: whether they fit the plant
    shows when they are applied. Raises InvalidValue."""
    check_size(text, where, MAX_CHANGES_BYTES)
    check_row_count(text, where, "change", MAX_CHANGES, "changes")
    top = parse(text, where)
    check_format(top, CHANGES_FORMAT)
    changes = top.fields(("format", "changes"))["changes"]
    rows = tuple(changes.items())
    if len(rows) > MAX_CHANGES:
        changes.refuse(f"changes are more than the limit of {MAX_CHANGES}", len(rows))
    reader = SnapshotReader(plant.clock)
    return tuple(_read(node, reader) for node in rows)


def change_to_json(plant: Plant, change: Change) -> str:
    """One change by itself, on one line; equal changes give equal bytes."""
    return json.dumps(_written(plant, change), ensure_ascii=False, separators=(",", ":"))


def change_from_json(text: str, plant: Plant, where: str) -> Change:
    """The inverse of ``change_to_json``, in the minutes of ``plant``, which may be a later one or in another time zone (an
    offset that it does not have then is left out). Raises InvalidValue for what the format refuses everywhere."""
    return _read(parse(text, where), SnapshotReader(plant.clock, of_another_plan=True))


def kind_of(plant: Plant, change: Change) -> str:
    """What the format calls the change."""
    return str(_written(plant, change)["change"])


def _written(plant: Plant, change: Change) -> dict[str, object]:
    match change:
        case Breakdown():
            start = stamp(plant, change.start)
            row: dict[str, object] = {"machine": change.machine, "start": start, "minutes": change.minutes}
            why = {} if change.reason == REASON else {"reason": change.reason}
            return {"change": "breakdown", **row, "running": change.running, **why}
        case RushOrder():
            return {"change": "rush-order", "job": job_json(plant, change.job)}
        case MaterialLate():
            return {"change": "material-late", "job": change.job, "release": stamp(plant, change.release)}
        case JobDropped():
            return {"change": "job-dropped", "job": change.job}
        case ImportanceChanged():
            return {"change": "importance", "job": change.job, "important": change.important}
        case DueChanged():
            return {"change": "due", "job": change.job, "due": maybe_stamp(plant, change.due)}
        case QuantityChanged():
            return {"change": "quantity", "job": change.job, "quantity": change.quantity}
        case OvertimeOff():
            return {"change": "overtime-off", "calendar": change.calendar, "day": change.day}
        case OvertimeOn() | ShiftAdded():
            name = "overtime-on" if isinstance(change, OvertimeOn) else "shift-added"
            hours = {"start": time_of_day(change.start), "end": time_of_day(change.end)}
            return {"change": name, "calendar": change.calendar, "days": list(change.days), **hours}
        case MachineAdded():
            row = {"like": change.like, "id": change.id, "name": change.name}
            return {"change": "machine-added", **row, "available_from": stamp(plant, change.available_from)}
        case Pinned():
            place = {"machines": list(change.machines), "start": stamp(plant, change.start), "end": stamp(plant, change.end)}
            return {"change": "pinned", "job": change.job, "sequence": change.sequence, **place, "reason": change.reason}
        case Expedited():
            return {"change": "expedited", "job": change.job, "end": stamp(plant, change.end)}
        case OrderHeld():
            return {"change": "order-held", "job": change.job, "until": maybe_stamp(plant, change.until)}
        case OrderSplit():
            parts = {"job": change.job, "quantity": change.quantity, "rest": change.rest}
            return {"change": "order-split", **parts, "due": maybe_stamp(plant, change.due), "important": change.important}
        case HoursOpened():
            date = (plant.plan_start.date() + timedelta(days=change.day)).isoformat()
            hours = {"start": time_of_day(change.start), "end": time_of_day(change.end)}
            return {"change": "hours-opened", "machines": list(change.machines), "date": date, **hours}
        case HoursAdded() | HoursClosed() | MachineLimited():
            return written_hours(change)
        case MachineReturns():
            return {"change": "machine-returns", "machine": change.machine, "at": stamp(plant, change.at)}
        case Noted():
            on = {"job": change.job} if change.machine is None else {"machine": change.machine}
            return {"change": "note", **on, "text": change.text}
        case OperationStarted() | OperationFinished() | PiecesScrapped():
            return written_report(plant, change)


def _read(node: Node, reader: SnapshotReader) -> Change:
    value = node.value
    if not isinstance(value, dict):
        node.refuse("is not an object in {}")
    kind = value.get("change")
    if not isinstance(kind, str) or kind not in _READERS:
        node.child("change", kind).refuse(f"must be one of {', '.join(_READERS)}")
    try:
        return _READERS[kind](node, reader)
    except InvalidValue as error:
        # A value that a change itself refuses does not know yet where it stands.
        if error.where.startswith(node.file):
            raise
        raise InvalidValue(f"{node.file}: {node.path}.{error.where}", error.value, error.reason) from None


def _breakdown(node: Node, reader: SnapshotReader) -> Change:
    f = node.fields(("change", "machine", "start"), ("minutes", "running", "reason"))
    minutes, running, reason = f.maybe("minutes"), f.given("running"), f.given("reason")
    chosen: Running = "pause" if running is None else running.text()  # type: ignore[assignment]  # Breakdown checks it
    return Breakdown(
        f["machine"].whole(), reader.minute(f["start"]), None if minutes is None else minutes.whole(), chosen,
        REASON if reason is None else reason.text(),
    )  # fmt: skip


def _rush_order(node: Node, reader: SnapshotReader) -> Change:
    return RushOrder(reader.job(node.fields(("change", "job"))["job"]))


def _material_late(node: Node, reader: SnapshotReader) -> Change:
    f = node.fields(("change", "job", "release"))
    return MaterialLate(f["job"].text(), reader.minute(f["release"]))


def _job_dropped(node: Node, reader: SnapshotReader) -> Change:
    return JobDropped(node.fields(("change", "job"))["job"].text())


def _importance(node: Node, reader: SnapshotReader) -> Change:
    f = node.fields(("change", "job", "important"))
    return ImportanceChanged(f["job"].text(), f["important"].flag())


def _due(node: Node, reader: SnapshotReader) -> Change:
    f = node.fields(("change", "job", "due"))
    due = f.maybe("due")
    return DueChanged(f["job"].text(), None if due is None else reader.minute(due))


def _quantity(node: Node, reader: SnapshotReader) -> Change:
    f = node.fields(("change", "job", "quantity"))
    return QuantityChanged(f["job"].text(), f["quantity"].number())


def _overtime_off(node: Node, reader: SnapshotReader) -> Change:
    f = node.fields(("change", "calendar"), ("day",))
    day = f.maybe("day")
    return OvertimeOff(f["calendar"].text(), None if day is None else day.whole())


def _overtime_on(node: Node, reader: SnapshotReader) -> Change:
    return OvertimeOn(*_window(node))


def _shift_added(node: Node, reader: SnapshotReader) -> Change:
    return ShiftAdded(*_window(node))


def _window(node: Node) -> tuple[str, tuple[int, ...], int, int]:
    f = node.fields(("change", "calendar", "days", "start", "end"))
    return f["calendar"].text(), f["days"].wholes(), *hours_of(f)


def _machine_added(node: Node, reader: SnapshotReader) -> Change:
    f = node.fields(("change", "like", "id", "name"), ("available_from",))
    available = f.maybe("available_from")
    start = 0 if available is None else reader.minute(available)
    return MachineAdded(f["like"].whole(), f["id"].whole(), f["name"].text(), start)


def _pinned(node: Node, reader: SnapshotReader) -> Change:
    f = node.fields(("change", "job", "sequence", "machines", "start", "end"), ("reason",))
    place = (f["machines"].wholes(), reader.minute(f["start"]), reader.minute(f["end"]))
    return Pinned(f["job"].text(), f["sequence"].whole(), *place, f.text("reason"))


def _expedited(node: Node, reader: SnapshotReader) -> Change:
    f = node.fields(("change", "job", "end"))
    return Expedited(f["job"].text(), reader.minute(f["end"]))


def _hours_opened(node: Node, reader: SnapshotReader) -> Change:
    f = node.fields(("change", "machines", "date", "start", "end"))
    return HoursOpened(f["machines"].wholes(), reader.day(f["date"]), *hours_of(f))


def _order_held(node: Node, reader: SnapshotReader) -> Change:
    f = node.fields(("change", "job"), ("until",))
    until = f.maybe("until")
    return OrderHeld(f["job"].text(), None if until is None else reader.minute(until))


def _order_split(node: Node, reader: SnapshotReader) -> Change:
    f = node.fields(("change", "job", "quantity", "rest", "important"), ("due",))
    due = f.maybe("due")
    moment = None if due is None else reader.minute(due)
    return OrderSplit(f["job"].text(), f["quantity"].number(), f["rest"].text(), moment, f["important"].flag())


def _hours_added(node: Node, reader: SnapshotReader) -> Change:
    return read_hours_added(node)


def _hours_closed(node: Node, reader: SnapshotReader) -> Change:
    return read_hours_closed(node)


def _machine_limited(node: Node, reader: SnapshotReader) -> Change:
    return read_machine_limited(node)


def _machine_returns(node: Node, reader: SnapshotReader) -> Change:
    f = node.fields(("change", "machine", "at"))
    return MachineReturns(f["machine"].whole(), reader.minute(f["at"]))


def _note(node: Node, reader: SnapshotReader) -> Change:
    f = node.fields(("change", "text"), ("machine", "job"))
    machine, job = f.maybe("machine"), f.maybe("job")
    return Noted(f["text"].text(), None if machine is None else machine.whole(), None if job is None else job.text())


_READERS: dict[str, Callable[[Node, SnapshotReader], Change]] = {
    "breakdown": _breakdown,
    "rush-order": _rush_order,
    "material-late": _material_late,
    "job-dropped": _job_dropped,
    "importance": _importance,
    "due": _due,
    "quantity": _quantity,
    "overtime-off": _overtime_off,
    "overtime-on": _overtime_on,
    "shift-added": _shift_added,
    "machine-added": _machine_added,
    "pinned": _pinned,
    "expedited": _expedited,
    "hours-opened": _hours_opened,
    "order-held": _order_held,
    "order-split": _order_split,
    "hours-added": _hours_added,
    "hours-closed": _hours_closed,
    "machine-limited": _machine_limited,
    "machine-returns": _machine_returns,
    "note": _note,
    STARTED: read_started,
    FINISHED: read_finished,
    SCRAPPED: read_scrapped,
}
