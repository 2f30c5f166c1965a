"""What the ERP does not say: time zone, where overtime begins, how far the pull looks, how tables join, names."""

from __future__ import annotations

import re
from datetime import time
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from scheduler_core.data.erp.hours import FIRST_HALF, SECOND_HALF
from scheduler_core.data.erp.mapping import METAL_PLANT, Mapping, check, load_mapping, mapping_file, shipped_mappings
from scheduler_core.errors import InvalidValue
from scheduler_core.settings.load import load_settings

ProcessColumn = Literal["Task_v", "RowId_i"]
RoutingColumn = Literal["BstkId_i", "RowId_i", "ProcessId_i", "ProcessDescr_v"]


def _column(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value):
        raise ValueError("is not a name of letters, digits and underscores")
    return value


Column = Annotated[str, AfterValidator(_column)]


class MachineHours(BaseModel):
    """A table of weekly working hours of single machines or work centres, by the names of its columns."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    table: Column
    machine: Column | None = None
    """Holds a machine's id; its rows decide before those of its work centre."""
    work_centre: Column | None = None
    """Holds the id of a machine type."""
    day: Column = "arrange_day"
    start: Column = "start_time"
    end: Column = "end_time"

    @model_validator(mode="after")
    def _for_someone(self) -> MachineHours:
        if self.machine is None and self.work_centre is None:
            raise ValueError("names neither the column of the machine nor that of the work centre")
        return self


