"""A row of a table, small in memory: a pull of a large plant holds a hundred thousand of them at once."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence


class Columns(dict[str, int | None]):
    """Where each meaning stands in a query's rows (None: in no column); ``names``: the columns as the database has them."""

    def __init__(self, meanings: Mapping[str, str], known: Iterable[str]) -> None:
        super().__init__(dict.fromkeys(known))
        self.update({meaning: place for place, meaning in enumerate(meanings)})
        self.names: tuple[str, ...] = tuple(meanings.values())


class Row:
    """Cells by the meanings of their columns. The columns are shared by all rows of a query, equal texts by all rows."""

    __slots__ = ("_cells", "_columns")

    def __init__(self, columns: Columns, cells: Iterable[object]) -> None:
        self._columns = columns
        self._cells = tuple([sys.intern(cell) if type(cell) is str else cell for cell in cells])

    def __getitem__(self, meaning: str) -> object:
        place = self._columns[meaning]
        return None if place is None else self._cells[place]

    def has(self, meaning: str) -> bool:
        """True if a column has the meaning."""
        return self._columns[meaning] is not None

    def name_of(self, meaning: str) -> str:
        """The column of a meaning, for messages; the meaning itself where no column has it."""
        place = self._columns[meaning]
        return meaning if place is None else self._columns.names[place]

    def cell_of(self, column: str) -> object:
        """The cell of a column by its own name. Raises ValueError if the query has no such column."""
        return self._cells[self._columns.names.index(column)]

    def items(self) -> Iterator[tuple[str, object]]:
        """Names of columns and cells, in the order of the query."""
        return zip(self._columns.names, self._cells, strict=True)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns' own names, in the order of the query."""
        return self._columns.names

    def values(self) -> tuple[object, ...]:
        """The cells, in the order of the query."""
        return self._cells


def plain_columns(names: Sequence[str]) -> Columns:
    """Columns that mean what they are called."""
    return Columns({name: name for name in names}, ())
