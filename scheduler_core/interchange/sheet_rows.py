"""Rows and cells of a spreadsheet file, as the file holds them: nothing in them is understood yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

FORMULA = "is a formula: paste its value instead"
SPREADSHEET_ERROR = "is an error of the spreadsheet"
NO_VALUE = "is not a text, a number or a date"


@dataclass(frozen=True)
class Cell:
    """A cell's value as the file holds it. ``fault`` says why it can't be used; ``date_only``: a date shown without a time.

    ``height``: rows of a merged range that begins here, 1 for a single cell. ``merged``: the first and last row of the
    merged range whose value this is, None for a single cell. ``clock``: seconds after midnight of a time without a date.
    """

    value: str | int | float | bool | datetime | None
    fault: str | None = None
    date_only: bool = False
    height: int = 1
    merged: tuple[int, int] | None = None
    clock: int | None = None

    @property
    def empty(self) -> bool:
        """True for nothing and for blanks."""
        return self.fault is None and (self.value is None or (isinstance(self.value, str) and not self.value.strip()))

    @property
    def text(self) -> str:
        """The value as a person sees it."""
        return "" if self.value is None else str(self.value)


EMPTY = Cell(None)


@dataclass(frozen=True)
class Row:
    """A row that is not empty; ``number`` is the one that the spreadsheet shows, or the line of a CSV file.

    ``hidden``: the spreadsheet does not show it (hidden by hand or by a filter). ``fault``: why its cells cannot be told
    apart; they are a guess then, of which nothing but the job's name may be used.
    """

    number: int
    cells: tuple[Cell, ...]
    hidden: bool = False
    fault: str | None = None


@dataclass(frozen=True)
class SheetTitle:
    """The name of a sheet; ``hidden``: the spreadsheet does not show the sheet."""

    name: str
    hidden: bool = False


class SheetFile(Protocol):
    """A file of one or more sheets."""

    @property
    def titles(self) -> tuple[SheetTitle, ...]:
        """The sheets in the file's order."""

    def expected_rows(self, sheet: int) -> int:
        """About how many rows the sheet at that place has; some of them may be empty. Raises as ``rows``."""

    def rows(self, sheet: int) -> Iterator[Row]:
        """The rows of the sheet at that place that are not empty. Raises InvalidValue for what cannot be read."""
