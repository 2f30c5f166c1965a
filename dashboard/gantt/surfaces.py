"""What a drawing is made with: boxes, textures, lines and words, the same on a screen's SVG and on a PDF's page.

Coordinates are CSS pixels from the upper left corner.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from typing import Protocol
from xml.etree import ElementTree as ET

_UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")


class Texture(StrEnum):
    """A pattern that a grey print keeps."""

    TIGHT = "tight"
    CLOSE = "close"
    SETUP = "setup"
    DOWN = "down"


class Surface(Protocol):
    """Draws on one page."""

    def box(
        self, x: float, y: float, width: float, height: float, fill: str, stroke: str | None = None, thick: float = 0.6
    ) -> None:
        """A rectangle; colours as #rrggbb."""

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
        """A rectangle filled with a pattern; SETUP and DOWN cover what is below, the others leave it in sight."""

    def line(self, x1: float, y1: float, x2: float, y2: float, stroke: str, thick: float) -> None:
        """A straight line."""

    def text(
        self, words: str, x: float, y: float, size: float, room: float, *, bold: bool = False, colour: str = "#000000"
    ) -> None:
        """Words from x on, their middle at y, cut with an ellipsis where they are wider than ``room``."""


class SvgSurface:
    """A page of SVG. Words are text nodes of an XML tree, so that nothing in a name can become markup."""

    def __init__(self, width: float, height: float) -> None:
        self.root = ET.Element(
            "svg", xmlns="http://www.w3.org/2000/svg", width=f"{width:g}", height=f"{height:g}",
            viewBox=f"0 0 {width:g} {height:g}", attrib={"font-family": "sans-serif", "role": "img"},
        )  # fmt: skip
        defs = ET.SubElement(self.root, "defs")
        for name, path, ground in (
            (Texture.TIGHT, "M0 6 L6 0", None), (Texture.CLOSE, "M3 2.4 v1.2", None),
            (Texture.SETUP, "M2 0 V6 M5 0 V6", "#ffffff"), (Texture.DOWN, "M0 0 L6 6 M0 6 L6 0", "#bbbbbb"),
        ):  # fmt: skip
            made = ET.SubElement(defs, "pattern", id=name, width="6", height="6", patternUnits="userSpaceOnUse")
            if ground:
                ET.SubElement(made, "rect", width="6", height="6", fill=ground)
            ET.SubElement(made, "path", d=path, stroke="#000000", attrib={"stroke-width": "0.9"})

    def finish(self) -> str:
        """The page as markup."""
        return ET.tostring(self.root, encoding="unicode")

    def box(
        self, x: float, y: float, width: float, height: float, fill: str, stroke: str | None = None, thick: float = 0.6
    ) -> None:
        """See ``Surface.box``."""
        more = {"stroke": stroke, "stroke-width": f"{thick:g}"} if stroke else {}
        ET.SubElement(
            self.root, "rect", x=f"{x:.2f}", y=f"{y:.2f}", width=f"{max(0.0, width):.2f}", height=f"{max(0.0, height):.2f}",
            fill=fill, attrib=more,
        )  # fmt: skip

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
        """See ``Surface.texture``."""
        self.box(x, y, width, height, f"url(#{texture})", stroke, thick)

    def line(self, x1: float, y1: float, x2: float, y2: float, stroke: str, thick: float) -> None:
        """See ``Surface.line``."""
        path = f"M{x1:.2f} {y1:.2f} L{x2:.2f} {y2:.2f}"
        ET.SubElement(self.root, "path", d=path, stroke=stroke, attrib={"stroke-width": f"{thick:g}"})

    def text(
        self, words: str, x: float, y: float, size: float, room: float, *, bold: bool = False, colour: str = "#000000"
    ) -> None:
        """See ``Surface.text``. No font is measured here: 0.58 of the size is as wide as a letter of a sans serif face is on
        average, and a bit."""
        shown = cut(clean(words), room, lambda text: len(text) * size * 0.58)
        more = {"font-size": f"{size:.1f}", "dominant-baseline": "central"} | ({"font-weight": "bold"} if bold else {})
        ET.SubElement(self.root, "text", x=f"{x:.2f}", y=f"{y:.2f}", fill=colour, attrib=more).text = shown


def clean(words: str) -> str:
    """Without signs that XML cannot hold."""
    return _UNPRINTABLE.sub("�", words)


def cut(words: str, room: float, width_of: Callable[[str], float]) -> str:
    """As much of the words as the room holds; nothing where not even a letter and the ellipsis fit."""
    if width_of(words) <= room:
        return words
    for length in range(len(words) - 1, 0, -1):
        if width_of(shown := words[:length] + "…") <= room:
            return shown
    return ""
