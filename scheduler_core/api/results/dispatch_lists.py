"""Dispatch lists as documents and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from scheduler_core.analysis.dispatch_lists import LateOrder, Line, Shift, WorkCentreList
from scheduler_core.api.plant_time import typed
from scheduler_core.api.results.floor import DispatchLine, DispatchList, DispatchRowDocument, ShiftDocument
from scheduler_core.data.store.records import DispatchRow
from scheduler_core.plant import Plant

CSV: Final = "text/csv; charset=utf-8"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def dispatch_document(
    plan: str, plant: Plant, shift: Shift, lists: Iterable[WorkCentreList], late: Iterable[LateOrder],
    notes: Mapping[int | str, Sequence[str]],
) -> DispatchList:  # fmt: skip
    """The lists of a shift as one list of lines. ``notes``: of machines (ids) and of orders (ids)."""
    document = {
        "plan": plan,
        "shift": _shift(plant, shift),
        "lines": [_line(plant, one.machine_type.name, line, notes) for one in lists for line in one.lines],
        "late_orders": [_late(plant, one) for one in late],
    }
    return typed(DispatchList, document, plant.timezone)


def shift_document(plant: Plant, shift: Shift) -> ShiftDocument:
    """A shift."""
    return typed(ShiftDocument, _shift(plant, shift), plant.timezone)


def dispatch_row_document(row: DispatchRow, timezone: str) -> DispatchRowDocument:
    """One line as it was released."""
    values = {name: getattr(row, "sequence" if name == "operation" else name) for name in DispatchRowDocument.model_fields}
    return typed(DispatchRowDocument, values, timezone)


def csv_of(lines: Sequence[DispatchLine] | Sequence[DispatchRowDocument], names: Iterable[str]) -> str:
    """The lines as CSV with a header row; lists are joined with a space. A text that a spreadsheet would take for a formula
    begins with an apostrophe."""
    columns = list(names)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    for line in lines:
        values = line.model_dump(mode="json")
        writer.writerow([_cell(values[name]) for name in columns])
    return text.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, list):
        return _cell(" ".join(str(one) for one in value))
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value


def _shift(plant: Plant, shift: Shift) -> dict[str, object]:
    start, end, until = (plant.clock.text(minute) for minute in (shift.start, shift.end, shift.until))
    return {"start": start, "end": end, "until": until}


def _line(plant: Plant, work_centre: str, line: Line, notes: Mapping[int | str, Sequence[str]]) -> dict[str, object]:
    a, job = line.assignment, line.job
    machines = (line.machine, *line.beside)
    return {
        "work_centre": work_centre, "machine": line.machine.id, "machine_name": line.machine.name,
        "position": line.position, "beside": [machine.id for machine in line.beside], "job": job.id,
        "product": job.product, "quantity": job.quantity, "operation": a.sequence, "process": line.operation.process,
        "setup_minutes": a.setup_minutes, "start": plant.clock.text(a.start), "end": plant.clock.text(a.end),
        "due": None if job.due is None else plant.clock.text(job.due), "minutes_late": line.lateness,
        "begun": line.begun, "fixed": line.fixed, "goes_on": line.goes_on,
        "notes": [*notes.get(job.id, ()), *(note for machine in machines for note in notes.get(machine.id, ()))],
    }  # fmt: skip


def _late(plant: Plant, one: LateOrder) -> dict[str, object]:
    return {
        "job": one.job.id, "minutes_late": one.lateness, "end": plant.clock.text(one.end),
        "next_operation": one.next.sequence, "next_machines": list(one.next.machines),
        "next_start": plant.clock.text(one.next.start), "in_shift": one.in_shift,
    }  # fmt: skip
