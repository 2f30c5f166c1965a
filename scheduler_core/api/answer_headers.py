"""The headers of answers that programs go by, for the OpenAPI document."""

from __future__ import annotations

from typing import Any, Final

from scheduler_core.api.problems import IN_FLIGHT

HEADERS: Final = {
    "Location": "Where what was made is found",
    "Retry-After": "Seconds after which to ask again; where an answer is not final",
    "ETag": "The state that was read, for If-Match or If-None-Match",
    "Link": 'The next page, as rel="next"; left out on the last',
    "Preference-Applied": "How long the request waited, where it said Prefer: wait",
    "WWW-Authenticate": "Bearer",
}
"""All of them, with what they say."""
_BY_STATUS: Final = {"401": ("WWW-Authenticate",), "412": ("ETag",), "429": ("Retry-After",), "503": ("Retry-After",)}
_BY_OPERATION: Final = {
    "get_downtime": ("ETag",),
    "get_frozen_zone": ("ETag",),
    "get_plan_pins": ("ETag",),
    "get_plan_schedule": ("ETag",),
    "get_releases_current": ("ETag",),
    "get_snapshot_plant": ("ETag",),
    "put_frozen_zone": ("ETag",),
    "post_downtimes": ("ETag",),
    "post_downtime_change_end": ("ETag",),
    "post_downtime_back": ("ETag",),
    "get_run": ("Retry-After",),
    "get_pull": ("Retry-After",),
    "get_computation": ("Retry-After",),
    "post_runs": ("Preference-Applied", "Retry-After"),
    "post_computations": ("Location", "Preference-Applied", "Retry-After"),
    "post_snapshots_pull": ("Retry-After",),
    "post_plan_unpin": ("Location",),
    "post_spreadsheets_orders": ("Location",),
    "post_spreadsheets_plant": ("Location",),
}
"""What answers that are no refusals carry beside Location and Link."""
_WITHOUT_PLACE: Final = ("post_tokens", "post_releases_proposals", "post_what_if_record_facts", "post_run_keep_best")
"""They make what has no address of its own, or nothing."""


def headers_of(operation: dict[str, Any], status: str) -> tuple[str, ...]:
    """The headers that an operation's answer of a status may have."""
    name, found = operation["operationId"], set(_BY_STATUS.get(status, ()))
    if status == "409" and IN_FLIGHT.type in operation["responses"][status]["description"]:
        found.add("Retry-After")
    if status < "400":
        found.update(_BY_OPERATION.get(name, ()))
        makes = any(other in operation["responses"] for other in ("201", "202"))
        if makes and name.startswith("post_") and name not in _WITHOUT_PLACE:
            found.add("Location")
        if any(one["name"] == "cursor" for one in operation.get("parameters", ())):
            found.add("Link")
    return tuple(name for name in HEADERS if name in found)
