"""Fields that several questions about a plan have."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any, TypeAlias

from pydantic import Field

from scheduler_core.api.plant_time import minute_of
from scheduler_core.errors import InvalidValue
from scheduler_core.limits import MAX_CHANGES, MAX_TEXT
from scheduler_core.plant import Plant
from scheduler_core.scenarios.changes import Change
from scheduler_core.scenarios.changes_file import CHANGES_FORMAT, changes_from_json

SENT = "body"
"""What messages of the core call a request's body."""
LONGEST_FROZEN = 240.0
"""Hours: ten days, as for the frozen zone of a plant."""

JobId: TypeAlias = Annotated[str, Field(min_length=1, max_length=MAX_TEXT, description="Id of an order")]
OneChange: TypeAlias = Annotated[
    dict[str, Any],
    Field(
        description="A change as in the format changes/1 (docs/what-if.md)",
        examples=[{"change": "breakdown", "machine": 3, "start": "2026-11-30T08:00", "minutes": 240}],
    ),
]
Changes: TypeAlias = Annotated[list[OneChange], Field(max_length=MAX_CHANGES)]
Now: TypeAlias = Annotated[
    str | None,
    Field(
        max_length=40, description="Plant time from which the plan goes on; null: its start", examples=["2026-11-30T06:30"]
    ),
]
FrozenHours: TypeAlias = Annotated[
    float, Field(ge=0, le=LONGEST_FROZEN, description="What the plan starts within these hours stays")
]


def changes_of(plant: Plant, changes: Sequence[dict[str, Any]]) -> tuple[Change, ...]:
    """The changes of a body. Raises InvalidValue with the place of what is wrong."""
    return changes_from_json(json.dumps({"format": CHANGES_FORMAT, "changes": changes}), plant, SENT)


def change_of(plant: Plant, change: dict[str, Any], field: str = "change", inside: str = "") -> Change:
    """The one change of a body, of which ``field`` has all, or what is ``inside`` (``.job``). Raises InvalidValue with the
    place of what is wrong."""
    try:
        (found,) = changes_of(plant, [change])
    except InvalidValue as error:
        where = error.where.removeprefix(f"{SENT}: changes[0]{inside}")
        raise error if where == error.where else InvalidValue(f"{field}{where}", error.value, error.reason) from None
    return found


def now_of(plant: Plant, now: str | None) -> int:
    """The minute from which the plan goes on, 0 for its start or before. Raises InvalidValue."""
    return 0 if now is None else max(0, minute_of(plant, now, "now"))
