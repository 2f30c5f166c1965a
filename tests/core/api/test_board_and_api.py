"""Whatever a person can do on the board, a program can do over HTTP."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator, Mapping

from scheduler_core.services import authorized
from tests.support.api import paths
from tests.support.paths import ROOT

NO_ROUTE: Mapping[str, str] = {
    "may": "asks for a right and does nothing; every route declares its action",
    "require": "the same",
}
"""What of ``authorized`` no route calls, and why."""


def called() -> Iterator[str]:
    """The names of ``authorized`` that the API's files use."""
    for file in (ROOT / "scheduler_core" / "api").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "authorized":
                yield node.attr


def test_everything_that_a_person_may_do_has_a_route() -> None:
    acts = {
        name for name, found in inspect.getmembers(authorized, inspect.isfunction)
        if found.__module__ == authorized.__name__ and not name.startswith("_")
    }  # fmt: skip
    assert len(acts) > 30
    assert acts - set(called()) - set(NO_ROUTE) == set()


def test_the_table_of_the_board_names_routes_that_there_are() -> None:
    text = (ROOT / "docs" / "api.md").read_text("utf-8")
    table = text.partition("\n## Board and API\n")[2].partition("\n## ")[0]
    named = set(re.findall(r"`(GET|POST|PUT|DELETE) (/v1/[^` ]*)`", table))
    known = {(path.method, re.sub(r"\{\w+(:\w+)?\}", "ID", path.template)) for path in paths()}
    assert len(named) > 40
    assert named - known == set()
