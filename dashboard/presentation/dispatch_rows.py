"""Dispatch lists in a planner's words: the rows that the screen, the workbook and the paper share. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import pandas as pd

from dashboard.loaded_plan import Plan
from dashboard.presentation import formatting
from dashboard.presentation.columns import (
    DATE,
    DURATION,
    LATENESS,
    MOMENT,
    NUMBER_NAME,
    PIECES,
    TICK,
    Column,
    Format,
    frame_of,
    minutes,
)
from scheduler_core.analysis.dispatch_lists import LateOrder, Line, Shift, WorkCentreList, dispatch_lists, late_orders
from scheduler_core.causes import LateJob
from scheduler_core.i18n.local_formats import quantity_text
from scheduler_core.i18n.translate import mark, t
from scheduler_core.plant import Job, Plant

COLUMNS = (
    "#",
    mark("Machine"),
    mark("Part"),
    mark("Job"),
    mark("Qty"),
    mark("Op"),
    mark("Process"),
    mark("Setup"),
    mark("Start"),
    mark("End"),
    mark("Due"),
    mark("Late by"),
    mark("Note"),
)
LATE_COLUMNS = (
    mark("Late by"),
    mark("Part"),
    mark("Job"),
    "",
    mark("Due"),
    mark("Done"),
    mark("Next machine"),
    mark("Next start"),
    mark("In this shift"),
    mark("Cause"),
)


FORMATS: Mapping[str, Format] = {
    "#": NUMBER_NAME, "Qty": PIECES, "Op": NUMBER_NAME, "Setup": DURATION, "Start": MOMENT, "End": MOMENT, "Due": DATE,
    mark("Late by"): LATENESS, "Done": MOMENT, mark("Next start"): MOMENT, mark("In this shift"): TICK,
}  # fmt: skip
"""Columns whose cells are numbers, dates and durations on the screen and in the workbook."""


def columns() -> list[str]:
    """Headings of a work centre's list."""
    return [t(c) for c in COLUMNS]


def late_columns() -> list[str]:
    """Headings of the late orders."""
    return [t(c) for c in LATE_COLUMNS]


@dataclass(frozen=True)
class FloorNotes:
    """What planners have noted for the shop floor, by machine (id) and by order (id)."""

    machines: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    jobs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, line: Line) -> tuple[str, ...]:
        """The notes on a line's order and on the machines that it holds."""
        machines = (line.machine, *line.beside)
        return (*self.jobs.get(line.job.id, ()), *(note for m in machines for note in self.machines.get(m.id, ())))


NO_NOTES = FloorNotes()


@dataclass(frozen=True)
class ShiftSheets:
    """What goes to the floor for one shift: the lists of the chosen work centres, the plan's late orders, and notes."""

    plan: Plan
    shift: Shift
    lists: tuple[WorkCentreList, ...]
    late: tuple[LateOrder, ...]
    notes: FloorNotes = NO_NOTES

    @property
    def busy(self) -> tuple[WorkCentreList, ...]:
        """Work centres that have something to do."""
        return tuple(one for one in self.lists if one.lines)

    @property
    def idle(self) -> tuple[WorkCentreList, ...]:
        """Work centres that have nothing to do."""
        return tuple(one for one in self.lists if not one.lines)


def sheets(plan: Plan, shift: Shift, work_centre: int | None, notes: FloorNotes = NO_NOTES) -> ShiftSheets:
    """The lists of a shift, of one machine type or of all (None)."""
    lists = dispatch_lists(plan.plant, plan.schedule, shift, plan.lateness)
    chosen = tuple(one for one in lists if work_centre in (None, one.machine_type.id))
    return ShiftSheets(plan, shift, chosen, late_orders(plan.plant, plan.schedule, shift, plan.lateness), notes)


def shift_key(plant: Plant, shift: Shift) -> str:
    """The shift's start, as it stands in the page's address."""
    return plant.time_of(shift.start).isoformat(timespec="minutes")


def shift_name(plant: Plant, shift: Shift) -> str:
    """Date and hours; the end has a date of its own where it is another."""
    start, end = plant.time_of(shift.start), plant.time_of(shift.end)
    if start.date() == end.date():
        return f"{formatting.stamp(start)}–{formatting.time_text(end)}"
    return f"{formatting.stamp(start)} – {formatting.stamp(end)}"


def note_words(line: Line, said: FloorNotes = NO_NOTES) -> str:
    """What is special about a line, and what planners have noted of its order and machine."""
    notes = [t("★ important")] if line.job.important else []
    if line.begun:
        notes.append(t("already running") if line.fixed else t("from the shift before"))
    elif line.fixed:
        notes.append(t("fixed"))
    if line.beside:
        notes.append(t("with {machines}", machines=", ".join(m.name for m in line.beside)))
    if line.goes_on:
        notes.append(t("continues next shift"))
    return ", ".join((*notes, *said.of(line)))


