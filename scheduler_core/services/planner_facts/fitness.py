"""Which changes can be facts, what each acts on, and when it is over by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from scheduler_core.plant import MINUTES_PER_DAY, Plant
from scheduler_core.scenarios.breakdown import Breakdown
from scheduler_core.scenarios.changes import (
    Change,
    MachineAdded,
    MaterialLate,
    OvertimeOff,
    OvertimeOn,
    QuantityChanged,
    RushOrder,
    ShiftAdded,
)
from scheduler_core.scenarios.floor_changes import MachineReturns, Noted
from scheduler_core.scenarios.hour_changes import HoursAdded, HoursClosed, MachineLimited
from scheduler_core.scenarios.order_changes import OrderHeld, OrderSplit
from scheduler_core.scenarios.single_changes import Expedited, HoursOpened, Pinned


def why_no_fact(change: Change) -> str | None:
    """Why a change cannot be a fact, None if it can."""
    match change:
        case Expedited():
            return "is a decision about one plan: release that plan"
        case QuantityChanged():
            return "is the ERP's to say: pieces that are reported already would be counted wrong"
        case OrderSplit():
            return "is the ERP's to say: it has one order, and its reports go to that one"
        case RushOrder():
            return "is an order that the ERP does not have: add it from a table of jobs"
        case MachineAdded():
            return "is a machine that the ERP does not have: enter it there"
        case _:
            return None


@dataclass(frozen=True)
class Subject:
    """What a change acts on: machines and types (ids), a job, or with ``plant`` the whole plant."""

    machines: tuple[int, ...] = ()
    machine_types: tuple[int, ...] = ()
    job: str | None = None
    plant: bool = False


def subject_of(plant: Plant, change: Change) -> Subject:
    """What the change acts on in a plant; machines and jobs that the plant does not have are named too."""
    match change:
        case Breakdown() | MachineLimited() | MachineReturns():
            return Subject(machines=(change.machine,))
        case HoursOpened():
            return Subject(machines=change.machines)
        case HoursAdded() | HoursClosed():
            group = change.group
            return Subject(group.machines, group.machine_types, plant=group.is_plant)
        case OvertimeOff() | OvertimeOn() | ShiftAdded():
            followers = tuple(m.id for m in plant.machines if m.calendar == change.calendar)
            if len(followers) == len(plant.machines):
                return Subject(plant=True)
            return Subject(machines=followers)
        case Noted():
            return Subject(() if change.machine is None else (change.machine,), job=change.job)
        case RushOrder():
            return Subject(job=change.job.id)
        case MachineAdded():
            return Subject(machines=(change.id,))
        case _:
            return Subject(job=change.job)


def over_at(plant: Plant, change: Change) -> datetime | None:
    """When the change is over by itself (naive plant time); None: it stands until somebody undoes it."""
    match change:
        case Breakdown():
            return None if change.minutes is None else plant.time_of(change.end)
        case MaterialLate():
            return plant.time_of(change.release)
        case OrderHeld():
            return None if change.until is None else plant.time_of(change.until)
        case Pinned():
            return plant.time_of(change.end)
        case MachineReturns():
            return plant.time_of(change.at)
        case HoursOpened():
            day = plant.plan_start.date() + timedelta(days=change.day)
            return _end_of(day, change.end)
        case HoursAdded() | HoursClosed() | MachineLimited():
            last = change.days.last
            if last is None:
                return None
            minutes = MINUTES_PER_DAY if isinstance(change, MachineLimited) else change.end
            return _end_of(last, minutes)
        case _:
            return None


def _end_of(day: date, minutes: int) -> datetime:
    """The moment so many minutes after a date's midnight, at the latest the last that there is."""
    midnight = datetime(day.year, day.month, day.day)
    return midnight + min(timedelta(minutes=minutes), datetime.max - midnight)
