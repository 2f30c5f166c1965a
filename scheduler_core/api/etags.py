"""ETags: a program changes only what it has seen (If-Match), and reads again only what has changed (If-None-Match)."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Annotated, TypeAlias

from fastapi import Header

from scheduler_core.api import problems
from scheduler_core.api.problems import Problem

IfMatch: TypeAlias = Annotated[
    str | None, Header(description="The ETag of what was read; required", max_length=1000, examples=['"0123abcd"'])
]
"""Declare it as ``if_match: IfMatch = None`` and hand it to ``must_match``."""
IfNoneMatch: TypeAlias = Annotated[str | None, Header(description="The ETag of what is known", max_length=1000)]


def etag_of(*state: object) -> str:
    """The strong tag of a state, given as plain values: everything that a change must have seen."""
    said = json.dumps(state, default=str, separators=(",", ":"))
    return f'"{sha256(said.encode("utf-8", "backslashreplace")).hexdigest()[:32]}"'


def must_match(if_match: str | None, current: str) -> None:
    """Raises Problem: 428 without the header, 412 where the current state is none of those that it names."""
    if if_match is None:
        raise Problem(problems.PRECONDITION_REQUIRED, "Read it first, and send its ETag in the header If-Match.")
    if if_match.strip() != "*" and current not in _tags(if_match):
        raise Problem(problems.STALE, "It has changed since it was read: read it again.", headers={"ETag": current})


def is_known(if_none_match: str | None, current: str) -> bool:
    """Whether the program has the current state already, so that 304 answers it."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or current in {tag.removeprefix("W/") for tag in _tags(if_none_match)}


def _tags(header: str) -> set[str]:
    return {tag.strip() for tag in header.split(",")}
