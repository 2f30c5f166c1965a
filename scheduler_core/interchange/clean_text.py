"""Text as a person means it: signs that look like a blank are blanks, and signs that nobody sees are left out."""

from __future__ import annotations

import re
import unicodedata

_BLANKS = re.compile(r" *[^\S ]\s*")
"""Line breaks, tabs, no-break and full-width blanks, with the blanks around them."""


def cleaned(text: str) -> str:
    """The text with one plain blank for each run of other blanks and line breaks, and without format characters (joiners,
    soft hyphens, marks of the writing direction)."""
    if text.isascii() and text.isprintable():
        return text
    visible = "".join(c for c in text if unicodedata.category(c) != "Cf")
    return _BLANKS.sub(" ", visible)
