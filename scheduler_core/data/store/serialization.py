"""Between Python values and what a column holds: ids, times, canonical JSON, engine settings, content hashes."""

from __future__ import annotations

import hashlib
import json
import math
import operator
import re
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from scheduler_core.engines.config import EngineConfig
from scheduler_core.errors import InvalidValue
from scheduler_core.objectives import Objective
from scheduler_core.people.person_names import person_named
from scheduler_core.schedule import Assignment, Schedule

MAX_NAME = 128
"""Longest name or job id that the store keeps, in characters."""
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")


def new_id() -> str:
    """A fresh id of 32 hexadecimal digits."""
    return uuid.uuid4().hex


def now_us() -> int:
    """Microseconds since 1970 UTC."""
    return time.time_ns() // 1000


def to_us(moment: datetime) -> int:
    """Microseconds since 1970 UTC of an aware time."""
    if moment.tzinfo is None:
        raise InvalidValue("time", moment, "names no time zone")
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86400 + delta.seconds) * 1_000_000 + delta.microseconds


def from_us(value: int) -> datetime:
    """The aware UTC time of a ``_us`` column."""
    return datetime.fromtimestamp(value // 1_000_000, UTC).replace(microsecond=value % 1_000_000)


def wall_time(value: str, zone: str) -> datetime:
    """The naive wall time of an ISO 8601 text; one with an offset from UTC is the first or the second of a repeated hour."""
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo is None else moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def maybe_from_us(value: int | None) -> datetime | None:
    """The same, None for NULL."""
    return None if value is None else from_us(value)


def request_id(value: str) -> str:
    """The id itself if it can serve as a request id."""
    if not isinstance(value, str) or not _REQUEST_ID.fullmatch(value):
        raise InvalidValue("request_id", value, "is not 1 to 64 letters, digits, or . _ : -")
    return value


def name(where: str, value: str) -> str:
    """The text itself if it fits a name column: not blank, at most MAX_NAME characters, storable."""
    if not isinstance(value, str) or not value.strip():
        raise InvalidValue(where, value, "is empty")
    if len(value) > MAX_NAME:
        raise InvalidValue(where, value, f"is longer than {MAX_NAME} characters")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise InvalidValue(where, value, "holds half a character, which cannot be stored") from None
    return value


def person(where: str, value: str) -> str:
    """Who does something, as records and audit lines hold it: a person's name by the one rule of all names, or what a part
    of the program calls itself. Raises InvalidValue."""
    return person_named(value, where)


def printable(value: str) -> str:
    """Any text, with what is not storable (halves of characters) written as an escape."""
    return value.encode("utf-8", "backslashreplace").decode()


def plain(where: str, value: object) -> Any:
    """The value in Python's own types, for JSON: numpy's numbers become int or float, NaN and infinity are refused."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise InvalidValue(where, value, "is not a finite number")
        return float(value)
    if isinstance(value, Mapping):
        return {str(key): plain(f"{where}.{key}", inner) for key, inner in value.items()}
    if isinstance(value, (Sequence, set, frozenset)) and not isinstance(value, (bytes, bytearray)):
        items = sorted(value, key=str) if isinstance(value, (set, frozenset)) else value
        return [plain(f"{where}[{i}]", inner) for i, inner in enumerate(items)]
    scalar = getattr(value, "item", None)
    if callable(scalar):
        return plain(where, scalar())
    return str(value)


def to_json(where: str, value: object) -> str:
    """Canonical JSON: sorted keys, no spaces, finite numbers only."""
    return json.dumps(plain(where, value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def integer(where: str, value: object) -> int:
    """A Python int of any integer (numpy's too); everything else is refused."""
    try:
        return operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise InvalidValue(where, value, "is not a whole number") from None


LATER_SETTINGS = ("most_moves", "calm_hours", "frozen_hours", "frozen_by_type", "policy_only", "first_prices", "variation")
"""Settings that came with a later version: written only where they say something."""


def config_to_json(config: EngineConfig) -> str:
    """An engine's settings, the warm start as its rows."""
    values = {f.name: getattr(config, f.name) for f in fields(config)} | {"objective": config.objective.value}
    for later in LATER_SETTINGS:
        if values[later] == getattr(EngineConfig(), later):
            del values[later]
    if config.warm_start is not None:
        values["warm_start"] = rows_of(config.warm_start)
    return to_json("config", values)


def config_from_json(text: str) -> EngineConfig:
    """The settings back. Keys that this version does not know raise InvalidValue."""
    values = json.loads(text)
    unknown = set(values) - {f.name for f in fields(EngineConfig)}
    if unknown:
        raise InvalidValue("config", sorted(unknown), "are settings that this version does not know")
    values["objective"] = Objective.parse(values["objective"])
    if values.get("warm_start") is not None:
        values["warm_start"] = schedule_of(values["warm_start"])
    values["frozen_by_type"] = tuple((kind, hours) for kind, hours in values.get("frozen_by_type", ()))
    values["first_prices"] = tuple((name, price) for name, price in values.get("first_prices", ()))
    return EngineConfig(**values)


def rows_of(schedule: Schedule) -> list[list[Any]]:
    """Assignments as [job, sequence, machines, start, end, setup], ordered by job, sequence and start."""
    rows = []
    for a in schedule.assignments:
        where = f"assignment of job {a.job} operation {a.sequence}"
        machines = sorted(integer(f"{where}.machines", m) for m in a.machines)
        rows.append([
            str(a.job), integer(where, a.sequence), machines, integer(f"{where}.start", a.start),
            integer(f"{where}.end", a.end), integer(f"{where}.setup_minutes", a.setup_minutes),
        ])  # fmt: skip
    return sorted(rows, key=lambda row: (row[0], row[1], row[3]))


def schedule_of(rows: Iterable[Sequence[Any]]) -> Schedule:
    """The inverse of ``rows_of``."""
    return Schedule(tuple(Assignment(job, seq, tuple(ms), start, end, setup) for job, seq, ms, start, end, setup in rows))


def content_sha256(snapshot_sha256: str, schedule: Schedule) -> str:
    """Hash of a schedule's content and of the snapshot that it is for; the order of the assignments does not matter."""
    text = snapshot_sha256 + "\n" + json.dumps(rows_of(schedule), separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
