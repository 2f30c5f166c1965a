"""Text of the ERP made harmless for a message: no address, no mention, no markup, no second line, and not long. Pure."""

from __future__ import annotations

import re

LONGEST = 40
_KEPT = " -_/#+()"
_UNKNOWN = "·"


def plain(text: str, longest: int = LONGEST) -> str:
    """The text with ``·`` for every character that a chat or a mail program could take for more than a letter.

    Letters and digits of all scripts stay, a full stop only before a digit (so that nothing looks like an address), and of
    several strokes in a row only one.
    """
    shown = "".join(
        c if c.isalnum() or c in _KEPT or (c == "." and text[n + 1 : n + 2].isdigit()) else _UNKNOWN
        for n, c in enumerate(text)
    )
    shown = re.sub(r"(·)\1+|(/)\2+", lambda found: found.group(1) or found.group(2), " ".join(shown.split()))
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"