class ErpConfig(BaseModel):
    """The settings of ``configs/erp.yaml``; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    plant: Annotated[str, Field(min_length=1, max_length=128)]
    """Name of the plant; its releases are numbered under it."""
    timezone: str
    """IANA name of the plant's time zone."""
    mapping: Annotated[str, Field(min_length=1, max_length=512)] = METAL_PLANT
    """Where the ERP keeps what is read: the name of a file in ``configs/erp``, or the path of another one."""
    overtime_begins: str | None = "18:00"
    """Working time from this time of day on is overtime; None: there is none."""
    assigned_machine: Literal["preferred", "binding"] = "preferred"
    """Whether an operation's machine is only preferred within its whole type, or the only one."""
    horizon_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    """Jobs due later than this many days after plan_start are left for a later pull; None: all are read."""
    product_pattern: str = r"(?P<product>(?P<family>[A-Za-z]+[0-9]+)-[0-9]+)"
    """Regular expression searched at the beginning of Task_v, with the groups ``product`` and ``family``."""
    routing_join: tuple[tuple[ProcessColumn, RoutingColumn], ...] = (("Task_v", "ProcessDescr_v"), ("RowId_i", "RowId_i"))
    """Pairs of equal columns that lead from an operation to its routing line."""
    missing_setup_minutes: Annotated[int, Field(ge=0, le=10_000)] | None = None
    """Setup where SetupTime_d is empty; None: such a row is unusable."""
    half_day_off: str = SECOND_HALF
    """The part of a half holiday in which nobody works: a half of the date's working time, or hours as ``12:00-24:00``."""
    holiday_hours: tuple[Column, Column] | None = None
    """Columns of ai_holidays from when to when nobody works on a holiday that is not a whole day; None: it has none."""
    machine_hours: MachineHours | None = None
    """Where machines and work centres have hours of their own; None: all have those of the plant."""
    machine_type_names: dict[int, str] = Field(default_factory=dict)
    """Names of machine types by id; a type without one is called after its machines."""

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("is not an IANA time zone") from None
        return value

    @field_validator("overtime_begins")
    @classmethod
    def _time_of_day(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
            raise ValueError("is not a time of day such as 18:00")
        return value

    @field_validator("half_day_off")
    @classmethod
    def _half_or_hours(cls, value: str) -> str:
        if value in (FIRST_HALF, SECOND_HALF):
            return value
        hours = re.fullmatch(r"(([01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d|24:00)", value)
        if hours is None or hours[1] >= hours[3]:
            raise ValueError(f"is neither {FIRST_HALF!r} nor {SECOND_HALF!r} nor hours of one day such as 12:00-24:00")
        return value

    @field_validator("holiday_hours", mode="before")
    @classmethod
    def _two_columns(cls, value: object) -> object:
        # YAML knows lists only.
        return tuple(value) if isinstance(value, list) else value

    @field_validator("product_pattern")
    @classmethod
    def _pattern_with_groups(cls, value: str) -> str:
        try:
            groups = re.compile(value).groupindex
        except re.error as error:
            raise ValueError(f"is not a regular expression: {error}") from None
        if not {"product", "family"} <= set(groups):
            raise ValueError("has no groups named 'product' and 'family'")
        return value

    @field_validator("routing_join", mode="before")
    @classmethod
    def _pairs(cls, value: object) -> object:
        # YAML knows lists only.
        return tuple(tuple(p) if isinstance(p, list) else p for p in value) if isinstance(value, list) else value

    @field_validator("routing_join")
    @classmethod
    def _some_pair(cls, value: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        if not value:
            raise ValueError("names no pair of columns")
        return value

    @property
    def tables(self) -> Mapping:
        """The mapping, with the columns and the table that this file adds. Raises InvalidValue naming file, key, value and
        reason."""
        return _with_hours(load_mapping(self.mapping), self.holiday_hours, self.machine_hours)

    @cached_property
    def process_columns(self) -> tuple[str, ...]:
        """The operations' columns of ``routing_join``."""
        return tuple(process for process, _ in self.routing_join)

    @property
    def overtime_minute(self) -> int | None:
        """``overtime_begins`` in minutes after midnight."""
        if self.overtime_begins is None:
            return None
        begins = time.fromisoformat(self.overtime_begins)
        return begins.hour * 60 + begins.minute


def _with_hours(
    mapping: Mapping, holiday_hours: tuple[str, str] | None, machine_hours: MachineHours | None
) -> Mapping:  # fmt: skip
    added: dict[str, object] = {}
    if holiday_hours is not None and mapping.holidays is not None:
        hours = {meaning: {"column": column} for meaning, column in zip(("start", "end"), holiday_hours, strict=True)}
        columns = {meaning: column.model_dump() for meaning, column in mapping.holidays.columns.items()}
        added["holidays"] = mapping.holidays.model_dump() | {"columns": columns | hours}
    if machine_hours is not None:
        names = {
            "machine": machine_hours.machine, "machine_type": machine_hours.work_centre, "day": machine_hours.day,
            "start": machine_hours.start, "end": machine_hours.end,
        }  # fmt: skip
        columns = {meaning: {"column": column} for meaning, column in names.items() if column is not None}
        added["machine_hours"] = {"table": machine_hours.table, "columns": columns}
    if not added:
        return mapping
    extended = Mapping.model_validate(mapping.model_dump(exclude_none=True) | added)
    check(extended, "holiday_hours and machine_hours")
    return extended


def load_config(path: Path) -> ErpConfig:
    """Read the YAML file and the mapping that it names. Raises InvalidValue naming file, key, value and reason."""
    config = load_settings(path, ErpConfig)
    file = mapping_file(config.mapping, path.parent)
    if not file.is_file():
        shipped = ", ".join(shipped_mappings())
        raise InvalidValue(f"{path}: mapping", config.mapping, f"names no file ({file} does not exist); there are {shipped}")
    config = config.model_copy(update={"mapping": str(file)})
    _check_join(path, config)
    return config


def _check_join(path: Path, config: ErpConfig) -> None:
    """The routing is joined by columns that the mapping reads."""
    mapping = config.tables
    if mapping.routing is None:
        return
    for subject, at in ((mapping.operations, 0), (mapping.routing, 1)):
        known = [column.column for column in subject.columns.values()]
        for pair in config.routing_join:
            if pair[at] not in known:
                why = f"is not a column that the mapping reads of {subject.table}: there are {', '.join(known)}"
                raise InvalidValue(f"{path}: routing_join", pair[at], why)
