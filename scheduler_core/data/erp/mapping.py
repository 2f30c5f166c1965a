"""Where an ERP keeps what a pull reads: a table or query for each subject, the columns with their meanings, units and codes.

One YAML file of ``configs/erp`` per ERP; ``mapping:`` in ``configs/erp.yaml`` names it. ``meanings.py`` lists the subjects
and meanings that there are. The rules by which rows are accepted are the same for every mapping.
"""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from scheduler_core.data.erp.meanings import SUBJECTS, SubjectMeanings
from scheduler_core.errors import InvalidValue
from scheduler_core.settings.load import load_settings
from scheduler_core.settings.locations import erp_mapping, erp_mappings

METAL_PLANT = "metal_plant"
"""The mapping of an installation that names none."""
_Text = Annotated[str, Field(min_length=1, max_length=256)]
_Sql = Annotated[str, Field(min_length=1, max_length=20_000)]


class Column(BaseModel):
    """A column and how it writes its meaning; ``unit`` None: the usual way."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    column: _Text
    unit: str | None = None


class Subject(BaseModel):
    """One subject's rows: those of ``table`` for which ``where`` is true, or those of ``query``.

    ``columns``: meanings to columns of the table or the query, in the order in which they are read. ``codes``: what a status
    means. With a query ``table`` is what messages call its rows by.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    table: _Text
    query: _Sql | None = None
    where: _Sql | None = None
    columns: Annotated[dict[str, Column], Field(min_length=1)]
    codes: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _as_yaml_writes_it(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        columns, codes = value.get("columns"), value.get("codes")
        written = dict(value)
        if isinstance(columns, dict):
            written["columns"] = {k: {"column": c} if isinstance(c, str) else c for k, c in columns.items()}
        if isinstance(codes, dict):
            # YAML knows lists only, and a code may look like a number.
            written["codes"] = {k: tuple(_code(c) for c in v) if isinstance(v, list) else v for k, v in codes.items()}
        return written

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if self.query is not None and self.where is not None:
            raise ValueError("has a query and a where: the condition belongs into the query")
        if self.query is not None and not re.match(r"\s*(SELECT|WITH)\b", self.query, re.IGNORECASE):
            raise ValueError("has a query that does not begin with SELECT or WITH")
        # PostgreSQL would run what follows a semicolon, and a COMMIT there ends the read-only transaction.
        if ";" in (self.query or "") + (self.where or ""):
            raise ValueError("has a semicolon in its SQL, which must be one statement (in a text write CHR(59) or CHAR(59))")
        return self

    def has(self, meaning: str) -> bool:
        """True if a column has the meaning."""
        return meaning in self.columns

    def name_of(self, meaning: str) -> str:
        """The column of a meaning, for messages; the meaning itself where no column has it."""
        column = self.columns.get(meaning)
        return meaning if column is None else column.column

    def codes_of(self, what: str) -> frozenset[str]:
        """The codes of a list, upper case."""
        return frozenset(code.strip().upper() for code in self.codes.get(what, ()))


class Mapping(BaseModel):
    """All subjects of an ERP. A subject that is None is not read."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    erp: _Text
    """The ERP and its version, for people."""
    jobs: Subject
    operations: Subject
    output: Subject | None = None
    machines: Subject
    routing: Subject | None = None
    alternatives: Subject | None = None
    hours: Subject
    machine_hours: Subject | None = None
    breaks: Subject | None = None
    holidays: Subject | None = None
    downtimes: Subject | None = None

    @cached_property
    def subjects(self) -> dict[str, Subject]:
        """The subjects that are read, by name."""
        return {name: value for name in SUBJECTS if (value := getattr(self, name)) is not None}

    def table_of(self, subject: str) -> str:
        """What messages call a subject's rows by."""
        found = self.subjects.get(subject)
        return subject if found is None else found.table

    def unit(self, subject: str, meaning: str) -> str:
        """How a column writes its meaning: as the mapping says, else as usual."""
        column = self.subjects[subject].columns.get(meaning)
        usual = SUBJECTS[subject].meanings[meaning].units
        return column.unit if column is not None and column.unit is not None else usual[0]


def _code(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def check(mapping: Mapping, file: str) -> None:
    """Raises InvalidValue for a meaning, unit or list of codes that is missing or not known. ``file`` is for messages."""
    for name, subject in mapping.subjects.items():
        _check_columns(name, subject, SUBJECTS[name], file)
        _check_codes(name, subject, SUBJECTS[name], file)
    operations = mapping.operations
    if not any(operations.has(meaning) for meaning in ("speed", "lot_time")):
        raise InvalidValue(f"{file}: operations.columns", "speed", "and lot_time are both missing, so that no time is known")
    if not any(operations.has(meaning) for meaning in ("machine", "machine_type")) and mapping.routing is None:
        why = "and machine_type are both missing, and there is no routing, so that no machine is known"
        raise InvalidValue(f"{file}: operations.columns", "machine", why)
    for name, needed in (("hours", "machines"), ("holidays", "hours")):
        # Otherwise nobody would have those hours, or those days off.
        if (
            name in mapping.subjects
            and mapping.subjects[name].has("calendar")
            and not mapping.subjects[needed].has("calendar")
        ):
            why = f"needs a column {needed}.columns.calendar beside it, which says whose they are"
            raise InvalidValue(f"{file}: {name}.columns.calendar", mapping.subjects[name].name_of("calendar"), why)
    for name, meaning, owner in (
        ("operations", "job", "jobs"), ("output", "job", "jobs"), ("alternatives", "job", "jobs"),
        ("alternatives", "machine", "machines"), ("downtimes", "machine", "machines"),
    ):  # fmt: skip
        if name in mapping.subjects and mapping.unit(name, meaning) != mapping.unit(owner, meaning):
            why = f"must be the unit of {owner}.columns.{meaning}: {mapping.unit(owner, meaning)!r}"
            raise InvalidValue(f"{file}: {name}.columns.{meaning}.unit", mapping.unit(name, meaning), why)


def _check_columns(name: str, subject: Subject, known: SubjectMeanings, file: str) -> None:
    for meaning, column in subject.columns.items():
        where = f"{file}: {name}.columns.{meaning}"
        if meaning not in known.meanings:
            raise InvalidValue(where, column.column, f"is no meaning of {name}; there are {', '.join(known.meanings)}")
        units = known.meanings[meaning].units
        if column.unit is not None and column.unit not in units:
            allowed = (
                f"must be one of {', '.join(repr(u) for u in units)}"
                if units
                else f"is not possible here: {meaning} has no unit"
            )
            raise InvalidValue(f"{where}.unit", column.unit, allowed)
    for meaning, about in known.meanings.items():
        if about.required and meaning not in subject.columns:
            raise InvalidValue(f"{file}: {name}.columns", meaning, f"is missing ({about.said})")


def _check_codes(name: str, subject: Subject, known: SubjectMeanings, file: str) -> None:
    for codes in subject.codes:
        lists = ", ".join(known.codes or {}) or "none"
        if codes not in (known.codes or {}):
            raise InvalidValue(f"{file}: {name}.codes", codes, f"is no list of codes of {name}; there are {lists}")
        if not subject.has("status"):
            raise InvalidValue(f"{file}: {name}.codes", codes, "needs a column with the meaning status")


def mapping_file(named: str, beside: Path | None = None) -> Path:
    """The file of a mapping: one of ``configs/erp`` by its name, or any other by its path (ending in .yaml), which counts
    from the folder ``beside``."""
    if named.endswith((".yaml", ".yml")):
        return Path(named) if beside is None else beside / named
    return erp_mapping(named)


def shipped_mappings() -> tuple[str, ...]:
    """The names of the mappings in ``configs/erp``."""
    return tuple(sorted(erp_mappings()))


def load_mapping(named: str) -> Mapping:
    """Read a mapping by its name or path. Raises InvalidValue naming file, key, value and reason."""
    file = mapping_file(named)
    try:
        changed = file.stat().st_mtime_ns
    except OSError as error:
        raise InvalidValue(str(file), named, f"cannot be read: {error.strerror}") from error
    return _loaded(file, changed)


@lru_cache(maxsize=16)
def _loaded(file: Path, _changed: int) -> Mapping:
    mapping = load_settings(file, Mapping)
    check(mapping, str(file))
    return mapping
