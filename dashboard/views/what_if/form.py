"""What a planner asks on the What-if page: one change, by a choice and a few fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from typing import Final

import streamlit as st

from dashboard.loaded_plan import Plan
from dashboard.views.what_if import fields
from dashboard.views.what_if.rush_order import rush_order
from scheduler_core.i18n.local_formats import date_field, weekday_text
from scheduler_core.i18n.translate import mark, t
from scheduler_core.plant import end_after
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
    ShiftAdded,
)
from scheduler_core.scenarios.order_changes import OrderHeld, OrderSplit
from scheduler_core.scenarios.single_changes import HoursOpened

DURATIONS: Final[Mapping[str, int | None]] = {
    mark("1 hour"): 60, mark("2 hours"): 120, mark("4 hours"): 240, mark("8 hours"): 480, mark("1 day"): 1440,
    mark("2 days"): 2880, mark("1 week"): 10080,
    mark("end not known (4 weeks)"): None,
}  # fmt: skip
WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
EVERY_DAY: Final = mark("every day")
NEXT_DAY: Final = mark(
    "An end at or before the start lies on the next day: 22:00 to 06:00 is a night shift. 00:00 is midnight."
)
Ask = Callable[[Plan, int], Change | None]


def ask_change(kind: str, plan: Plan, now: int) -> Change | None:
    """Draw the fields of one kind of change; None while something is missing. ``now``: minute of the plan's snapshot."""
    return KINDS[kind](plan, now)


def _breakdown(plan: Plan, now: int) -> Change | None:
    first, second, third, fourth = st.columns([3, 3, 2, 2])
    with first:
        machine = fields.machine(plan, t("Machine"), "machine_Machine")
    with second:
        start = fields.moment(plan, t("From"), now, "breakdown_from")
    length = third.selectbox(t("How long"), list(DURATIONS), index=2, format_func=t, key="breakdown_minutes")
    labels: dict[Running, str] = {"pause": t("pauses"), "move": t("moves to another machine")}
    running = fourth.selectbox(
        t("Operation running on it"), list(labels), format_func=labels.__getitem__, key="breakdown_running"
    )
    return None if start is None else Breakdown(machine.id, start, DURATIONS[length], running)


def _material_late(plan: Plan, now: int) -> Change | None:
    first, second = st.columns(2)
    with first:
        job = fields.job(plan, t("Job"), "material_job")
    with second:
        release = fields.moment(plan, t("Material is there"), now + 1440, "material_release")
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
    end = fourth.time_input(t("To"), time(15), key=f"{key}_end", help=t(NEXT_DAY))
    if not days or start is None or end is None:
        return None
    numbers = tuple(WEEKDAYS.index(day) + 1 for day in days)
    return calendar, numbers, _minutes(start), end_after(_minutes(start), _minutes(end))


def _machine_added(plan: Plan, now: int) -> Change | None:
    first, second, third = st.columns(3)
    with first:
        like = fields.machine(plan, t("One more machine like"), "machine_like")
    name = second.text_input(
        t("Its name"), value=t("{name} twin", name=like.name), key=f"machine_name_{like.id}", max_chars=100
    )
    with third:
        start = fields.moment(plan, t("From"), now, "machine_from")
    if start is None or not name.strip():
        return None
    return MachineAdded(like.id, max(plan.plant.machine_by_id) + 1, name.strip(), max(0, start))


def _job_dropped(plan: Plan, now: int) -> Change | None:
    return JobDropped(fields.job(plan, t("Job"), "dropped_job").id)


def _importance(plan: Plan, now: int) -> Change | None:
    job = fields.job(plan, t("Job"), "importance_job")
    st.text(t("It becomes an ordinary job.") if job.important else t("It becomes an important job."))
    return ImportanceChanged(job.id, not job.important)


def _due(plan: Plan, now: int) -> Change | None:
    first, second = st.columns(2)
    with first:
        job = fields.job(plan, t("Job"), "due_job")
    with second:
        due = fields.moment(plan, t("Wanted by"), now + 1440 if job.due is None else job.due, f"due_{job.id}")
    return None if due is None else DueChanged(job.id, due)


