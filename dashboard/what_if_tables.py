"""A scenario's repairs beside the current plan, as tables. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import pandas as pd

from dashboard import words
from dashboard.plans import Plan
from dashboard.tables import figures
from scheduler_core.data.scenarios import Scenario
from scheduler_core.difference import Difference, JobChangeKind
from scheduler_core.plant import Plant
from scheduler_core.scenarios.breakdown import Breakdown
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
from scheduler_core.scenarios.placing import HoursOpened, Pinned
from scheduler_core.scenarios.promise import promise
from scheduler_core.stability import stability

SHOWN = (
    "Late jobs", "Weighted tardiness", "Mean days late, all jobs", "On time", "Last job done after", "Setup", "Overtime",
)  # fmt: skip
"""Figures that a what-if is judged by, beside its stability."""


def repairs_frame(current: Plan, repairs: Mapping[str, tuple[Plan, Difference]], now: datetime) -> pd.DataFrame:
    """One row per figure: the current plan, then each repair (by its heading) with what it changes."""
    rows: dict[str, list[str]] = {"Figure": []}
    for figure in figures(current, current):
        if figure.words in SHOWN:
            rows["Figure"].append(figure.words)
            rows.setdefault("Current plan", []).append(figure.text(figure.left))
    extra = ["Became late", "Operations moved", "Changed machine", "Moves in the next 24 h", "Moves in the next 72 h"]
    rows["Figure"] += extra
    rows["Current plan"] += [words.NOTHING] * len(extra)
    for heading, (plan, found) in repairs.items():
        column = [f.text(f.right) for f in figures(current, plan) if f.words in SHOWN]
        calm = stability(current.plant, current.schedule, plan.plant, plan.schedule, now)
        column += [
            str(found.count(JobChangeKind.BECAME_LATE)), str(found.moved), str(found.changed_machine),
            words.percent(calm.moved_24h), words.percent(calm.moved_72h),
        ]  # fmt: skip
        rows[heading] = column
    return pd.DataFrame(rows)


def promises_frame(job: str, current: Plan, repairs: Mapping[str, Plan]) -> pd.DataFrame:
    """When each repair has the rush order done, and what the others pay."""
    rows = []
    for heading, plan in repairs.items():
        found = promise(job, current.plant, current.schedule, plan.plant, plan.schedule)
        rows.append({
            "Repair": heading,
            "Done": words.stamp(plan.plant.time_of(found.completion)),
            "Others end later": found.later,
            "Others become late": found.became_late,
            "Others pay (weighted days)": words.signed_number(found.weighted_days),
        })  # fmt: skip
    return pd.DataFrame(rows)


def scenarios_frame(rows: Sequence[tuple[Scenario, str, str]]) -> pd.DataFrame:
    """Kept scenarios with their changes in words and the names of their plans."""
    return pd.DataFrame(
        [{"Name": s.name, "Changes": changes, "Plans": plans} for s, changes, plans in rows],
        columns=["Name", "Changes", "Plans"],
    )  # fmt: skip


def change_words(plant: Plant, change: Change) -> str:
    """A change in a planner's words; ``plant`` is the one that it is counted from."""
    match change:
        case Breakdown():
            machine = plant.machine_by_id.get(change.machine)
            name = str(change.machine) if machine is None else machine.name
            long = "no end known" if change.minutes is None else words.hours_minutes(change.minutes) + " h"
            return f"{name} is down from {words.stamp(plant.time_of(change.start))}, {long}"
        case RushOrder():
            return f"rush order {change.job.id}"
        case MaterialLate():
            return f"material of {change.job} comes {words.stamp(plant.time_of(change.release))}"
        case JobDropped():
            return f"{change.job} is dropped"
        case ImportanceChanged():
            return f"{change.job} is {'important' if change.important else 'ordinary'}"
        case DueChanged():
            when = "no date" if change.due is None else words.stamp(plant.time_of(change.due))
            return f"{change.job} is wanted by {when}"
        case QuantityChanged():
            return f"quantity of {change.job} is {change.quantity:g}"
        case OvertimeOff():
            return f"no overtime in {change.calendar}"
        case OvertimeOn():
            return f"more overtime in {change.calendar}"
        case ShiftAdded():
            return f"one more shift in {change.calendar}"
        case MachineAdded():
            return f"one more machine: {change.name}"
        case Pinned():
            name = words.machine_names(plant, change.machines)
            why = f" ({change.reason})" if change.reason else ""
            at = words.stamp(plant.time_of(change.start))
            return f"{change.job} operation {change.sequence} stays on {name}, {at}{why}"
        case HoursOpened():
            when = words.day(plant.plan_start + timedelta(days=change.day))
            hours = "–".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in (change.start, change.end))
            return f"{words.machine_names(plant, change.machines)} also work {when} {hours}"
