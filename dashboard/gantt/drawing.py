"""A plan drawn on one page as SVG, or as a page to print or save as PDF; every status is told in grey as well.

Text is written as text nodes of an XML tree, so that nothing in a name can become markup.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from html import escape
from xml.etree import ElementTree as ET

from dashboard.colours import FILL, INK, MARK, STATUS_ORDER
from dashboard.gantt.rows import Group, Row
from dashboard.words import status_words
from scheduler_core.hours import Hours, Spans
from scheduler_core.language import t
from scheduler_core.local_format import day_text, full_stamp_text
from scheduler_core.plant import MINUTES_PER_DAY, Plant
from scheduler_core.schedule import Assignment
from scheduler_core.status import JobStatus

WIDTH, HEIGHT = 1123, 794
"""A4 across, in CSS pixels."""
MARGIN, GUTTER, TOP, LEGEND, HIGHEST_ROW = 24, 120, 66, 26, 20
READABLE = 6.0
"""Rows lower than this many pixels get no words."""
TEXTURE = {JobStatus.LATE: "late", JobStatus.TIGHT: "tight", JobStatus.CLOSE: "close"}
_UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")


def svg(
    plant: Plant, hours: Hours, groups: Sequence[Group], status: Mapping[str, JobStatus], title: str, first: int, last: int
) -> str:
    """The rows between two minutes from plan_start, on one page. Raises ValueError if the span is empty."""
    if last <= first:
        raise ValueError(f"nothing lies between minute {first} and minute {last}")
    return ET.tostring(_Page(plant, hours, status, first, last).draw(groups, title), encoding="unicode")


def printable(picture: str, title: str) -> str:
    """An HTML page that holds the picture (see ``svg``) alone and opens the print dialog, where it can be saved as PDF."""
    style = "@page { size: A4 landscape; margin: 0 } body { margin: 0 } svg { display: block; width: 100vw; height: auto }"
    head = f'<meta charset="utf-8"><title>{escape(_clean(title))}</title><style>{style}</style>'
    return f'<!doctype html>\n<html><head>{head}</head><body onload="print()">{picture}</body></html>\n'


class _Page:
    def __init__(self, plant: Plant, hours: Hours, status: Mapping[str, JobStatus], first: int, last: int) -> None:
        self.plant, self.hours, self.status, self.first, self.last = plant, hours, status, first, last
        self._known: dict[int, Spans] = {}
        self.left, self.right = MARGIN + GUTTER, WIDTH - MARGIN
        self.root = ET.Element(
            "svg", xmlns="http://www.w3.org/2000/svg", width=str(WIDTH), height=str(HEIGHT),
            viewBox=f"0 0 {WIDTH} {HEIGHT}", attrib={"font-family": "sans-serif"},
        )  # fmt: skip

    def draw(self, groups: Sequence[Group], title: str) -> ET.Element:
        self._textures()
        self._rect(0, 0, WIDTH, HEIGHT, "#ffffff")
        self._text(title, MARGIN, MARGIN + 6, 14, WIDTH - 2 * MARGIN, bold=True)
        zone = t(
            "{first} to {last}, {zone}", first=self._stamp(self.first), last=self._stamp(self.last), zone=self.plant.timezone
        )
        self._text(zone, MARGIN, MARGIN + 22, 10, WIDTH - 2 * MARGIN)
        lines = sum(1 + len(g.rows) for g in groups)
        height = min(HIGHEST_ROW, (HEIGHT - TOP - LEGEND - MARGIN) / max(1, lines))
        y: float = TOP
        for group in groups:
            self._rect(MARGIN, y, self.right - MARGIN, height, "#dddddd")
            # Where rows are too low for names of their own, the work centre's takes their room.
            size = min(10.0, height * 0.75) if height >= READABLE else 6.0
            self._text(group.name, MARGIN + 3, max(y + height / 2, y + size / 2), size, GUTTER, bold=True)
            y += height
            for row in group.rows:
                self._row(row, y, height)
                y += height
        self._axis(y)
        self._legend()
        return self.root

    def _row(self, row: Row, y: float, height: float) -> None:
        if height >= READABLE:
            self._text(row.label, MARGIN + 3, y + height / 2, min(10, height * 0.75), GUTTER - 6)
        closed = self.first
        for start, end in [*self._spans(row.calendar, self.first, self.last), (self.last, self.last)]:
            if start > closed:
                self._rect(self._x(closed), y, self._x(start) - self._x(closed), height, "#f0f0f0")
            closed = end
        if row.machine is not None:
            for down in self.plant.machine_by_id[row.machine].downtime:
                start, end = max(self.first, down.start), min(self.last, down.end)
                if start < end:
                    self._rect(self._x(start), y + 1, self._x(end) - self._x(start), height - 2, "url(#down)", "#000000")
        for a in row.bars:
            if a.start < self.last and a.end > self.first:
                self._bar(a, y + height * 0.08, height * 0.84)
        self._line(MARGIN, y + height, self.right, y + height, "#cccccc", 0.4)

    def _bar(self, a: Assignment, y: float, height: float) -> None:
        status = self.status[a.job]
        start, end = max(a.start, self.first), min(a.end, self.last)
        self._line(self._x(start), y + height / 2, self._x(end), y + height / 2, "#000000", 0.8)
        table = self.hours.table(a.machines)
        ready = self.hours.after_working(a.machines, a.start, a.setup_minutes)
        pieces = self._spans(table, start, end) or [(start, end)]
        for s, e in pieces:
            x, width = self._x(s), max(0.6, self._x(e) - self._x(s))
            stroke = 1.4 if status is JobStatus.LATE else 0.6
            self._rect(x, y, width, height, FILL[status], "#000000", stroke)
            if status in TEXTURE and status is not JobStatus.LATE:
                self._rect(x, y, width, height, f"url(#{TEXTURE[status]})")
            if s < ready:
                self._rect(x, y, max(0.6, self._x(min(e, ready)) - x), height, "url(#setup)", "#000000", 0.4)
        s, e = max(pieces, key=lambda piece: piece[1] - piece[0])
        room = self._x(e) - self._x(max(s, min(ready, e))) - 4
        size = min(9.0, height * 0.75)
        if size >= READABLE * 0.75 and room > 14:
            job = self.plant.job_by_id[a.job]
            words = " ".join(w for w in (MARK[status], "★" if job.important else "", job.product or job.id) if w)
            x = self._x(max(s, min(ready, e))) + 2
            if status in TEXTURE and status is not JobStatus.LATE:
                # Words stay readable on a plain ground, not on a texture.
                self._rect(x - 1, y + 1, min(room + 2, len(words) * size * 0.58 + 2), height - 2, FILL[status])
            self._text(words, x, y + height / 2, size, room, colour=INK[status])

    def _axis(self, bottom: float) -> None:
        moment = self.plant.time_of(self.first).replace(hour=0, minute=0)
        room = MINUTES_PER_DAY * (self.right - self.left) / (self.last - self.first)
        while (minute := self.plant.minute_of(moment)) <= self.last:
            if minute >= self.first:
                self._line(self._x(minute), TOP - 12, self._x(minute), bottom, "#777777", 0.6)
            if room >= 24 or moment.weekday() == 0:
                x = self._x(max(minute, self.first)) + 2
                self._text(day_text(moment), x, TOP - 7, 9, min(self.right - x, max(room, 60)))
            moment += timedelta(days=1)

    def _legend(self) -> None:
        x, y = MARGIN, HEIGHT - MARGIN
        for status in STATUS_ORDER:
            self._rect(x, y - 10, 22, 11, FILL[status], "#000000", 1.4 if status is JobStatus.LATE else 0.6)
            if status in TEXTURE and status is not JobStatus.LATE:
                self._rect(x, y - 10, 22, 11, f"url(#{TEXTURE[status]})")
            words = f"{MARK[status]} {status_words(status)}".strip()
            self._text(words, x + 27, y - 4, 9, 100)
            x += 120
        for name, words in (("setup", t("setup")), ("down", t("machine down"))):
            self._rect(x, y - 10, 22, 11, f"url(#{name})", "#000000", 0.6)
            self._text(words, x + 27, y - 4, 9, 100)
            x += 100

    # ---------------------------------------------------------------- pieces
    def _x(self, minute: int) -> float:
        return self.left + (minute - self.first) * (self.right - self.left) / (self.last - self.first)

    def _spans(self, table: int, first: int, last: int) -> list[tuple[int, int]]:
        if table not in self._known:
            self._known[table] = self.hours.spans(table)
        starts, ends = self._known[table]
        inside = (ends > first) & (starts < last)
        pairs = zip(starts[inside].tolist(), ends[inside].tolist(), strict=True)
        return [(max(first, s), min(last, e)) for s, e in pairs]

    def _stamp(self, minute: int) -> str:
        return full_stamp_text(self.plant.time_of(minute))

    def _textures(self) -> None:
        defs = ET.SubElement(self.root, "defs")
        for name, path, ground in (
            ("tight", "M0 6 L6 0", None), ("close", "M3 2.4 v1.2", None), ("setup", "M2 0 V6 M5 0 V6", "#ffffff"),
            ("down", "M0 0 L6 6 M0 6 L6 0", "#bbbbbb"),
        ):  # fmt: skip
            made = ET.SubElement(defs, "pattern", id=name, width="6", height="6", patternUnits="userSpaceOnUse")
            if ground:
                ET.SubElement(made, "rect", width="6", height="6", fill=ground)
            ET.SubElement(made, "path", d=path, stroke="#000000", attrib={"stroke-width": "0.9"})

    def _rect(
        self, x: float, y: float, width: float, height: float, fill: str, stroke: str | None = None, thick: float = 0.6
    ) -> None:
        more = {"stroke": stroke, "stroke-width": f"{thick:g}"} if stroke else {}
        ET.SubElement(
            self.root, "rect", x=f"{x:.2f}", y=f"{y:.2f}", width=f"{max(0.0, width):.2f}", height=f"{max(0.0, height):.2f}",
            fill=fill, attrib=more,
        )  # fmt: skip

    def _line(self, x1: float, y1: float, x2: float, y2: float, stroke: str, thick: float) -> None:
        ET.SubElement(
            self.root,
            "path",
            d=f"M{x1:.2f} {y1:.2f} L{x2:.2f} {y2:.2f}",
            stroke=stroke,
            attrib={"stroke-width": f"{thick:g}"},
        )

    def _text(
        self, words: str, x: float, y: float, size: float, room: float, *, bold: bool = False, colour: str = "#000000"
    ) -> None:
        # No font is measured here: 0.58 of the size is as wide as a letter of a sans serif face is on average, and a bit.
        fits = int(room / (size * 0.58))
        shown = _clean(words)
        shown = shown if len(shown) <= fits else shown[: max(0, fits - 1)] + "…" if fits > 1 else ""
        more = {"font-size": f"{size:.1f}", "dominant-baseline": "central"} | ({"font-weight": "bold"} if bold else {})
        ET.SubElement(self.root, "text", x=f"{x:.2f}", y=f"{y:.2f}", fill=colour, attrib=more).text = shown


def _clean(words: str) -> str:
    """Without signs that XML cannot hold."""
    return _UNPRINTABLE.sub("�", words)
