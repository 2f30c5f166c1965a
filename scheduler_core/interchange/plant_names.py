"""Machines and work centres by the names that people write in a table."""

from __future__ import annotations

import re
from collections.abc import Iterable

from scheduler_core.interchange.clean_text import cleaned
from scheduler_core.interchange.sheet_cells import BadCell


class PlantNames:
    """Numbers by name, and by ``#number``; ``kind`` is what messages call them ("machine")."""

    def __init__(self, named: Iterable[tuple[str, int]], kind: str) -> None:
        """``named``: names with their numbers; a name may stand for several numbers."""
        pairs = [(_name(name), number) for name, number in named]
        self._kind = kind
        self._numbers: dict[str, tuple[int, ...]] = {f"#{number}": (number,) for _, number in pairs}
        for name, number in pairs:
            known = () if name.startswith("#") else self._numbers.get(name, ())
            self._numbers[name] = (*known, number)

    def number(self, name: str) -> int:
        """The number of one name. Raises BadCell for an unknown one and for one that stands for several."""
        found = self._numbers.get(_name(name), ())
        if not found:
            raise BadCell(f"names “{name}”, which is no {self._kind} of the plant")
        if len(found) > 1:
            raise BadCell(f"names “{name}”, which are several {self._kind}s: write one as #{found[0]}")
        return found[0]

    def numbers(self, written: str | None) -> tuple[int, ...]:
        """The numbers of names apart by semicolons, or by commas; a name may hold a comma itself ("Welding, MIG").

        Raises BadCell as `number`, and for a text that may be read as one name and as several.
        """
        if written is None:
            return ()
        if ";" in written and _name(written) in self._numbers:
            return (self.number(_name(written)),)
        parts = [_name(part) for part in written.split(";") if part.strip()]
        return tuple(number for part in parts for number in self._by_commas(part))

    def _by_commas(self, part: str) -> list[int]:
        words = [word.strip() for word in part.split(",") if word.strip()]
        if part in self._numbers:
            if len(words) > 1 and all(word in self._numbers for word in words):
                raise BadCell(f"may be the one name “{part}” or several: write numbers (#{self._numbers[part][0]}) instead")
            return [self.number(part)]
        found: list[int] = []
        at = 0
        while at < len(words):
            longest = next((n for n in range(len(words), at, -1) if ", ".join(words[at:n]) in self._numbers), at + 1)
            found.append(self.number(", ".join(words[at:longest])))
            at = longest
        return found


def _name(name: str) -> str:
    return re.sub(r"\s*,\s*", ", ", cleaned(name).strip())
