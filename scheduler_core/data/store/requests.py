"""Request ids: the same request again finds what it has led to; another request under the same id is a conflict."""

from __future__ import annotations

from collections.abc import Mapping

from scheduler_core.data.store_errors import RequestConflict

_LONGEST = 60
"""Characters of a value that a message repeats."""


def same(request_id: str, led_to: str, fields: Mapping[str, tuple[object, object]]) -> None:
    """Raises RequestConflict unless what was recorded and what is asked for now are the same in every field.

    ``led_to``: what the request has led to, for the message; ``fields``: (recorded, asked) by the field's name.
    """
    differing = [
        f"{name}: {_short(recorded)} there, {_short(asked)} here"
        for name, (recorded, asked) in fields.items()
        if recorded != asked
    ]
    if differing:
        raise RequestConflict(f"request {request_id} was used for something else: {led_to} ({'; '.join(differing)})")


def _short(value: object) -> str:
    text = "none" if value is None else str(value)
    return repr(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")
