"""A sample of an ERP, looked at with the eyes of a mapping: what each column is taken for, and what is missing.

Nothing is planned and nothing is stored; the same connection that pulls reads at most ``ROWS`` rows of each subject.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa

from scheduler_core.data.database import Database, DatabaseUnavailable, unavailable
from scheduler_core.data.erp.cells import BadCell, canonical, flag, minute_of_day, moment, number, shown, text, whole
from scheduler_core.data.erp.fitting import column_types, misfits, tables_of
from scheduler_core.data.erp.mapping import Mapping as ErpMapping
from scheduler_core.data.erp.mapping import Subject
from scheduler_core.data.erp.meanings import HOURS, NAME, NUMBER, SUBJECTS, Meaning
from scheduler_core.data.erp.rows import Row
from scheduler_core.data.erp.source import ErpTables, transaction
from scheduler_core.data.erp.times import same_clock

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
        """True if the database has every table and column that the mapping names, and none is evidently a wrong one."""
        return not any(subject.problems for subject in self.subjects)


def sample(erp: Database, mapping: ErpMapping, timezone: str) -> ErpSample:
    """Look at every subject, at hours with the plant's ``timezone``. Raises DatabaseUnavailable if the database does not
    answer."""
    with transaction(erp):
        # A database that does not answer is told as such, and not as tables that are missing.
        pass
    rows: dict[str, list[Row]] = {}
    found = [_subject(erp, mapping, name, subject, timezone, rows) for name, subject in mapping.subjects.items()]
    subjects = tuple(replace(one, problems=(*one.problems, *_wrong_columns(one, found, rows, mapping))) for one in found)
    left_out = tuple((name, known.said) for name, known in SUBJECTS.items() if name not in mapping.subjects)
    return ErpSample(mapping.erp, subjects, left_out)


def _subject(
    erp: Database, mapping: ErpMapping, name: str, subject: Subject, timezone: str, looked_at: dict[str, list[Row]]
) -> SubjectSample:
    """``looked_at`` takes the rows."""
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
        known_failure = unavailable("ERP database", failure) if isinstance(failure, sa.exc.DBAPIError) else failure
        said = str(known_failure).removeprefix("ERP database: ")
        with erp.reading() as connection:
            key = "query: " if subject.query is not None else "where: " if subject.where is not None else ""
            problem = f"{key}the database refuses it: {said}; it has the tables {tables_of(connection)}"
        return SubjectSample(name, known.said, subject.table, 0, None, (problem,), (), missing)
    looked_at[name] = rows
    by_name = {column.lower(): type_ for column, type_ in types.items()}
    columns = tuple(
        _column(
            name,
            meaning,
            mapping,
            timezone,
            rows,
            by_name.get(subject.columns[meaning].column.lower(), "(made by the query)"),
        )
        for meaning in subject.columns
    )
    return SubjectSample(name, known.said, subject.table, len(rows), count, (), columns, missing)


def _column(name: str, meaning: str, mapping: ErpMapping, timezone: str, rows: Sequence[Row], type_: str) -> ColumnSample:
    about, subject = SUBJECTS[name].meanings[meaning], mapping.subjects[name]
    unit = mapping.unit(name, meaning) if about.units else None
    cells = [row[meaning] for row in rows]
    filled = [cell for cell in cells if canonical(cell).strip()]
    if meaning == "timezone":
        zones = [canonical(cell).strip() for cell in filled]
        others = {zone for zone in zones if zone != timezone and not same_clock(zone, timezone, datetime.now())}
        odd = [f"{zone!r} is another time zone than the plant's, {timezone}" for zone in zones if zone in others]
    else:
        # The status of machines is a flag where no list of codes says what it means.
        written = replace(about, kind="flag") if name == "machines" and meaning == "status" and not subject.codes else about
        odd = [reason for cell in filled if (reason := _why_odd(written, unit, cell)) is not None]
    codes = _codes(filled, name, subject) if about.kind == "code" else ()
    return ColumnSample(
        meaning, about.said, subject.columns[meaning].column, type_, unit, shown(filled[0], 60) if filled else None,
        len(cells) - len(filled), len(odd), odd[0] if odd else None, codes,
    )  # fmt: skip


def _wrong_columns(
    one: SubjectSample, every: Sequence[SubjectSample], rows: Mapping[str, list[Row]], mapping: ErpMapping
) -> Iterator[str]:
    """Columns that are there and cannot be the ones that are meant: nothing in them can be read, or nothing is found by
    them."""
    name, subject = one.subject, mapping.subjects[one.subject]
    for column in one.columns:
        if column.odd and column.odd == one.sampled - column.empty:
            unit = f" as {column.unit}" if column.unit else ""
            cells = f"none of {column.odd} cells of {column.column!r} can be read{unit}"
            yield f"columns.{column.meaning}: {cells}: {column.reason}"
    read = {other.subject: other.read for other in every}
    if name == "operations" and one.sampled and read["jobs"] and one.read == 0:
        yield f"columns.job: no row's {subject.name_of('job')!r} is the {mapping.jobs.name_of('job')!r} of an open order"
    if name == "machines" and {"active", "out_of_service"} <= set(subject.codes) and one.sampled:
        active = subject.codes_of("active")
        if not any(canonical(row["status"]).strip().upper() in active for row in rows.get(name, ())):
            yield f"codes.active: no row's {subject.name_of('status')!r} is one of them, so that no machine is in service"
    for reader, meaning, owner in (("operations", "machine", "machines"), ("machines", "calendar", "hours")):
        if name == reader and meaning in subject.columns and meaning in mapping.subjects[owner].columns and owner in rows:
            named, known = _names(rows.get(name, ()), meaning), _names(rows.get(owner, ()), meaning)
            if named and known and len(rows[owner]) < ROWS and named.keys().isdisjoint(known):
                where = f"{mapping.table_of(owner)}.{mapping.subjects[owner].name_of(meaning)}"
                yield (
                    f"columns.{meaning}: none of {_few(named)} in {subject.name_of(meaning)!r} is in {where}: {_few(known)}"
                )


def _names(rows: Sequence[Row], meaning: str) -> dict[str, str]:
    """What a column holds, by what it is in upper case; several machines of one cell also one by one."""
    cells = (canonical(row[meaning]).strip() for row in rows)
    return {part.upper(): part for cell in cells for one in (cell, *cell.split(",")) if (part := one.strip())}


def _few(names: Mapping[str, str]) -> str:
    """A few of the contents of a column, for a message."""
    return ", ".join(repr(one) for one in sorted(names.values())[:3]) + (", ..." if len(names) > 3 else "")


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
