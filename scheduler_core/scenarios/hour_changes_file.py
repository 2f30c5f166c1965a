"""Changes of hours as JSON objects of ``changes/1`` and back: dates and times of day, no moments."""

from __future__ import annotations

from datetime import date
from typing import cast

from scheduler_core.interchange.strict_json import Fields, Node
from scheduler_core.plant import MINUTES_PER_DAY, WindowKind, end_after, time_of_day
from scheduler_core.scenarios.days import Days, on
from scheduler_core.scenarios.hour_changes import Group, HoursAdded, HoursClosed, MachineLimited

_DAYS = ("date", "from", "until", "days")
_GROUP = ("machines", "machine_types")


def written_hours(change: HoursAdded | HoursClosed | MachineLimited) -> dict[str, object]:
    """The change as an object; what is at its default is left out."""
    row: dict[str, object] = {}
    hours: dict[str, object] = {"start": time_of_day(change.start), "end": time_of_day(change.end)}
    match change:
        case HoursAdded():
            row = {"change": "hours-added", **_group_json(change.group)}
            more: dict[str, object] = {} if change.kind == "overtime" else {"kind": change.kind}
        case HoursClosed():
            row = {"change": "hours-closed", **_group_json(change.group)}
            if (change.start, change.end) == (0, MINUTES_PER_DAY):
                hours = {}
            more = {"name": change.name} if change.name else {}
        case MachineLimited():
            row, more = {"change": "machine-limited", "machine": change.machine}, {}
    return {**row, **_days_json(change.days), **hours, **more}


def read_hours_added(node: Node) -> HoursAdded:
    """Extra hours; an end at or before the start lies on the next day."""
    f = node.fields(("change", "start", "end"), (*_DAYS, *_GROUP, "kind"))
    start, kind = f["start"].time_of_day(), f.given("kind")
    chosen = "overtime" if kind is None else kind.text()
    return HoursAdded(_days(node, f), start, end_after(start, f["end"].time_of_day()), _group(f), cast(WindowKind, chosen))


def read_hours_closed(node: Node) -> HoursClosed:
    """Closed hours; without times the whole day."""
    f = node.fields(("change",), (*_DAYS, *_GROUP, "start", "end", "name"))
    return HoursClosed(_days(node, f), *_part_of_day(f), _group(f), f.text("name"))


def read_machine_limited(node: Node) -> MachineLimited:
    """The hours of the day in which a machine works at most."""
    f = node.fields(("change", "machine", "start", "end"), _DAYS)
    return MachineLimited(f["machine"].whole(), _days(node, f), *_part_of_day(f))


def _part_of_day(f: Fields) -> tuple[int, int]:
    """Minutes of one date: midnight as an end is that of the date itself."""
    start, end = f.given("start"), f.given("end")
    last = 0 if end is None else end.time_of_day()
    return 0 if start is None else start.time_of_day(), last or MINUTES_PER_DAY


def _days(node: Node, f: Fields) -> Days:
    single, first, last = f.given("date"), f.given("from"), f.maybe("until")
    if (single is None) == (first is None):
        node.refuse("names no date: give either date, or from and until")
    if single is not None:
        if last is not None or f.given("days") is not None:
            node.refuse("names one date, with which until and days do not go")
        return on(single.day())
    assert first is not None
    return Days(first.day(), None if last is None else last.day(), f.wholes("days"))


def _group(f: Fields) -> Group:
    return Group(f.wholes("machines"), f.wholes("machine_types"))


def _group_json(group: Group) -> dict[str, object]:
    named = {"machines": list(group.machines), "machine_types": list(group.machine_types)}
    return {key: value for key, value in named.items() if value}


def _days_json(days: Days) -> dict[str, object]:
    if days.last == days.first and not days.weekdays:
        return {"date": days.first.isoformat()}
    last: date | None = days.last
    weekly = {"days": list(days.weekdays)} if days.weekdays else {}
    return {"from": days.first.isoformat(), "until": None if last is None else last.isoformat(), **weekly}
