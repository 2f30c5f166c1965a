"""The examples of docs/api.md ask for routes that there are, with bodies that fit them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from scheduler_core.api.routes import ROUTERS
from tests.support.paths import ROOT

ROUTES = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
VALUES = {"MACHINE": "5", "LEAVING": "[]", "NOW": "2025-07-21T06:30:00+08:00", "ORDER": "JO-1", "SHA": "0" * 64}
"""What the variables of the examples stand for; any other one is an id."""


class Example(NamedTuple):
    """A request of the document."""

    method: str
    path: str
    body: str | None


def examples() -> Iterator[Example]:
    """Those of its shell blocks, each call of ``get``, ``post`` and ``etag``."""
    text = (ROOT / "docs" / "api.md").read_text("utf-8")
    lines = "".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL)).replace("\\\n", " ").splitlines()
    for line in lines:
        filled = re.sub(r"'?\$([A-Z]+)'?", lambda found: VALUES.get(found[1], "0" * 32), line)
        for call, path, more in re.findall(r"\b(get|post|etag) [0-9a-f]+ \"?(/[^\s\"?|)]+)[^\s]*(.*)", filled):
            body = re.search(r"-d '(\{.*?\})'", more)
            stated = re.search(r"-X (\w+)", more)
            method = stated[1] if stated else "POST" if call == "post" or "--data-binary" in more else "GET"
            yield Example(method, path, body and body[1])


@pytest.mark.parametrize("example", sorted(set(examples()), key=str), ids=lambda one: f"{one.method} {one.path}")
def test_an_example_asks_for_a_route_with_a_body_that_fits(example: Example) -> None:
    path = f"/v1{example.path}"
    known = [one for one in ROUTES if example.method in (one.methods or ()) and one.path_regex.match(path)]
    assert known, "there is no such route"
    if example.body is not None:
        field = known[0].body_field
        kind = None if field is None else field.field_info.annotation
        assert kind is not None, "the route takes no body"
        TypeAdapter(kind).validate_json(example.body)


def test_the_examples_are_found() -> None:
    found = set(examples())
    assert len(found) > 30
    assert sum(one.body is not None for one in found) > 10
