"""What a planner asks on the What-if page: one change, by a choice and a few fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, time
from typing import Final

import streamlit as st

from dashboard.loaded_plan import Plan
from dashboard.presentation import formatting
from scheduler_core.i18n.local_formats import weekday_text
from scheduler_core.i18n.translate import mark, t
from scheduler_core.plant import Job, Machine
from scheduler_core.scenarios.breakdown import Breakdown, Running
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

DURATIONS: Final[Mapping[str, int | None]] = {
    mark("1 hour"): 60, mark("2 hours"): 120, mark("4 hours"): 240, mark("8 hours"): 480, mark("1 day"): 1440,
    mark("2 days"): 2880, mark("1 week"): 10080,
    mark("end not known (4 weeks)"): None,
}  # fmt: skip
WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
EVERY_DAY: Final = mark("every day")
Ask = Callable[[Plan, int], Change | None]


def ask_change(kind: str, plan: Plan, now: int) -> Change | None:
    """Draw the fields of one kind of change; None while something is missing. ``now``: minute of the plan's snapshot."""
    return KINDS[kind](plan, now)


def _breakdown(plan: Plan, now: int) -> Change | None:
    first, second, third, fourth = st.columns([3, 3, 2, 2])
    with first:
        machine = _machine(plan, t("Machine"), "machine_Machine")
    with second:
        start = _moment(plan, t("From"), now, "breakdown_from")
    length = third.selectbox(t("How long"), list(DURATIONS), index=2, format_func=t, key="breakdown_minutes")
    labels: dict[Running, str] = {"pause": t("pauses"), "move": t("moves elsewhere")}
    running = fourth.selectbox(t("What runs on it"), list(labels), format_func=labels.__getitem__, key="breakdown_running")
    return None if start is None else Breakdown(machine.id, start, DURATIONS[length], running)


def _rush_order(plan: Plan, now: int) -> Change | None:
    first, second, third, fourth = st.columns([2, 3, 3, 2], vertical_alignment="bottom")
    name = first.text_input(t("Name of the order"), key="rush_id", max_chars=100, value="RUSH-1")
    with second:
        like = _job(plan, t("Routing and times like"), "rush_like")
    with third:
        due = _moment(plan, t("Wanted by"), now + 3 * 1440, "rush_due")
    important = fourth.toggle(t("Important"), value=True, key="rush_important")
    if not name.strip() or due is None:
        return None
    steps = tuple(replace(op, fixed=None) for op in like.operations)
    return RushOrder(replace(like, id=name.strip(), operations=steps, release=now, due=due, important=important))


def _material_late(plan: Plan, now: int) -> Change | None:
    first, second = st.columns(2)
    with first:
        job = _job(plan, t("Job"), "material_job")
    with second:
        release = _moment(plan, t("Material is there"), now + 1440, "material_release")
    return None if release is None else MaterialLate(job.id, release)


def _overtime_off(plan: Plan, now: int) -> Change | None:
    first, second = st.columns(2)
    calendar = first.selectbox(t("Calendar"), list(plan.plant.calendar_by_id), key="overtime_off_calendar")
    day = second.selectbox(t("Weekday"), (EVERY_DAY, *WEEKDAYS), format_func=_day_words, key="overtime_off_day")
    return OvertimeOff(calendar, None if day == EVERY_DAY else WEEKDAYS.index(day) + 1)


def _overtime_on(plan: Plan, now: int) -> Change | None:
    window = _window(plan, "overtime")
    return None if window is None else OvertimeOn(*window)


def _shift_added(plan: Plan, now: int) -> Change | None:
    window = _window(plan, "shift")
    return None if window is None else ShiftAdded(*window)


