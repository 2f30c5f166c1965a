"""How both files are laid out and how minutes are spelt: one way only, so that equal content gives equal bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping

from scheduler_core.plant import Plant


def stamp(plant: Plant, minute: int) -> str:
    """The time stamp of a minute from plan_start, with its offset from UTC where the plant's clock shows the time twice."""
    return plant.clock.text(minute)


def maybe_stamp(plant: Plant, minute: int | None) -> str | None:
    """The time stamp of a minute from plan_start, or None."""
    return None if minute is None else stamp(plant, minute)


def lines(top: Mapping[str, object]) -> str:
    """JSON with one top-level key, or one item of a top-level list, to a line."""
    parts = []
    for key, value in top.items():
        if isinstance(value, list) and value:
            rows = ",\n  ".join(_compact(v) for v in value)
            parts.append(f"{_compact(key)}: [\n  {rows}\n ]")
        else:
            parts.append(f"{_compact(key)}: {_compact(value)}")
    return "{\n " + ",\n ".join(parts) + "\n}\n"


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
