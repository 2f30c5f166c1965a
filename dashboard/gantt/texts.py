"""The words of the canvas: each stands in the scripts as ``tr("…")`` and is sent along in the reader's language."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from scheduler_core.i18n.translate import ENGLISH, language, t

SCRIPTS = Path(__file__).parent / "js"
_SAID = re.compile(r'\btr\("((?:[^"\\]|\\.)*)"')


@cache
def said() -> tuple[str, ...]:
    """Every text that a script says, in English."""
    found = (m for path in sorted(SCRIPTS.glob("*.js")) for m in _SAID.findall(path.read_text(encoding="utf-8")))
    return tuple(dict.fromkeys(found))


def translated() -> dict[str, str]:
    """English text -> the reader's; empty in English, which the scripts know themselves."""
    return {} if language() == ENGLISH else {text: t(text) for text in said()}
