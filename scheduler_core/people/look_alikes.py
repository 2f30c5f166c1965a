"""Letters that look alike, by Unicode's table of confusable characters as the package ``confusable_homoglyphs`` keeps it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache

from confusable_homoglyphs.confusables import confusables_data

_TURNS_WRITING = "\u200e"
"""The table has this sign around letters that are written from right to left."""

_DEEPEST = 3
"""How often what stands for a sign is looked up itself."""


def as_seen(text: str) -> str:
    """The text with one and the same sign for all that look alike (Unicode Technical Standard #39: its skeleton)."""
    return "".join(_seen(sign, _DEEPEST) for sign in unicodedata.normalize("NFD", text))


def as_ascii(text: str) -> str:
    """The text with a letter of ASCII, of the same case, for each letter that looks like one."""
    return "".join(_ascii(sign) for sign in unicodedata.normalize("NFD", text))


def _ascii(sign: str) -> str:
    if sign.isascii():
        return sign
    letters = sorted(one for one in _classes().get(sign, ()) if one.isascii() and len(one) == 1 and one.isalpha())
    return next((one for one in letters if one.isupper() == sign.isupper()), sign)


def _seen(sign: str, deepest: int) -> str:
    """What stands for a sign; of several signs that look like it each is taken for what stands for that one (ǁ is like ll,
    and l like 1)."""
    first = _first(_classes().get(sign, frozenset({sign})))
    if len(first) == 1 or not deepest:
        return first
    return "".join(_seen(part, deepest - 1) for part in unicodedata.normalize("NFD", first))


def _first(alike: frozenset[str]) -> str:
    """What stands for all: two signs that look like one (r and n like m) before that one, else the smallest."""
    return min(alike, key=lambda one: (-len(one), one))


@cache
def _classes() -> Mapping[str, frozenset[str]]:
    """All that look alike, by each of them."""
    classes: dict[str, set[str]] = {}
    for sign, entries in confusables_data.items():
        for entry in entries:
            joined: set[str] = set()
            for one in (sign.replace(_TURNS_WRITING, ""), entry["c"].replace(_TURNS_WRITING, "")):
                joined |= classes.get(one, {one})
            classes.update(dict.fromkeys(joined, joined))
    return {sign: frozenset(alike) for sign, alike in classes.items()}
