"""Moments of a plant: in documents with their offset, in requests with or without it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, BeforeValidator, Field, ValidationInfo

from scheduler_core.errors import InvalidValue
from scheduler_core.plant import Plant

M = TypeVar("M", bound=BaseModel)
_ZONE: Final = "zone"
_FORM: Final = "is not a moment such as 2026-03-02T06:30, plant time"


def _with_offset(value: object, info: ValidationInfo) -> object:
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    if isinstance(found, datetime) and found.tzinfo is None and info.context is not None:
        return found.replace(tzinfo=info.context[_ZONE])
    return found


At: TypeAlias = Annotated[
    AwareDatetime, BeforeValidator(_with_offset), Field(description="Plant time with its offset from UTC")
]  # fmt: skip
"""A moment of a document; ``typed`` gives the plant's wall time its offset."""


def typed(model: type[M], document: Mapping[str, object], timezone: str) -> M:
    """The typed document of plain values whose moments are wall time of a time zone."""
    return model.model_validate(document, context={_ZONE: ZoneInfo(timezone)})


def moments_alone(document: Mapping[str, object]) -> dict[str, object]:
    """A document of the command line whose moments (`end_at`) stand under the name of their minutes (`end`), left out."""
    plain = {key: _within(value) for key, value in document.items() if not key.endswith("_at")}
    return plain | {key.removesuffix("_at"): value for key, value in document.items() if key.endswith("_at")}


def _within(value: object) -> object:
    if isinstance(value, Mapping):
        return moments_alone(value)
    return [_within(one) for one in value] if isinstance(value, list) else value


def minute_of(plant: Plant, text: str, where: str) -> int:
    """The minute of the plan at a moment. Raises InvalidValue naming ``where``."""
    return plant.minute_of(moment_of(plant, text, where))


def moment_of(plant: Plant, text: str, where: str) -> datetime:
    """The moment on the plant's wall clock, naive. Raises InvalidValue naming ``where`` for what is no moment."""
    try:
        found = datetime.fromisoformat(text)
        wall = found if found.tzinfo is None else found.astimezone(ZoneInfo(plant.timezone)).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise InvalidValue(where, text, _FORM) from None
    if wall.second or wall.microsecond:
        raise InvalidValue(where, text, f"{_FORM}; seconds are not planned")
    if not _FIRST <= wall.year <= _LAST:
        raise InvalidValue(where, text, f"is not between the years {_FIRST} and {_LAST}")
    return wall


_FIRST, _LAST = 1970, 2200
