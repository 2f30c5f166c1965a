"""Bases of what programs send and get."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from scheduler_core.plant import Plant


class Body(BaseModel):
    """What a program sends: an unknown field is an error, and no value is converted ("1" is no number).

    JSON has no dates and no enumerations: such a field is declared with ``Field(strict=False)`` (a time: ``SentMoment``),
    and a list as ``list[...]``.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Document(BaseModel):
    """What a program gets."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Id: TypeAlias = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$", description="An id of the store")]
Moment: TypeAlias = Annotated[AwareDatetime, Field(description="A time with its offset from UTC")]
SentMoment: TypeAlias = Annotated[AwareDatetime, Field(strict=False, description="A time with its offset from UTC")]
"""The same in a body."""


def on_the_clock(plant: Plant, moment: datetime) -> datetime:
    """A naive wall time of the plant with its offset, so that the hour that comes twice is told apart by it."""
    return moment.replace(tzinfo=ZoneInfo(plant.timezone))


def wall_time(timezone: str, moment: datetime) -> datetime:
    """The other way round: an aware time as naive wall time of the time zone, as the core takes it."""
    return moment.astimezone(ZoneInfo(timezone)).replace(tzinfo=None)
