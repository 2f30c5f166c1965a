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


IDLE = ("which is not active", "whose status in the ERP is not known")
"""Why a machine is not planned."""


def written(node: ast.expr) -> tuple[str, ...]:
    """A text of the source; a 7 stands for what it fills in, a machine where it names one (twice: for either reason why it
    is not planned). None for anything else."""
    if isinstance(node, ast.Constant) and node.value:
        return (str(node.value),)
    if not isinstance(node, ast.JoinedStr):
        return ()
    texts = ("",)
    for part in node.values:
        texts = tuple(text + more for text in texts for more in _filled(part))
    return texts


def _filled(part: ast.expr) -> tuple[str, ...]:
    if isinstance(part, ast.Constant):
        return (str(part.value),)
    filled = ast.unparse(part)
    if "idle" in filled:
        too = " too" if "' too'" in filled else ""
        return tuple(f"machine 7 (DD01){too}, {why}" for why in IDLE)
    return ("machine 7 (DD01)",) if "said" in filled else ("7",)
