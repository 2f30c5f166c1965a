"""The shift's dispatch lists and the late orders as a PDF file."""

from __future__ import annotations

from datetime import datetime

from dashboard.presentation import dispatch_rows
from dashboard.presentation.dispatch_rows import ShiftSheets
from dashboard.printing.pdf import Table, tables
from scheduler_core.i18n.translate import t

_WIDTHS = (1.2, 4, 5, 6, 2.5, 1.5, 6, 2.2, 5.5, 5.5, 4, 3.5, 7)
_LATE_WIDTHS = (3.5, 5, 6, 1, 4, 5.5, 5, 5.5, 3, 12)


def sheets(what: ShiftSheets, version: str, printed: datetime) -> bytes:
    """A list per work centre that has work, then the late orders. ``version``: which plan; ``printed``: plant time."""
    plant = what.plan.plant
    shift = dispatch_rows.shift_name(plant, what.shift)
    lists = []
    for one in what.busy:
        late_lines = frozenset(k for k, line in enumerate(one.lines) if (line.lateness or 0) > 0)
        rows = [dispatch_rows.row(plant, line) for line in one.lines]
        lists.append(Table(f"{one.machine_type.name} · {shift}", dispatch_rows.columns(), rows, _WIDTHS, late_lines))
    late = dispatch_rows.late_rows(what.plan, what.late)
    title = t("Late orders ({late}) · {shift}", late=len(late), shift=shift)
    lists.append(Table(title, dispatch_rows.late_columns(), late, _LATE_WIDTHS, instead=t("No order is late.")))
    foot = t(
        "{name} · {version} · printed {printed} {timezone}", name=plant.name, version=version,
        printed=f"{printed:%Y-%m-%d %H:%M}", timezone=plant.timezone,
    )  # fmt: skip
    return tables(t("Dispatch {shift}", shift=shift), foot, lists)
