"""What is wrong in a workbook, by sheet, row and column."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from scheduler_core.interchange.sheet_cells import BadCell
from scheduler_core.interchange.sheet_rows import EMPTY, Cell, Row

T = TypeVar("T")


@dataclass(frozen=True)
class SheetFault:
    """A cell that cannot be used: its sheet, row and column, its value as text, and the reason."""

    sheet: str
    row: int
    column: str
    value: str
    reason: str


class SheetRow:
    """A row of a named sheet whose cells are asked for by column; what is wrong joins ``faults``."""

    def __init__(self, sheet: str, row: Row, places: Mapping[str, int], faults: list[SheetFault]) -> None:
        self.number = row.number
        self._sheet = sheet
        self._row = row
        self._places = places
        self._faults = faults
        self._before = len(faults)

    @property
    def usable(self) -> bool:
        """True while nothing of the row was refused."""
        return len(self._faults) == self._before

    def value(self, column: str, read: Callable[[Cell], T | None]) -> T | None:
        """The cell's value, None for an empty one and for one that is refused."""
        try:
            return read(self.cell(column))
        except BadCell as bad:
            self.refuse(column, str(bad))
            return None

    def needed(self, column: str, read: Callable[[Cell], T | None]) -> T | None:
        """The same; an empty cell is refused, too."""
        before = len(self._faults)
        value = self.value(column, read)
        if value is None and len(self._faults) == before:
            self.refuse(column, "is empty")
        return value

    def cell(self, column: str) -> Cell:
        """The cell, an empty one for a column that the sheet does not have."""
        place = self._places.get(column)
        return EMPTY if place is None or place >= len(self._row.cells) else self._row.cells[place]

    def refuse(self, column: str, reason: str) -> None:
        """Say what is wrong in a column."""
        self._faults.append(SheetFault(self._sheet, self.number, column, self.cell(column).text[:120], reason))
