"""The header of a table: which column stands where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from scheduler_core.errors import InvalidValue


class HeaderColumn(Protocol):
    """A column that a table may have, by its name; ``needed``: every table must have it."""

    @property
    def name(self) -> str:
        """What its header says."""

    @property
    def needed(self) -> bool:
        """Whether a table without it is refused."""


def column_places(header: Sequence[str], columns: Sequence[HeaderColumn], where: str, table: str) -> dict[str, int]:
    """Where each column stands. Case does not count, and a blank is as good as an underscore.

    Raises InvalidValue for an unknown, a missing and a doubled column; ``where`` and ``table`` are what it says.
    """
    names = [column.name for column in columns]
    found: dict[str, int] = {}
    for place, title in enumerate(header):
        name = "_".join(title.lower().split())
        if not name:
            continue
        if name not in names:
            raise InvalidValue(where, title, f"is no column of {table}; these are: {', '.join(names)}")
        if name in found:
            raise InvalidValue(where, title, "stands twice")
        found[name] = place
    missing = [column.name for column in columns if column.needed and column.name not in found]
    if missing:
        raise InvalidValue(where, ", ".join(missing), "are columns that are missing")
    return found