def _window(plan: Plan, key: str) -> tuple[str, tuple[int, ...], int, int] | None:
    first, second, third, fourth = st.columns([2, 4, 1, 1])
    calendar = first.selectbox(t("Calendar"), list(plan.plant.calendar_by_id), key=f"{key}_calendar")
    days = second.multiselect(t("Weekdays"), WEEKDAYS, default=["Sat"], format_func=_day_words, key=f"{key}_days")
    start = third.time_input(t("From"), time(7), key=f"{key}_start")
    end = fourth.time_input(t("To (00:00: midnight)"), time(15), key=f"{key}_end")
    if not days or start is None or end is None:
        return None
    numbers = tuple(WEEKDAYS.index(day) + 1 for day in days)
    return calendar, numbers, start.hour * 60 + start.minute, (end.hour * 60 + end.minute) or 1440


def _machine_added(plan: Plan, now: int) -> Change | None:
    first, second, third = st.columns(3)
    with first:
        like = _machine(plan, t("One more machine like"), "machine_like")
    name = second.text_input(
        t("Its name"), value=t("{name} twin", name=like.name), key=f"machine_name_{like.id}", max_chars=100
    )
    with third:
        start = _moment(plan, t("From"), now, "machine_from")
    if start is None or not name.strip():
        return None
    return MachineAdded(like.id, max(plan.plant.machine_by_id) + 1, name.strip(), max(0, start))


def _job_dropped(plan: Plan, now: int) -> Change | None:
    return JobDropped(_job(plan, t("Job"), "dropped_job").id)


def _importance(plan: Plan, now: int) -> Change | None:
    job = _job(plan, t("Job"), "importance_job")
    st.text(t("It becomes an ordinary job.") if job.important else t("It becomes an important job."))
    return ImportanceChanged(job.id, not job.important)


def _due(plan: Plan, now: int) -> Change | None:
    first, second = st.columns(2)
    with first:
        job = _job(plan, t("Job"), "due_job")
    with second:
        due = _moment(plan, t("Wanted by"), now + 1440 if job.due is None else job.due, f"due_{job.id}")
    return None if due is None else DueChanged(job.id, due)


def _quantity(plan: Plan, now: int) -> Change | None:
    first, second = st.columns(2)
    with first:
        job = _job(plan, t("Job"), "quantity_job")
    value = second.number_input(t("Quantity"), 0.0, value=float(job.quantity or 0), key=f"quantity_{job.id}")
    quantity = int(value) if value == int(value) else value
    return QuantityChanged(job.id, quantity) if quantity > 0 else None


BREAKDOWN: Final = mark("A machine breaks down")
RUSH_ORDER: Final = mark("A rush order comes in")
KINDS: Final[Mapping[str, Ask]] = {
    BREAKDOWN: _breakdown,
    RUSH_ORDER: _rush_order,
    mark("Material comes late"): _material_late,
    mark("Overtime is off"): _overtime_off,
    mark("Overtime is added"): _overtime_on,
    mark("A shift is added"): _shift_added,
    mark("A machine is added"): _machine_added,
    mark("A job is dropped"): _job_dropped,
    mark("A job's importance changes"): _importance,
    mark("A due date changes"): _due,
    mark("A quantity changes"): _quantity,
}


def _day_words(day: str) -> str:
    return t(EVERY_DAY) if day == EVERY_DAY else weekday_text(WEEKDAYS.index(day))


def _machine(plan: Plan, label: str, key: str) -> Machine:
    machines = sorted(plan.plant.machines, key=lambda m: m.name)
    chosen = st.selectbox(label, [m.id for m in machines], key=key,
                          format_func=lambda i: plan.plant.machine_by_id[i].name)  # fmt: skip
    return plan.plant.machine_by_id[chosen]


def _job(plan: Plan, label: str, key: str) -> Job:
    chosen = st.selectbox(label, [j.id for j in plan.plant.jobs], key=key,
                          format_func=lambda i: formatting.job_name(plan.plant.job_by_id[i]))  # fmt: skip
    return plan.plant.job_by_id[chosen]


def _moment(plan: Plan, label: str, minute: int, key: str) -> int | None:
    chosen = st.datetime_input(label, plan.plant.time_of(minute), step=900, key=f"{key}_{plan.info.id}")
    return None if not isinstance(chosen, datetime) else plan.plant.minute_of(chosen.replace(second=0, microsecond=0))
