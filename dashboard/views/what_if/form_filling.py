"""A scenario's changes back into the form, so that a reload shows the question beside its answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time, timedelta

import streamlit as st

from dashboard.loaded_plan import Plan
from dashboard.views.what_if import change_list, fields
from dashboard.views.what_if.form import (
    BREAKDOWN,
    DROPPED,
    DUE,
    DURATIONS,
    EVERY_DAY,
    HELD,
    HOURS,
    IMPORTANCE,
    MATERIAL,
    OVERTIME_OFF,
    OVERTIME_ON,
    QUANTITY,
    SHIFT,
    SPLIT,
    WEEKDAYS,
)
from scheduler_core.scenarios.breakdown import Breakdown
from scheduler_core.scenarios.changes import (
    Change,
    DueChanged,
    ImportanceChanged,
    JobDropped,
    MaterialLate,
    OvertimeOff,
    OvertimeOn,
    QuantityChanged,
    ShiftAdded,
)
from scheduler_core.scenarios.order_changes import OrderHeld, OrderSplit
from scheduler_core.scenarios.single_changes import HoursOpened


def fill(plan: Plan, changes: tuple[Change, ...]) -> None:
    """Before the form is drawn: one change goes into its fields, where it has any, several go on the list."""
    filled = _fields(plan, changes[0]) if len(changes) == 1 else None
    change_list.put(plan, () if filled is not None else changes)
    st.session_state.update(filled or {})


def _fields(plan: Plan, change: Change) -> Mapping[str, object] | None:
    """What the session calls the fields of a change, and what they say; None where fields cannot say it."""

    def moment(key: str, minute: int) -> dict[str, object]:
        return {fields.moment_key(plan, key): plan.plant.time_of(minute)}

    match change:
        case Breakdown():
            length = next((words for words, minutes in DURATIONS.items() if minutes == change.minutes), None)
            if length is None or change.machine not in plan.plant.machine_by_id:
                return None
            more = {"machine_Machine": change.machine, "breakdown_minutes": length, "breakdown_running": change.running}
            return {"what_happens": BREAKDOWN, **more, **moment("breakdown_from", change.start)}
        case MaterialLate():
            return {"what_happens": MATERIAL, "material_job": change.job, **moment("material_release", change.release)}
        case JobDropped():
            return {"what_happens": DROPPED, "dropped_job": change.job}
        case ImportanceChanged():
            return {"what_happens": IMPORTANCE, "importance_job": change.job}
        case DueChanged() if change.due is not None:
            return {"what_happens": DUE, "due_job": change.job, **moment(f"due_{change.job}", change.due)}
        case QuantityChanged():
            asked = {f"quantity_{change.job}": float(change.quantity)}
            return {"what_happens": QUANTITY, "quantity_job": change.job, **asked}
        case OrderHeld():
            until = {} if change.until is None else moment("held_until", change.until)
            return {"what_happens": HELD, "held_job": change.job, "held_open": change.until is None, **until}
        case OrderSplit() if change.due is not None and change.quantity == int(change.quantity):
            job = change.job
            more = {f"split_quantity_{job}": int(change.quantity), f"split_important_{job}": change.important}
            more |= {f"split_rest_{job}": change.rest, "split_job": job}
            return {"what_happens": SPLIT, **more, **moment(f"split_due_{job}", change.due)}
        case HoursOpened():
            day = plan.plant.plan_start.date() + timedelta(days=change.day)
            more = {"hours_machines": list(change.machines), f"hours_date_{plan.info.id}": day}
            return {"what_happens": HOURS, **more, "hours_start": _clock(change.start), "hours_end": _clock(change.end)}
        case OvertimeOff():
            day_words = EVERY_DAY if change.day is None else WEEKDAYS[change.day - 1]
            return {
                "what_happens": OVERTIME_OFF,
                "overtime_off_calendar": change.calendar,
                "overtime_off_day": day_words,
            }
        case OvertimeOn() | ShiftAdded():
            kind, key = (OVERTIME_ON, "overtime") if isinstance(change, OvertimeOn) else (SHIFT, "shift")
            more = {f"{key}_calendar": change.calendar, f"{key}_days": [WEEKDAYS[day - 1] for day in change.days]}
            return {"what_happens": kind, **more, f"{key}_start": _clock(change.start), f"{key}_end": _clock(change.end)}
        case _:
            return None


def _clock(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)
