"""A row of a table, small in memory: a pull of a large plant holds a hundred thousand of them at once."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence


class Row:
    """Cells by the names of their columns. The names are shared by all rows of a query, equal texts by all rows."""

    __slots__ = ("_cells", "_places")

    def __init__(self, places: Mapping[str, int], cells: Iterable[object]) -> None:
        self._places = places
        self._cells = tuple(sys.intern(cell) if type(cell) is str else cell for cell in cells)

    def __getitem__(self, name: str) -> object:
        return self._cells[self._places[name]]

    def items(self) -> Iterator[tuple[str, object]]:
        """Names and cells, in the order of the query."""
        return zip(self._places, self._cells, strict=True)

    def values(self) -> tuple[object, ...]:
        """The cells, in the order of the query."""
        return self._cells


def places_of(names: Sequence[str]) -> Mapping[str, int]:
    """Where each column of a query stands."""
    return {name: place for place, name in enumerate(names)}
