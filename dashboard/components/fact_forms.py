"""The fields of each kind of fact, in plain words: what they say becomes one change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.components.downtime_dialog import EXPECTED
from dashboard.presentation import formatting
from dashboard.presentation.machine_labels import by_name, machine_label
from scheduler_core.i18n.local_formats import date_field, weekdays
from scheduler_core.i18n.translate import mark, t
from scheduler_core.plant import MINUTES_PER_DAY, Operation, Plant, end_after
from scheduler_core.scenarios.breakdown import Breakdown
from scheduler_core.scenarios.changes import Change, DueChanged, ImportanceChanged, MaterialLate
from scheduler_core.scenarios.days import Days
from scheduler_core.scenarios.floor_changes import MAX_NOTE, MachineReturns, Noted
from scheduler_core.scenarios.floor_reports import OperationFinished, OperationStarted, PiecesScrapped
from scheduler_core.scenarios.hour_changes import Group, HoursAdded, HoursClosed, MachineLimited
from scheduler_core.scenarios.order_changes import OrderHeld
from scheduler_core.services.facts import Question


class FactKind(StrEnum):
    """What a planner can state; the values stand in the session."""

    DOWN = "down"
    LIMITED = "limited"
    HOURS = "hours"
    CLOSED = "closed"
    NOTE = "note"
    HOLD = "hold"
    DUE = "due"
    IMPORTANCE = "importance"
    MATERIAL = "material"
    BACK = "back"
    STARTED = "started"
    FINISHED = "finished"
    SCRAPPED = "scrapped"


KIND_WORDS: Final[Mapping[FactKind, str]] = {
    FactKind.DOWN: mark("A machine is down"), FactKind.LIMITED: mark("A machine works only part of the day"),
    FactKind.HOURS: mark("Extra hours or one more shift"), FactKind.CLOSED: mark("Closed: a day, half a day or a holiday"),
    FactKind.NOTE: mark("A note on a machine or an order"), FactKind.HOLD: mark("An order is on hold"),
    FactKind.DUE: mark("Another due date of an order"), FactKind.IMPORTANCE: mark("Another importance of an order"),
    FactKind.MATERIAL: mark("Material comes late"), FactKind.BACK: mark("When a machine out of service is back"),
    FactKind.STARTED: mark("An operation has started"), FactKind.FINISHED: mark("An operation is finished"),
    FactKind.SCRAPPED: mark("Pieces were scrapped"),
}  # fmt: skip
OF_ORDERS: Final = frozenset({FactKind.NOTE, FactKind.HOLD, FactKind.DUE, FactKind.IMPORTANCE})
"""Kinds without dates of their own, which may end on a date that the planner names."""
REPORTS: Final = frozenset({FactKind.STARTED, FactKind.FINISHED, FactKind.SCRAPPED})
"""Kinds that tell what has happened on the floor, which need no reason."""


class Scope(StrEnum):
    """Whose hours change."""

    PLANT = "plant"
    CENTRE = "centre"
    MACHINES = "machines"


class Span(StrEnum):
    """On which dates hours change."""

    DATE = "date"
    DATES = "dates"
    WEEKLY = "weekly"


SCOPES: Final[Mapping[Scope, str]] = {
    Scope.CENTRE: mark("A work centre"), Scope.MACHINES: mark("Single machines"), Scope.PLANT: mark("The whole plant"),
}  # fmt: skip
SPANS: Final[Mapping[Span, str]] = {
    Span.DATE: mark("On one date"), Span.DATES: mark("From date to date"), Span.WEEKLY: mark("Every week"),
}  # fmt: skip
REGULAR: Final = mark("A regular shift, no overtime")
DEFAULT_HOLD = timedelta(days=7)
MINUTE = 60
"""Seconds between the times that are offered of what has happened on the floor."""
MOST_ORDERS = 10
"""Waiting orders that are named."""


@dataclass(frozen=True)
class Asking:
    """What the fields choose from. ``now``: naive plant time; ``waiting``: machines out of service for which orders wait."""

    plant: Plant
    now: datetime
    waiting: tuple[Question, ...] = ()


# ---------------------------------------------------------------- what several kinds ask
def _machine(asking: Asking) -> int | None:
    plant = asking.plant
    chosen: int | None = st.selectbox(
        t("Machine"), by_name(plant), index=None, key="fact_machine", format_func=lambda i: machine_label(plant, i),
        placeholder=t("Name of the machine or of its work centre"),
    )  # fmt: skip
    return chosen


def _order(asking: Asking) -> str | None:
    plant = asking.plant
    chosen: str | None = st.selectbox(
        t("Order"), [j.id for j in plant.jobs], index=None, key="fact_order",
        format_func=lambda i: formatting.job_name(plant.job_by_id[i]), placeholder=t("Number of the order, or of its part"),
    )  # fmt: skip
    return chosen


def _group(asking: Asking) -> Group | None:
    """Whose hours; None while nothing is chosen."""
    plant = asking.plant
    st.session_state.setdefault("fact_scope", Scope.CENTRE)
    scope_cell, which = st.columns(2, vertical_alignment="bottom")
    scope = scope_cell.segmented_control(
        t("For"), list(SCOPES), format_func=lambda s: t(SCOPES[s]), key="fact_scope", required=True
    )
    if scope is Scope.PLANT:
        return Group()
    if scope is Scope.CENTRE:
        chosen = which.selectbox(
            t("Work centre"), [one.id for one in plant.machine_types], index=None, key="fact_centre",
            format_func=lambda i: plant.machine_type_by_id[i].name,
        )  # fmt: skip
        return None if chosen is None else Group(machine_types=(chosen,))
    machines = which.multiselect(
        t("Which machines"), by_name(plant), key="fact_machines", format_func=lambda i: machine_label(plant, i)
    )
    return Group(machines=tuple(machines)) if machines else None


def _days(asking: Asking) -> Days | None:
    """On which dates; None while something is missing."""
    today = asking.now.date()
    st.session_state.setdefault("fact_span", Span.DATE)
    st.session_state.setdefault("fact_first", today)
    span_cell, first_cell, last_cell = st.columns([2, 1, 1], vertical_alignment="bottom")
    span = span_cell.segmented_control(
        t("When"), list(SPANS), format_func=lambda s: t(SPANS[s]), key="fact_span", required=True
    )
    label = t("Date") if span is Span.DATE else t("First date")
    first = first_cell.date_input(label, key="fact_first", min_value=today, format=date_field())
    if span is Span.DATE:
        return Days(first, first)
    weekly: tuple[int, ...] = ()
    open_end = False
    if span is Span.WEEKLY:
        weekly, open_end = _weekdays(first)
        if not weekly:
            return None
    if open_end:
        return Days(first, None, weekly)
    last = last_cell.date_input(
        t("Last date"), first + timedelta(days=6), key="fact_last", min_value=first, format=date_field()
    )
    return Days(first, last, weekly) if isinstance(last, date) else None


def _weekdays(first: date) -> tuple[tuple[int, ...], bool]:
    """The weekdays (1 = Monday), and whether they go on until further notice."""
    names = weekdays()
    st.session_state.setdefault("fact_weekdays", [first.isoweekday()])
    days_cell, end_cell = st.columns(2, vertical_alignment="bottom")
    numbers = days_cell.pills(
        t("Weekdays"), list(range(1, 8)), selection_mode="multi", format_func=lambda n: names[n - 1], key="fact_weekdays"
    )
    return tuple(sorted(numbers)), end_cell.toggle(t("Until further notice"), value=True, key="fact_open")


def _hours(start: time, end: time, switch: tuple[str, str] | None = None) -> tuple[int, int, bool]:
    """Two times of day as fields, in minutes after midnight; an end at or before the start lies on the next day. ``switch``:
    words and key of a switch beside them, whose state comes back too."""
    st.session_state.setdefault("fact_from", start)
    st.session_state.setdefault("fact_to", end)
    first, second, third = st.columns([1, 1, 2], vertical_alignment="bottom")
    begins = first.time_input(t("From"), key="fact_from", step=900)
    help_ = t("00:00 is midnight; an end before the start lies on the next day")
    ends = second.time_input(t("To"), key="fact_to", step=900, help=help_)
    switched = switch is not None and third.toggle(t(switch[0]), key=switch[1])
    begin = _minutes(begins)
    return begin, end_after(begin, _minutes(ends)), switched


def _hours_of_one_day(start: time, end: time) -> tuple[int, int] | None:
    """The same of a date alone; None, and said, where they run beyond its midnight."""
    begin, until, _ = _hours(start, end)
    if until <= MINUTES_PER_DAY:
        return begin, until
    st.error(
        t("These hours end at midnight at the latest: enter 00:00, and record the hours after midnight for the next day."),
        icon=":material/edit:",
    )
    return None


def _minutes(of: time | None) -> int:
    return 0 if of is None else of.hour * 60 + of.minute


def _moment(label: str, usual: datetime, key: str, step: int = 900) -> datetime | None:
    """``step``: seconds between the times that are offered."""
    st.session_state.setdefault(key, usual.replace(second=0, microsecond=0))
    chosen = st.datetime_input(label, key=key, step=step, format=date_field())
    return chosen.replace(second=0, microsecond=0) if isinstance(chosen, datetime) else None


# ---------------------------------------------------------------- the kinds
def _down(asking: Asking) -> Change | None:
    machine = _machine(asking)
    start = _moment(t("Down from"), asking.now, "fact_down_from")
    unknown = st.toggle(
        t("The end is not known yet"), value=True, key="fact_down_unknown",
        help=t("Plans assume that the machine is down until the end of the next day; each pull adds one more day"),
    )  # fmt: skip
    end = None if unknown else _moment(t("Expected back"), asking.now + EXPECTED, "fact_down_end")
    if machine is None or start is None or (end is None and not unknown):
        return None
    minutes = None if end is None else round((end - start).total_seconds() / 60)
    return Breakdown(machine, asking.plant.minute_of(start), minutes)


def _limited(asking: Asking) -> Change | None:
    machine, days = _machine(asking), _days(asking)
    hours = _hours_of_one_day(time(7), time(15))
    st.caption(t("Outside these hours the machine does no work; inside them it works its usual hours at its usual pace."))
    return None if machine is None or days is None or hours is None else MachineLimited(machine, days, *hours)


def _extra(asking: Asking) -> Change | None:
    group, days = _group(asking), _days(asking)
    begin, end, regular = _hours(time(7), time(15), (REGULAR, "fact_regular"))
    if group is None or days is None:
        return None
    return HoursAdded(days, begin, end, group, "regular" if regular else "overtime")


def _closed(asking: Asking) -> Change | None:
    group, days = _group(asking), _days(asking)
    whole = st.toggle(t("The whole day"), value=True, key="fact_whole")
    hours = (0, MINUTES_PER_DAY) if whole else _hours_of_one_day(time(13), time(0))
    return None if group is None or days is None or hours is None else HoursClosed(days, *hours, group)


def _note(asking: Asking) -> Change | None:
    on = st.segmented_control(
        t("On"), ["machine", "order"], default="machine", required=True, key="fact_note_on",
        format_func=lambda s: t("A machine") if s == "machine" else t("An order"),
    )  # fmt: skip
    machine, order = (_machine(asking), None) if on == "machine" else (None, _order(asking))
    text = st.text_area(t("Note"), key="fact_note", max_chars=MAX_NOTE, height=90,
                        help=t("Shown on the Gantt and on dispatch lists; it changes no plan"))  # fmt: skip
    if not text.strip() or (machine is None and order is None):
        return None
    return Noted(text.strip(), machine, order)


def _hold(asking: Asking) -> Change | None:
    order = _order(asking)
    open_end = st.toggle(
        t("Until it is released"), value=True, key="fact_hold_open", help=t("Planned as four weeks from now")
    )
    until = None if open_end else _moment(t("Not before"), asking.now + DEFAULT_HOLD, "fact_hold_until")
    if order is None or (until is None and not open_end):
        return None
    return OrderHeld(order, None if until is None else asking.plant.minute_of(until))


def _due(asking: Asking) -> Change | None:
    order = _order(asking)
    if order is None:
        return None
    job = asking.plant.job_by_id[order]
    usual = asking.now + DEFAULT_HOLD if job.due is None else asking.plant.time_of(job.due)
    due = _moment(t("Wanted by"), usual, f"fact_due_{order}")
    return None if due is None else DueChanged(order, asking.plant.minute_of(due))


def _importance(asking: Asking) -> Change | None:
    order = _order(asking)
    if order is None:
        return None
    important = asking.plant.job_by_id[order].important
    st.text(t("It becomes an ordinary job.") if important else t("It becomes an important job."))
    return ImportanceChanged(order, not important)


def _material(asking: Asking) -> Change | None:
    order = _order(asking)
    there = _moment(t("Material is there"), asking.now + timedelta(days=1), "fact_material")
    return None if order is None or there is None else MaterialLate(order, asking.plant.minute_of(there))


def _back(asking: Asking) -> Change | None:
    names = {one.machine: one for one in asking.waiting}
    if not names:
        st.info(t("No order waits for a machine that is out of service in the ERP."))
        return None
    machine = st.selectbox(t("Machine"), list(names), key="fact_back", format_func=lambda m: names[m].name)
    orders = names[machine].jobs
    listed = ", ".join(orders[:MOST_ORDERS])
    if (more := len(orders) - MOST_ORDERS) > 0:
        listed = t("{orders} and {n} more", orders=listed, n=more)
    st.caption(t("Orders that wait for this machine because no other machine can take them: {orders}", orders=listed))
    at = _moment(t("Back in service"), asking.now + timedelta(days=1), "fact_back_at")
    return None if at is None else MachineReturns(machine, asking.plant.minute_of(at))


def _operation(asking: Asking, order: str | None) -> Operation | None:
    """An open operation of the order; None while nothing is chosen."""
    steps = {} if order is None else {op.sequence: op for op in asking.plant.job_by_id[order].operations}
    if st.session_state.get("fact_operation") not in steps:
        st.session_state.pop("fact_operation", None)  # of another order
    chosen: int | None = st.selectbox(
        t("Operation"), list(steps), index=None, key="fact_operation", disabled=not steps,
        format_func=lambda n: f"{n} · {steps[n].process}" if n in steps else str(n),
        placeholder=t("Its number, or what is done in it"),
    )  # fmt: skip
    return None if chosen is None else steps.get(chosen)


def _started(asking: Asking) -> Change | None:
    order = _order(asking)
    op, plant = _operation(asking, order), asking.plant
    able = () if op is None else plant.eligible_machines(op)
    machine_cell, moment_cell = st.columns(2)
    with machine_cell:
        machine = st.selectbox(
            t("On machine"), able, index=0 if len(able) == 1 else None, key=f"fact_started_on_{order}_{op and op.sequence}",
            format_func=lambda i: machine_label(plant, i), disabled=not able,
        )  # fmt: skip
    with moment_cell:
        at = _moment(t("Started"), asking.now, "fact_started", MINUTE)
    if order is None or op is None or machine is None or at is None:
        return None
    return OperationStarted(order, op.sequence, machine, plant.minute_of(at))


def _finished(asking: Asking) -> Change | None:
    order = _order(asking)
    op, plant = _operation(asking, order), asking.plant
    pieces = None if order is None else plant.job_by_id[order].quantity
    moment_cell, good_cell = st.columns(2)
    with moment_cell:
        at = _moment(t("Finished"), asking.now, "fact_finished", MINUTE)
    good = None if pieces is None else _pieces(good_cell, t("Good pieces"), f"fact_good_{order}", pieces)
    if order is None or op is None or at is None:
        return None
    return OperationFinished(order, op.sequence, plant.minute_of(at), good)


def _scrapped(asking: Asking) -> Change | None:
    order = _order(asking)
    op, plant = _operation(asking, order), asking.plant
    moment_cell, pieces_cell = st.columns(2)
    with moment_cell:
        at = _moment(t("When"), asking.now, "fact_scrapped", MINUTE)
    pieces = _pieces(pieces_cell, t("Scrapped pieces"), "fact_pieces", None)
    st.caption(t("The later operations of the order make fewer pieces. Enter a replacement in the ERP: it needs material."))
    if order is None or op is None or at is None or not pieces:
        return None
    return PiecesScrapped(order, op.sequence, plant.minute_of(at), pieces)


def _pieces(cell: DeltaGenerator, label: str, key: str, usual: int | float | None) -> int | float | None:
    """A number of pieces, whole where it is."""
    if usual is not None:
        st.session_state.setdefault(key, float(usual))
    chosen = cell.number_input(label, min_value=0.0, value=None, step=1.0, format="%g", key=key)
    if chosen is None:
        return None
    return int(chosen) if chosen == int(chosen) else chosen


FORMS: Final[Mapping[FactKind, Callable[[Asking], Change | None]]] = {
    FactKind.DOWN: _down, FactKind.LIMITED: _limited, FactKind.HOURS: _extra, FactKind.CLOSED: _closed,
    FactKind.NOTE: _note, FactKind.HOLD: _hold, FactKind.DUE: _due, FactKind.IMPORTANCE: _importance,
    FactKind.MATERIAL: _material, FactKind.BACK: _back, FactKind.STARTED: _started, FactKind.FINISHED: _finished,
    FactKind.SCRAPPED: _scrapped,
}  # fmt: skip
