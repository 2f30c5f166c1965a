"""Reads a YAML file of settings into a pydantic model; what is wrong is named with file, key, value and reason."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from scheduler_core.errors import InvalidValue
from scheduler_core.settings.yaml_files import read_yaml

M = TypeVar("M", bound=BaseModel)
TOP = "(top level)"
"""Where something is wrong with the settings together and with none alone."""


def load_settings(path: Path, model: type[M]) -> M:
    """The file's settings; keys that end in ``_seconds`` may be whole numbers. Raises InvalidValue."""
    values = read_yaml(path)
    if not isinstance(values, dict):
        raise InvalidValue(f"{path}: {TOP}", values, "is not a list of settings")
    try:
        return model.model_validate({k: float(v) if _whole_seconds(k, v) else v for k, v in values.items()})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or TOP
        reason = "is not a known setting" if first["type"] == "extra_forbidden" else first["msg"]
        raise InvalidValue(f"{path}: {where}", first["input"], reason) from error


def _whole_seconds(key: object, value: object) -> bool:
    return str(key).endswith("_seconds") and type(value) is int
