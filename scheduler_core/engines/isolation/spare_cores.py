"""Work that only gets the cores' time that nothing else wants."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
LOWEST = 19
"""The least urgent niceness."""


def at_lowest_priority(work: Callable[[], T]) -> T:
    """Do the work in a thread of the lowest priority, which the threads that it starts inherit, and return its result.

    Linux gives each thread a priority of its own, so the caller keeps its own; elsewhere the work runs as it is. What the
    work raises is raised.
    """
    if sys.platform != "linux":
        return work()
    with ThreadPoolExecutor(1, "spare-cores", _step_back) as pool:
        return pool.submit(work).result()


def _step_back() -> None:
    os.nice(LOWEST)
