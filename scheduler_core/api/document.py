"""The OpenAPI document (3.1): what FastAPI knows of the routes, with the refusals and the way to sign in."""

from __future__ import annotations

import json
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from scheduler_core.api.guards import OPEN
from scheduler_core.api.problems import FieldProblem, ProblemDocument

TITLE: Final = "Shopwright"
VERSION: Final = "1"
"""Of the API, as in its paths; that of the program changes more often."""
SUMMARY: Final = "Plans a factory's shop floor: pull, plan, compare, explain, release."


def describe(app: FastAPI) -> dict[str, Any]:
    """The document of the app's routes."""
    found = get_openapi(title=TITLE, version=VERSION, summary=SUMMARY, routes=app.routes)
    components = found.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas[FieldProblem.__name__] = FieldProblem.model_json_schema()
    schemas[ProblemDocument.__name__] = {
        key: value
        for key, value in ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}").items()
        if key != "$defs"
    }
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    components["schemas"] = dict(sorted(schemas.items()))
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "A service token or an OIDC access token"}
    }
    found["security"] = [{"token": []}]
    for path, operations in found["paths"].items():
        if path in OPEN:
            for operation in operations.values():
                operation["security"] = []
    return found


def as_text(document: dict[str, Any]) -> str:
    """The document as the file ``docs/openapi.json`` has it."""
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
