"""Reads a YAML file of settings into a pydantic model; what is wrong is named with file, key, value and reason."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from scheduler_core.errors import InvalidValue
from scheduler_core.settings.yaml_files import read_yaml

M = TypeVar("M", bound=BaseModel)
TOP = "(top level)"
"""Where something is wrong with the settings together and with none alone."""
UNKNOWN = "extra_forbidden"
REASONS: Mapping[str, str] = {
    UNKNOWN: "is not a known setting", "tuple_type": "must be a list, such as [A, B]",
    "string_type": "is no text: put it in quotes, as YAML takes it for something else",
    "dict_type": "must be a block of keys with values", "model_type": "must be a block of keys with values",
}  # fmt: skip
"""What is wrong, by pydantic's names, where its own words speak of Python."""


def load_settings(path: Path, model: type[M]) -> M:
    """The file's settings; keys that end in ``_seconds`` may be whole numbers. Raises InvalidValue."""
    values = read_yaml(path)
    if not isinstance(values, dict):
        raise InvalidValue(f"{path}: {TOP}", values, "is not a list of settings")
    try:
        return model.model_validate({k: float(v) if _whole_seconds(k, v) else v for k, v in values.items()})
    except ValidationError as error:
        faults = error.errors()
        first = faults[0]
        where = ".".join(str(part) for part in first["loc"]) or TOP
        # What a whole block holds says nothing about what is wrong with it: its key does.
        value = first["loc"][-1] if isinstance(first["input"], dict) and first["loc"] else first["input"]
        raise InvalidValue(f"{path}: {where}", value, _reason(first, faults)) from error


def _reason(fault: ErrorDetails, faults: list[ErrorDetails]) -> str:
    """Why a value is refused. With a key that is missing stand those beside it that are not known: it may be one of them."""
    if fault["type"] == "missing":
        beside = [f for f in faults if f["type"] == UNKNOWN and f["loc"][:-1] == fault["loc"][:-1]]
        return "is missing" + "".join(f"; {f['loc'][-1]!r} is not a known setting" for f in beside)
    if fault["type"] == "value_error":
        return fault["msg"].removeprefix("Value error, ")
    return REASONS.get(fault["type"], fault["msg"])


def _whole_seconds(key: object, value: object) -> bool:
    return str(key).endswith("_seconds") and type(value) is int
