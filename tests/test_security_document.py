"""SECURITY.md names only tests that exist, and leaves no hazard without a test or a sentence why."""

from __future__ import annotations

import ast
import re

from tests.support.paths import ROOT

TEXT = (ROOT / "SECURITY.md").read_text("utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", TEXT)


def test_every_named_test_exists() -> None:
    assert len(NAMED) > 40
    for file, test in NAMED:
        tree = ast.parse((ROOT / file).read_text("utf-8"))
        known = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert not test or test in known, f"{file} has no {test}"


def test_every_hazard_has_a_test_or_says_why_not() -> None:
    rows = [
        line
        for line in TEXT.splitlines()
        if line.startswith("| ") and not line.startswith(("| ---", "| hazard", "| attempt"))
    ]
    assert len(rows) > 30
    bare = [row for row in rows if "`tests/" not in row and "Without a test:" not in row]
    assert bare == []
