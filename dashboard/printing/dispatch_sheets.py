"""The printable page: a dispatch list per work centre, the late orders, and the shift as a drawing.

The lists follow each other, several on a page; the late orders and the drawings begin pages of their own. The plan's version
and the time of printing stand in the table heads, which a browser repeats on every page. Every text of the plant is escaped,
and the page's own policy forbids scripts and foreign content.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from pathlib import Path

from dashboard.gantt import drawing
from dashboard.gantt.drawing import Picture
from dashboard.gantt.rows import Group, machine_groups
from dashboard.presentation import dispatch_rows, formatting
from dashboard.presentation.dispatch_rows import ShiftSheets
from dashboard.printing import code128, paper_rows
from scheduler_core.analysis.dispatch_lists import Line
from scheduler_core.i18n.translate import language, mark, t, tn

STYLE = Path(__file__).parent / "dispatch_sheets.css"
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_NARROW = (mark("Qty"), mark("Op"), mark("Setup"))
_UNBROKEN = (
    mark("Start"),
    mark("End"),
    mark("Due"),
    mark("Done"),
    mark("Next start"),
    mark("Early or late"),
    mark("Late by"),
)
"""Columns of times, which take one line."""
KEPT_WHOLE = 5
"""A list of so few lines is not divided between two pages."""


def page(what: ShiftSheets, span: tuple[int, int], version: str, printed: datetime) -> str:
    """A whole HTML document. ``span``: minutes that the drawing shows; ``version``: which plan this is; ``printed``: plant
    time."""
    plant = what.plan.plant
    shift = dispatch_rows.shift_name(plant, what.shift)
    foot = t(
        "{name} · {version} · printed {printed} {timezone}",
        name=plant.name,
        version=version,
        printed=formatting.full_stamp_text(printed),
        timezone=formatting.zone_text(plant.timezone),
    )
    sections = [_work_centre(what, one.machine_type.name, one.lines, shift, foot) for one in what.busy]
    if what.idle:
        nothing = _paragraph(
            t("No work this shift: {centres}.", centres=", ".join(one.machine_type.name for one in what.idle))
        )
        sections.append(_section(_heading(t("Without work"), shift, foot) + nothing, follows=True))
    late = dispatch_rows.late_rows(what.plan, what.late)
    table = _table(t("Late orders ({late})", late=len(late)), shift, foot, dispatch_rows.late_columns(), late)
    sections.append(
        _section(table if late else _heading(t("Late orders"), shift, foot) + _paragraph(t("No order is late.")))
    )
    sections += _drawings(what, span, foot)
    title = t("Dispatch {shift}", shift=shift)
    return (
        '<!doctype html><html lang="' + language().replace("_", "-") + '"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<title>{escape(title)}</title><style>{STYLE.read_text(encoding='utf-8')}{_page_numbers()}</style></head>"
        f"<body>{''.join(sections)}</body></html>"
    )


def _page_numbers() -> str:
    """The style that numbers the pages, which only the browser counts, in the reader's language."""
    counters = {"{n}": "counter(page)", "{pages}": "counter(pages)"}
    words = re.split(r"({n}|{pages})", t("Page {n} of {pages}"))
    content = " ".join(counters.get(word) or f'"{_for_css(word)}"' for word in words if word)
    return f"@page {{ @bottom-right {{ content: {content}; }} }}"


def _for_css(text: str) -> str:
    return re.sub(r'[\\"<\n]', lambda sign: f"\\{ord(sign[0]):x} ", text)


def _work_centre(what: ShiftSheets, name: str, lines: Sequence[Line], shift: str, foot: str) -> str:
    rows = [paper_rows.row(what.plan.plant, line, what.notes) for line in lines]
    late = [(line.lateness or 0) > 0 for line in lines]
    table = _table(name, shift, foot, paper_rows.columns(), rows, late, divided_by=paper_rows.MACHINE, scan=paper_rows.SCAN)
    return _section(table, follows=True, whole=len(lines) <= KEPT_WHOLE)


def _drawings(what: ShiftSheets, span: tuple[int, int], foot: str) -> Iterable[str]:
    plan = what.plan
    groups, left_out = used_groups(what, span)
    text = f"{formatting.stamp(plan.plant.time_of(span[0]))} – {formatting.stamp(plan.plant.time_of(span[1]))}"
    legend = t(
        "Grey ground: closed. Not drawn: {machines} without work.", machines=tn("{n} machine", "{n} machines", left_out)
    )
    note = f'<p class="legend">{escape(legend)}</p>'
    picture = Picture(plan.plant, plan.hours, plan.status, *span, grey=True)
    for rows in drawing.pages(groups) if groups else ():
        yield _section(_heading(t("Gantt"), text, foot) + drawing.svg(picture, rows) + note)


def used_groups(what: ShiftSheets, span: tuple[int, int]) -> tuple[list[Group], int]:
    """The machines of the shift's work centres that hold an operation in the span, and how many do not."""
    plan = what.plan
    wanted = frozenset(one.machine_type.id for one in what.lists)
    every = machine_groups(plan.plant, plan.schedule, plan.hours, set(plan.plant.job_by_id), wanted, None)
    used = [
        Group(group.name, tuple(r for r in group.rows if any(a.start < span[1] and a.end > span[0] for a in r.bars)))
        for group in every
    ]
    groups = [group for group in used if group.rows]
    return groups, sum(len(g.rows) for g in every) - sum(len(g.rows) for g in groups)


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _section(inner: str, *, follows: bool = False, whole: bool = False) -> str:
    """``follows``: it needs no page of its own; ``whole``: it may not be divided between two pages."""
    classes = [name for name, holds in (("follows", follows), ("whole", whole)) if holds]
    return f'<section class="{" ".join(classes)}">{inner}</section>' if classes else f"<section>{inner}</section>"


def _heading(title: str, shift: str, foot: str) -> str:
    return f'<h1>{escape(title)} <span>{escape(shift)}</span></h1><p class="version">{escape(foot)}</p>'


def _table(
    title: str,
    shift: str,
    foot: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str | int]],
    late: Sequence[bool] = (),
    divided_by: int | None = None,
    scan: int | None = None,
) -> str:
    """A table whose head repeats on every page. ``late``: rows to mark; ``divided_by``: a line where this column changes;
    ``scan``: the column that gets the bar code of the job."""
    top = f'<tr><th class="head" colspan="{len(columns)}">{_heading(title, shift, foot)}</th></tr>'
    names = "".join(f"<th{_narrow(c)}>{escape(c)}</th>" for c in columns)
    body = []
    for k, cells in enumerate(rows):
        classes = ["late"] if late and late[k] else []
        if divided_by is not None and k and rows[k - 1][divided_by] != cells[divided_by]:
            classes.append("next")
        inner = "".join(
            f"<td{_narrow(c)}>{code128.svg(str(cells[paper_rows.JOB])) if place == scan else escape(str(v))}</td>"
            for place, (c, v) in enumerate(zip(columns, cells, strict=True))
        )
        body.append(f'<tr class="{" ".join(classes)}">{inner}</tr>')
    return f"<table><thead>{top}<tr>{names}</tr></thead><tbody>{''.join(body)}</tbody></table>"


def _narrow(column: str) -> str:
    if column in {t("Operator"), t("Signature")}:
        return ' class="hand"'
    if column in {t(c) for c in _UNBROKEN}:
        return ' class="line"'
    return ' class="narrow"' if column in {t(c) for c in _NARROW} else ""
