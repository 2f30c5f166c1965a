"""A page of PDF as a drawing surface, and the fonts that it is written with."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from dashboard.gantt.pens import Texture, cut

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

POINTS = 0.75
"""Points to a CSS pixel."""
_FACES = (("DejaVuSans", "DejaVuSans-Bold"), ("Vera", "VeraBd"))
"""Regular and bold: the first that this machine has. Vera comes with the library and knows Western European letters only."""
_INSTEAD = {"★": "*", "✓": "v", "\u202f": "\u00a0", "\u2212": "-"}
"""Signs for a font that lacks the usual ones."""


@cache
def fonts() -> tuple[str, str]:
    """Names of the regular and the bold face, embedded in every file that uses them."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFError, TTFont

    for names in _FACES:
        try:
            faces = [TTFont(name, f"{name}.ttf") for name in names]
        except TTFError:
            continue  # this machine has no such font; the last pair comes with the library
        for face in faces:
            pdfmetrics.registerFont(face)
        return names
    raise RuntimeError("reportlab's own fonts are missing: install it anew")


def writable(words: str, bold: bool = False) -> str:
    """The words with signs that the font has, "?" for one without any likeness."""
    from reportlab.pdfbase import pdfmetrics

    known = pdfmetrics.getFont(fonts()[bold]).face.charToGlyph

    def sign(one: str) -> str:
        if ord(one) in known:
            return one
        instead = _INSTEAD.get(one, "?")
        return instead if ord(instead) in known else "?"

    return "".join(map(sign, words))


class PdfPen:
    """Draws on a canvas's present page; see ``dashboard.gantt.pens.Pen``. ``height``: the page's, in CSS pixels."""

    def __init__(self, canvas: Canvas, height: float) -> None:
        self.canvas, self.height = canvas, height

    def box(
        self, x: float, y: float, width: float, height: float, fill: str, stroke: str | None = None, thick: float = 0.6
    ) -> None:
        """A rectangle."""
        self.canvas.setFillColor(fill)
        if stroke:
            self.canvas.setStrokeColor(stroke)
            self.canvas.setLineWidth(thick * POINTS)
        self.canvas.rect(*self._at(x, y + height), width * POINTS, height * POINTS, stroke=int(bool(stroke)), fill=1)

    def texture(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        texture: Texture,
        stroke: str | None = None,
        thick: float = 0.4,
    ) -> None:
        """A rectangle with lines cut off at its edges: they are drawn one by one, so that every viewer shows them."""
        canvas = self.canvas
        ground = {Texture.SETUP: "#ffffff", Texture.DOWN: "#bbbbbb"}.get(texture)
        if ground:
            self.box(x, y, width, height, ground)
        canvas.saveState()
        edge = canvas.beginPath()
        edge.rect(*self._at(x, y + height), width * POINTS, height * POINTS)
        canvas.clipPath(edge, stroke=0, fill=0)
        step = 3 if texture is Texture.SETUP else 6
        for k in range(int((width + height) // step) + 2):
            at = x + step * k
            if texture is Texture.SETUP:
                self.line(at + 1.5, y, at + 1.5, y + height, "#000000", 0.9)
            if texture in (Texture.TIGHT, Texture.DOWN):
                self.line(at - height, y + height, at, y, "#000000", 0.7)
            if texture is Texture.DOWN:
                self.line(at - height, y, at, y + height, "#000000", 0.7)
            if texture is Texture.CLOSE:
                for row in range(int(height // step) + 1):
                    self.line(at + 3, y + step * row + 2.4, at + 3, y + step * row + 3.6, "#000000", 0.9)
        canvas.restoreState()
        if stroke:
            canvas.setStrokeColor(stroke)
            canvas.setLineWidth(thick * POINTS)
            canvas.rect(*self._at(x, y + height), width * POINTS, height * POINTS, stroke=1, fill=0)

    def line(self, x1: float, y1: float, x2: float, y2: float, stroke: str, thick: float) -> None:
        """A straight line."""
        self.canvas.setStrokeColor(stroke)
        self.canvas.setLineWidth(thick * POINTS)
        self.canvas.line(*self._at(x1, y1), *self._at(x2, y2))

    def text(
        self, words: str, x: float, y: float, size: float, room: float, *, bold: bool = False, colour: str = "#000000"
    ) -> None:
        """Words, cut to the room that they are measured to have."""
        face = fonts()[bold]
        points = size * POINTS
        shown = cut(writable(words, bold), room * POINTS, lambda text: self.canvas.stringWidth(text, face, points))
        self.canvas.setFillColor(colour)
        self.canvas.setFont(face, points)
        self.canvas.drawString(*self._at(x, y + size * 0.36), shown)

    def _at(self, x: float, y: float) -> tuple[float, float]:
        return x * POINTS, (self.height - y) * POINTS
