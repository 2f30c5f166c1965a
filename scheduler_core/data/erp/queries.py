"""The SELECT statements by which a mapping's subjects are read. Pure: text from a mapping and how a dialect quotes names."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from scheduler_core.data.erp.cells import YES
from scheduler_core.data.erp.mapping import Mapping, Subject
from scheduler_core.data.erp.meanings import SUBJECTS
from scheduler_core.data.erp.narrowing import one_of

Quote = Callable[[str], str]
_ALIASES = {
    "jobs": "j", "operations": "p", "output": "d", "machines": "m", "routing": "r", "alternatives": "a", "hours": "h",
    "machine_hours": "o",     "breaks": "b", "holidays": "f", "downtimes": "t",
}  # fmt: skip
_OF_OPEN_JOBS = ("operations", "output", "alternatives")


@dataclass(frozen=True)
class Queries:
    """``dialect``: SQLAlchemy's name of it; ``quote`` writes the name of a table or column."""

    mapping: Mapping
    dialect: str
    quote: Quote

    def select(self, subject: str, also: str | None = None) -> str:
        """All rows of a subject (of jobs: the open ones; of what belongs to jobs: those of open jobs), its columns in the
        mapping's order, sorted as readers expect it. ``also``: one more condition that they have to meet."""
        found = self.mapping.subjects[subject]
        columns = ", ".join(self._column(subject, meaning) for meaning in found.columns)
        order = [self._column(subject, meaning) for meaning in SUBJECTS[subject].order if found.has(meaning)]
        return f"SELECT {columns} FROM {self.rows(subject, also)}" + (f" ORDER BY {', '.join(order)}" if order else "")

    def every(self, subject: str) -> str:
        """All rows of a subject, open or not, in any order."""
        found = self.mapping.subjects[subject]
        columns = ", ".join(self._column(subject, meaning) for meaning in found.columns)
        return f"SELECT {columns} FROM {self.source(subject)}" + (f" WHERE {found.where}" if found.where is not None else "")

    def count(self, subject: str) -> str:
        """How many rows that are."""
        return f"SELECT COUNT(*) AS amount FROM {self.rows(subject)}"

    def rows(self, subject: str, also: str | None = None) -> str:
        """The rows of a subject: what stands behind FROM."""
        found = self.mapping.subjects[subject]
        conditions = [f"({condition})" for condition in (found.where, also) if condition is not None]
        if subject == "jobs":
            conditions += self._open(found)
        elif subject in _OF_OPEN_JOBS:
            jobs = f"SELECT {self._column('jobs', 'job')} FROM {self.rows('jobs')}"
            conditions.append(f"{self._column(subject, 'job')} IN ({jobs})")
        return self.source(subject) + (f" WHERE {' AND '.join(conditions)}" if conditions else "")

    def source(self, subject: str) -> str:
        """A subject's table or query under its short name, whatever its rows."""
        found = self.mapping.subjects[subject]
        return f"{self.table(found.table) if found.query is None else f'({found.query})'} {_ALIASES[subject]}"

    def table(self, name: str) -> str:
        """A table's name, which may have its schema in front of a point."""
        return ".".join(self.quote(part) for part in name.split("."))

    def holds(self, subject: str, column: str, cells: Collection[object]) -> str | None:
        """The condition that a column (its own name) holds one of these cells, for ``select``; None: read every row."""
        return one_of(self.dialect, f"{_ALIASES[subject]}.{self.quote(column)}", cells)

    def _column(self, subject: str, meaning: str) -> str:
        # With its table in front of it SQLite never takes an unknown column for a text.
        return f"{_ALIASES[subject]}.{self.quote(self.mapping.subjects[subject].columns[meaning].column)}"

    def _open(self, jobs: Subject) -> list[str]:
        """Jobs that are neither void nor closed. Either column may be empty, and a comparison with NULL would drop the row;
        codes count without trailing blanks and letter case."""
        conditions = []
        if jobs.has("void"):
            void = self._column("jobs", "void")
            if self.dialect == "postgresql":
                conditions.append(f"({void} IS NULL OR UPPER(TRIM(CAST({void} AS TEXT))) NOT IN ({_listed(YES)}))")
            else:
                # A number (1.0 in a decimal column), a BIT (the character 1 as text), text or an ENUM (its index, if
                # compared with a number). What is neither yes nor no is read, and refused with its job.
                text = f"CAST({void} AS CHAR)"
                digits = f"REPLACE(REPLACE(REPLACE({text},'.',''),'0',''),' ','')"
                conditions.append(
                    f"({void} IS NULL OR ({text} <> CHAR(1) AND UPPER(TRIM({text})) NOT IN ({_listed(YES)})"
                    f" AND NOT ({digits} = '1' AND {text} + 0 = 1)))"
                )
        if closed := jobs.codes_of("closed"):
            status = self._column("jobs", "status")
            conditions.append(f"({status} IS NULL OR UPPER(RTRIM({status})) NOT IN ({_listed(closed)}))")
        return conditions


def _listed(words: Iterable[str]) -> str:
    return ", ".join("'" + word.replace("'", "''") + "'" for word in sorted(words))
