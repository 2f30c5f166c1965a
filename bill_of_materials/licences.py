"""Which licences dependencies may have.

A licence is an SPDX expression (``MIT``, ``Apache-2.0 OR BSD-3-Clause``), or the trove classifier of a package that states
no expression. What is not listed here is refused: a licence that nobody has looked at counts as unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

ALLOWED: Final = frozenset({
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "ISC",
    "MIT", "MIT-0", "MIT-CMU", "PSF-2.0", "Zlib",
    "MPL-2.0",  # asks for the source of its own files, which are used unchanged
})  # fmt: skip
"""SPDX identifiers that every dependency may have."""

CLASSIFIERS: Final[Mapping[str, str]] = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
"""What the classifiers ``License :: OSI Approved :: …`` stand for. *BSD License* covers two texts, both of them allowed."""

LOOKED_UP: Final[Mapping[str, str]] = {
    "axe-playwright-python": "MIT",
    "protobuf": "BSD-3-Clause",
    "pydeck": "Apache-2.0",
}
"""Packages whose metadata state the licence in prose only: as in the licence file that they bring."""

ALLOWED_FOR: Final[Mapping[str, frozenset[str]]] = {
    "psycopg": frozenset({"LGPL-3.0-only"}),
    "psycopg-binary": frozenset({"LGPL-3.0-only"}),
}
"""Licences that single packages may have: the driver for PostgreSQL is an option, used unchanged as a library."""

_TOKEN: Final = re.compile(r"\(|\)|[^\s()]+")


def licence_of(component: Mapping[str, Any]) -> str | None:
    """The licence of a CycloneDX component as one SPDX expression; None if it states none that is known."""
    stated = component.get("licenses") or []
    expressions = [e["expression"] for e in stated if "expression" in e]
    ids = [e["license"]["id"] for e in stated if "id" in e.get("license", {})]
    names = [
        e["license"]["name"].removeprefix("License :: ").removeprefix("OSI Approved :: ")
        for e in stated
        if "name" in e.get("license", {})
    ]
    if expressions or ids:
        return " AND ".join(_bracketed(e) for e in dict.fromkeys([*expressions, *ids]))
    known = [CLASSIFIERS[name] for name in names if name in CLASSIFIERS]
    if names and len(known) == len(names):
        return " AND ".join(dict.fromkeys(known))
    return LOOKED_UP.get(component["name"]) if not names else None


def refusal(component: Mapping[str, Any]) -> str | None:
    """Why a component may not be used; None if it may."""
    name, licence = component["name"], licence_of(component)
    if licence is None:
        stated = ", ".join(e["license"]["name"] for e in component.get("licenses") or [] if "name" in e.get("license", {}))
        return f"{name} {component['version']}: no known licence" + (f" ({stated})" if stated else "")
    allowed = ALLOWED | ALLOWED_FOR.get(name, frozenset())
    if is_allowed(licence, allowed):
        return None
    return f"{name} {component['version']}: {licence} is not among the licences that are allowed"


def is_allowed(expression: str, allowed: frozenset[str]) -> bool:
    """Whether one may choose so that all that the SPDX expression demands is allowed. Raises ValueError for other texts."""
    tokens = _TOKEN.findall(expression)
    value, rest = _either(tokens, allowed)
    if rest:
        raise ValueError(f"{expression!r} is no SPDX expression: {rest[0]!r} is one too many")
    return value


def _either(tokens: Sequence[str], allowed: frozenset[str]) -> tuple[bool, Sequence[str]]:
    value, rest = _both(tokens, allowed)
    while rest and rest[0] == "OR":
        other, rest = _both(rest[1:], allowed)
        value = value or other
    return value, rest


def _both(tokens: Sequence[str], allowed: frozenset[str]) -> tuple[bool, Sequence[str]]:
    value, rest = _single(tokens, allowed)
    while rest and rest[0] == "AND":
        other, rest = _single(rest[1:], allowed)
        value = value and other
    return value, rest


def _single(tokens: Sequence[str], allowed: frozenset[str]) -> tuple[bool, Sequence[str]]:
    if not tokens or tokens[0] in (")", "AND", "OR", "WITH"):
        raise ValueError(f"no SPDX expression: a licence is missing before {tokens[0] if tokens else 'the end'!r}")
    if tokens[0] == "(":
        value, rest = _either(tokens[1:], allowed)
        if not rest or rest[0] != ")":
            raise ValueError("no SPDX expression: a bracket is not closed")
        return value, rest[1:]
    if len(tokens) > 2 and tokens[1] == "WITH":
        return f"{tokens[0]} WITH {tokens[2]}" in allowed, tokens[3:]
    return tokens[0] in allowed, tokens[1:]


def _bracketed(expression: str) -> str:
    return f"({expression})" if " OR " in expression else expression


def refusals(components: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Why components may not be used, a line for each one that may not."""
    return (why for component in components if (why := refusal(component)) is not None)
