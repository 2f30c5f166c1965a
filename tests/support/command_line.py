"""What the tests of the command line share: the outcome of a command that ran in the test's process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    status: int
    out: str
    err: str


Shopwright = Callable[..., Ran]
