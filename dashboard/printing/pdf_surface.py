"""A page of PDF as a drawing surface, and the fonts that it is written with."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from dashboard.gantt.surfaces import Texture, cut

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

POINTS = 0.75
"""Points to a CSS pixel."""
_FACES = (("DejaVuSans", "DejaVuSans-Bold"), ("Vera", "VeraBd"))
"""Regular and bold: the first that this machine has. Vera comes with the library and knows Western European letters only."""
_CHINESE = "STSong-Light"
_CHINESE_SIGNS = (("\u3000", "\u30ff"), ("\u3400", "\u9fff"), ("\uf900", "\ufaff"), ("\uff00", "\uffef"))
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


@cache
def chinese() -> str:
    """Name of a face for Chinese signs. It is not embedded: a viewer has it, or puts its own Chinese font there."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont

    pdfmetrics.registerFont(UnicodeCIDFont(_CHINESE))
    return _CHINESE


def runs(words: str, bold: bool = False) -> list[tuple[str, str]]:
    """The words as (face, part): the usual face where it has the sign, the Chinese one for Chinese signs, and "?" for a sign
    without any likeness."""
    from reportlab.pdfbase import pdfmetrics

    usual = fonts()[bold]
    known = pdfmetrics.getFont(usual).face.charToGlyph
    found: list[tuple[str, str]] = []
    for one in words:
        face = usual
        if ord(one) not in known:
            if any(first <= one <= last for first, last in _CHINESE_SIGNS):
                face = chinese()
            else:
                instead = _INSTEAD.get(one, "?")
                one = instead if ord(instead) in known else "?"
        if found and found[-1][0] == face:
            found[-1] = (face, found[-1][1] + one)
        else:
            found.append((face, one))
    return found


def width_of(words: str, bold: bool, points: float) -> float:
    """How wide the words are, in points."""
    from reportlab.pdfbase import pdfmetrics

    return float(sum(pdfmetrics.stringWidth(part, face, points) for face, part in runs(words, bold)))


def write(canvas: Canvas, words: str, x: float, y: float, points: float, bold: bool = False) -> None:
    """The words from a place on, in points from the page's lower left."""
    for face, part in runs(words, bold):
        canvas.setFont(face, points)
        canvas.drawString(x, y, part)
        x += canvas.stringWidth(part, face, points)


class PdfSurface:
    """Draws on a canvas's present page; see ``dashboard.gantt.surfaces.Surface``. ``height``: the page's, in CSS pixels."""

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
        points = size * POINTS
        shown = cut(words, room * POINTS, lambda text: width_of(text, bold, points))
        self.canvas.setFillColor(colour)
        write(self.canvas, shown, *self._at(x, y + size * 0.36), points, bold)

    def _at(self, x: float, y: float) -> tuple[float, float]:
        return x * POINTS, (self.height - y) * POINTS
