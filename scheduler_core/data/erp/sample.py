"""A sample of an ERP, looked at with the eyes of a mapping: what each column is taken for, and what is missing.

Nothing is planned and nothing is stored; the same connection that pulls reads at most ``ROWS`` rows of each subject.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from scheduler_core.data.database import Database, DatabaseUnavailable, said_by
from scheduler_core.data.erp.cells import BadCell, canonical, flag, minute_of_day, moment, number, shown, text, whole
from scheduler_core.data.erp.fitting import column_types, misfits, tables_of
from scheduler_core.data.erp.mapping import Mapping as ErpMapping
from scheduler_core.data.erp.mapping import Subject
from scheduler_core.data.erp.meanings import HOURS, NAME, NUMBER, SUBJECTS, Meaning
from scheduler_core.data.erp.rows import Row
from scheduler_core.data.erp.source import ErpTables, transaction

ROWS = 1000
CODES = 12
"""Different contents of a status that are listed."""


@dataclass(frozen=True)
class ColumnSample:
    """A column: its ``meaning`` and what that is, its type in the database, how it is written, an example, how many of the
    sampled cells are empty or cannot be read, and why the first of those cannot. ``codes``: contents of a status with how
    often they come and what they are taken for."""

    meaning: str
    is_: str
    column: str
    type: str
    unit: str | None
    example: str | None
    empty: int
    odd: int
    reason: str | None
    codes: tuple[tuple[str, int, str], ...] = ()


@dataclass(frozen=True)
class SubjectSample:
    """A subject: what a row is, its table, sampled rows, rows that a pull would read (None: they cannot be counted), what
    does not fit the database, its columns, and the meanings that no column has."""

    subject: str
    is_: str
    table: str
    sampled: int
    read: int | None
    problems: tuple[str, ...]
    columns: tuple[ColumnSample, ...]
    missing: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ErpSample:
    """All subjects of a mapping, and those that it does not have."""

    erp: str
    subjects: tuple[SubjectSample, ...]
    left_out: tuple[tuple[str, str], ...] = field(default=())

    @property
    def fits(self) -> bool:
        """True if the database has every table and column that the mapping names."""
        return not any(subject.problems for subject in self.subjects)


def sample(erp: Database, mapping: ErpMapping) -> ErpSample:
    """Look at every subject. Raises DatabaseUnavailable if the database does not answer."""
    with transaction(erp):
        # A database that does not answer is told as such, and not as tables that are missing.
        pass
    subjects = tuple(_subject(erp, mapping, name, subject) for name, subject in mapping.subjects.items())
    left_out = tuple((name, known.said) for name, known in SUBJECTS.items() if name not in mapping.subjects)
    return ErpSample(mapping.erp, subjects, left_out)


def _subject(erp: Database, mapping: ErpMapping, name: str, subject: Subject) -> SubjectSample:
    known = SUBJECTS[name]
    missing = tuple((meaning, about.said) for meaning, about in known.meanings.items() if not subject.has(meaning))
    # Each subject has a transaction of its own: after an error PostgreSQL answers nothing more within one.
    try:
        with erp.reading() as connection:
            problems = misfits(connection, subject)
            types = column_types(connection, subject)
            if problems:
                return SubjectSample(name, known.said, subject.table, 0, None, tuple(problems), (), missing)
            tables = ErpTables(connection, mapping)
            rows = list(tables.first(name, ROWS))
            count = tables.count(name)
    except (sa.exc.DBAPIError, DatabaseUnavailable) as failure:
        said = said_by(failure) if isinstance(failure, sa.exc.DBAPIError) else failure
        with erp.reading() as connection:
            problem = f"the database refuses it: {said}; it has the tables {tables_of(connection)}"
        return SubjectSample(name, known.said, subject.table, 0, None, (problem,), (), missing)
    by_name = {column.lower(): type_ for column, type_ in types.items()}
    columns = tuple(
        _column(name, meaning, mapping, rows, by_name.get(subject.columns[meaning].column.lower(), "(made by the query)"))
        for meaning in subject.columns
    )
    return SubjectSample(name, known.said, subject.table, len(rows), count, (), columns, missing)


def _column(name: str, meaning: str, mapping: ErpMapping, rows: Sequence[Row], type_: str) -> ColumnSample:
    about, subject = SUBJECTS[name].meanings[meaning], mapping.subjects[name]
    unit = mapping.unit(name, meaning) if about.units else None
    cells = [row[meaning] for row in rows]
    filled = [cell for cell in cells if canonical(cell).strip()]
    odd = [reason for cell in filled if (reason := _why_odd(about, unit, cell)) is not None]
    codes = _codes(filled, name, subject) if about.kind == "code" else ()
    return ColumnSample(
        meaning, about.said, subject.columns[meaning].column, type_, unit, shown(filled[0], 60) if filled else None,
        len(cells) - len(filled), len(odd), odd[0] if odd else None, codes,
    )  # fmt: skip


def _why_odd(about: Meaning, unit: str | None, cell: object) -> str | None:
    """Why a cell cannot be what its column means; None if it can."""
    try:
        _READ[about.kind](about.said, unit, cell)
    except BadCell as bad:
        return f"{bad.content} {bad.reason}"
    return None


def _key(said: str, unit: str | None, cell: object) -> object:
    return whole(said, cell) if unit == NUMBER else text(said, cell) if unit == NAME else canonical(cell)


def _time_of_day(said: str, unit: str | None, cell: object) -> object:
    return number(said, cell) if unit == HOURS else minute_of_day(said, cell)


_READ: Mapping[str, Callable[[str, str | None, object], object]] = {
    "key": _key, "text": lambda said, _unit, cell: text(said, cell), "number": lambda said, _unit, cell: number(said, cell),
    "flag": lambda said, _unit, cell: flag(said, cell), "code": lambda _said, _unit, cell: canonical(cell),
    "date": lambda said, _unit, cell: moment(said, cell), "time of day": _time_of_day,
    "weekday": lambda said, _unit, cell: whole(said, cell),
}  # fmt: skip


def _codes(cells: Sequence[object], name: str, subject: Subject) -> tuple[tuple[str, int, str], ...]:
    lists = SUBJECTS[name].codes or {}
    counted = Counter(canonical(cell).strip() for cell in cells)
    return tuple(
        (code, count, next((said for which, said in lists.items() if code.upper() in subject.codes_of(which)), "")
         or (SUBJECTS[name].otherwise if subject.codes else ""))
        for code, count in counted.most_common(CODES)
    )  # fmt: skip
