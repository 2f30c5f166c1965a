"""The examples of docs/api.md ask for routes that there are, with bodies that fit them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from jsonschema import Draft202012Validator

from scheduler_core.api.app import routed_app
from tests.support.paths import ROOT

DOCUMENT = routed_app().openapi()
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
            yield Example(method.lower(), path, body and body[1])


@pytest.mark.parametrize("example", sorted(set(examples()), key=str), ids=lambda one: f"{one.method} {one.path}")
def test_an_example_asks_for_a_route_with_a_body_that_fits(example: Example) -> None:
    known = [
        operations[example.method]
        for template, operations in sorted(DOCUMENT["paths"].items(), key=lambda item: item[0].count("{"))
        if example.method in operations
        and re.fullmatch(re.sub(r"\{\w+\}", "[^/:]+", template.removeprefix("/v1")), example.path)
    ]
    assert known, "there is no such route"
    if example.body is not None:
        schema = known[0]["requestBody"]["content"]["application/json"]["schema"]
        Draft202012Validator({**schema, "components": DOCUMENT["components"]}).validate(json.loads(example.body))


def test_the_examples_are_found() -> None:
    found = set(examples())
    assert len(found) > 30
    assert sum(one.body is not None for one in found) > 10
