"""Results in a JSON-lines file, one line each, so that a stopped benchmark goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Record:
    """What one way to plan made of one plant.

    value: weighted tardiness in days. cpu, wall: seconds. completion: the lowest share of operations scheduled, and
    violations: the sum, over all schedules that the way has made and judged. model: SHA-256 of the weights ("" without).
    detail: further numbers by name, such as the value of every rule.
    """

    size: str
    seed: int
    method: str
    value: float
    cpu: float
    wall: float
    violations: int
    completion: float
    commit: str
    model: str = ""
    detail: dict[str, float] = field(default_factory=dict)


def read(path: Path) -> list[Record]:
    """The records of the file, as ``read_as``."""
    return read_as(Record, path)


def read_as(kind: Callable[..., T], path: Path) -> list[T]:
    """The lines of the file as records of a kind, none if it does not exist. A last line that was cut off in writing is
    dropped from the file.

    Raises ValueError, naming the line, for one that is no record.
    """
    if not path.is_file():
        return []
    raw = path.read_bytes()
    whole = raw[: raw.rfind(b"\n") + 1]
    if len(whole) < len(raw):
        path.write_bytes(whole)
    return list(_parsed(kind, whole.decode(), path))


def _parsed(kind: Callable[..., T], text: str, path: Path) -> Iterator[T]:
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            yield kind(**json.loads(line))
        except (TypeError, ValueError) as error:
            raise ValueError(f"{path}:{number}: is no record of this benchmark: {error}") from None


def append(path: Path, record: Any) -> None:
    """Adds a record, a dataclass, and makes sure that it stands in the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(record)) + "\n")
