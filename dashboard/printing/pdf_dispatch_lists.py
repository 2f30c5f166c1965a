"""The shift's dispatch lists and the late orders as a PDF file."""

from __future__ import annotations

from datetime import datetime

from dashboard.presentation import dispatch_rows, formatting
from dashboard.presentation.dispatch_rows import ShiftSheets
from dashboard.printing import paper_rows
from dashboard.printing.pdf import Table, tables
from scheduler_core.i18n.translate import t

_WIDTHS = (1.2, 4.4, 3, 4.2, 5.4, 9, 2.2, 1.4, 5, 2.2, 4.4, 3.6, 4, 5, 4.5, 5)
_LATE_WIDTHS = (3.5, 5, 6, 1, 4, 5.5, 5, 5.5, 3, 12)


def sheets(what: ShiftSheets, version: str, printed: datetime) -> bytes:
    """A list per work centre that has work, several on a page, then the late orders. ``version``: which plan;
    ``printed``: plant time."""
    plant = what.plan.plant
    shift = dispatch_rows.shift_name(plant, what.shift)
    lists = []
    for one in what.busy:
        late_lines = frozenset(k for k, line in enumerate(one.lines) if (line.lateness or 0) > 0)
        rows = [_with_code(paper_rows.row(plant, line, what.notes)) for line in one.lines]
        title = f"{one.machine_type.name} · {shift}"
        lists.append(Table(title, paper_rows.columns(), rows, _WIDTHS, late_lines, codes=paper_rows.SCAN, follows=True))
    late = dispatch_rows.late_rows(what.plan, what.late)
    title = t("Late orders ({late}) · {shift}", late=len(late), shift=shift)
    lists.append(Table(title, dispatch_rows.late_columns(), late, _LATE_WIDTHS, instead=t("No order is late.")))
    foot = t(
        "{name} · {version} · printed {printed} {timezone}", name=plant.name, version=version,
        printed=formatting.full_stamp_text(printed), timezone=formatting.zone_text(plant.timezone),
    )  # fmt: skip
    return tables(t("Dispatch {shift}", shift=shift), foot, lists)


def _with_code(cells: list[str]) -> list[str]:
    """The row with the job's number in the column of the bar code, and a tick box that every font has."""
    row = list(cells)
    row[paper_rows.SCAN] = row[paper_rows.JOB]
    row[0] = "[ ]"
    return row
