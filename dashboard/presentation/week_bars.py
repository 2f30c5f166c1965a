"""A week's hours as bars: one line for the scale, one for each day. HTML in which every text is escaped. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Final

from dashboard.presentation import formatting
from dashboard.presentation.colours import CLOSED, FILL, RUN, SETUP, WAIT, ink_on
from scheduler_core.analysis.job_status import JobStatus
from scheduler_core.analysis.work_week import WORKING, HourKind, HourSpan, MachineHours, WorkDay
from scheduler_core.i18n.translate import mark, t
from scheduler_core.plant import MINUTES_PER_DAY, Plant, time_of_day
from scheduler_core.scenarios.change_wording import hours_words

KIND_WORDS: Final[Mapping[HourKind, str]] = {
    HourKind.REGULAR: mark("Regular hours"), HourKind.OVERTIME: mark("Weekly overtime"), HourKind.EXTRA: mark("Extra hours"),
    HourKind.BREAK: mark("Break"), HourKind.HOLIDAY: mark("Closed"), HourKind.DOWN: mark("Machine down"),
}  # fmt: skip


def _hatched(colour: str) -> str:
    stripes = f"{colour} 0 3px,transparent 3px 7px"
    return f"repeating-linear-gradient(135deg,{stripes})"


_GROUND: Final[Mapping[HourKind, str]] = {
    HourKind.REGULAR: RUN, HourKind.OVERTIME: SETUP, HourKind.EXTRA: FILL[JobStatus.ON_TIME],
    HourKind.BREAK: "transparent", HourKind.HOLIDAY: _hatched(CLOSED), HourKind.DOWN: _hatched(WAIT),
}  # fmt: skip
"""How each kind is filled: what works is full, what does not is hatched or empty, so that grey alone tells them apart."""
_OUTLINED: Final = frozenset({HourKind.BREAK, HourKind.EXTRA, HourKind.HOLIDAY, HourKind.DOWN})
HEIGHT, THIN = 26, 14
"""Pixels of a bar, and of each where a day has several."""
_NO_WIDTH: Final = "display:inline-block;width:0;height:100%;vertical-align:top"
ROWS: Final = 3
"""Bars of a day at most; the machines beyond are counted."""


def scale() -> str:
    """The hours above the bars."""
    marks = "".join(
        f'<span style="position:absolute;left:{_percent(60 * hour)};transform:translateX({shift})">'
        f"{time_of_day(60 * hour)}</span>"
        for hour, shift in ((0, "0"), (6, "-50%"), (12, "-50%"), (18, "-50%"), (24, "-100%"))
    )
    return f'<div style="position:relative;height:18px;font-size:12px;opacity:.85">{marks}</div>'


def bars(plant: Plant, day: WorkDay) -> str:
    """The day's bars, one for each group of machines with the same hours."""
    height = HEIGHT if len(day.rows) == 1 else THIN
    return "".join(_bar(plant, row, height, named=len(day.rows) > 1) for row in day.rows[:ROWS])


def _bar(plant: Plant, row: MachineHours, height: int, *, named: bool) -> str:
    whose = formatting.machine_names(plant, row.machines) if named else ""
    grid = "".join(
        f'<div style="position:absolute;left:{25 * k}%;top:0;bottom:0;border-left:1px solid rgba(128,128,128,.35)"></div>'
        for k in range(1, 4)
    )
    pieces = "".join(_piece(span, height, whose) for span in row.spans)
    style = f"position:relative;height:{height}px;margin-bottom:2px;border:1px solid rgba(128,128,128,.35);border-radius:3px"
    return f'<div role="img" aria-label="{escape(row_words(plant, row, named=named))}" style="{style}">{grid}{pieces}</div>'


def _piece(span: HourSpan, height: int, whose: str) -> str:
    left, width = (_percent(minutes) for minutes in (span.start, span.end - span.start))
    edge = "border:1px solid rgba(128,128,128,.8);box-sizing:border-box;" if span.kind in _OUTLINED else ""
    ink = f"color:{ink_on(_GROUND[span.kind])};" if span.kind in WORKING else ""
    style = (
        f"position:absolute;top:0;height:100%;left:{left};width:{width};background:{_GROUND[span.kind]};{edge}{ink}"
        f"font-size:{min(12, height - 3)}px;line-height:{height - 2}px;overflow:hidden;text-align:center"
    )
    told = " · ".join(part for part in (whose, span_words(span)) if part)
    # Beside something without width, words that do not fit go to a line that is not in sight.
    words = f'<span style="display:inline-block;white-space:nowrap;vertical-align:top">{escape(_inside(span))}</span>'
    return f'<div title="{escape(told)}" style="{style}"><span style="{_NO_WIDTH}"></span>{words}</div>'


def _inside(span: HourSpan) -> str:
    return hours_words(span.start, span.end) if span.kind in WORKING else ""


def span_words(span: HourSpan) -> str:
    """A span with its hours, its kind and what is said of it."""
    kind = t(KIND_WORDS[span.kind])
    words = f"{hours_words(span.start, span.end)} {kind}"
    return f"{words}: {span.words}" if span.words else words


def row_words(plant: Plant, row: MachineHours, *, named: bool) -> str:
    """The hours of a bar as text; ``named``: with its machines."""
    hours = ", ".join(span_words(span) for span in row.spans) or t("closed")
    return f"{formatting.machine_names(plant, row.machines)}: {hours}" if named else hours


def total_words(plant: Plant, day: WorkDay) -> str:
    """How many hours each machine works, a line for each group of machines with the same hours."""
    if len(day.rows) == 1:
        return _hours(day.rows[0])
    return "\n".join(_group_hours(plant, row) for row in day.rows[:ROWS])


def totals(plant: Plant, day: WorkDay) -> str:
    """The same as HTML, each line as high as its bar."""
    style = "font-size:13px;line-height:16px;white-space:pre"
    return f'<div style="{style}">{escape(total_words(plant, day))}</div>'


def _group_hours(plant: Plant, row: MachineHours) -> str:
    """One machine by its name, several by their number."""
    if len(row.machines) == 1:
        return f"{formatting.machine_names(plant, row.machines)}: {_hours(row)}"
    return f"{len(row.machines)} × {_hours(row)}"


def _hours(row: MachineHours) -> str:
    return t("{hours} h", hours=formatting.hours_minutes(row.working)) if row.working else t("closed")


def legend(days: Iterable[WorkDay]) -> str:
    """What the fills mean, of the kinds that the week has."""
    used = {span.kind for day in days for row in day.rows for span in row.spans}
    keys = "".join(
        f'<span style="margin-right:14px;white-space:nowrap"><span style="display:inline-block;width:18px;height:11px;'
        f'margin-right:5px;border:1px solid currentColor;background:{_GROUND[kind]}"></span>'
        f"{escape(t(KIND_WORDS[kind]))}</span>"
        for kind in HourKind
        if kind in used
    )
    return f'<div style="font-size:12.5px;opacity:.9">{keys}</div>'


def _percent(minutes: int) -> str:
    """A part of the day as a style sheet writes it."""
    return f"{round(100 * minutes / MINUTES_PER_DAY, 3)}%"
