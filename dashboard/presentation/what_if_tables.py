"""A scenario's repairs beside the current plan, as tables. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import pandas as pd

from dashboard.loaded_plan import Plan, Replanned, over_the_same_jobs
from dashboard.presentation import formatting
from dashboard.presentation.columns import MOMENT, SHARE, WHOLE, Column, frame_of, number
from dashboard.presentation.tables import figures
from scheduler_core.analysis.plan_diff import JobChangeKind
from scheduler_core.data.store.records import Scenario
from scheduler_core.i18n.translate import mark, t
from scheduler_core.plant import Plant, time_of_day
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
from scheduler_core.scenarios.order_changes import OrderHeld, OrderSplit
from scheduler_core.scenarios.promise import promise
from scheduler_core.scenarios.single_changes import Expedited, HoursOpened, Pinned

SHOWN = (
    mark("Late jobs"), mark("Weighted tardiness"), mark("Mean days late, all jobs"), mark("On time"),
    mark("Last job done after"), mark("Setup"), mark("Overtime"),
)  # fmt: skip
"""Figures that a what-if is judged by, beside its stability."""


def repairs_frame(current: Plan, repairs: Mapping[str, Replanned]) -> pd.DataFrame:
    """One row per figure: the current plan, then each repair (by its heading) with what it changes.

    Where the repairs have other jobs than the current plan, all figures are over the jobs that both have.
    """
    wanted = {t(figure) for figure in SHOWN}
    sides = {heading: over_the_same_jobs(current, repair.plan) for heading, repair in repairs.items()}
    before = next((old for old, _ in sides.values()), current)
    kept = [f for f in figures(before, before) if f.words in wanted]
    extra = {
        t("Became late"): WHOLE,
        t("Operations compared"): WHOLE,
        t("Operations moved"): WHOLE,
        t("Operations on another machine"): WHOLE,
        t("Operations moved, next 24 h"): SHARE,
        t("Operations moved, next 72 h"): SHARE,
        t("Moves beyond Keep, next 24 h"): WHOLE,
        t("Moves beyond Keep, next 72 h"): WHOLE,
        t("Mean shift of starts"): number(0, t(" min")),
        t("On another machine, next 72 h"): SHARE,
        t("Neighbours swapped, next 72 h"): SHARE,
    }
    own = [*(f.format for f in kept), *extra.values()]
    values: dict[str, list[float | None]] = {t("Current plan"): [*(f.left for f in kept), *(None for _ in extra)]}
    for heading, repair in repairs.items():
        calm, found = repair.stability, repair.diff
        values[heading] = [
            *(f.right for f in figures(*sides[heading]) if f.words in wanted),
            found.count(JobChangeKind.BECAME_LATE), found.compared, found.moved, found.changed_machine, calm.moved_24h,
            calm.moved_72h, repair.moves.moved_in_a_day, len(repair.moves.moved), calm.mean_shift_minutes,
            calm.machine_changed, calm.neighbours_swapped,
        ]  # fmt: skip
    return frame_of(
        [Column(t("Figure")), *(Column(heading, WHOLE) for heading in values)],
        zip([*(f.words for f in kept), *extra], *values.values(), strict=True),
        row_formats=dict.fromkeys(values, own),
    )


def promises_frame(job: str, current: Plan, repairs: Mapping[str, Plan]) -> pd.DataFrame:
    """When each repair has the rush order done, and what the others pay."""
    rows = []
    for heading, plan in repairs.items():
        found = promise(job, current.plant, current.schedule, plan.plant, plan.schedule)
        done = plan.plant.time_of(found.completion)
        rows.append((heading, done, found.later, found.became_late, found.weighted_days))
    return frame_of(
        [Column(t("Repair")), Column(t("Done"), MOMENT), Column(t("Others end later"), WHOLE),
         Column(t("Others become late"), WHOLE),
         Column(t("Extra lateness of other orders (weighted days)"), number(1, signed=True))],
        rows,
    )  # fmt: skip


def scenarios_frame(rows: Sequence[tuple[Scenario, str, str]]) -> pd.DataFrame:
    """Kept scenarios with their changes in words and the names of their plans."""
    columns = [Column(t("Name")), Column(t("Changes")), Column(t("Plans"))]
    return frame_of(columns, [(s.name, changes, plans) for s, changes, plans in rows])


def change_words(plant: Plant, change: Change) -> str:
    """A change in a planner's words; ``plant`` is the one that it is counted from."""
    match change:
        case Breakdown():
            machine = plant.machine_by_id.get(change.machine)
            name = str(change.machine) if machine is None else machine.name
            long = (
                t("no end known") if change.minutes is None else t("{time} h", time=formatting.hours_minutes(change.minutes))
            )
            return t(
                "{name} is down from {moment}, {long}",
                name=name,
                moment=formatting.stamp(plant.time_of(change.start)),
                long=long,
            )
        case RushOrder():
            return t("rush order {id}", id=change.job.id)
        case MaterialLate():
            return t(
                "material of {job} comes {moment}", job=change.job, moment=formatting.stamp(plant.time_of(change.release))
            )
        case JobDropped():
            return t("{job} is dropped", job=change.job)
        case ImportanceChanged():
            if change.important:
                return t("{job} is important", job=change.job)
            return t("{job} is ordinary", job=change.job)
        case DueChanged():
            when = t("no date") if change.due is None else formatting.stamp(plant.time_of(change.due))
            return t("{job} is wanted by {when}", job=change.job, when=when)
        case QuantityChanged():
            return t("quantity of {job} is {quantity}", job=change.job, quantity=f"{change.quantity:g}")
        case OvertimeOff():
            return t("no overtime in {calendar}", calendar=change.calendar)
        case OvertimeOn():
            return t("more overtime in {calendar}", calendar=change.calendar)
        case ShiftAdded():
            return t("one more shift in {calendar}", calendar=change.calendar)
        case MachineAdded():
            return t("one more machine: {name}", name=change.name)
        case Pinned():
            name = formatting.machine_names(plant, change.machines)
            why = f" ({change.reason})" if change.reason else ""
            stays = t(
                "{job} operation {sequence} stays on {machine}, {start}", job=change.job, sequence=change.sequence,
                machine=name, start=formatting.stamp(plant.time_of(change.start)),
            )  # fmt: skip
            return f"{stays}{why}"
        case Expedited():
            end = formatting.stamp(plant.time_of(change.end))
            return t("{job} is expedited: delivered {moment}", job=change.job, moment=end)
        case OrderHeld():
            if change.until is None:
                return t("{job} is held until it is released", job=change.job)
            return t("{job} is held until {moment}", job=change.job, moment=formatting.stamp(plant.time_of(change.until)))
        case OrderSplit():
            return t(
                "{job} is split: {quantity} pieces first, the rest as {rest}", job=change.job, rest=change.rest,
                quantity=formatting.number(change.quantity, 0 if change.quantity == int(change.quantity) else 2),
            )  # fmt: skip
        case HoursOpened():
            when = formatting.day(plant.plan_start + timedelta(days=change.day))
            hours = f"{time_of_day(change.start)}–{time_of_day(change.end)}"
            name = formatting.machine_names(plant, change.machines)
            if len(change.machines) == 1:
                return t("{machine} also works {day} {hours}", machine=name, day=when, hours=hours)
            return t("{machine} also work {day} {hours}", machine=name, day=when, hours=hours)
