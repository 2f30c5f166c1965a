"""How plans are called in lists and in the frame: what made them, what they assume, how late they are, and when they were
made. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.presentation import formatting
from dashboard.presentation.what_if_tables import change_words
from scheduler_core.data.store.records import StoredSchedule
from scheduler_core.i18n.translate import mark, t
from scheduler_core.judge.kpis import Kpis
from scheduler_core.plant import Plant
from scheduler_core.reports import Fallback
from scheduler_core.roles import AUTOMATION
from scheduler_core.scenarios.breakdown import Breakdown
from scheduler_core.scenarios.changes import (
    Change,
    DueChanged,
    ImportanceChanged,
    JobDropped,
    MaterialLate,
    QuantityChanged,
)

FULL_RERUN = mark("Full rerun")
SMALL = 10.0
"""Weighted days late below which a name shows one decimal."""


def kind(stored: StoredSchedule, of_scenario: bool) -> str:
    """What made the plan; the learned engine's answer to a what-if is called a full rerun, as in the table of repairs."""
    if of_scenario and stored.engine == "learned" and not isinstance(stored.report, Fallback):
        return t(FULL_RERUN)
    return formatting.plan_kind(stored)


def late_words(kpis: Kpis | None) -> str:
    """How late a plan is: its weighted tardiness in days."""
    if kpis is None:
        return t("rejected")
    days = kpis.weighted_tardiness_days
    if round(days, 1) == 0:
        return t("nothing late")
    return t("{days} d late", days=formatting.number(days, days_digits(days)))


def days_digits(days: float) -> int:
    """Digits after the point with which a name shows weighted days late."""
    return 1 if days < SMALL else 0


def days_less(before: Kpis, after: Kpis) -> str:
    """How many weighted days late ``after`` has less, as the names of both plans print them; where these are equal, to the
    tenth of a day."""
    old, new = before.weighted_tardiness_days, after.weighted_tardiness_days
    less = round(old, days_digits(old)) - round(new, days_digits(new))
    if less > 0:
        return formatting.number(less, max(days_digits(old), days_digits(new)))
    return formatting.number(formatting.printed_change(new, old, 1), 1)


def plan_name(stored: StoredSchedule, made: str, assumes: str | None = None, standing: str | None = None) -> str:
    """A plan's name.

    made: when it was made, in words. assumes: what its scenario assumes; None for a plan of the jobs as they are.
    standing: what became of it, as "in force, v3".
    """
    what = kind(stored, assumes is not None)
    if assumes is not None:
        what = t("{plan} with {assumption}", plan=what, assumption=assumes)
    late = late_words(stored.kpis)
    by_itself = stored.asked_by == AUTOMATION.name
    name = (
        t("{plan}, {late}, planned by itself {made}", plan=what, late=late, made=made)
        if by_itself
        else t("{plan}, {late}, {made}", plan=what, late=late, made=made)
    )
    return name if standing is None else f"{name} · {standing}"


def assumption(plant: Plant, changes: Sequence[Change]) -> str:
    """What a scenario assumes, short enough for a name; ``plant`` is the one that it is counted from."""
    return " + ".join(_short(plant, change) for change in changes)


def _short(plant: Plant, change: Change) -> str:
    match change:
        case Breakdown():
            machine = plant.machine_by_id.get(change.machine)
            name = str(change.machine) if machine is None else machine.name
            if change.minutes is None:
                return t("{name} down, end not known", name=name)
            if change.minutes % 60:
                return t("{name} down {time} h", name=name, time=formatting.hours_minutes(change.minutes))
            return t("{name} down {hours} h", name=name, hours=change.minutes // 60)
        case MaterialLate():
            return t("late material of {job}", job=change.job)
        case JobDropped():
            return t("{job} dropped", job=change.job)
        case ImportanceChanged():
            return t("{job} important", job=change.job) if change.important else t("{job} ordinary", job=change.job)
        case DueChanged():
            return t("another due date of {job}", job=change.job)
        case QuantityChanged():
            return t("quantity {quantity} of {job}", quantity=f"{change.quantity:g}", job=change.job)
        case _:
            return change_words(plant, change)
