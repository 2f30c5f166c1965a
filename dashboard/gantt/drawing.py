"""A plan drawn on a page: for the export, for a PDF and for the shift's paper; every status is told in grey as well.

In colour a status has its fill, its texture and its mark; in ``grey`` only late jobs are dark. A thick outline tells what is
fixed or runs already.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

from dashboard.gantt.rows import Group, Row
from dashboard.gantt.surfaces import Surface, SvgSurface, Texture, clean
from dashboard.presentation.colours import FILL, INK, MARK, STATUS_ORDER
from dashboard.presentation.formatting import status_words
from scheduler_core.analysis.job_status import JobStatus
from scheduler_core.i18n.local_formats import day_text, full_stamp_text, time_text, zone_text
from scheduler_core.i18n.translate import t
from scheduler_core.plant import MINUTES_PER_DAY, Plant
from scheduler_core.schedule import Assignment
from scheduler_core.simulator.open_hours import OpenHours, Spans

WIDTH, HEIGHT = 1123, 794
"""A4 across, in CSS pixels."""
MARGIN, GUTTER, LEGEND, HIGHEST_ROW = 24, 120, 26, 20
HEAD, AXIS = 38, 28
"""Pixels of the title with the span below it, and of the days above the rows."""
READABLE = 6.0
"""Rows lower than this many pixels get no words."""
LINES_PER_PAGE = 36
"""Rows and headings of one printed page that can still be read."""
TEXTURE = {JobStatus.TIGHT: Texture.TIGHT, JobStatus.CLOSE: Texture.CLOSE}
THIN, LATE_OUTLINE, FIXED_OUTLINE = 0.6, 1.4, 2.2
DARK, WHITE, BLACK = "#333333", "#ffffff", "#000000"


@dataclass(frozen=True)
class Picture:
    """What pages show of a plan: the span [first, last) in minutes from plan_start. Raises ValueError for an empty one.

    ``title``: above the rows, with the span; empty on paper that has its own. ``grey``: for a printer without colours.
    """

    plant: Plant
    hours: OpenHours
    status: Mapping[str, JobStatus]
    first: int
    last: int
    title: str = ""
    grey: bool = False

    def __post_init__(self) -> None:
        if self.last <= self.first:
            raise ValueError(f"nothing lies between minute {self.first} and minute {self.last}")


def svg(what: Picture, groups: Sequence[Group]) -> str:
    """All rows on one page of A4 across, or, without a title, on a drawing that is as high as its rows."""
    wanted = (HEAD if what.title else 0) + AXIS + _lines(groups) * HIGHEST_ROW + LEGEND + 2 * MARGIN
    height = HEIGHT if what.title else min(HEIGHT, wanted)
    pen = SvgSurface(WIDTH, height)
    draw(pen, what, groups, height)
    return pen.finish()


def printable(picture: str, title: str) -> str:
    """An HTML page that holds the picture (see ``svg``) alone and opens the print dialog."""
    style = "@page { size: A4 landscape; margin: 0 } body { margin: 0 } svg { display: block; width: 100vw; height: auto }"
    head = f'<meta charset="utf-8"><title>{escape(clean(title))}</title><style>{style}</style>'
    return f'<!doctype html>\n<html><head>{head}</head><body onload="print()">{picture}</body></html>\n'


def pages(groups: Iterable[Group], lines: int = LINES_PER_PAGE) -> list[list[Group]]:
    """The rows page by page, so many lines on each; a group that goes on has its heading again."""
    found: list[list[Group]] = [[]]
    room = lines
    for group in groups:
        rows = group.rows
        while rows:
            if room < 2:
                found.append([])
                room = lines
            found[-1].append(replace(group, rows=rows[: room - 1]))
            rows, room = rows[room - 1 :], room - 1 - len(rows[: room - 1])
    return found


def draw(pen: Surface, what: Picture, groups: Sequence[Group], height: float = HEIGHT) -> None:
    """One page."""
    _Page(pen, what, height).draw(groups)


def _lines(groups: Iterable[Group]) -> int:
    return sum(1 + len(g.rows) for g in groups)


class _Page:
    def __init__(self, pen: Surface, what: Picture, height: float) -> None:
        self.pen, self.what, self.height = pen, what, height
        self.first, self.last = what.first, what.last
        self.left, self.right = MARGIN + GUTTER, WIDTH - MARGIN
        self.top = MARGIN + AXIS + (HEAD - 24 if what.title else -MARGIN)
        self._known: dict[int, Spans] = {}
        self._fixed = {(j.id, o.sequence) for j in what.plant.jobs for o in j.operations if o.fixed is not None}

    def draw(self, groups: Sequence[Group]) -> None:
        pen, what = self.pen, self.what
        pen.box(0, 0, WIDTH, self.height, WHITE)
        if what.title:
            pen.text(what.title, MARGIN, MARGIN + 6, 14, WIDTH - 2 * MARGIN, bold=True)
            span = (self._stamp(self.first), self._stamp(self.last))
            zone = t("{first} to {last}, {zone}", first=span[0], last=span[1], zone=zone_text(what.plant.timezone))
            pen.text(zone, MARGIN, MARGIN + 22, 10, WIDTH - 2 * MARGIN)
        height = min(HIGHEST_ROW, (self.height - self.top - LEGEND - MARGIN) / max(1, _lines(groups)))
        y: float = self.top
        for group in groups:
            pen.box(MARGIN, y, self.right - MARGIN, height, "#dddddd")
            # Where rows are too low for names of their own, the work centre's takes their room.
            size = min(10.0, height * 0.75) if height >= READABLE else 6.0
            pen.text(group.name, MARGIN + 3, max(y + height / 2, y + size / 2), size, self.right - MARGIN, bold=True)
            y += height
            for row in group.rows:
                self._row(row, y, height)
                y += height
        self._axis(y)
        self._legend()

    def _row(self, row: Row, y: float, height: float) -> None:
        pen = self.pen
        if height >= READABLE:
            pen.text(row.label, MARGIN + 3, y + height / 2, min(10, height * 0.75), GUTTER - 6)
        closed = self.first
        for start, end in [*self._spans(row.calendar, self.first, self.last), (self.last, self.last)]:
            if start > closed:
                pen.box(
                    self._x(closed), y, self._x(start) - self._x(closed), height, "#d4d4d4" if self.what.grey else "#f0f0f0"
                )
            closed = end
        if row.machine is not None:
            for down in self.what.plant.machine_by_id[row.machine].downtime:
                start, end = max(self.first, down.start), min(self.last, down.end)
                if start < end:
                    x = self._x(start)
                    pen.texture(x, y + 1, self._x(end) - x, height - 2, Texture.DOWN, BLACK, THIN)
        for a in row.bars:
            if a.start < self.last and a.end > self.first:
                self._bar(a, y + height * 0.08, height * 0.84)
        pen.line(MARGIN, y + height, self.right, y + height, "#cccccc", 0.4)

    def _bar(self, a: Assignment, y: float, height: float) -> None:
        pen, status = self.pen, self.what.status[a.job]
        start, end = max(a.start, self.first), min(a.end, self.last)
        pen.line(self._x(start), y + height / 2, self._x(end), y + height / 2, BLACK, 0.8)
        ready = self.what.hours.after_working(a.machines, a.start, a.setup_minutes)
        pieces = self._spans(self.what.hours.table(a.machines), start, end) or [(start, end)]
        for s, e in pieces:
            x, width = self._x(s), max(0.6, self._x(e) - self._x(s))
            self._status_box(status, x, y, width, height, fixed=a.key in self._fixed)
            if s < ready:
                pen.texture(x, y, max(0.6, self._x(min(e, ready)) - x), height, Texture.SETUP, BLACK)
        s, e = max(pieces, key=lambda piece: piece[1] - piece[0])
        x = self._x(max(s, min(ready, e))) + 2
        room = self._x(e) - x - 2
        size = min(9.0, height * 0.75)
        if size >= READABLE * 0.75 and room > 14:
            job = self.what.plant.job_by_id[a.job]
            words = " ".join(w for w in (self._mark(status), "★" if job.important else "", job.product or job.id) if w)
            if not self.what.grey and status in TEXTURE:
                # Words stay readable on a plain ground, not on a texture.
                pen.box(x - 1, y + 1, min(room + 2, len(words) * size * 0.58 + 2), height - 2, FILL[status])
            pen.text(words, x, y + height / 2, size, room, colour=self._ink(status))

    def _status_box(
        self, status: JobStatus, x: float, y: float, width: float, height: float, *, fixed: bool = False
    ) -> None:
        late = status is JobStatus.LATE and not self.what.grey
        stroke = FIXED_OUTLINE if fixed else LATE_OUTLINE if late else THIN
        grey = DARK if status is JobStatus.LATE else WHITE
        self.pen.box(x, y, width, height, grey if self.what.grey else FILL[status], BLACK, stroke)
        if not self.what.grey and status in TEXTURE:
            self.pen.texture(x, y, width, height, TEXTURE[status])

    def _mark(self, status: JobStatus) -> str:
        return MARK[status] if not self.what.grey or status is JobStatus.LATE else ""

    def _ink(self, status: JobStatus) -> str:
        if self.what.grey:
            return WHITE if status is JobStatus.LATE else BLACK
        return INK[status]

    def _axis(self, bottom: float) -> None:
        """Hours, every second one where they are many, or days."""
        span = self.last - self.first
        step = 60 if span <= 14 * 60 else 120 if span <= 26 * 60 else MINUTES_PER_DAY
        room = step * (self.right - self.left) / span
        days = step == MINUTES_PER_DAY
        for minute in self.what.plant.clock.marks(self.first, self.last, step):
            moment, x = self.what.plant.time_of(minute), self._x(minute)
            self.pen.line(x, self.top - 12, x, bottom, "#777777", 0.6)
            if days and room < 24 and moment.weekday():
                continue
            named = days or moment.hour == 0
            words = day_text(moment) if named else time_text(moment)
            self.pen.text(words, x + 2, self.top - 7, 9, min(self.right - x - 2, max(room, 60)))

    def _legend(self) -> None:
        x, y = float(MARGIN), self.height - MARGIN
        kinds = (JobStatus.LATE, JobStatus.ON_TIME) if self.what.grey else STATUS_ORDER
        for status in kinds:
            self._status_box(status, x, y - 10, 22, 11)
            self.pen.text(f"{self._mark(status)} {status_words(status)}".strip(), x + 27, y - 4, 9, 100)
            x += 120
        self._status_box(JobStatus.ON_TIME, x, y - 10, 22, 11, fixed=True)
        self.pen.text(t("fixed, runs"), x + 27, y - 4, 9, 70)
        x += 105
        for texture, words in ((Texture.SETUP, t("setup")), (Texture.DOWN, t("machine down"))):
            self.pen.texture(x, y - 10, 22, 11, texture, BLACK, THIN)
            self.pen.text(words, x + 27, y - 4, 9, 90)
            x += 85

    # ---------------------------------------------------------------- pieces
    def _x(self, minute: int) -> float:
        return self.left + (minute - self.first) * (self.right - self.left) / (self.last - self.first)

    def _spans(self, table: int, first: int, last: int) -> list[tuple[int, int]]:
        if table not in self._known:
            self._known[table] = self.what.hours.spans(table)
        starts, ends = self._known[table]
        inside = (ends > first) & (starts < last)
        pairs = zip(starts[inside].tolist(), ends[inside].tolist(), strict=True)
        return [(max(first, s), min(last, e)) for s, e in pairs]

    def _stamp(self, minute: int) -> str:
        return full_stamp_text(self.what.plant.time_of(minute))
