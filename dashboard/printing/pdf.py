"""PDF files: a Gantt on as many pages as its rows need, and tables whose heads stand on every page.

Files are the same for the same content: no time of making, no random id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING

from dashboard.gantt import drawing
from dashboard.gantt.drawing import Picture
from dashboard.gantt.rows import Group
from dashboard.printing import code128
from dashboard.printing.pdf_surface import POINTS, PdfSurface, fonts, runs, width_of, write
from scheduler_core.i18n.translate import t

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.platypus import BaseDocTemplate

MIME = "application/pdf"
MARGIN = 27.0
"""Points around the tables of a page of A4 across."""
TEXT = 7.0
ROOM_FOR_A_LIST = 80.0
"""Points that are left on a page on which another list begins: its title, its head and two rows."""
CODE_HEIGHT = 13.0
"""Points of a bar code's height."""


@dataclass(frozen=True)
class Table:
    """A list. ``bold``: numbers of rows to mark; ``wide``: the columns' shares; ``codes``: the column of
    bar codes; ``follows``: it needs no page of its own."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str | int]]
    wide: Sequence[float]
    bold: frozenset[int] = frozenset()
    instead: str = ""
    """What stands there when there is no row."""
    codes: int | None = None
    follows: bool = False


def gantt(what: Picture, groups: Sequence[Group]) -> bytes:
    """The rows in a size that can be read, page by page."""
    from reportlab.pdfgen.canvas import Canvas

    made = BytesIO()
    canvas = Canvas(
        made, pagesize=(drawing.WIDTH * POINTS, drawing.HEIGHT * POINTS), invariant=1, pageCompression=1
    )  # fmt: skip
    canvas.setTitle(what.title)
    canvas.setCreator("Shopwright")
    sheets = drawing.pages(groups)
    for number, rows in enumerate(sheets, 1):
        pen = PdfSurface(canvas, drawing.HEIGHT)
        drawing.draw(pen, what, rows)
        foot = t("Page {n} of {pages}", n=number, pages=len(sheets))
        pen.text(foot, drawing.WIDTH - drawing.MARGIN - 70, drawing.HEIGHT - drawing.MARGIN - 4, 9, 70)
        canvas.showPage()
    canvas.save()
    return made.getvalue()


def tables(title: str, foot: str, lists: Sequence[Table]) -> bytes:
    """The lists, each from a new page on unless it follows the one before; ``foot`` stands at the bottom of
    every page with its number."""
    from reportlab.lib import colors
    from reportlab.lib.pagesizes import A4, landscape
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import (
        BaseDocTemplate,
        CondPageBreak,
        Frame,
        LongTable,
        PageBreak,
        PageTemplate,
        Paragraph,
        Spacer,
        TableStyle,
    )
    from reportlab.platypus.flowables import Flowable

    class BarCode(Flowable):  # type: ignore[misc]
        """A text's bar code with its quiet zones; nothing for a text that has none."""

        def __init__(self, text: str, wide: float) -> None:
            super().__init__()
            self.text, self.width, self.height = text, wide, CODE_HEIGHT

        def draw(self) -> None:
            if not code128.can_be_coded(self.text):
                return
            found, modules = code128.bars(self.text)
            module = self.width / (modules + 2 * code128.QUIET)
            for at, wide in found:
                self.canv.rect((code128.QUIET + at) * module, 0, wide * module, self.height, stroke=0, fill=1)

    regular, bold = fonts()
    plain = ParagraphStyle("plain", fontName=regular, fontSize=TEXT, leading=TEXT * 1.2, splitLongWords=1)
    strong = ParagraphStyle("strong", parent=plain, fontName=bold)
    heading = ParagraphStyle("heading", parent=strong, fontSize=13, leading=17)

    def cell(value: str | int, style: ParagraphStyle) -> Paragraph:
        # The library reads markup in a paragraph: names from the ERP are escaped.
        parts = runs(str(value), style is not plain)
        return Paragraph("".join(f'<font name="{face}">{escape(part)}</font>' for face, part in parts), style)

    width, height = landscape(A4)
    story: list[Flowable] = []
    for number, one in enumerate(lists):
        if number:
            story.append(Spacer(1, 8) if one.follows else PageBreak())
        if one.follows:
            story.append(CondPageBreak(ROOM_FOR_A_LIST))
        story += [cell(one.title, heading), Spacer(1, 2)]
        if not one.rows:
            story.append(cell(one.instead, plain))
            continue
        room = (width - 2 * MARGIN) / sum(one.wide)
        body: list[list[Flowable]] = [
            [
                BarCode(str(v), one.wide[place] * room - 4)
                if place == one.codes
                else cell(v, strong if k in one.bold else plain)
                for place, v in enumerate(row)
            ]
            for k, row in enumerate(one.rows)
        ]
        made = LongTable(
            [[cell(c, strong) for c in one.columns], *body], colWidths=[w * room for w in one.wide], repeatRows=1
        )  # fmt: skip
        made.setStyle(
            TableStyle(
                [
                    ("LINEBELOW", (0, 0), (-1, 0), 1, colors.black), ("LINEBELOW", (0, 1), (-1, -1), 0.3, colors.grey),
                    ("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 2),
                    ("RIGHTPADDING", (0, 0), (-1, -1), 2), ("TOPPADDING", (0, 0), (-1, -1), 1.5),
                    ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
                ]
            )
        )  # fmt: skip
        story.append(made)

    def foot_line(canvas: Canvas, document: BaseDocTemplate) -> None:
        write(canvas, foot, MARGIN, 15, TEXT)
        page = t("Page {n}", n=document.page)
        write(canvas, page, width - MARGIN - width_of(page, False, TEXT), 15, TEXT)

    made_bytes = BytesIO()
    frame = Frame(MARGIN, MARGIN, width - 2 * MARGIN, height - 2 * MARGIN, 0, 0, 0, 0)
    document = BaseDocTemplate(made_bytes, pagesize=(width, height), title=title, creator="Shopwright", invariant=1)
    document.addPageTemplates(PageTemplate(frames=[frame], onPage=foot_line))
    document.build(story)
    return made_bytes.getvalue()
