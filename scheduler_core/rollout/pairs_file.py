"""Reads a table of pairs: CSV with the columns date, champion and challenger."""

from __future__ import annotations

from datetime import date
from math import isfinite
from typing import Final

from scheduler_core.errors import InvalidValue
from scheduler_core.interchange.csv_rows import CsvFile
from scheduler_core.interchange.sheet_rows import Cell, Row
from scheduler_core.rollout.evidence import Pair

COLUMNS: Final = ("date", "champion", "challenger")
MAX_PAIRS: Final = 100_000
MISSING: Final = frozenset({"", "nan", "na", "null", "none"})
"""What stands for a missing value, in any case of letters."""


def pairs_from_csv(content: bytes, name: str) -> tuple[Pair, ...]:
    """The pairs in the file's order. Raises InvalidValue, naming row and column, for anything that is not a pair."""
    rows = CsvFile(content, name).rows(0)
    header = next(rows, None)
    if header is None:
        raise InvalidValue(name, "", "is empty: it must have a header and a row for each pair")
    at = _positions(header, name)
    pairs: list[Pair] = []
    for row in rows:
        if len(pairs) == MAX_PAIRS:
            raise InvalidValue(f"{name}: row {row.number}", MAX_PAIRS, "pairs are the most that a file may have")
        if row.fault:
            raise InvalidValue(f"{name}: row {row.number}", _text(row, 0), row.fault)
        where = f"{name}: row {row.number}, column"
        day = _day(_text(row, at["date"]), f"{where} date")
        values = [_value(_text(row, at[column]), f"{where} {column}") for column in COLUMNS[1:]]
        pairs.append(Pair(day, *values))
    if not pairs:
        raise InvalidValue(name, "", "has no rows under its header")
    return tuple(pairs)


def _positions(header: Row, name: str) -> dict[str, int]:
    titles = [cell.text.strip().lower() for cell in header.cells]
    for column in COLUMNS:
        if titles.count(column) != 1:
            found = "is missing" if column not in titles else "is there more than once"
            raise InvalidValue(f"{name}: row {header.number}, column {column}", titles, found)
    return {column: titles.index(column) for column in COLUMNS}


def _text(row: Row, position: int) -> str:
    cell: Cell | None = row.cells[position] if position < len(row.cells) else None
    return "" if cell is None else cell.text.strip()


def _day(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidValue(where, text, "must be a date such as 2026-03-31") from None


def _value(text: str, where: str) -> float | None:
    if text.lower() in MISSING:
        return None
    try:
        value = float(text)
    except ValueError:
        raise InvalidValue(where, text, "must be a number of 0 or more, or empty if missing") from None
    if not (isfinite(value) and 0 <= value <= MOST):
        raise InvalidValue(where, text, f"must be a number from 0 to {MOST:g}, or empty if missing")
    return value


MOST: Final = 1e15
"""Largest value of a key figure: sums over all pairs stay exact enough."""