def _quantity(plan: Plan, now: int) -> Change | None:
    first, second = st.columns(2)
    with first:
        job = fields.job(plan, t("Job"), "quantity_job")
    value = second.number_input(t("Quantity"), 0.0, value=float(job.quantity or 0), key=f"quantity_{job.id}")
    quantity = int(value) if value == int(value) else value
    return QuantityChanged(job.id, quantity) if quantity > 0 else None


def _order_held(plan: Plan, now: int) -> Change | None:
    first, second, third = st.columns([3, 2, 3], vertical_alignment="bottom")
    with first:
        job = fields.job(plan, t("Job"), "held_job")
    open_end = second.toggle(t("Until it is released"), key="held_open",
                             help=t("Planned as four weeks from now"))  # fmt: skip
    if open_end:
        return OrderHeld(job.id)
    with third:
        until = fields.moment(plan, t("Not before"), now + 7 * 1440, "held_until")
    return None if until is None else OrderHeld(job.id, until)


def _order_split(plan: Plan, now: int) -> Change | None:
    first, second, third, fourth, fifth = st.columns([3, 1.5, 3, 1.5, 2], vertical_alignment="bottom")
    with first:
        job = fields.job(plan, t("Job"), "split_job")
    pieces = int(job.quantity or 0)
    value = second.number_input(t("Pieces first"), 0, pieces, value=pieces // 2, key=f"split_quantity_{job.id}")
    with third:
        due = fields.moment(plan, t("First part due by"), now + 1440 if job.due is None else job.due, f"split_due_{job.id}")
    important = fourth.toggle(t("Important"), value=job.important, key=f"split_important_{job.id}")
    rest = fifth.text_input(t("Name of the remaining order"), value=f"{job.id}-2", key=f"split_rest_{job.id}", max_chars=100)
    if pieces < 2:
        st.text(t("This order states no quantity that could be split."))
    if due is None or not rest.strip() or not 0 < value < pieces:
        return None
    return OrderSplit(job.id, value, rest.strip(), due, important)


def _hours_opened(plan: Plan, now: int) -> Change | None:
    first, second, third, fourth = st.columns([5, 2, 1.3, 1.3])
    with first:
        machines = fields.machines(plan, t("Machines"), "hours_machines")
    today = plan.plant.time_of(now).date()
    day = second.date_input(t("Date"), today + timedelta(days=(5 - today.weekday()) % 7), key=f"hours_date_{plan.info.id}",
                            min_value=today, format=date_field())  # fmt: skip
    start = third.time_input(t("From"), time(7), key="hours_start")
    end = fourth.time_input(t("To"), time(15), key="hours_end", help=t(NEXT_DAY))
    begin, until = _minutes(start), end_after(_minutes(start), _minutes(end))
    if not machines or not isinstance(day, date):
        return None
    return HoursOpened(machines, (day - plan.plant.plan_start.date()).days, begin, until)


def _minutes(of: time) -> int:
    return of.hour * 60 + of.minute


BREAKDOWN: Final = mark("A machine breaks down")
RUSH_ORDER: Final = mark("A rush order comes in")
MATERIAL: Final = mark("Material comes late")
HELD: Final = mark("An order is held")
SPLIT: Final = mark("An order is split")
HOURS: Final = mark("Machines work longer on a date")
OVERTIME_OFF: Final = mark("Overtime is off, every week")
OVERTIME_ON: Final = mark("Overtime is added, every week")
SHIFT: Final = mark("A shift is added, every week")
DROPPED: Final = mark("A job is dropped")
IMPORTANCE: Final = mark("A job's importance changes")
DUE: Final = mark("A due date changes")
QUANTITY: Final = mark("A quantity changes")
KINDS: Final[Mapping[str, Ask]] = {
    BREAKDOWN: _breakdown,
    RUSH_ORDER: rush_order,
    MATERIAL: _material_late,
    HELD: _order_held,
    SPLIT: _order_split,
    HOURS: _hours_opened,
    OVERTIME_OFF: _overtime_off,
    OVERTIME_ON: _overtime_on,
    SHIFT: _shift_added,
    mark("A machine is added"): _machine_added,
    DROPPED: _job_dropped,
    IMPORTANCE: _importance,
    DUE: _due,
    QUANTITY: _quantity,
}


def _day_words(day: str) -> str:
    return t(EVERY_DAY) if day == EVERY_DAY else weekday_text(WEEKDAYS.index(day))
