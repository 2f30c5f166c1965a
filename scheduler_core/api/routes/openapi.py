"""``/v1/openapi.json``: the document of this API."""

from __future__ import annotations

from typing import Any

from fastapi import Request

from scheduler_core.api.routing import needs, resource
from scheduler_core.roles import Action

router = resource("openapi.json")


@router.get("", summary="The OpenAPI document of this API", **needs(Action.LOOK))
async def document(request: Request) -> dict[str, Any]:
    """As docs/openapi.json has it."""
    found: dict[str, Any] = request.app.openapi()
    return found