def quantity_words(quantity: float | None) -> str:
    """Pieces, without needless digits."""
    return formatting.NOTHING if quantity is None else quantity_text(quantity)


def row(plant: Plant, line: Line, notes: FloorNotes = NO_NOTES) -> tuple[str | int, ...]:
    """A line's cells, in the order of ``COLUMNS``."""
    a = line.assignment
    return (
        line.position,
        line.machine.name,
        line.job.product or formatting.NOTHING,
        line.job.id,
        quantity_words(line.job.quantity),
        line.operation.sequence,
        line.operation.process,
        formatting.hours_minutes(a.setup_minutes),
        formatting.stamp_at(plant, a.start),
        formatting.stamp_at(plant, a.end),
        formatting.due_day(plant, line.job),
        formatting.signed_days(line.lateness),
        note_words(line, notes),
    )


def late_rows(plan: Plan, orders: Iterable[LateOrder]) -> list[tuple[str, ...]]:
    """The late orders' cells, in the order of ``LATE_COLUMNS``."""
    causes = {late.job.id: late for late in plan.late_jobs}
    return [_late_row(plan.plant, order, causes.get(order.job.id)) for order in orders]


def _late_row(plant: Plant, order: LateOrder, explained: LateJob | None) -> tuple[str, ...]:
    return (
        formatting.signed_days(order.lateness),
        order.job.product or formatting.NOTHING,
        order.job.id,
        "★" if order.job.important else "",
        formatting.due_day(plant, order.job),
        formatting.stamp_at(plant, order.end),
        formatting.machine_names(plant, order.next.machines),
        formatting.stamp_at(plant, order.next.start),
        t("yes") if order.in_shift else "",
        formatting.NOTHING if explained is None else formatting.cause_words(plant, explained, brief=True),
    )


def list_frame(plant: Plant, lines: Iterable[Line], notes: FloorNotes = NO_NOTES) -> pd.DataFrame:
    """One list as a table of values."""
    return frame_of(_columns(COLUMNS), [_values(plant, line, notes) for line in lines])


def lists_frame(plant: Plant, lists: Iterable[WorkCentreList], notes: FloorNotes = NO_NOTES) -> pd.DataFrame:
    """Several lists as one table of values, the work centre in front."""
    rows = [(one.machine_type.name, *_values(plant, line, notes)) for one in lists for line in one.lines]
    return frame_of([Column(t("Work centre")), *_columns(COLUMNS)], rows)


def late_frame(plan: Plan, orders: Iterable[LateOrder]) -> pd.DataFrame:
    """The late orders as a table of values."""
    words = dict(zip(LATE_COLUMNS, range(len(LATE_COLUMNS)), strict=True))
    rows = []
    orders = list(orders)
    for order, written in zip(orders, late_rows(plan, orders), strict=True):
        values: dict[str, object] = {
            mark("Late by"): minutes(order.lateness), "Due": _due(plan.plant, order.job),
            "Done": plan.plant.time_of(order.end),
            mark("Next start"): plan.plant.time_of(order.next.start),
            mark("In this shift"): order.in_shift,
        }  # fmt: skip
        rows.append([values.get(name, written[k]) for name, k in words.items()])
    return frame_of(_columns(LATE_COLUMNS), rows)


def _columns(names: Iterable[str]) -> list[Column]:
    return [Column(t(name), FORMATS.get(name)) for name in names]


def _values(plant: Plant, line: Line, notes: FloorNotes) -> list[object]:
    a = line.assignment
    values: dict[str, object] = {
        "Qty": line.job.quantity, "Setup": minutes(a.setup_minutes), "Start": plant.time_of(a.start),
        "End": plant.time_of(a.end), "Due": _due(plant, line.job), mark("Late by"): minutes(line.lateness),
    }  # fmt: skip
    return [values.get(name, word) for name, word in zip(COLUMNS, row(plant, line, notes), strict=True)]


def _due(plant: Plant, job: Job) -> datetime | None:
    return None if job.due is None else plant.time_of(job.due)


def workbook_frames(what: ShiftSheets, version: str) -> Mapping[str, pd.DataFrame]:
    """Sheets of the workbook: one per work centre with work, the late orders, and which plan they are from."""
    plant = what.plan.plant
    about = [(t("Shift"), shift_name(plant, what.shift)), (t("Plan"), version), (t("Plant"), plant.name)]
    about.append((t("No work this shift"), ", ".join(one.machine_type.name for one in what.idle) or formatting.NOTHING))
    frames = {t("Plan"): pd.DataFrame(about, columns=[t("About"), t("These lists")])}
    # The sheet's writer tells equal titles apart; a key must not swallow a work centre of the same name.
    for one in what.busy:
        title = one.machine_type.name
        frames[title if title not in frames else f"{title} {one.machine_type.id}"] = list_frame(plant, one.lines, what.notes)
    late = t("Late orders")
    frames[late if late not in frames else t("{title} (plan)", title=late)] = late_frame(what.plan, what.late)
    return frames
