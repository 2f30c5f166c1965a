"""The OpenAPI document (3.1): what FastAPI knows of the routes, with the refusals and the way to sign in."""

from __future__ import annotations

import json
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from scheduler_core.api.answer_headers import HEADERS, headers_of
from scheduler_core.api.guards import OPEN
from scheduler_core.api.problems import FieldProblem, ProblemDocument

TITLE: Final = "Shopwright"
VERSION: Final = "1"
"""Of the API, as in its paths; that of the program changes more often."""
SUMMARY: Final = "Plans a factory's shop floor: pull, plan, compare, explain, release."

_PLAIN_NAMES: Final = {
    "scheduler_core__services__assumptions__Standing": "AssumptionStanding",
    "scheduler_core__services__planner_facts__kinds__Standing": "FactState",
}
"""Of schemas whose class has a namesake, where the framework puts the module into the name."""


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
    found = _plainly_named(found)
    found["security"] = [{"token": []}]
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            operation["operationId"] = operation_name(method, path)
            for status, answer in operation["responses"].items():
                if sent := headers_of(operation, status):
                    answer["headers"] = {
                        name: {"description": HEADERS[name], "schema": {"type": "string"}} for name in sent
                    }  # fmt: skip
            if path in OPEN:
                operation["security"] = []
    return found


def operation_name(method: str, path: str) -> str:
    """The name of an operation, from its method and path: what a client's function for it is called."""
    parts = path.removeprefix("/v1/").replace(":", "/").replace("-", "_").replace(".", "_").strip("/").split("/")
    named = [
        part.removesuffix("s") if following.startswith("{") else part
        for part, following in zip(parts, [*parts[1:], ""], strict=True)
        if not part.startswith("{")
    ]
    return "_".join((method, *named))


def _plainly_named(document: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps(document)
    for long, plain in _PLAIN_NAMES.items():
        text = text.replace(long, plain)
    renamed: dict[str, Any] = json.loads(text)
    return renamed


def as_text(document: dict[str, Any]) -> str:
    """The document as the file ``docs/openapi.json`` has it."""
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
