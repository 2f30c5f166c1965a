"""A dispatch list's row on paper: what to start when and where first, then what is written in by hand."""

from __future__ import annotations

from dashboard.presentation import dispatch_rows, formatting
from dashboard.presentation.dispatch_rows import NO_NOTES, FloorNotes
from scheduler_core.analysis.dispatch_lists import Line
from scheduler_core.i18n.translate import mark, t
from scheduler_core.plant import Plant

TICK = "☐"
COLUMNS = (
    "", mark("Start"), mark("Machine"), mark("Part"), mark("Job"), mark("Scan"), mark("Qty"), mark("Op"), mark("Process"),
    mark("Setup"), mark("End"), mark("Due"), mark("Early or late"), mark("Note"), mark("Operator"), mark("Signature"),
)  # fmt: skip
MACHINE, JOB, SCAN = 2, 4, 5
"""Places of the machine, the job and its bar code."""


def columns() -> list[str]:
    """Headings of a list on paper."""
    return [t(c) if c else "" for c in COLUMNS]


def row(plant: Plant, line: Line, notes: FloorNotes = NO_NOTES) -> list[str]:
    """A line's cells in the order of ``COLUMNS``. The place for the bar code, like those for operator and signature, is
    empty."""
    a = line.assignment
    return [
        TICK,
        formatting.stamp_at(plant, a.start),
        line.machine.name,
        line.job.product or formatting.NOTHING,
        line.job.id,
        "",
        dispatch_rows.quantity_words(line.job.quantity),
        str(line.operation.sequence),
        line.operation.process,
        formatting.hours_minutes(a.setup_minutes),
        formatting.stamp_at(plant, a.end),
        formatting.due_day(plant, line.job),
        formatting.early_or_late(line.lateness),
        dispatch_rows.note_words(line, notes),
        "",
        "",
    ]
