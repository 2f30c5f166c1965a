"""Whether a change concerns the hours of some machines in one week."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from scheduler_core.analysis.work_week import DAYS
from scheduler_core.errors import InvalidValue
from scheduler_core.plant import Plant
from scheduler_core.scenarios.breakdown import Breakdown
from scheduler_core.scenarios.changes import Change
from scheduler_core.scenarios.hour_changes import Group, HoursAdded, HoursClosed, MachineLimited
from scheduler_core.scenarios.single_changes import HoursOpened


def changes_hours(plant: Plant, change: Change, machines: Collection[int], monday: date) -> bool:
    """Whether the change, counted from the plant's plan_start, adds or takes hours of one of the machines (ids) on one of
    the seven dates from ``monday`` on. A change that names what the plant does not have concerns no week of it."""
    last = monday + timedelta(days=DAYS - 1)
    match change:
        case HoursAdded() | HoursClosed():
            return bool(_ids(plant, change.group) & set(machines)) and bool(change.days.dates(monday, last))
        case MachineLimited():
            return change.machine in machines and bool(change.days.dates(monday, last))
        case HoursOpened():
            on = plant.plan_start.date() + timedelta(days=change.day)
            return bool(set(change.machines) & set(machines)) and monday <= on <= last
        case Breakdown():
            begins, ends = plant.time_of(change.start).date(), plant.time_of(change.end - 1).date()
            return change.machine in machines and begins <= last and ends >= monday
        case _:
            return False


def _ids(plant: Plant, group: Group) -> frozenset[int]:
    try:
        return group.ids(plant)
    except InvalidValue:
        return frozenset()
