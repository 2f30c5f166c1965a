"""The texts that the pull from an ERP can say of a row, taken from its source."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.support.paths import ROOT

ERP = ROOT / "scheduler_core" / "data" / "erp"


def pull_nodes() -> Iterator[ast.AST]:
    """Every node of the pull's source."""
    for path in sorted(ERP.glob("*.py")):
        yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def written(node: ast.expr) -> str:
    """A text of the source; a 7 stands for what it fills in, a machine where it names one. Empty for anything else."""
    if isinstance(node, ast.Constant):
        return str(node.value or "")
    if not isinstance(node, ast.JoinedStr):
        return ""
    return "".join(
        str(part.value) if isinstance(part, ast.Constant)
        else "machine 7 (DD01)" if "said" in ast.unparse(part) else "7"
        for part in node.values
    )  # fmt: skip
